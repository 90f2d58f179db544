"""Fixes from drivers' phones: kept once, in any order, and never ahead of time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.actor import Actor
from app.core.db import db, transaction
from app.core.tenancy import current_store_id
from app.dispatch.drivers import driver_of
from app.dispatch.listeners import DriverMoved, Fix, tell
from app.dispatch.models import Driver, Position
from app.dispatch.stops import doors_of, route_of
from app.orders.states import Status

CLOCKS_DIFFER = timedelta(minutes=2)
OLDEST = timedelta(hours=24)
LARGEST_SEQ = 2**53
"""What a phone can count to without losing a unit."""
MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Recorded:
    """What became of a batch: `accepted` are kept (now or before), `refused` will never be."""

    accepted: list[int]
    refused: list[int]


def is_plausible(fix: Fix, now: datetime) -> bool:
    """Whether a fix can be true: on the globe, not at its origin, not from the future, not from yesterday."""
    on_globe = isfinite(fix.lat) and isfinite(fix.lng) and abs(fix.lat) <= 90 and abs(fix.lng) <= 180
    counted = 0 < fix.seq <= LARGEST_SEQ
    in_time = now - OLDEST <= fix.at <= now + CLOCKS_DIFFER
    return on_globe and counted and in_time and max(abs(fix.lat), abs(fix.lng)) > 1e-6


def fresh_fixes(fixes: Iterable[Fix], known_at: datetime | None) -> tuple[Fix, ...]:
    """Those that are newer than what is known, in the order they were taken: a stale one moves nobody back."""
    later = {fix.at: fix for fix in fixes if known_at is None or fix.at > known_at}
    return tuple(later[at] for at in sorted(later))


def record_positions(actor: Actor, fixes: Sequence[Fix | tuple[int, float, float, datetime]]) -> Recorded:
    """Keep fixes of a driver who is on a delivery; those of a driver who is not are refused.

    A fix is known by (driver, seq): sent again it is accepted and changes nothing. Numbers used again with a later
    time (a phone that began counting anew) are new fixes. Listeners are told of those newer than the last known.
    """
    given = [fix if isinstance(fix, Fix) else Fix(*fix) for fix in fixes][:MOST_AT_ONCE]
    now = clock.now()
    good = [fix for fix in given if is_plausible(fix, now)]
    news = None
    with transaction():
        driver = driver_of(actor, lock=True)
        driver.seen_at = now
        route = route_of(driver.id)
        if route and good:
            fresh = fresh_fixes(_keep(driver, good), driver.fix_at)
            if fresh:
                _move(driver, fresh[-1])
                on_road = [order for order in route if order.status is Status.PICKED_UP]
                news = DriverMoved(current_store_id() or 0, driver.id, fresh, doors_of(on_road))
    if news is not None:
        tell(news)
    kept = {fix.seq for fix in good} if route else set()
    return Recorded(
        [fix.seq for fix in given if fix.seq in kept], [fix.seq for fix in given if fix.seq not in kept]
    )


def _keep(driver: Driver, fixes: list[Fix]) -> list[Fix]:
    """Insert them; those that were not there before."""
    by_seq = {fix.seq: fix for fix in fixes}
    rows = [
        {"driver_id": driver.id, "seq": f.seq, "lat": round(f.lat, 6), "lng": round(f.lng, 6), "at": f.at}
        for f in by_seq.values()
    ]
    statement = insert(Position).values(rows)
    statement = statement.on_conflict_do_update(
        index_elements=["store_id", "driver_id", "seq"],
        set_={name: statement.excluded[name] for name in ("lat", "lng", "at")},
        where=statement.excluded.at > Position.at,
    )
    new = set(db.session.scalars(statement.returning(Position.seq)))
    return [fix for seq, fix in by_seq.items() if seq in new]


def _move(driver: Driver, fix: Fix) -> None:
    """Only forward, and in the database: two sockets of one driver cannot move them back."""
    db.session.execute(
        update(Driver)
        .where(Driver.id == driver.id, (Driver.fix_at.is_(None)) | (Driver.fix_at < fix.at))
        .values(lat=round(fix.lat, 6), lng=round(fix.lng, 6), fix_at=fix.at, last_seq=fix.seq)
    )


def positions_received(driver_id: int, since: datetime, limit: int = 200) -> list[Position]:
    """The last fixes the server got after a moment, in the order of the way."""
    query = select(Position).where(Position.driver_id == driver_id, Position.received_at > since)
    newest = db.session.scalars(query.order_by(Position.at.desc(), Position.seq.desc()).limit(limit))
    return list(reversed(newest.all()))
