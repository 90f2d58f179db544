"""Distances, ways and times between two points: plain numbers, no map service.

A routing provider will stand behind `route` and `drive_minutes`; until then the way follows a street grid and the
time is great circle × road factor ÷ speed by hour.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from app.core.geo import Point, distance_m

ROAD_FACTOR = 1.35
"""Streets are longer than the straight line: 1.3 to 1.4 in cities built on a grid."""
SPEED_KMH: tuple[float, ...] = (
    *(34, 36, 36, 36, 34, 30),  # 0–5: empty streets
    *(26, 20, 18, 21, 23, 22),  # 6–11: the morning rush is at 8
    *(21, 21, 22, 21, 19, 16),  # 12–17: the evening rush is at 17
    *(17, 20, 23, 26, 29, 32),  # 18–23
)
"""Door-to-door speed of a scooter or small car in the city, by local hour."""
STOP_MINUTES = 3.0
"""What one door takes on the way to the next."""

RECKON_EVERY = timedelta(seconds=10)
FORGET_AFTER = timedelta(minutes=3)
"""An estimate older than this says nothing about the next: the driver was not heard of."""
SMOOTHING = 0.35
LARGEST_STEP = timedelta(minutes=2)


def route(start: Point, end: Point) -> list[Point]:
    """A plausible way along a street grid: two legs that meet at the western corner, which on the coasts the
    embedded maps show is the one on land."""
    east, west = (start, end) if start[1] >= end[1] else (end, start)
    corners = [start, (east[0], west[1]), end]
    return [p for i, p in enumerate(corners) if i == 0 or distance_m(corners[i - 1], p) > 1]


def points_along(line: Sequence[Point], every_m: float) -> list[Point]:
    """The line with a point at least every so many metres, its corners and both ends kept."""
    walked: list[Point] = [line[0]]
    for start, end in itertools.pairwise(line):
        steps = max(1, ceil(distance_m(start, end) / every_m))
        walked += [
            (start[0] + (end[0] - start[0]) * i / steps, start[1] + (end[1] - start[1]) * i / steps)
            for i in range(1, steps + 1)
        ]
    return walked


def drive_minutes(start: Point, end: Point, local_hour: int, speeds: Sequence[float] = SPEED_KMH) -> float:
    """How long the way takes at that hour of the store's clock."""
    return distance_m(start, end) * ROAD_FACTOR / 1000 / speeds[local_hour % 24] * 60


def eta_minutes(here: Point, stops: Sequence[Point], local_hour: int) -> float:
    """Minutes to the last of the stops, by way of the others and the time at their doors."""
    legs = zip([here, *stops], stops, strict=False)
    return sum(drive_minutes(a, b, local_hour) for a, b in legs) + STOP_MINUTES * max(0, len(stops) - 1)


@dataclass(frozen=True)
class Estimate:
    """When a driver is expected, and when that was reckoned."""

    arrives_at: datetime
    made_at: datetime

    def minutes_left(self, at: datetime) -> int:
        """Whole minutes from `at`, never below 1: nobody is told "0 min" while the driver is on the road."""
        return max(1, ceil((self.arrives_at - at).total_seconds() / 60))


def next_estimate(before: Estimate | None, minutes: float, at: datetime) -> Estimate:
    """The estimate after another fix, `minutes` by the plain reckoning.

    At most every ten seconds, and smoothed: it moves a third of the way to the new reckoning and at most two minutes
    at once, so that a red light or a wrong turn does not make it jump.
    """
    reckoned = at + timedelta(minutes=minutes)
    if before is None or at - before.made_at > FORGET_AFTER:
        return Estimate(reckoned, at)
    if at - before.made_at < RECKON_EVERY:
        return before
    step = (reckoned - before.arrives_at) * SMOOTHING
    return Estimate(before.arrives_at + max(-LARGEST_STEP, min(LARGEST_STEP, step)), at)
