"""Proof that reservations and slots are what the open orders say, and that nobody's card paid for somebody else."""

from collections.abc import Iterator

from sqlalchemy import func, select

from app.core.db import db
from app.inventory.models import Stock
from app.orders.models import Order, OrderAdjustment, OrderLine, Substitution, SubstitutionStatus
from app.orders.states import HOLDS_STOCK
from app.payments.card_models import SavedCard
from app.payments.models import PaymentAttempt
from app.promise.models import DeliverySlot


def check_reservations() -> Iterator[str]:
    """A line for each stock row whose `reserved` is not what open orders and open offers hold of it."""
    ordered = (
        select(Order.branch_id, OrderLine.variant_id, OrderLine.quantity)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(Order.status.in_(HOLDS_STOCK))
    )
    offered = (
        select(Order.branch_id, Substitution.variant_id, Substitution.quantity)
        .join(Substitution, Substitution.order_id == Order.id)
        .where(Substitution.status == SubstitutionStatus.proposed)
    )
    each = ordered.union_all(offered).subquery()
    held = (
        select(each.c.branch_id, each.c.variant_id, func.sum(each.c.quantity).label("units"))
        .group_by(each.c.branch_id, each.c.variant_id)
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
    """A line for each slot whose count is not what the orders in it take."""
    inside = (
        select(Order.slot_id, func.sum(func.coalesce(Order.slot_weight, 1)).label("taken"))
        .where(Order.slot_id.is_not(None))
        .group_by(Order.slot_id)
        .subquery()
    )
    taken = func.coalesce(inside.c.taken, 0)
    query = (
        select(DeliverySlot.id, DeliverySlot.booked, taken)
        .outerjoin(inside, inside.c.slot_id == DeliverySlot.id)
        .where(DeliverySlot.booked != taken)
        .order_by(DeliverySlot.id)
    )
    for slot_id, booked, weight in db.session.execute(query):
        yield f"slot {slot_id}: booked {booked}, orders take {weight}"


def check_totals() -> Iterator[str]:
    """A line for each order whose amounts are not the sums of its lines and adjustments."""
    goods = (
        select(
            OrderLine.order_id,
            func.sum(OrderLine.unit_minor * OrderLine.quantity).label("gross"),
            func.sum(OrderLine.discount_minor).label("discount"),
            func.sum(OrderLine.net_minor).label("net"),
            func.sum(OrderLine.tax_minor).label("tax"),
        )
        .group_by(OrderLine.order_id)
        .subquery()
    )
    delivery = (
        select(OrderAdjustment.order_id, func.sum(OrderAdjustment.amount_minor).label("fee"))
        .where(OrderAdjustment.stage == "delivery")
        .group_by(OrderAdjustment.order_id)
        .subquery()
    )
    query = (
        select(Order.code)
        .join(goods, goods.c.order_id == Order.id)
        .outerjoin(delivery, delivery.c.order_id == Order.id)
        .where(
            (Order.goods_minor != goods.c.gross)
            | (Order.discount_minor != goods.c.discount)
            | (goods.c.net != goods.c.gross - goods.c.discount)
            | (Order.tax_minor + Order.tax_included_minor != goods.c.tax)
            | (Order.delivery_minor != func.coalesce(delivery.c.fee, 0))
            | (Order.due_minor != Order.total_minor - Order.wallet_minor)
        )
        .order_by(Order.id)
    )
    for code in db.session.scalars(query):
        yield f"order {code}: its amounts are not the sums of its lines"


def check_cards() -> Iterator[str]:
    """A line for each order that somebody else's kept card was charged for."""
    query = (
        select(PaymentAttempt.reference, SavedCard.id)
        .join(SavedCard, SavedCard.id == PaymentAttempt.card_id)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .where(Order.customer_id != SavedCard.customer_id)
        .order_by(PaymentAttempt.id)
    )
    for reference, card_id in db.session.execute(query):
        yield f"payment {reference}: card {card_id} is another customer's"
