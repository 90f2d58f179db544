"""Proof that reservations and slots are what the open orders say."""

from collections.abc import Iterator

from sqlalchemy import func, select

from app.core.db import db
from app.inventory.models import Stock
from app.orders.models import Order, OrderLine
from app.orders.states import HOLDS_STOCK
from app.promise.models import DeliverySlot


def check_reservations() -> Iterator[str]:
    """A line for each stock row whose `reserved` is not what open orders hold of it."""
    held = (
        select(Order.branch_id, OrderLine.variant_id, func.sum(OrderLine.quantity).label("units"))
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(Order.status.in_(HOLDS_STOCK))
        .group_by(Order.branch_id, OrderLine.variant_id)
        .subquery()
    )
    units = func.coalesce(held.c.units, 0)
    query = (
        select(Stock.id, Stock.reserved, units)
        .outerjoin(held, (held.c.branch_id == Stock.branch_id) & (held.c.variant_id == Stock.variant_id))
        .where(Stock.reserved != units)
        .order_by(Stock.id)
    )
    for stock_id, reserved, held_units in db.session.execute(query):
        yield f"stock {stock_id}: reserved {reserved}, open orders hold {held_units}"


def check_slots() -> Iterator[str]:
    """A line for each slot whose count is not the number of orders in it."""
    inside = (
        select(Order.slot_id, func.count().label("orders"))
        .where(Order.slot_id.is_not(None))
        .group_by(Order.slot_id)
        .subquery()
    )
    orders = func.coalesce(inside.c.orders, 0)
    query = (
        select(DeliverySlot.id, DeliverySlot.booked, orders)
        .outerjoin(inside, inside.c.slot_id == DeliverySlot.id)
        .where(DeliverySlot.booked != orders)
        .order_by(DeliverySlot.id)
    )
    for slot_id, booked, count in db.session.execute(query):
        yield f"slot {slot_id}: booked {booked}, orders {count}"
