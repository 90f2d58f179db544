"""The figures of the console's first page: six queries, whatever the size of the store."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload

from app import stores
from app.catalog.models import Variant
from app.core.db import db
from app.inventory.models import Stock
from app.marketing.models import Review, ReviewStatus
from app.orders.models import Order
from app.orders.states import FINAL, OPEN, Status
from app.promise.models import Zone

DONE = (Status.DELIVERED, Status.COLLECTED)
WAITING = tuple(status for status in OPEN if status not in {Status.FAILED, Status.HANDED_OVER})
"""States in which the promised time still runs."""


@dataclass(frozen=True)
class OpenRow:
    """Open orders in one state, and how many of them are late."""

    status: Status
    count: int
    late: int


@dataclass(frozen=True)
class Day:
    """How the store's day goes. Amounts in minor units of the store's currency."""

    placed: int
    delivered: int
    takings_minor: int
    usual_minor: int
    open_rows: tuple[OpenRow, ...]
    hours: tuple[int, ...]
    usual_hours: tuple[int, ...]
    low: tuple[Stock, ...]
    low_count: int
    unmoderated: int
    zones: tuple[tuple[str, int, int], ...]

    @property
    def open_count(self) -> int:
        return sum(row.count for row in self.open_rows)

    @property
    def late_count(self) -> int:
        return sum(row.late for row in self.open_rows)

    @property
    def versus_usual(self) -> int | None:
        """Percent above (or below) the usual takings of this weekday up to this hour; None without any."""
        return round(self.takings_minor * 100 / self.usual_minor) - 100 if self.usual_minor else None


def load_day(now: datetime) -> Day:
    """Today by the store's clock, up to `now`, beside the mean of the same weekday in the four weeks before."""
    midnight = _midnight(now)
    placed = db.session.scalar(select(func.count()).where(Order.placed_at >= midnight)) or 0
    hours, delivered = _hours(midnight, now)
    past = [
        _hours(
            _midnight(now - timedelta(weeks=week)), _midnight(now - timedelta(weeks=week)) + timedelta(days=1)
        )[0]
        for week in range(1, 5)
    ]
    usual = tuple(round(sum(day[hour] for day in past) / len(past)) for hour in range(24))
    hour_now = now.astimezone(stores.current_store().zone).hour
    low = list(db.session.scalars(_low_shelves().limit(5)))
    return Day(
        placed=placed,
        delivered=delivered,
        takings_minor=sum(hours),
        usual_minor=sum(usual[: hour_now + 1]),
        open_rows=_open_rows(now),
        hours=hours,
        usual_hours=usual,
        low=tuple(low),
        low_count=db.session.scalar(select(func.count()).select_from(_low_shelves().subquery())) or 0,
        unmoderated=db.session.scalar(select(func.count()).where(Review.status == ReviewStatus.pending)) or 0,
        zones=_zones(midnight),
    )


def _midnight(now: datetime) -> datetime:
    local = now.astimezone(stores.current_store().zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def _hours(start: datetime, end: datetime) -> tuple[tuple[int, ...], int]:
    """Takings by local hour, and how many orders they are of."""
    zone = stores.current_store().timezone
    hour = func.extract("hour", func.timezone(zone, Order.status_at))
    query = (
        select(hour, func.sum(Order.total_minor), func.count())
        .where(Order.status.in_(DONE), Order.status_at >= start, Order.status_at < end)
        .group_by(hour)
    )
    found = {int(at): (int(total), count) for at, total, count in db.session.execute(query)}
    return tuple(found.get(at, (0, 0))[0] for at in range(24)), sum(count for _total, count in found.values())


def _open_rows(now: datetime) -> tuple[OpenRow, ...]:
    late = func.sum(case(((Order.promised_until < now) & Order.status.in_(WAITING), 1), else_=0))
    query = select(Order.status, func.count(), late).where(Order.status.not_in(FINAL)).group_by(Order.status)
    found = {
        status: OpenRow(status, count, int(behind)) for status, count, behind in db.session.execute(query)
    }
    return tuple(found[status] for status in Status if status in found)


def _low_shelves():  # a Select of a mapped class
    return (
        select(Stock)
        .join(Stock.variant)
        .where(Variant.active.is_(True), Stock.available <= Stock.low_at)
        .options(joinedload(Stock.variant).joinedload(Variant.product), joinedload(Stock.branch))
        .order_by(Stock.available, Stock.id)
    )


def _zones(midnight: datetime) -> tuple[tuple[str, int, int], ...]:
    query = (
        select(Zone.name, func.count(), func.sum(Order.total_minor))
        .join(Order, Order.zone_id == Zone.id)
        .where(Order.placed_at >= midnight, Order.status != Status.CANCELLED)
        .group_by(Zone.name)
        .order_by(func.count().desc(), Zone.name)
        .limit(5)
    )
    return tuple((name, count, int(total)) for name, count, total in db.session.execute(query))
