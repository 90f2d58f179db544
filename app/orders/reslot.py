"""Orders follow their slot when a store cuts its days anew; the time they were promised stays."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app import promise
from app.core.actor import SYSTEM
from app.core.db import db, for_update
from app.orders.events import OrderReslotted
from app.orders.models import Order
from app.orders.offers import record_fact
from app.promise.types import Counts


def lock_orders_in(slot_ids: Collection[int]) -> None:
    """Lock the orders that have a place in one of these slots."""
    query = select(Order.id).where(Order.slot_id.in_(slot_ids)).order_by(Order.id)
    db.session.execute(for_update(query))


def move_orders(moves: Mapping[int, tuple[int, Counts, Counts]]) -> dict[int, int]:
    """Give the orders of each old slot their place in the new one; new slot id → what they weigh there."""
    query = (
        select(Order).where(Order.slot_id.in_(moves)).options(selectinload(Order.lines)).order_by(Order.id)
    )
    weights: dict[int, int] = defaultdict(int)
    for order in db.session.scalars(for_update(query)):
        assert order.slot_id is not None  # it was looked up by it
        new, counted, counts = moves[order.slot_id]
        weight = order.slot_weight or 1
        if counted is not counts:
            items = sum(line.quantity for line in order.lines)
            weight = promise.load_of(items, order.goods_minor, order.currency).of(counts)
        changes = {"slot_id": new, "slot_weight": weight}
        record_fact(order, OrderReslotted(order_id=order.id, code=order.code, changes=changes), SYSTEM)
        weights[new] += weight
    db.session.flush()
    return weights
