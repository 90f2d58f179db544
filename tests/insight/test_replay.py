"""Replays, by plain values: the same settings lose nothing, others lose what they must, drivers make lateness."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import promise
from app.insight.compare import compare
from app.insight.drivers import ready_at
from app.insight.past import Fate, Past, Terms
from app.insight.scenario import Scenario, change_world
from app.insight.whatif import replay
from app.promise import Area, Mode, Place, ReasonCode, SlotPolicy, Window, World

MONDAY = datetime(2026, 11, 16, 14, 0, tzinfo=UTC)  # nine in Miami, as the branch opens
WEEK = {day: ((time(9), time(21)),) for day in range(7)}
PLACE = Place(1, "b", "Brickell", 25.76, -80.19, WEEK, slot_capacity=2)
AREA = Area(7, "Grove", frozenset({"33129"}), 1, 500, eta_minutes=(20, 40))
WORLD = World(ZoneInfo("America/New_York"), "US", "USD", (PLACE,), (AREA,), SlotPolicy(15, 2, 30))
TERMS = Terms(drivers=2)


def live(world: World, wishes: list[tuple[int, int | None]]) -> list[Past]:
    """Orders that were really possible: each takes what the world offers it at its moment, as customers did."""
    history: list[Past] = []
    for number, (minutes, pick) in enumerate(sorted(wishes, key=lambda wish: wish[0])):
        at = MONDAY + timedelta(minutes=minutes)
        booked = replay(world, history, TERMS).booked
        ask = promise.Ask(now=at, zip="33129", branch_id=1)
        offered = promise.options(replace(world, booked=booked), ask)
        open_slots = [slot for slot in offered.slots if slot.offered]
        if pick is None and offered.express.offered:
            history.append(Past(number, f"A-{number}", at, "33129", 1, Mode.asap))
        elif pick is not None and open_slots:
            start = open_slots[pick % len(open_slots)].starts_at.astimezone(UTC)
            history.append(Past(number, f"A-{number}", at, "33129", 1, Mode.slot, start))
    return history


WISHES = st.lists(
    st.tuples(st.integers(0, 1400), st.one_of(st.none(), st.integers(0, 60))), min_size=1, max_size=14
)
SLOWLY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOWLY
@given(WISHES)
def test_the_same_settings_lose_and_move_nothing(wishes):
    history = live(WORLD, wishes)
    played = replay(WORLD, history, TERMS)
    assert {one.fate for one in played.outcomes} <= {Fate.kept}
    told = compare(played, replay(WORLD, history, TERMS), worlds=(WORLD, WORLD), terms=(TERMS, TERMS))
    assert (told["lost"], told["moved"], told["won"]) == (0, 0, 0)
    assert told["before"] == told["after"]


@SLOWLY
@given(WISHES, st.integers(0, 3))
def test_no_slot_is_ever_overfull_and_every_change_has_a_reason(wishes, capacity):
    history = live(WORLD, wishes)
    tight = replace(WORLD, places=(replace(PLACE, slot_capacity=capacity),))
    played = replay(tight, history, TERMS)
    assert all(row.booked <= row.capacity == capacity for row in played.booked.values())
    assert all(one.why for one in played.outcomes if one.fate is not Fate.kept)
    assert len(played.outcomes) == len(history)


@SLOWLY
@given(WISHES)
def test_with_endless_capacity_nothing_is_lost_for_want_of_room(wishes):
    wide = replace(WORLD, places=(replace(PLACE, slot_capacity=10_000),))
    played = replay(wide, live(WORLD, wishes), TERMS)
    assert {one.fate for one in played.outcomes} <= {Fate.kept}


def slot_order(number: int, hour: int, **more) -> Past:
    start = datetime(2026, 11, 16, hour + 5, 0, tzinfo=UTC)
    return Past(
        number, f"A-{number}", MONDAY + timedelta(minutes=number), "33129", 1, Mode.slot, start, **more
    )


def test_a_smaller_capacity_moves_the_later_orders_or_loses_them():
    history = [slot_order(n, 15) for n in range(3)]
    one = replace(WORLD, places=(replace(PLACE, slot_capacity=1),))
    fates = [outcome.fate for outcome in replay(one, history, TERMS).outcomes]
    assert fates == [Fate.kept, Fate.moved, Fate.moved]
    strict = Terms(patience=timedelta(0))
    outcomes = replay(one, history, strict).outcomes
    assert [o.fate for o in outcomes] == [Fate.kept, Fate.lost, Fate.lost]
    assert outcomes[1].why is ReasonCode.slot_full


def test_a_cancelled_order_gives_its_place_back():
    first = slot_order(0, 15, given_back_at=MONDAY + timedelta(minutes=1, seconds=30))
    one = replace(WORLD, places=(replace(PLACE, slot_capacity=1),))
    outcomes = replay(one, [first, slot_order(1, 15), slot_order(2, 15)], TERMS).outcomes
    assert [o.fate for o in outcomes] == [Fate.kept, Fate.moved, Fate.kept]


def test_a_window_and_a_paused_zone_are_felt():
    history = [slot_order(n, 17) for n in range(2)]
    storm = Window(time(16), time(21))
    closed = replay(replace(WORLD, windows=(storm,)), history, TERMS).outcomes
    assert {o.fate for o in closed} == {Fate.moved} and closed[0].why is ReasonCode.slot_traffic
    paused = change_world(WORLD, Scenario(zones={"7": {"active": False}}), ())
    lost = replay(paused, history, TERMS).outcomes
    assert {(o.fate, o.why) for o in lost} == {(Fate.lost, ReasonCode.zone_inactive)}


def test_fewer_drivers_are_late():
    history = [Past(n, f"A-{n}", MONDAY + timedelta(minutes=n), "33129", 1, Mode.asap) for n in range(2)]
    history += [slot_order(n, 15) for n in range(2, 4)]
    carry_one = Terms(drivers=1, carry=1)
    late = [one.late_minutes for one in replay(WORLD, history, carry_one).outcomes]
    assert late[0] == 0 and late[1] > 0
    many = replay(WORLD, history, Terms(drivers=4, carry=1))
    assert not any(one.late_minutes for one in many.outcomes)
    assert all(one.arrives_at and one.arrives_at >= ready_at(one) for one in many.outcomes)
    assert sum(many.busy.values()) == 4 * 2 * 20


def test_a_scenario_survives_json_and_changes_the_world():
    scenario = Scenario(
        capacity_percent=50,
        band={"weekdays": [0], "from_hour": 17, "until_hour": 19, "capacity": 9},
        policy={"lead_minutes": 60, "slot_minutes": 30},
        windows_off=(4,),
        window={"from": "17:00", "to": "19:00", "closed": True, "weekdays": [0], "zone_ids": [7]},
    )
    again = Scenario.load(scenario.dump())
    assert again == scenario and again.changes_settings and not Scenario(drivers=1).changes_settings
    tried = change_world(WORLD, again, ())
    assert tried.places[0].slot_capacity == 1 and tried.places[0].hourly == {(0, 17): 9, (0, 18): 9}
    assert (tried.policy.lead_minutes, tried.policy.length_minutes) == (60, 30)
    assert tried.windows[0].zone_ids == frozenset({7})
