"""Who carries what in a replay: drivers take the orders in the order they are ready, a few of one zone at a time.

A plain model on purpose, said on the page: every driver works all day, a trip is out and back, and nobody is
re-routed on the way. It compares settings; it does not predict a Tuesday.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from zoneinfo import ZoneInfo

from app.insight.past import Outcome, Terms
from app.promise import Mode

Busy = dict[tuple[int, int], float]


def drive(outcomes: Sequence[Outcome], terms: Terms, zone: ZoneInfo) -> tuple[list[Outcome], Busy]:
    """The outcomes with the time each arrives, and minutes on the road by local (weekday, hour)."""
    busy: Busy = defaultdict(float)
    jobs = [(ready_at(one), place) for place, one in enumerate(outcomes) if one.counts]
    if not jobs:
        return [*outcomes], busy
    waiting = sorted(jobs)
    free = [waiting[0][0]] * max(1, terms.drivers)
    heapify(free)
    arrived: dict[int, datetime] = {}
    while waiting:
        start = max(waiting[0][0], heappop(free))
        trip = _load(waiting, outcomes, start, terms.carry)
        back = _deliver(trip, outcomes, start, terms, arrived)
        _note(busy, start, back, zone)
        heappush(free, back)
    return [
        replace(one, arrives_at=arrived[place]) if place in arrived else one
        for place, one in enumerate(outcomes)
    ], busy


def ready_at(outcome: Outcome) -> datetime:
    """When a driver can leave with it: prepared, and for a slot not sooner than to arrive as it begins."""
    past = outcome.past
    prepared = past.placed_at + timedelta(minutes=past.prepare_minutes)
    if outcome.mode is not Mode.slot or outcome.starts_at is None:
        return prepared
    return max(prepared, outcome.starts_at - timedelta(minutes=past.road_minutes))


def _load(
    waiting: list[tuple[datetime, int]], outcomes: Sequence[Outcome], start: datetime, carry: int
) -> list[int]:
    """Take the first order and others of its branch and zone that are ready, off the waiting list."""
    first = outcomes[waiting[0][1]]
    trip: list[int] = []
    rest: list[tuple[datetime, int]] = []
    for index, (ready, place) in enumerate(waiting):
        if ready > start or len(trip) == carry:
            rest += waiting[index:]
            break
        one = outcomes[place]
        if (one.branch_id, one.zone_id) == (first.branch_id, first.zone_id):
            trip.append(place)
        else:
            rest.append((ready, place))
    waiting[:] = rest
    return trip


def _deliver(
    trip: Sequence[int],
    outcomes: Sequence[Outcome],
    start: datetime,
    terms: Terms,
    arrived: dict[int, datetime],
) -> datetime:
    """Note when each door is reached; gives when the driver is back."""
    road = timedelta(minutes=outcomes[trip[0]].past.road_minutes)
    door = timedelta(minutes=terms.door_minutes)
    for index, place in enumerate(trip):
        arrived[place] = start + road + index * door
    return start + road + (len(trip) - 1) * door + road


def _note(busy: Busy, start: datetime, end: datetime, zone: ZoneInfo) -> None:
    at = start
    while at < end:
        local = at.astimezone(zone)
        past_hour = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        until = min(end, at + timedelta(hours=1) - past_hour)
        busy[local.weekday(), local.hour] += (until - at) / timedelta(minutes=1)
        at = until
