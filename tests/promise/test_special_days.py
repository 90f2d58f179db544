"""Days unlike the others: what their entries may not say together, what is told; and windows that meet."""

from dataclasses import replace
from datetime import date, time

import pytest

from app.core.errors import InvalidInput
from app.promise.grid import Range
from app.promise.special_days import SpecialDay, check_special_day, notes_on
from app.promise.types import Window
from app.promise.windows import ever_holds, find_clashes
from tests.promise.cast import JAKARTA, NEW_YORK

BACK, ON = "2026-11-01", "2027-03-14"


def day(on: str, hours: str = "") -> SpecialDay:
    opens, _, closes = hours.partition("-")
    pair = (time.fromisoformat(opens), time.fromisoformat(closes)) if hours else None
    return SpecialDay(date.fromisoformat(on), pair)


@pytest.mark.parametrize(
    ("entry", "others", "field"),
    [
        pytest.param(
            day("2026-12-24", "09:00-13:00"), [day("2026-12-24", "15:00-18:00")], "", id="two hours"
        ),
        pytest.param(
            day("2026-12-24", "09:00-13:00"), [day("2026-12-24", "13:00-18:00")], "", id="end to end"
        ),
        pytest.param(
            day("2026-12-24", "09:00-13:00"), [day("2026-12-24", "12:59-18:00")], "opens", id="overlap"
        ),
        pytest.param(day("2026-12-24", "09:00-13:00"), [day("2026-12-24")], "day", id="open on a closed day"),
        pytest.param(
            day("2026-12-24"), [day("2026-12-24", "09:00-13:00")], "day", id="closed on an open day"
        ),
        pytest.param(day("2026-12-24"), [day("2026-12-24")], "day", id="closed twice"),
        pytest.param(
            day("2026-12-24", "20:00-02:00"), [day("2026-12-25", "01:00-05:00")], "opens", id="into the next"
        ),
        pytest.param(
            day("2026-12-25", "01:00-05:00"), [day("2026-12-24", "20:00-02:00")], "opens", id="of the eve"
        ),
        pytest.param(
            day("2026-12-25", "02:00-05:00"), [day("2026-12-24", "20:00-02:00")], "", id="after the eve"
        ),
        pytest.param(
            day("2026-12-31", "20:00-02:00"), [day("2027-01-01", "01:00-05:00")], "opens", id="new year"
        ),
        pytest.param(
            day("2026-12-24", "00:00-00:00"), [day("2026-12-25", "00:00-00:00")], "", id="two whole days"
        ),
        pytest.param(
            day("2026-12-24", "09:00-09:00"), [day("2026-12-25", "08:00-12:00")], "opens", id="24 hours"
        ),
        pytest.param(day("2026-12-24", "20:00-02:00"), [day("2026-12-25")], "", id="into a closed day: told"),
        pytest.param(day(ON, "02:00-03:00"), [], "opens", id="hours that are not there"),
        pytest.param(day(ON, "02:15-02:45"), [], "opens", id="part of them"),
        pytest.param(day(ON, "01:30-03:30"), [], "", id="around them"),
        pytest.param(day("2027-03-13", "22:00-02:30"), [], "", id="ends in them"),
        pytest.param(day(BACK, "01:00-02:00"), [], "", id="twice that night"),
    ],
)
def test_what_entries_may_not_say_together(entry, others, field):
    if not field:
        check_special_day(entry, others, NEW_YORK)
        return
    with pytest.raises(InvalidInput) as refusal:
        check_special_day(entry, others, NEW_YORK)
    assert set(refusal.value.errors) == {field}


def test_where_no_clocks_change_every_hour_is_there():
    check_special_day(day(ON, "02:00-03:00"), [], JAKARTA)


FRIDAYS = {4: [(time(18), time(2))]}


