"""Distances and times as tables, and properties that hold for any two points of a city."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from app.dispatch.geo import (
    LARGEST_STEP,
    SPEED_KMH,
    STOP_MINUTES,
    Estimate,
    distance_m,
    drive_minutes,
    eta_minutes,
    next_estimate,
    points_along,
    route,
)

BRICKELL, THE_ROADS, KEMANG = (25.7663, -80.1937), (25.7512, -80.2096), (-6.2607, 106.8137)
AT = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("a", "b", "metres"),
    [
        pytest.param(BRICKELL, BRICKELL, 0, id="nowhere"),
        pytest.param((0.0, 0.0), (0.0, 1.0), 111_195, id="a degree of the equator"),
        pytest.param((25.0, -80.0), (26.0, -80.0), 111_195, id="a degree of a meridian"),
        pytest.param(BRICKELL, THE_ROADS, 2_316, id="across town"),
        pytest.param((0.0, 179.5), (0.0, -179.5), 111_195, id="over the date line"),
    ],
)
def test_distance(a, b, metres):
    assert distance_m(a, b) == pytest.approx(metres, rel=0.005, abs=1)
    assert distance_m(b, a) == pytest.approx(distance_m(a, b))


@pytest.mark.parametrize(
    ("hour", "minutes"),
    [pytest.param(3, 5.2, id="night"), pytest.param(12, 8.9, id="noon"), pytest.param(17, 11.7, id="rush")],
)
def test_time_follows_the_hour(hour, minutes):
    assert drive_minutes(BRICKELL, THE_ROADS, hour) == pytest.approx(minutes, abs=0.1)


def test_every_hour_has_a_speed():
    assert len(SPEED_KMH) == 24
    assert min(SPEED_KMH) > 0


def test_a_door_on_the_way_costs_its_detour_and_its_time():
    direct = eta_minutes(BRICKELL, [THE_ROADS], 12)
    halfway = ((BRICKELL[0] + THE_ROADS[0]) / 2, (BRICKELL[1] + THE_ROADS[1]) / 2)
    assert eta_minutes(BRICKELL, [halfway, THE_ROADS], 12) == pytest.approx(direct + STOP_MINUTES, abs=0.05)
    assert eta_minutes(BRICKELL, [], 12) == 0


def test_ways_follow_the_grid_and_end_where_they_should():
    random = Random(7)
    for _ in range(200):
        a, b = ((25.7 + random.random() / 10, -80.3 + random.random() / 10) for _ in "ab")
        line = route(a, b)
        assert (line[0], line[-1]) == (a, b)
        assert all(p[0] == pytest.approx(q[0]) or p[1] == pytest.approx(q[1]) for p, q in pairwise(line))
        walked = points_along(line, 100)
        assert all(distance_m(p, q) <= 101 for p, q in pairwise(walked))
        assert sum(distance_m(p, q) for p, q in pairwise(walked)) >= distance_m(a, b) - 1


def test_a_way_to_where_one_is_already():
    assert route(BRICKELL, BRICKELL) == [BRICKELL]
    assert points_along([BRICKELL], 50) == [BRICKELL]


@pytest.mark.parametrize(
    ("before", "minutes", "after", "shown"),
    [
        pytest.param(None, 11.2, 0, 12, id="the first is taken as it is"),
        pytest.param(10, 30, 5, 10, id="not reckoned again within ten seconds"),
        pytest.param(10, 10, 15, 10, id="the same reckoning barely moves it"),
        pytest.param(10, 40, 30, 12, id="a jump is at most two minutes"),
        pytest.param(10, 1, 30, 8, id="also downwards"),
        pytest.param(10, 40, 240, 40, id="after a silence it starts anew"),
    ],
)
def test_estimates_are_smooth(before, minutes, after, shown):
    known = Estimate(AT + timedelta(minutes=before), AT) if before else None
    at = AT + timedelta(seconds=after)
    assert next_estimate(known, minutes, at).minutes_left(at) == shown


def test_no_estimate_ever_jumps():
    random = Random(3)
    estimate, at = next_estimate(None, 15, AT), AT
    for _ in range(500):
        at += timedelta(seconds=random.randint(1, 60))
        following = next_estimate(estimate, random.uniform(0, 60), at)
        assert abs(following.arrives_at - estimate.arrives_at) <= LARGEST_STEP
        assert following.minutes_left(at) >= 1
        estimate = following
