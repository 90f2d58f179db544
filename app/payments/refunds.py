"""Money that goes back: asked for in one transaction, sent outside any, ended in another.

Killed at any step, it goes on under the same reference, which no provider refunds twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app import ledger, stores
from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.db import db, for_update, transaction
from app.core.errors import NotFound
from app.core.events import emit
from app.core.i18n import active_locale
from app.core.money import Minor, format_money
from app.ledger import AccountKind
from app.payments.catalogue import METHODS, Flow
from app.payments.errors import RefundMoved, RefundTooLarge
from app.payments.events import RefundEnded, RefundRequested
from app.payments.models import PaymentReceipt, ReceiptStatus, Refund, RefundStatus, RefundTo
from app.payments.ports import RefundAnswer, Refunding

A = AccountKind
BY_PROVIDER = tuple(method.code for method in METHODS.values() if method.flow is Flow.gateway)
WAITS = tuple(timedelta(minutes=minutes) for minutes in (2, 5, 15, 60))
"""Between two questions to the provider; after the last one it stays at that."""
ASKING = timedelta(seconds=60)
OPEN = frozenset({RefundStatus.requested, RefundStatus.sending})
STANDS = OPEN | {RefundStatus.done, RefundStatus.failed}
"""Refunds that count against what can still go back."""


@dataclass(frozen=True)
class Back:
    """What is to go back of one order, and why. `lines` freeze what it is for."""

    order_id: int
    code: str
    customer_id: int
    amount_minor: Minor
    reason: str
    lines: tuple[dict[str, Any], ...] = ()


def to_wallet(back: Back, *, actor: Actor, receipt: PaymentReceipt | None = None) -> Refund:
    """Into the customer's wallet, at once. The caller holds the order and has looked at how much can go back.

    With `receipt`, which is held: it is that payment's money.
    """
    if receipt is not None:
        receipt.refunded_minor += back.amount_minor
    refund = _write(back, RefundTo.wallet, actor, receipt)
    whose = {A.wallet: back.customer_id}
    ledger.post("refund_to_wallet", _fact(refund, "wallet", actor), {"refund": refund.amount_minor}, whose)
    _end(refund, RefundStatus.done)
    return refund


def in_cash(back: Back, branch_id: int, *, actor: Actor) -> Refund:
    """Out of the branch's till, which the caller holds and has looked into."""
    refund = _write(back, RefundTo.cash, actor)
    whose = {A.till: branch_id}
    ledger.post("refund_in_cash", _fact(refund, "cash", actor), {"refund": refund.amount_minor}, whose)
    _end(refund, RefundStatus.done)
    return refund


def to_source(back: Back, receipt: PaymentReceipt, *, actor: Actor) -> Refund:
    """Back along a receipt, which is held; a job sends it. RefundTooLarge above what is left of the receipt."""
    left = receipt.applied_minor - receipt.refunded_minor
    if back.amount_minor > left:
        raise RefundTooLarge(most=format_money(left, receipt.currency, active_locale()))
    receipt.refunded_minor += back.amount_minor
    refund = _write(back, RefundTo.source, actor, receipt)
    whose = {A.refunds_due: receipt.method}
    ledger.post("refund_started", _fact(refund, "started", actor), {"refund": refund.amount_minor}, whose)
    emit(RefundRequested(refund_id=refund.id), actor=actor)
    return refund


def send_back(back: Back, receipt: PaymentReceipt, *, actor: Actor) -> Refund:
    """All of a payment that waits for staff and paid nothing; a job sends it. The caller holds the receipt."""
    receipt.status, receipt.settled_by = ReceiptStatus.returned, actor.name[:128]
    refund = _write(back, RefundTo.source, actor, receipt)
    whose = {A.clearing: receipt.method, A.refunds_due: receipt.method}
    ledger.post("payment_sent_back", _fact(refund, "started", actor), {"amount": refund.amount_minor}, whose)
    emit(RefundRequested(refund_id=refund.id), actor=actor)
    return refund


def _write(back: Back, to: RefundTo, actor: Actor, receipt: PaymentReceipt | None = None) -> Refund:
    count = select(func.count()).select_from(Refund).where(Refund.order_id == back.order_id)
    number = db.session.scalars(count).one() + 1
    refund = Refund(
        order_id=back.order_id,
        receipt_id=receipt.id if receipt else None,
        reference=f"{back.code}_ref{number}",
        method=receipt.method if receipt else "",
        to=to,
        amount_minor=back.amount_minor,
        currency=receipt.currency if receipt else stores.current_store().currency,
        lines=list(back.lines),
        status=RefundStatus.requested,
        reason=back.reason[:200],
        requested_at=clock.now(),
        requested_by=actor.name[:128],
    )
    db.session.add(refund)
    db.session.flush()  # the ledger's references carry its id
    return refund


@transaction()
def begin_sending(refund_id: int) -> Refunding | None:
    """Mark it as being sent and say what to ask of the provider; None when there is nothing to send (any more), or
    while somebody else is asking."""
    refund = _lock(refund_id)
    now = clock.now()
    if refund.status not in OPEN or refund.receipt is None or _is_asked(refund, now):
        return None
    refund.status, refund.asked_at, refund.tries = RefundStatus.sending, now, refund.tries + 1
    receipt = refund.receipt
    return Refunding(
        reference=refund.reference,
        payment_reference=receipt.attempt.reference if receipt.attempt else "",
        payment_external_id=receipt.external_id,
        amount_minor=refund.amount_minor,
        paid_minor=receipt.amount_minor,
        currency=refund.currency,
        reason=refund.reason,
    )


