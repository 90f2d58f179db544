"""An attempt with its order, held in the house's order: the order first."""

from datetime import UTC, date, datetime, time

from babel.dates import format_skeleton, format_time
from sqlalchemy import select

from app import stores
from app.core.db import db, for_update
from app.core.errors import NotFound
from app.core.i18n import active_locale
from app.desk.models import ConfirmationStatus, TransferConfirmation
from app.orders.models import Order
from app.payments import attempts
from app.payments.catalogue import METHODS, Flow
from app.payments.models import PaymentAttempt

BY_HAND = frozenset(code for code, method in METHODS.items() if method.flow is Flow.manual)


def hold(attempt_id: int) -> tuple[Order, PaymentAttempt]:
    """The order and the attempt, held. NotFound for an attempt that is not paid by hand."""
    query = select(PaymentAttempt.order_id, PaymentAttempt.method).where(PaymentAttempt.id == attempt_id)
    found = db.session.execute(query).first()
    if found is None or found.method not in BY_HAND:
        raise NotFound
    order = db.session.scalars(for_update(select(Order).where(Order.id == found.order_id))).one()
    return order, attempts.lock_attempt(attempt_id)


def start_of(day: date) -> datetime:
    """When a day of the store begins."""
    return datetime.combine(day, time(), stores.current_store().zone).astimezone(UTC)


def say_settled(attempt: PaymentAttempt) -> dict[str, object]:
    """Who ended it, and when, in words."""
    last = db.session.scalars(
        select(TransferConfirmation)
        .where(
            TransferConfirmation.attempt_id == attempt.id,
            TransferConfirmation.status == ConfirmationStatus.done,
        )
        .order_by(TransferConfirmation.id.desc())
    ).first()
    people = [str(one) for one in (last.first, last.second) if one is not None] if last else []
    at = attempt.status_at.astimezone(stores.current_store().zone)
    day = format_skeleton("MMMd", at, locale=active_locale())
    when = f"{day}, {format_time(at, 'short', locale=active_locale())}"
    return {"who": ", ".join(people) or "–", "when": when}
