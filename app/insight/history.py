"""The deliveries of the last weeks as plain values: what was asked, and how long each part took."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import func, select

from app.core.db import db
from app.core.events import EventRecord
from app.insight.past import Past
from app.orders.models import Order, OrderLine
from app.orders.states import Action, Kind
from app.promise import Mode

MOST_ORDERS = 12_000
USUAL_PREPARE, USUAL_ROAD = 12.0, 20.0
_MARKS = (Action.ready, Action.pick_up, Action.deliver, Action.cancel, Action.fail)
Marks = Mapping[Action, datetime]


def count_past(weeks: int, now: datetime) -> int:
    """How many deliveries the last weeks have."""
    return db.session.scalar(select(func.count()).select_from(_orders(weeks, now).subquery())) or 0


def load_past(weeks: int, now: datetime) -> list[Past]:
    """The deliveries of the last weeks, oldest first, at most the newest MOST_ORDERS. Three queries.

    Where an order has no mark of its own (cancelled before it was packed), the median of the others stands.
    """
    rows = db.session.execute(_orders(weeks, now).order_by(Order.placed_at.desc()).limit(MOST_ORDERS)).all()
    marks, items = _marks(weeks, now), _items(weeks, now)
    prepared = [_between(row.placed_at, marks[row.id].get(Action.ready)) for row in rows]
    driven = [_between(marks[row.id].get(Action.pick_up), marks[row.id].get(Action.deliver)) for row in rows]
    usual_prepare = _middle(prepared, USUAL_PREPARE)
    usual_road = _middle(driven, USUAL_ROAD)
    return [
        Past(
            id=row.id,
            code=row.code,
            placed_at=row.placed_at,
            zip=str(row.address.get("zip", "")),
            branch_id=row.branch_id,
            mode=Mode(row.mode),
            slot=row.promised_from if row.mode == Mode.slot else None,
            goods_minor=row.goods_minor,
            items=items.get(row.id, 1),
            given_back_at=marks[row.id].get(Action.cancel, marks[row.id].get(Action.fail)),
            prepare_minutes=prepare if prepare is not None else usual_prepare,
            road_minutes=road if road is not None else usual_road,
        )
        for row, prepare, road in zip(reversed(rows), reversed(prepared), reversed(driven), strict=True)
    ]


def _orders(weeks: int, now: datetime) -> Any:  # a Select of eight columns
    return select(
        Order.id,
        Order.code,
        Order.placed_at,
        Order.address,
        Order.branch_id,
        Order.mode,
        Order.promised_from,
        Order.goods_minor,
    ).where(
        Order.kind == Kind.driver,
        Order.zone_id.is_not(None),
        Order.placed_at.between(now - timedelta(weeks=weeks), now),
    )


def _items(weeks: int, now: datetime) -> dict[int, int]:
    query = (
        select(OrderLine.order_id, func.sum(OrderLine.quantity))
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.placed_at >= now - timedelta(weeks=weeks))
        .group_by(OrderLine.order_id)
    )
    return {order: int(count) for order, count in db.session.execute(query)}


def _marks(weeks: int, now: datetime) -> defaultdict[int, dict[Action, datetime]]:
    action = EventRecord.payload["action"].astext
    query = select(EventRecord.aggregate_id, action, EventRecord.occurred_at).where(
        EventRecord.type == "OrderMoved",
        EventRecord.aggregate == "order",
        EventRecord.occurred_at >= now - timedelta(weeks=weeks),
        action.in_([mark.value for mark in _MARKS]),
    )
    marks: defaultdict[int, dict[Action, datetime]] = defaultdict(dict)
    for order, name, at in db.session.execute(query):
        marks[order][Action(name)] = at
    return marks


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return max(0.0, (end - start) / timedelta(minutes=1)) if start and end else None


def _middle(found: list[float | None], otherwise: float) -> float:
    known = [minutes for minutes in found if minutes is not None]
    return median(known) if known else otherwise
