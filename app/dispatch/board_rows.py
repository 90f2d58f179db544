"""The board's own reads: two queries, whatever the number of orders."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, extract, func, or_, select

from app.core.db import db
from app.core.events import EventRecord
from app.orders.models import Order, OrderLine, OrderNote
from app.orders.states import OPEN, Status

FINISHED = (Status.DELIVERED, Status.COLLECTED)
MOST_CARDS = 400
"""A board nobody could read is not read from the database either; the oldest promise comes first."""

_COLUMNS = (
    Order.id,
    Order.code,
    Order.kind,
    Order.status,
    Order.event_seq,
    Order.branch_id,
    Order.zone_id,
    Order.mode,
    Order.contact_name,
    Order.contact_phone,
    Order.address,
    Order.currency,
    Order.total_minor,
    Order.payment_status,
    Order.payment_method,
    Order.customer_note,
    Order.min_age,
    Order.reason,
    Order.driver_id,
    Order.promised_from,
    Order.promised_until,
    Order.placed_at,
    Order.status_at,
    Order.acknowledged_at,
    Order.acknowledged_by,
)


def order_rows(today: datetime) -> Sequence[Any]:
    """Every open order, and those that ended since `today` began; the most urgent promise first."""
    items = (
        select(func.coalesce(func.sum(OrderLine.quantity), 0))
        .where(OrderLine.order_id == Order.id)
        .correlate(Order)
        .scalar_subquery()
    )
    notes = select(func.count()).where(OrderNote.order_id == Order.id).correlate(Order).scalar_subquery()
    query = (
        select(*_COLUMNS, items.label("items"), notes.label("notes"))
        .where(or_(Order.status.in_(OPEN), and_(Order.status.in_(FINISHED), Order.status_at >= today)))
        .order_by(Order.promised_until.nulls_last(), Order.id)
        .limit(MOST_CARDS)
    )
    return db.session.execute(query).all()


class DayRow(NamedTuple):
    """Since the store's midnight: the median wait for a confirmation, and how many came inside their promise."""

    to_confirm: timedelta | None
    ended: int
    inside: int


def day_row(today: datetime) -> DayRow:
    """The day so far, in one query."""
    waits = (
        select(
            func.percentile_cont(0.5).within_group(
                extract("epoch", EventRecord.occurred_at) - extract("epoch", Order.placed_at)
            )
        )
        .select_from(Order)
        .join(
            EventRecord,
            and_(EventRecord.aggregate == "order", EventRecord.aggregate_id == Order.id),
        )
        .where(Order.status.in_(tuple(Status)), Order.placed_at >= today)
        .where(EventRecord.type == "OrderMoved", EventRecord.payload["action"].astext == "confirm")
        .scalar_subquery()
    )
    ended = (
        select(
            func.count().label("ended"),
            func.count().filter(Order.status_at <= Order.promised_until).label("inside"),
        )
        .where(Order.status.in_(FINISHED), Order.status_at >= today, Order.promised_until.is_not(None))
        .subquery()
    )
    seconds, count, inside = db.session.execute(select(waits, ended.c.ended, ended.c.inside)).one()
    return DayRow(timedelta(seconds=float(seconds)) if seconds is not None else None, count, inside)
