"""Attempts: written down first, asked of the provider outside any transaction, and moved forward only.

What an attempt asks for never changes, and a new attempt leaves the old ones alone: money that arrives on any of
them pays the order.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Float, func, select

from app.core import clock
from app.core.db import db, for_update
from app.core.errors import NotFound
from app.core.money import Minor
from app.payments import transfers
from app.payments.catalogue import METHODS, Flow
from app.payments.models import AttemptEvent, AttemptStatus, PaymentAttempt
from app.payments.ports import News, Started
from app.payments.states import HEARD, OPEN, moves_to

VALID_FOR = timedelta(minutes=30)
REASON_LENGTH = 200
GRACE = timedelta(minutes=2)
PATIENCE = 0.125
"""Between two questions lies this part of the time that the attempt has been asked about."""


@dataclass(frozen=True)
class Owed:
    """What is to be paid, and for which order."""

    order_id: int
    code: str
    amount_minor: Minor
    currency: str


def open_attempt(owed: Owed, method: str, *, source: str, until: datetime | None = None) -> PaymentAttempt:
    """The next attempt for an order that the caller has locked. What the customer sends by hand can be sent at once."""
    now = clock.now()
    last = select(func.coalesce(func.max(PaymentAttempt.number), 0)).where(
        PaymentAttempt.order_id == owed.order_id
    )
    number = db.session.scalars(last).one() + 1
    attempt = PaymentAttempt(
        order_id=owed.order_id,
        number=number,
        reference=f"{owed.code}_pay{number}",
        method=method,
        amount_minor=owed.amount_minor,
        currency=owed.currency,
        status=AttemptStatus.started,
        created_at=now,
        status_at=now,
        expires_at=until or now + VALID_FOR,
    )
    by_hand = METHODS[method].flow is Flow.manual
    if by_hand:
        transfers.set_terms(attempt, owed.code)
    db.session.add(attempt)
    db.session.flush()  # its history carries its id
    _note(attempt, source)
    if by_hand:
        move(attempt, AttemptStatus.pending, source="system")
        transfers.watch(attempt)
    return attempt


def attempts_of(order_id: int) -> Sequence[PaymentAttempt]:
    """Every try to pay the order, oldest first."""
    query = select(PaymentAttempt).where(PaymentAttempt.order_id == order_id)
    return db.session.scalars(query.order_by(PaymentAttempt.number)).all()


def history_of(attempt_id: int) -> Sequence[AttemptEvent]:
    """The attempt's steps, oldest first."""
    query = select(AttemptEvent).where(AttemptEvent.attempt_id == attempt_id)
    return db.session.scalars(query.order_by(AttemptEvent.id)).all()


def find_attempt(method: str, reference: str, external_id: str) -> PaymentAttempt | None:
    """The attempt a provider speaks of: by our reference, else by its own name for it."""
    query = select(PaymentAttempt).where(PaymentAttempt.method == method)
    if reference:
        return db.session.scalar(query.where(PaymentAttempt.reference == reference))
    if external_id:
        newest = query.where(PaymentAttempt.external_id == external_id).order_by(PaymentAttempt.id.desc())
        return db.session.scalars(newest).first()
    return None


def lock_attempt(attempt_id: int) -> PaymentAttempt:
    """The attempt, held. Lock its order first. NotFound."""
    attempt = db.session.scalar(for_update(select(PaymentAttempt).where(PaymentAttempt.id == attempt_id)))
    if attempt is None:
        raise NotFound
    return attempt


def show(attempt: PaymentAttempt, started: Started, *, source: str) -> None:
    """The provider has it: the customer can pay. What the provider says meanwhile is not undone."""
    attempt.external_id = started.external_id or attempt.external_id
    attempt.shown = shown_of(started)
    if started.expires_at is not None:
        attempt.expires_at = min(attempt.expires_at, started.expires_at)
    attempt.asked_at = None  # that it began is known; how it stands, nobody has asked yet
    move(attempt, AttemptStatus.pending, source=source)


def shown_of(started: Started) -> dict[str, Any]:
    """What an attempt keeps of a provider's answer, for its page."""
    return {
        "show": started.show.value,
        "url": started.url,
        "token": started.token,
        "qr": started.qr,
        "form": dict(started.form),
    }


def hear(attempt: PaymentAttempt, news: News, *, source: str) -> bool:
    """Take the provider's word for how the attempt stands; whether that was a step forward."""
    attempt.asked_at = clock.now()
    attempt.external_id = attempt.external_id or news.external_id
    return move(attempt, HEARD[news.status], source=source, note=news.reason)


def move(attempt: PaymentAttempt, status: AttemptStatus, *, source: str, note: str = "") -> bool:
    """A step forward, or nothing."""
    if not moves_to(attempt.status, status):
        return False
    attempt.status, attempt.status_at = status, clock.now()
    attempt.reason = note[:REASON_LENGTH]
    _note(attempt, source, note)
    return True


def to_ask(codes: Collection[str], older_than: timedelta, limit: int = 200) -> Sequence[int]:
    """Attempts by these methods on which money may be on its way and that nobody asked about lately: for the poller.

    The longer one has been waiting, the rarer it is asked about.
    """
    asked = func.coalesce(PaymentAttempt.asked_at, PaymentAttempt.created_at)
    waiting = func.date_part("epoch", asked - PaymentAttempt.created_at, type_=Float) * PATIENCE
    since = func.date_part("epoch", clock.now() - asked, type_=Float)
    query = (
        select(PaymentAttempt.id)
        .where(PaymentAttempt.method.in_(codes), PaymentAttempt.status.in_(OPEN))
        .where(since >= older_than.total_seconds() + waiting)
        .order_by(asked)
    )
    return db.session.scalars(query.limit(limit)).all()


def is_over(attempt: PaymentAttempt) -> bool:
    """Whether its time has passed, and a little more: what was paid in the last second is still on its way."""
    return attempt.expires_at + GRACE <= clock.now()


def take_turn(attempt: PaymentAttempt, pause: timedelta) -> bool:
    """Whether it is time to ask the provider about a held attempt again; who is told so asks."""
    now = clock.now()
    if attempt.asked_at is not None and attempt.asked_at > now - pause:
        return False
    attempt.asked_at = now
    return True


def _note(attempt: PaymentAttempt, source: str, note: str = "") -> None:
    db.session.add(
        AttemptEvent(
            attempt_id=attempt.id,
            status=attempt.status,
            source=source,
            note=note[:REASON_LENGTH],
            at=clock.now(),
        )
    )
