"""What waits at the desk: transfers to look for in the bank, the oldest word of a customer first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.money import Minor
from app.desk.claims import claims_of
from app.desk.holding import BY_HAND
from app.desk.models import (
    BankLine,
    ConfirmationStatus,
    LineStatus,
    TransferClaim,
    TransferConfirmation,
)
from app.orders import settling
from app.orders.models import Order
from app.orders.states import PaymentStatus
from app.payments.models import AttemptStatus, PaymentAttempt

LATELY = timedelta(days=14)
OLD = timedelta(minutes=15)
"""A customer who says that the money is sent has waited long enough after that."""
MOST = 100
S = AttemptStatus


@dataclass(frozen=True)
class Waiting:
    """One transfer to look for. `seen` is an amount that waits for a second person; `since` when the wait began."""

    attempt: PaymentAttempt
    order: Order
    claims: Sequence[TransferClaim]
    seen: TransferConfirmation | None
    open_minor: Minor
    since: datetime

    @property
    def minutes(self) -> int:
        """How long it has waited."""
        return max(0, int((clock.now() - self.since).total_seconds() // 60))

    @property
    def is_old(self) -> bool:
        """Whether a customer who has paid waits for us for too long."""
        return self.attempt.status is S.held and clock.now() - self.since > OLD

    @property
    def doubts(self) -> list[dict[str, str]]:
        """What speaks against the customer's word."""
        return [doubt for claim in self.claims for doubt in claim.doubts]


def _open() -> ColumnElement[bool]:
    """Somebody says it is sent, or it still can be."""
    status, owed = PaymentAttempt.status, (PaymentStatus.AWAITING, PaymentStatus.PARTIAL)
    asked = status.in_((S.started, S.pending)) & Order.payment_status.in_(owed)
    return or_(status == S.held, asked)


def _ended() -> ColumnElement[bool]:
    """Lately lapsed or refused, and nothing has taken its place."""
    return and_(
        PaymentAttempt.status.in_((S.expired, S.failed)), PaymentAttempt.status_at > clock.now() - LATELY
    )


def transfers(*, ended: bool = False) -> list[Waiting]:
    """What waits now, or what ended lately without money; five queries."""
    query = _query(_ended() if ended else _open())
    first = [PaymentAttempt.status_at.desc()] if ended else [PaymentAttempt.status != S.held]
    query = query.order_by(*first, PaymentAttempt.created_at).limit(MOST)
    return _fill([(attempt, order) for attempt, order in db.session.execute(query)])


def transfer(attempt_id: int) -> Waiting:
    """One of them, however it stands. NotFound."""
    rows = db.session.execute(_query(PaymentAttempt.id == attempt_id)).all()
    if not rows:
        raise NotFound
    return _fill([(rows[0][0], rows[0][1])])[0]


def _query(which: ColumnElement[bool]) -> Select[PaymentAttempt, Order]:
    return (
        select(PaymentAttempt, Order)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .where(PaymentAttempt.method.in_(BY_HAND), which)
    )


def _fill(rows: Sequence[tuple[PaymentAttempt, Order]]) -> list[Waiting]:
    ids = [attempt.id for attempt, _order in rows]
    said = claims_of(ids)
    seen = {
        row.attempt_id: row
        for row in db.session.scalars(
            select(TransferConfirmation).where(
                TransferConfirmation.attempt_id.in_(ids),
                TransferConfirmation.status == ConfirmationStatus.waiting,
            )
        )
    }
    left = settling.open_of([order for _attempt, order in rows])
    found = []
    for attempt, order in rows:
        claims = said.get(attempt.id, [])
        since = claims[-1].at if claims else attempt.created_at
        found.append(Waiting(attempt, order, claims, seen.get(attempt.id), left[order.id], since))
    return found


def counts() -> dict[str, int]:
    """How many wait: `waiting`, `said` of them by a customer's word, `lines` of banks nobody has matched."""
    held = PaymentAttempt.status == S.held
    waiting = (
        select(func.count(), func.count().filter(held))
        .select_from(PaymentAttempt)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .where(PaymentAttempt.method.in_(BY_HAND), _open())
    )
    total, said = db.session.execute(waiting).one()
    lines = select(func.count()).select_from(BankLine).where(BankLine.status == LineStatus.open)
    return {"waiting": total, "said": said, "lines": db.session.scalar(lines) or 0}


def open_lines(limit: int = MOST) -> Sequence[BankLine]:
    """Lines of banks that are nobody's yet, the oldest first."""
    query = select(BankLine).where(BankLine.status == LineStatus.open)
    return db.session.scalars(query.order_by(BankLine.day, BankLine.id).limit(limit)).all()
