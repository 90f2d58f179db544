"""The store's zones, hours, counts and windows as the plain World that the rules work on."""

import time as clock_time
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, cast, func, literal, null, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from app import stores
from app.core.db import db
from app.core.settings import setting
from app.promise.geometry import outline_of
from app.promise.models import (
    DeliveryPolicy,
    DeliverySlot,
    HourCapacity,
    SlotClosure,
    TrafficWindow,
    WindowEffect,
    Zone,
    ZoneBand,
    ZoneReach,
    ZoneZip,
)
from app.promise.types import (
    Area,
    Band,
    Booking,
    Closure,
    HandOver,
    Interval,
    Place,
    SlotPolicy,
    Window,
    World,
)
from app.stores import Branch, HoursException, StoreInfo


@dataclass(frozen=True)
class _Kept:
    read_at: float
    world: World


_kept: dict[int, _Kept] = {}


def load_world(now: datetime) -> World:
    """Everything the promise depends on, with the slot counts and the closures of this moment.

    What managers edit (zones, hours, windows) is kept for WORLD_TTL seconds in the process; a slot that fills up and
    a storm are true for everyone at once. One query when kept.
    """
    world = standing_world()
    booked, closures = _moment(now, world.policy)
    return replace(world, booked=booked, closures=closures)


def forget_world() -> None:
    """Read zones, hours and windows anew at the next question."""
    _kept.clear()


def standing_world() -> World:
    """What managers edit, as of WORLD_TTL seconds ago at most: without the counts and closures of the moment."""
    store = stores.current_store()
    kept = _kept.get(store.id)
    if kept and clock_time.monotonic() - kept.read_at < setting("WORLD_TTL"):
        return kept.world
    world = _read_world(store)
    _kept[store.id] = _Kept(clock_time.monotonic(), world)
    return world


def _read_world(store: StoreInfo) -> World:
    places, policy = _places_and_policy(store)
    return World(
        timezone=store.zone,
        country=store.country,
        currency=store.currency,
        places=places,
        areas=_areas(),
        policy=policy,
        windows=active_windows(),
    )


def _places_and_policy(store: StoreInfo) -> tuple[tuple[Place, ...], SlotPolicy]:
    """Branches with the one row of the store beside each: one query instead of two."""
    query = (
        select(Branch, DeliveryPolicy, _gathered(HourCapacity.branch_id == Branch.id, *_HOURLY))
        .outerjoin(DeliveryPolicy, true())
        .where(Branch.active)
        .options(selectinload(Branch.hours))
        .order_by(Branch.id)
    )
    rows = db.session.execute(query).all()
    exceptions = _exceptions()
    kinds = {HandOver.driver: "delivery", HandOver.pickup: "pickup", HandOver.courier: "courier"}
    offered = frozenset(kind for kind, needs in kinds.items() if needs in store.capabilities)
    places = tuple(
        Place(
            id=branch.id,
            code=branch.code,
            name=branch.name,
            lat=branch.lat,
            lng=branch.lng,
            weekly=_weekly(branch),
            exceptions=exceptions.get(branch.id, {}),
            kinds=offered,
            slot_capacity=branch.slot_capacity,
            hourly={(weekday, hour): capacity for weekday, hour, capacity in hourly},
            zip=branch.zip,
        )
        for branch, _policy, hourly in rows
    )
    return places, policy_of(rows[0][1] if rows else None)


_HOURLY = (HourCapacity.weekday, HourCapacity.hour, HourCapacity.capacity)


