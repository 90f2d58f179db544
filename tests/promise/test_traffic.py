"""Traffic windows: which slots they close, what they do to express."""

from dataclasses import replace
from datetime import date, time

import pytest

from app.promise import (
    ReasonCode,
    Window,
    options,
)
from tests.promise.cast import (
    MIAMI,
    RUSH_HOUR,
    ask,
    code,
    slot_of,
)


def test_the_rush_hour_of_33129():
    found = options(MIAMI, ask(zip="33129"))
    dark = [slot for slot in found.slots if code(slot.reason) == ReasonCode.slot_traffic]
    assert [f"{s.starts_at:%d %H:%M}" for s in (dark[0], dark[-1])] == ["20 17:00", "20 18:45"]
    assert len(dark) == 8  # Friday only: the other two days are the weekend
    assert dark[0].reason.message == "No deliveries to 33129 from 5 to 7 PM on weekdays."
    assert all(slot.offered for slot in options(MIAMI, ask(zip="33133")).slots if slot.starts_at.hour == 17)


CLOSED = Window(time(17), time(19))


@pytest.mark.parametrize(
    ("change", "dark"),
    [
        pytest.param({}, 3 * 8, id="nothing named: the whole store, every day"),
        pytest.param({"zone_ids": frozenset({1})}, 3 * 8, id="by zone"),
        pytest.param({"zone_ids": frozenset({2})}, 0, id="another zone"),
        pytest.param({"zips": frozenset({"33145"})}, 0, id="another ZIP"),
        pytest.param(
            {"zips": frozenset({"33145"}), "zone_ids": frozenset({1})}, 3 * 8, id="either is enough"
        ),
        pytest.param({"valid_from": date(2026, 11, 21)}, 2 * 8, id="from tomorrow"),
        pytest.param({"valid_until": date(2026, 11, 20)}, 8, id="until today"),
        pytest.param({"weekdays": frozenset({5})}, 8, id="Saturdays"),
        pytest.param({"from_time": time(17, 10), "to_time": time(17, 20)}, 3 * 2, id="overlap is enough"),
        pytest.param({"from_time": time(20), "to_time": time(10)}, 4 + 8 + 8, id="across midnight"),
        pytest.param(
            {"from_time": time(20), "to_time": time(10), "weekdays": frozenset({4})}, 4 + 4, id="Friday night"
        ),
    ],
)
def test_which_slots_a_window_closes(change, dark):
    found = options(replace(MIAMI, windows=(replace(CLOSED, **change),)), ask())
    assert sum(code(slot.reason) == ReasonCode.slot_traffic for slot in found.slots) == dark
    words = {slot.reason.message for slot in found.slots if code(slot.reason) == ReasonCode.slot_traffic}
    assert words <= {"No deliveries at this time because of traffic. Pick another one."}


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        ("2026-11-20 16:10", None),  # there by 17:00 at the latest
        ("2026-11-20 16:11", ReasonCode.express_traffic),
        ("2026-11-20 18:59", ReasonCode.express_traffic),
        ("2026-11-20 19:00", None),
    ],
)
def test_express_that_would_arrive_inside_a_closed_window(now, reason):
    found = options(MIAMI, ask(now, zip="33129"))
    assert code(found.express.reason) == reason
    if reason:
        assert found.express.reason.message == RUSH_HOUR.note["en"]


def test_slow_traffic_lengthens_the_time_by_the_slowest_rule():
    slow = replace(CLOSED, closed=False, extra_minutes=20)
    world = replace(MIAMI, windows=(slow, replace(slow, extra_minutes=5, from_time=time(9))))
    assert options(world, ask("2026-11-20 10:00")).express.eta_minutes == (40, 55)
    assert options(world, ask("2026-11-20 17:30")).express.eta_minutes == (55, 70)
    assert options(world, ask("2026-11-20 19:30")).express.eta_minutes == (35, 50)
    found = options(world, ask("2026-11-20 10:00"))
    assert slot_of(found, "2026-11-20 17:00").delay_minutes == 20
    assert slot_of(found, "2026-11-20 17:00").offered


def test_the_delay_counts_for_what_express_runs_into():
    slow = Window(time(15), time(17), closed=False, extra_minutes=30)
    world = replace(MIAMI, windows=(slow, CLOSED))
    assert code(options(world, ask("2026-11-20 15:41")).express.reason) == ReasonCode.express_traffic
    assert options(world, ask("2026-11-20 15:40")).express.eta_minutes == (65, 80)