@pytest.mark.parametrize(
    ("entry", "entries", "told"),
    [
        (day("2026-12-26"), [], ["December 26, 2026: the branch stays open until 02:00"]),  # a Saturday
        (day("2026-12-26"), [day("2026-12-25")], []),
        (day("2026-12-26"), [day("2026-12-25", "20:00-01:30")], ["until 01:30"]),
        (day("2026-12-26"), [day("2026-12-25", "20:00-00:00")], []),
        (day("2026-12-27"), [], []),
        (day("2026-12-24", "20:00-02:00"), [day("2026-12-25")], ["December 25, 2026 is entered as closed"]),
        (day("2026-12-24", "20:00-00:00"), [day("2026-12-25")], []),
    ],
)
def test_what_is_told_of_the_days_beside(entry, entries, told):
    notes = notes_on(entry, entries, FRIDAYS)
    assert len(notes) == len(told) and all(words in note for words, note in zip(told, notes, strict=True))


# --- traffic windows -------------------------------------------------------------------------------------------

RUSH = Window(time(17), time(19), weekdays=frozenset({0, 1, 2, 3, 4}), zips=frozenset({"33129"}))
ZIPS = {7: {"33129", "33133"}, 8: {"33139"}}


@pytest.mark.parametrize(
    ("changes", "meets"),
    [
        ({}, True),
        ({"from_time": time(19), "to_time": time(20)}, False),
        ({"from_time": time(18, 59), "to_time": time(20)}, True),
        ({"weekdays": frozenset({5, 6})}, False),
        ({"weekdays": frozenset()}, True),
        ({"zips": frozenset({"33139"})}, False),
        ({"zips": frozenset(), "zone_ids": frozenset({7})}, True),
        ({"zips": frozenset(), "zone_ids": frozenset({8})}, False),
        ({"zips": frozenset()}, True),  # of the whole store
        ({"from_time": time(22), "to_time": time(17, 30), "weekdays": frozenset({6})}, True),  # into Monday
        ({"from_time": time(22), "to_time": time(17), "weekdays": frozenset({6})}, False),
        ({"valid_from": date(2026, 11, 21), "valid_until": date(2026, 11, 22)}, False),  # a weekend
        ({"valid_from": date(2026, 11, 21), "valid_until": date(2026, 11, 23)}, True),
        ({"valid_until": date(2026, 11, 1)}, True),
        ({"closed": False, "extra_minutes": 15}, True),
    ],
)
def test_windows_that_meet(changes, meets):
    other = replace(RUSH, **changes)
    for one, two in ((RUSH, other), (other, RUSH)):
        assert [clash.key for clash in find_clashes(one, {3: two}, ZIPS)] == ([3] if meets else [])


def test_windows_that_are_over_before_the_other_begins_never_meet():
    past = replace(RUSH, valid_until=date(2026, 11, 20))
    coming = replace(RUSH, valid_from=date(2026, 11, 23))
    assert find_clashes(past, {1: coming}, ZIPS) == []


def test_a_window_says_the_same_whatever_it_does():
    slow = replace(RUSH, closed=False, extra_minutes=20, note={"en": "Slow"})
    (clash,) = find_clashes(slow, {1: RUSH}, ZIPS)
    assert clash.same and not find_clashes(replace(slow, to_time=time(20)), {1: RUSH}, ZIPS)[0].same


@pytest.mark.parametrize(
    ("first", "last", "weekdays", "holds"),
    [
        ("2026-11-21", "2026-11-22", {0}, False),
        ("2026-11-21", "2026-11-23", {0}, True),
        ("2026-11-21", "2026-11-22", set(), True),
        ("2026-11-21", "", {0}, True),
        ("", "2026-11-22", {0}, True),
    ],
)
def test_a_window_whose_weekdays_never_come(first, last, weekdays, holds):
    bounds = {"valid_from": first, "valid_until": last}
    dates = {name: date.fromisoformat(text) for name, text in bounds.items() if text}
    assert ever_holds(replace(RUSH, weekdays=frozenset(weekdays), **dates)) is holds


def test_a_range_in_hours_that_are_skipped_has_no_stretch_that_night():
    span = Range(date(2027, 3, 13), date(2027, 3, 15), time(2, 15), time(2, 45))
    found = list(span.spans(NEW_YORK))
    assert len(found) == 2 and all(start < end for start, end in found)