def _gathered(belongs: ColumnElement[bool], *columns: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    """The columns of the rows that belong to each row of the outer query, as one list of lists."""
    rows = func.jsonb_agg(func.jsonb_build_array(*columns))
    return select(func.coalesce(rows, literal([], JSONB))).where(belongs).scalar_subquery()


def policy_of(row: DeliveryPolicy | None) -> SlotPolicy:
    """How the store cuts its days into slots; the defaults for a store that never said."""
    if row is None:
        return SlotPolicy()
    return SlotPolicy(row.slot_minutes, row.horizon_days, row.lead_minutes, row.express_share_bp, row.counts)


def _weekly(branch: Branch) -> dict[int, tuple[Interval, ...]]:
    days: dict[int, list[Interval]] = defaultdict(list)
    for hours in branch.hours:
        days[hours.weekday].append((hours.opens, hours.closes))
    return {day: tuple(sorted(intervals)) for day, intervals in days.items()}


def _exceptions() -> dict[int, dict[date, tuple[Interval, ...]]]:
    found: dict[int, dict[date, tuple[Interval, ...]]] = defaultdict(dict)
    for row in db.session.scalars(select(HoursException)):
        before = found[row.branch_id].get(row.day, ())
        new = ((row.opens, row.closes),) if row.opens is not None and row.closes is not None else ()
        found[row.branch_id][row.day] = before + new
    return found


def _areas() -> tuple[Area, ...]:
    query = select(
        Zone,
        _gathered(ZoneZip.zone_id == Zone.id, ZoneZip.zip),
        _gathered(ZoneBand.zone_id == Zone.id, ZoneBand.from_metres, ZoneBand.extra_minor),
        _gathered(ZoneReach.zone_id == Zone.id, ZoneReach.zip, ZoneReach.fee_minor),
    ).order_by(Zone.position, Zone.id)
    return tuple(_area(*row) for row in db.session.execute(query))


def _area(zone: Zone, zips: list[list[str]], bands: list[list[int]], beyond: list[tuple[str, int]]) -> Area:
    return Area(
        id=zone.id,
        name=zone.name,
        zips=frozenset(zip_code for (zip_code,) in zips),
        branch_id=zone.branch_id,
        fee_minor=zone.fee_minor,
        minimum_minor=zone.minimum_minor,
        free_from_minor=zone.free_from_minor,
        eta_minutes=(zone.eta_low, zone.eta_high),
        express=zone.express,
        slots=zone.slots,
        active=zone.active,
        outline=outline_of(zone.polygon),
        bands=tuple(sorted(Band(*band) for band in bands)),
        beyond=dict(beyond),
    )


def active_windows(but: Collection[int] = ()) -> tuple[Window, ...]:
    """The traffic rules that hold, without those of these ids."""
    query = select(TrafficWindow).where(TrafficWindow.active, TrafficWindow.id.not_in(but))
    return tuple(window_of(row) for row in db.session.scalars(query.order_by(TrafficWindow.id)))


def window_of(row: TrafficWindow) -> Window:
    """A traffic rule as the promise reads it; the row need not be saved."""
    return Window(
        from_time=row.from_time,
        to_time=row.to_time,
        closed=row.effect is WindowEffect.closed,
        extra_minutes=row.extra_minutes or 0,
        weekdays=frozenset(row.weekdays or ()),
        zips=frozenset(row.zips or ()),
        zone_ids=frozenset(row.zone_ids or ()),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        note=row.note or {},
    )


def _moment(
    now: datetime, policy: SlotPolicy
) -> tuple[dict[tuple[int, datetime], Booking], tuple[Closure, ...]]:
    """What is booked and what is shut, in one query: both are read for every page."""
    until = now + timedelta(days=policy.horizon_days + 1)
    since = now - timedelta(minutes=policy.length_minutes)
    kept = select(
        DeliverySlot.branch_id,
        DeliverySlot.starts_at,
        DeliverySlot.capacity,
        DeliverySlot.booked,
        DeliverySlot.counts,
        cast(null(), SlotClosure.ends_at.type).label("ends_at"),
        cast(null(), JSONB).label("note"),
    ).where(DeliverySlot.starts_at.between(since, until))
    shut = select(
        SlotClosure.branch_id,
        SlotClosure.starts_at,
        literal(0),
        literal(0),
        cast(null(), DeliverySlot.counts.type),
        SlotClosure.ends_at,
        SlotClosure.note,
    ).where(SlotClosure.ends_at > since)
    booked: dict[tuple[int, datetime], Booking] = {}
    closures: list[Closure] = []
    for branch, starts, capacity, taken, counts, ends, note in db.session.execute(kept.union_all(shut)):
        if ends is None:
            booked[branch, starts] = Booking(capacity, taken, counts)
        else:
            closures.append(Closure(branch, starts, ends, note))
    return booked, tuple(sorted(closures, key=lambda one: (one.starts_at, one.branch_id)))
