"""Reservations of orders that nobody paid for come to an end."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, select

from app import stores
from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db, for_update, transaction
from app.core.i18n import _n
from app.orders.models import Order
from app.orders.moves import Details, advance
from app.orders.states import Action, PaymentStatus, Status
from app.payments import transfers
from app.payments.catalogue import METHODS, Flow
from app.payments.models import AttemptStatus, PaymentAttempt, PaymentReceipt, ReceiptStatus


def held_until(order: Order) -> datetime | None:
    """Until when goods and slot of an order that nobody has paid for yet are kept; None for any other."""
    if order.status is not Status.PENDING or order.payment_status is not PaymentStatus.AWAITING:
        return None
    return order.placed_at + timedelta(minutes=_patience(order))


def _patience(order: Order) -> int:
    """Minutes: a transfer takes people longer than a card."""
    store = stores.current_store()
    by_hand = METHODS[order.payment_method].flow is Flow.manual
    return max(store.unpaid_minutes, store.transfer_minutes) if by_hand else store.unpaid_minutes


def expire_unpaid() -> list[str]:
    """Cancel each order that still awaits its payment after the store's minutes; their codes.

    Each in a transaction of its own, by the table's own move: goods and slot go back with it. Run twice, or beside a
    payment that arrives, nothing happens twice: the order is locked and looked at again.
    """
    store = stores.current_store()
    until = clock.now() - timedelta(minutes=store.unpaid_minutes)
    with transaction():
        due = list(db.session.scalars(_unpaid(until).with_only_columns(Order.id).order_by(Order.id)))
    return [code for order_id in due if (code := _expire(order_id, until))]


def _unpaid(until: datetime) -> Select[Any]:
    """Money that staff or the provider still look at keeps an order alive."""
    looked_at = exists().where(
        PaymentReceipt.order_id == Order.id, PaymentReceipt.status == ReceiptStatus.review
    )
    held = exists().where(PaymentAttempt.order_id == Order.id, PaymentAttempt.status == AttemptStatus.held)
    return select(Order).where(
        Order.status == Status.PENDING,
        Order.payment_status == PaymentStatus.AWAITING,
        Order.placed_at <= until,
        ~looked_at,
        ~held,
        ~transfers.may_still_come(Order.id, refused_since=until),
    )


@transaction()
def _expire(order_id: int, until: datetime) -> str:
    order = db.session.scalar(for_update(_unpaid(until).where(Order.id == order_id)))
    if order is None:
        return ""
    reason = _n("Not paid within %(num)d minute.", "Not paid within %(num)d minutes.", _patience(order))
    advance(order, Action.cancel, SYSTEM, Details(reason=str(reason)))
    return str(order.code)
