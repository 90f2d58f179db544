"""What would have happened: past orders asked again, one after the other, against other settings. Pure.

Each order asks the same `promise.options` that customers ask, at the moment it was placed, with the places that the
orders before it have taken. So there is no second rule of the promise here, and the same settings lose nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from app import promise
from app.insight.drivers import drive
from app.insight.past import Fate, Outcome, Past, Replay, Terms
from app.promise import Ask, Booking, Mode, Options, ReasonCode, Slot, World

Key = tuple[int, datetime]
Given = list[tuple[datetime, int, Key, int]]
"""Places that come back: (when, order id, slot, how many)."""


def replay(world: World, history: Iterable[Past], terms: Terms) -> Replay:
    """What becomes of these orders in this world; it starts empty, whatever is booked in it now."""
    booked: dict[Key, Booking] = {}
    empty = replace(world, booked=booked, closures=())
    nearer = [
        replace(empty, policy=replace(world.policy, horizon_days=days))
        for days in range(1, world.policy.horizon_days + 1)
    ]
    given: Given = []
    outcomes = []
    for past in sorted(history, key=lambda one: (one.placed_at, one.id)):
        _give_back(booked, given, past.placed_at)
        outcome = _serve(nearer[_days_ahead(empty, past, terms) - 1], past, terms)
        _take(empty, booked, given, outcome)
        outcomes.append(outcome)
    driven, busy = drive(outcomes, terms, world.timezone)
    return Replay(tuple(driven), booked, busy)


def _days_ahead(world: World, past: Past, terms: Terms) -> int:
    """How many days of slots can matter to this order: those after its wish and its patience are not reckoned."""
    farthest = max(past.placed_at, past.slot or past.placed_at) + terms.patience
    first, last = (at.astimezone(world.timezone).date() for at in (past.placed_at, farthest))
    return min(world.policy.horizon_days, (last - first).days + 1)


def _serve(world: World, past: Past, terms: Terms) -> Outcome:
    """What was wanted if it is offered, else the nearest slot within the customer's patience."""
    offered = promise.options(
        world,
        Ask(
            now=past.placed_at,
            zip=past.zip,
            branch_id=past.branch_id,
            goods_minor=past.goods_minor,
            items=past.items,
        ),
    )
    if offered.area is None or offered.notice:
        why = offered.reason or offered.notice
        return Outcome(past, Fate.lost, why=why.code if why else None)
    refusal = _wanted_refusal(offered, past)
    if refusal is None:
        return _kept(offered, past)
    nearest = _nearest(offered.slots, past, terms.patience)
    if nearest is None:
        return Outcome(
            past, Fate.lost, offered.area.id, offered.area.name, offered.area.branch_id, why=refusal
        )
    return _in_slot(offered, past, nearest, Fate.moved, refusal)


def _wanted_refusal(offered: Options, past: Past) -> ReasonCode | None:
    if past.mode is Mode.asap:
        return offered.express.reason.code if offered.express.reason else None
    slot = _slot_of(offered, past)
    if slot is None:
        reason = offered.slots_reason
        return reason.code if reason else ReasonCode.slot_unknown
    return slot.reason.code if slot.reason else None


def _slot_of(offered: Options, past: Past) -> Slot | None:
    return promise.find_slot(offered, past.slot) if past.slot is not None else None


def _kept(offered: Options, past: Past) -> Outcome:
    if past.mode is Mode.slot:
        slot = _slot_of(offered, past)
        assert slot is not None  # not refused
        return _in_slot(offered, past, slot, Fate.kept, None)
    assert offered.area is not None
    _low, high = offered.express.eta_minutes or offered.area.eta_minutes
    return Outcome(
        past,
        Fate.kept,
        offered.area.id,
        offered.area.name,
        offered.area.branch_id,
        Mode.asap,
        past.placed_at,
        past.placed_at + timedelta(minutes=high),
    )


def _in_slot(offered: Options, past: Past, slot: Slot, fate: Fate, why: ReasonCode | None) -> Outcome:
    assert offered.area is not None
    until = slot.ends_at.astimezone(UTC) + timedelta(minutes=slot.delay_minutes)
    return Outcome(
        past,
        fate,
        offered.area.id,
        offered.area.name,
        offered.area.branch_id,
        Mode.slot,
        slot.starts_at.astimezone(UTC),
        until,
        why,
    )


def _nearest(slots: Sequence[Slot], past: Past, patience: timedelta) -> Slot | None:
    wished = past.slot or past.placed_at
    near = [one for one in slots if one.offered and abs(one.starts_at - wished) <= patience]
    return min(near, key=lambda one: (abs(one.starts_at - wished), one.starts_at), default=None)


def _take(world: World, booked: dict[Key, Booking], given: Given, outcome: Outcome) -> None:
    if outcome.starts_at is None or outcome.branch_id is None:
        return
    start = promise.slot_at(world, outcome.starts_at) if outcome.mode is Mode.asap else outcome.starts_at
    key = outcome.branch_id, start
    row = booked.get(key)
    if row is None:
        place = next(one for one in world.places if one.id == outcome.branch_id)
        row = promise.booking_of(world, place, start)
    load = promise.load_of(outcome.past.items, outcome.past.goods_minor, world.currency)
    weight = min(load.of(row.counts), row.capacity)
    booked[key] = row._replace(booked=row.booked + weight)
    if (back := outcome.past.given_back_at) is not None:
        heappush(given, (back, outcome.past.id, key, weight))


def _give_back(booked: dict[Key, Booking], given: Given, now: datetime) -> None:
    while given and given[0][0] <= now:
        _at, _id, key, weight = heappop(given)
        row = booked[key]
        booked[key] = row._replace(booked=max(0, row.booked - weight))
