"""Money that customers send by hand (Zelle, Cash App, Venmo): how much exactly, to whom, with which word in the note.

Frozen with the attempt: what the store changes later does not change what somebody was told to send.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Exists, select, text

from app import stores
from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db
from app.core.events import emit
from app.core.money import exponent
from app.core.tenancy import current_store_id
from app.payments.catalogue import METHODS, Flow
from app.payments.events import TransferLapses, TransferReminder
from app.payments.models import AttemptStatus, PaymentAttempt, PaymentMethod
from app.payments.states import OPEN

MOST_CENTS = 99
STILL_COMING = timedelta(days=1)
"""Money can come late: an amount is not given to somebody else before that."""
_CODE = re.compile(r"[A-Z0-9]+-\d{4}(\d{4})-([A-Z0-9]+)", re.ASCII)


def memo_of(order_code: str) -> str:
    """The word for the note: day and letters of the order's code, so that the whole code holds it too: 1121-AB3D."""
    match = _CODE.fullmatch(order_code)
    return f"{match.group(1)}-{match.group(2)}" if match else order_code


def squash(words: str) -> str:
    """Letters and figures alone, in capitals: how memos are compared."""
    return re.sub(r"[^A-Z0-9]", "", words.upper())


def set_terms(attempt: PaymentAttempt, order_code: str) -> None:
    """Put what the customer needs into an attempt that is not in the database yet."""
    store = stores.current_store()
    owed = attempt.amount_minor
    if store.transfer_unique_cents and exponent(attempt.currency) == 2:
        attempt.amount_minor += _extra_cents(attempt)
    row = db.session.scalars(select(PaymentMethod).where(PaymentMethod.code == attempt.method)).first()
    told = row.settings if row else {}
    memo = memo_of(order_code)
    attempt.external_id = squash(memo)
    attempt.expires_at = attempt.created_at + timedelta(minutes=store.transfer_minutes)
    attempt.shown = {
        "handle": told.get("handle", ""),
        "name": told.get("display_name", "") or store.name,
        "memo": memo,
        "extra_minor": attempt.amount_minor - owed,
    }


def _extra_cents(attempt: PaymentAttempt) -> int:
    """Cents to add so that nobody else is asked for the same amount; none when all of them are taken.

    One at a time for each method. Taken last of all locks: whoever holds it waits for nobody.
    """
    name = f"transfers:{current_store_id()}:{attempt.method}"
    db.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
    late = clock.now() - STILL_COMING
    amount, status = PaymentAttempt.amount_minor, PaymentAttempt.status
    query = select(amount).where(
        PaymentAttempt.method == attempt.method,
        PaymentAttempt.currency == attempt.currency,
        PaymentAttempt.order_id != attempt.order_id,
        amount.between(attempt.amount_minor, attempt.amount_minor + MOST_CENTS),
        status.in_(OPEN) | ((status == AttemptStatus.expired) & (PaymentAttempt.status_at > late)),
    )
    taken = set(db.session.scalars(query))
    free = (cents for cents in range(MOST_CENTS + 1) if attempt.amount_minor + cents not in taken)
    return next(free, 0)


def watch(attempt: PaymentAttempt) -> None:
    """Ask the clock to remind, and to end it."""
    minutes = stores.current_store().transfer_reminder_minutes
    about = {"attempt_id": attempt.id, "order_id": attempt.order_id}
    if minutes and timedelta(minutes=minutes) < attempt.expires_at - attempt.created_at:
        emit(
            TransferReminder(**about),
            actor=SYSTEM,
            due_in=timedelta(minutes=minutes),
            occurred_at=attempt.created_at,
        )
    emit(
        TransferLapses(**about),
        actor=SYSTEM,
        due_in=attempt.expires_at - attempt.created_at,
        occurred_at=attempt.created_at,
    )


def may_still_come(order_id: Any, *, refused_since: datetime) -> Exists:
    """The condition that an order rightly waits for a transfer: it can still be sent, somebody looks for it, or the
    last word was that it was not found, after `refused_since`."""
    status = PaymentAttempt.status
    by_hand = [code for code, method in METHODS.items() if method.flow is Flow.manual]
    return (
        select(PaymentAttempt.id)
        .where(PaymentAttempt.order_id == order_id, PaymentAttempt.method.in_(by_hand))
        .where(
            (status == AttemptStatus.held)
            | (status.in_(OPEN) & (PaymentAttempt.expires_at > clock.now()))
            | ((status == AttemptStatus.failed) & (PaymentAttempt.status_at > refused_since))
        )
        .exists()
    )


def newest_of(order_id: int, methods: frozenset[str]) -> PaymentAttempt | None:
    """The last attempt of an order by one of these methods."""
    query = select(PaymentAttempt).where(
        PaymentAttempt.order_id == order_id, PaymentAttempt.method.in_(methods)
    )
    return db.session.scalars(query.order_by(PaymentAttempt.number.desc())).first()
