"""The grid of a branch's slots, ranges of it and what is left of a closure, by plain values."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.promise import Booking, Closure, Place, SlotPolicy, World
from app.promise.grid import Range, grid_of, without

ZONE = ZoneInfo("America/New_York")
FRIDAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)


def place(opens=time(9), closes=time(12), hourly=None) -> Place:
    weekly = dict.fromkeys(range(7), ((opens, closes),))
    return Place(1, "b", "Brickell", 25.76, -80.19, weekly, slot_capacity=6, hourly=hourly or {})


def grid(where=None, *, first=FRIDAY, days=2, now=NOON, booked=None, closures=(), minutes=15):
    world = World(ZONE, "US", "USD", (), (), SlotPolicy(minutes))
    return grid_of(
        world, where or place(), first=first, days=days, now=now, booked=booked or {}, closures=closures
    )


def local(hour, minute=0, day=FRIDAY) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=ZONE).astimezone(UTC)


def test_every_slot_of_the_hours_is_there_once():
    found = grid()
    assert len(found.cells) == 24 and found.hours == [9, 10, 11] and found.minutes == [0, 15, 30, 45]
    assert found.by_place[FRIDAY, 9, 0].past and not found.by_place[FRIDAY + timedelta(1), 9, 0].past
    assert len(grid(minutes=30).cells) == 12


def test_numbers_come_from_the_row_then_the_hour_then_the_branch():
    found = grid(
        place(hourly={(4, 10): 2}), booked={local(9): Booking(8, 8), local(10, 15): Booking(3, 1)}
    ).by_place
    assert (found[FRIDAY, 9, 0].capacity, found[FRIDAY, 9, 0].full) == (8, True)
    assert (found[FRIDAY, 9, 15].capacity, found[FRIDAY, 10, 0].capacity) == (6, 2)
    assert (found[FRIDAY, 10, 15].capacity, found[FRIDAY, 10, 15].usual, found[FRIDAY, 10, 15].fill) == (
        3,
        2,
        33,
    )


def test_a_closure_takes_the_slots_it_touches():
    storm = Closure(1, local(9, 20), local(10), {"en": "Storm"})
    found = grid(closures=(storm,)).by_place
    assert [found[FRIDAY, 9, m].closed for m in (0, 15, 30, 45)] == [False, True, True, True]
    assert not found[FRIDAY, 10, 0].closed and found[FRIDAY, 9, 15].note == {"en": "Storm"}


def test_the_night_of_the_day_before_is_not_shown_but_its_own_is():
    night = grid(place(time(20), time(2)), days=1)
    assert night.cells[0].starts_at.hour == 0  # the tail of Thursday night is Friday's morning
    assert {cell.starts_at.date() for cell in night.cells} == {FRIDAY}


def test_stamps_change_with_what_a_manager_changes_and_not_with_bookings():
    before = grid().stamps
    assert grid(booked={local(9): Booking(6, 4)}).stamps == before
    changed = grid(booked={local(9): Booking(7, 4)}).stamps
    assert {hour for hour in before if before[hour] != changed[hour]} == {"2026-11-20T09"}
    closed = grid(closures=(Closure(1, local(10), local(11), {}),)).stamps
    assert {hour for hour in before if before[hour] != closed[hour]} == {"2026-11-20T10"}


@pytest.mark.parametrize(
    ("start", "until", "holds", "leaves"),
    [
        (time(10), time(11), [(20, 10, 0), (21, 10, 45)], [(20, 11, 0), (20, 9, 45), (22, 10, 0)]),
        (time(22), time(2), [(20, 22, 0), (21, 1, 45), (22, 1, 0)], [(20, 1, 0), (21, 2, 0), (22, 22, 0)]),
        (time(18), time(0), [(20, 23, 45), (21, 18, 0)], [(20, 0, 0), (22, 0, 0), (20, 17, 45)]),
        (time(0), time(0), [(20, 0, 0), (21, 23, 45)], [(22, 0, 0), (19, 23, 45)]),
    ],
)
def test_a_range_is_times_on_days(start, until, holds, leaves):
    span = Range(FRIDAY, FRIDAY + timedelta(1), start, until)
    at = lambda day, hour, minute: datetime(2026, 11, day, hour, minute, tzinfo=ZONE)  # noqa: E731
    assert all(span.holds(at(*one)) for one in holds)
    assert not any(span.holds(at(*one)) for one in leaves)
    stretches = [*span.spans(ZONE)]
    assert len(stretches) == 2
    for one in holds:
        assert any(a <= at(*one) < b for a, b in stretches)


def test_a_range_over_the_night_the_clocks_go_back():
    span = Range(date(2026, 10, 31), date(2026, 10, 31), time(22), time(3))
    [(start, end)] = span.spans(ZONE)
    assert end - start == timedelta(hours=6)
    night = grid(place(time(20), time(4)), first=date(2026, 10, 31), days=2, now=NOON - timedelta(40))
    inside = [cell for cell in night.cells if span.holds(cell.starts_at)]
    assert len(inside) == 20 and len({cell.starts_at.strftime("%d %H:%M") for cell in inside}) == 20


@pytest.mark.parametrize(
    ("hole", "left"),
    [
        ((12, 13), [(9, 11)]),
        ((9, 11), []),
        ((8, 12), []),
        ((9, 10), [(10, 11)]),
        ((10, 12), [(9, 10)]),
        ((9, 9), [(9, 11)]),
    ],
)
def test_what_is_left_of_a_closure(hole, left):
    hours = lambda pair: (local(pair[0]), local(pair[1]))  # noqa: E731
    if hole == (12, 13):
        assert without(hours((9, 11)), hours(hole)) == [hours((9, 11))]
        return
    assert without(hours((9, 11)), hours(hole)) == [hours(pair) for pair in left]


def test_a_hole_in_the_middle_leaves_two_pieces():
    assert without((local(9), local(12)), (local(10), local(11))) == [
        (local(9), local(10)),
        (local(11), local(12)),
    ]
