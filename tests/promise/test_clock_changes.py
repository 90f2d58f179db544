"""The nights on which New York's clocks change: 2026-11-01 back at 2:00, 2027-03-14 on at 2:00. Jakarta's never do."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from app.promise import Mode, ReasonCode, Window, options
from app.promise.hours import opening_spans, traffic_spans
from tests.promise.cast import ALL_DAY, JAKARTA, MAIN, MIAMI, NEW_YORK, ask, at, choose, opened

BACK, ON = date(2026, 11, 1), date(2027, 3, 14)
ROUND_THE_CLOCK = opened(MIAMI, ALL_DAY)


def starts(world, now, day):
    found = options(world, ask(now))
    return [slot.starts_at for slot in found.slots if slot.starts_at.date() == day]


@pytest.mark.parametrize(
    ("now", "day", "count", "at_two"),
    [
        pytest.param("2026-10-31 12:00", BACK, 96, ["01:45", "02:00"], id="an hour twice, offered once"),
        pytest.param("2027-03-13 12:00", ON, 92, ["01:45", "03:00"], id="an hour that is not there"),
        pytest.param("2026-11-20 12:00", date(2026, 11, 21), 96, ["01:45", "02:00"], id="an ordinary night"),
    ],
)
def test_slots_of_the_night(now, day, count, at_two):
    found = starts(ROUND_THE_CLOCK, now, day)
    walls = [f"{start:%H:%M}" for start in found]
    assert len(found) == count
    assert max(Counter(walls).values()) == 1
    assert walls[walls.index("01:45") :][:2] == at_two
    instants = [start.astimezone(UTC) for start in found]
    assert instants == sorted(set(instants))
    for start in found:  # a time that exists is the same after a round trip
        assert start.astimezone(UTC).astimezone(NEW_YORK).replace(tzinfo=None) == start.replace(tzinfo=None)


def test_every_slot_lasts_fifteen_real_minutes():
    for now in ("2026-10-31 12:00", "2027-03-13 12:00"):
        for slot in options(ROUND_THE_CLOCK, ask(now)).slots:
            assert slot.ends_at.astimezone(UTC) - slot.starts_at.astimezone(UTC) == timedelta(minutes=15)


@pytest.mark.parametrize(
    ("now", "wish", "reason"),
    [
        ("2026-10-31 12:00", datetime(2026, 11, 1, 5, 15, tzinfo=UTC), None),  # 1:15 EDT
        ("2026-10-31 12:00", datetime(2026, 11, 1, 6, 15, tzinfo=UTC), ReasonCode.slot_unknown),  # 1:15 EST
        ("2026-10-31 12:00", at("2026-11-01 01:15"), None),
        ("2027-03-13 12:00", datetime(2027, 3, 14, 7, 0, tzinfo=UTC), None),  # 3:00 EDT
    ],
)
def test_a_choice_in_the_night(now, wish, reason):
    found = choose(ROUND_THE_CLOCK, ask(now), Mode.slot, wish)
    assert (found and found.code) == reason


@pytest.mark.parametrize(
    ("now", "count"),
    [
        (
            datetime(2026, 11, 1, 5, 35, tzinfo=UTC),
            1,
        ),  # 1:35 EDT: 1:45 EDT is too near, 2:00 EST is 85 minutes away
        (datetime(2026, 11, 1, 6, 35, tzinfo=UTC), 1),  # 1:35 EST
        (datetime(2027, 3, 14, 6, 35, tzinfo=UTC), 2),  # 1:35 EST: 3:00 EDT is 25 minutes away
    ],
)
def test_the_lead_time_is_of_real_minutes(now, count):
    found = options(ROUND_THE_CLOCK, ask(now)).slots
    near = [slot for slot in found if slot.reason and slot.reason.code == ReasonCode.slot_lead_time]
    assert all(slot.starts_at.astimezone(UTC) - now < timedelta(minutes=30) for slot in near)
    assert len(near) == count
    offered = next(slot for slot in found if slot.offered)
    assert offered.starts_at.astimezone(UTC) - now >= timedelta(minutes=30)


@pytest.mark.parametrize(
    ("day", "hours", "utc"),
    [
        pytest.param(ON, (time(2, 30), time(5)), ("07:30", "09:00"), id="opens in the skipped hour"),
        pytest.param(ON, (time(0), time(2, 30)), ("05:00", "06:30"), id="closes in the skipped hour"),
        pytest.param(ON, (time(2, 15), time(2, 45)), None, id="open only in the skipped hour"),
        pytest.param(BACK, (time(1, 30), time(5)), ("05:30", "10:00"), id="opens in the repeated hour"),
        pytest.param(BACK, (time(0), time(1, 30)), ("04:00", "06:30"), id="closes in the repeated hour"),
        pytest.param(BACK, (time(9), time(21)), ("14:00", "02:00"), id="the day after the night"),
    ],
)
def test_opening_hours_of_the_night(day, hours, utc):
    place = replace(MAIN, weekly={}, exceptions={day: (hours,)})
    spans = opening_spans(place, NEW_YORK, day, 1)
    assert [tuple(f"{x:%H:%M}" for x in span) for span in spans] == ([utc] if utc else [])


@pytest.mark.parametrize(
    ("day", "hours", "utc"),
    [
        pytest.param(ON, (time(2, 15), time(2, 45)), ("06:15", "07:45"), id="skipped: closed around it"),
        pytest.param(BACK, (time(1, 15), time(1, 45)), ("05:15", "06:45"), id="repeated: closed both times"),
    ],
)
def test_a_traffic_window_of_the_night_holds_rather_longer(day, hours, utc):
    window = Window(*hours, valid_from=day, valid_until=day)
    spans = list(traffic_spans(window, NEW_YORK, day, 1))
    assert [tuple(f"{x:%H:%M}" for x in span) for span in spans] == [utc]


def test_jakarta_knows_none_of_it():
    world = replace(ROUND_THE_CLOCK, timezone=JAKARTA)
    for day in (BACK, ON):
        now = datetime.combine(day - timedelta(days=1), time(12), tzinfo=JAKARTA)
        assert len(starts(world, now, day)) == 96