@transaction()
def record_answer(refund_id: int, answer: RefundAnswer) -> None:
    """The provider has sent it back (or will: then it is asked again). Twice is harmless."""
    refund = _lock(refund_id)
    if refund.status not in OPEN:
        return
    refund.external_id, refund.problem = answer.external_id[:120] or refund.external_id, ""
    if answer.done:
        refund.voided = answer.voided
        post_paid(refund, SYSTEM)


@transaction()
def record_trouble(refund_id: int, problem: str) -> None:
    """Nobody knows whether the provider has it: it is asked again, under the same reference."""
    refund = _lock(refund_id)
    if refund.status in OPEN:
        refund.problem = problem[:200]


def due(limit: int = 200) -> list[int]:
    """Refunds of providers' methods that should be asked about (again) by now, the longest waiting first."""
    now = clock.now()
    query = select(Refund).where(Refund.status.in_(OPEN), Refund.method.in_(BY_PROVIDER))
    waiting = db.session.scalars(query.order_by(Refund.requested_at).limit(limit))
    return [refund.id for refund in waiting if _next_ask(refund) <= now]


def _next_ask(refund: Refund) -> datetime:
    if refund.asked_at is None:
        return refund.requested_at + WAITS[0]
    return refund.asked_at + WAITS[min(refund.tries, len(WAITS)) - 1]


def _is_asked(refund: Refund, now: datetime) -> bool:
    """Whether another worker is at it; one that was killed is waited for no longer than this."""
    return refund.asked_at is not None and now - refund.asked_at < ASKING


@transaction()
def record_refusal(refund_id: int, problem: str) -> None:
    """The provider will not: staff choose another way; the money waits where it is."""
    refund = _lock(refund_id)
    if refund.status in OPEN:
        refund.problem = problem[:200]
        _end(refund, RefundStatus.failed)


def post_paid(refund: Refund, actor: Actor) -> None:
    """It is out of the method's clearing account."""
    whose = {A.refunds_due: refund.method, A.clearing: refund.method}
    ledger.post("refund_paid", _fact(refund, "paid", actor), {"refund": refund.amount_minor}, whose)
    _end(refund, RefundStatus.done)


def method_of(refund_id: int) -> str:
    """The method along which a refund goes; empty for one of no payment. NotFound."""
    method = db.session.scalar(select(Refund.method).where(Refund.id == refund_id))
    if method is None:
        raise NotFound
    return method


def lock(refund_id: int) -> Refund:
    """The refund, held. Lock its order first. NotFound."""
    return _lock(refund_id)


def drop(refund: Refund, actor: Actor) -> None:
    """Take a refund that failed back, so that the money can go another way. RefundMoved when it has not failed."""
    if refund.status is not RefundStatus.failed or refund.receipt is None:
        raise RefundMoved
    receipt = db.session.scalars(
        for_update(select(PaymentReceipt).where(PaymentReceipt.id == refund.receipt_id))
    ).one()
    if receipt.status is ReceiptStatus.returned:
        # It never paid anything: it waits for staff as before.
        receipt.status = ReceiptStatus.review
        whose = {A.refunds_due: refund.method, A.clearing: refund.method}
        fact = _fact(refund, "dropped", actor)
        ledger.post("payment_not_sent_back", fact, {"amount": refund.amount_minor}, whose)
    else:
        receipt.refunded_minor -= refund.amount_minor
        whose = {A.refunds_due: refund.method}
        ledger.post("refund_dropped", _fact(refund, "dropped", actor), {"refund": refund.amount_minor}, whose)
    _end(refund, RefundStatus.dropped)


def _end(refund: Refund, status: RefundStatus) -> None:
    refund.status, refund.ended_at = status, clock.now()
    emit(RefundEnded(refund_id=refund.id, order_id=refund.order_id, status=status.value), actor=SYSTEM)


def _lock(refund_id: int) -> Refund:
    refund = db.session.scalar(for_update(select(Refund).where(Refund.id == refund_id)))
    if refund is None:
        raise NotFound
    return refund


def _fact(refund: Refund, what: str, actor: Actor) -> ledger.Fact:
    return ledger.Fact(
        reference=f"refund:{refund.id}:{what}",
        currency=refund.currency,
        actor=actor,
        document="order",
        document_id=refund.order_id,
        note=refund.reason,
    )


def refunds_of(order_id: int) -> Sequence[Refund]:
    """Everything that went or goes back of the order, oldest first."""
    return db.session.scalars(select(Refund).where(Refund.order_id == order_id).order_by(Refund.id)).all()


def gone_back(order_id: int) -> Minor:
    """What has gone back of what was paid for the order, or is on its way."""
    total = func.coalesce(func.sum(Refund.amount_minor), 0)
    never_paid = PaymentReceipt.status == ReceiptStatus.returned
    query = (
        select(total)
        .outerjoin(PaymentReceipt, PaymentReceipt.id == Refund.receipt_id)
        .where(Refund.order_id == order_id, Refund.status.in_(STANDS), never_paid.is_not(True))
    )
    return int(db.session.scalars(query).one())
