"""What holds for every promise, whatever the hours, rules, counts and moment."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from app.promise import (
    Area,
    Ask,
    Band,
    Booking,
    Closure,
    Counts,
    HandOver,
    Mode,
    Perks,
    Place,
    SlotPolicy,
    Spot,
    Window,
    World,
    booking_of,
    explain,
    express_offer,
    load_of,
    options,
)
from tests.promise.cast import JAKARTA, NEW_YORK, choose

FIRST_DAYS = [date(2026, 10, 31), date(2026, 11, 20), date(2027, 3, 13)]
clock_times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 5, 15, 30, 45]))
intervals = st.lists(st.tuples(clock_times, clock_times), max_size=3).map(tuple)
windows = st.builds(
    Window,
    from_time=clock_times,
    to_time=clock_times,
    closed=st.booleans(),
    extra_minutes=st.integers(1, 60),
    weekdays=st.frozensets(st.integers(0, 6), max_size=3),
    zips=st.sampled_from([frozenset(), frozenset({"33133"}), frozenset({"33139"})]),
    note=st.sampled_from([{}, {"en": "Parade."}]),
)


bands = st.lists(
    st.builds(Band, st.integers(1, 9000), st.integers(0, 900)), max_size=3, unique_by=lambda band: band[0]
).map(lambda found: tuple(sorted(found)))
areas = st.builds(
    Area,
    st.just(1),
    st.just("Zone"),
    st.just(frozenset({"33133"})),
    st.just(1),
    st.just(500),
    bands=bands,
    outline=st.sampled_from([None, None, box(-0.05, -0.05, 0.05, 0.05), box(1, 1, 2, 2)]),
    beyond=st.sampled_from([{}, {"33186": 1200}]),
    minimum_minor=st.sampled_from([0, 2500]),
    express=st.booleans(),
    slots=st.booleans(),
    active=st.booleans(),
)


def asks(now):
    return st.builds(
        Ask,
        st.just(now),
        st.sampled_from(["33133", "33133-0001", "33186", "33010", "x"]),
        st.sampled_from(HandOver),
        st.sampled_from([None, 1, 2]),
        st.sampled_from([0, 5000]),
        st.builds(Perks, st.booleans(), st.booleans()),
        st.sampled_from([None, Spot(0.01, 0.01), Spot(0.04, 0.04, exact=False), Spot(0.5, 0.5)]),
        st.integers(1, 5),
    )


def places(draw):
    return Place(
        1,
        "main",
        "Main",
        0.0,
        0.0,
        weekly=draw(st.dictionaries(st.integers(0, 6), intervals, max_size=7)),
        exceptions=draw(st.dictionaries(st.sampled_from(FIRST_DAYS), intervals, max_size=2)),
        kinds=draw(st.sampled_from([frozenset(HandOver), frozenset({HandOver.driver})])),
        slot_capacity=draw(st.integers(0, 3)),
        hourly=draw(
            st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 23)), st.integers(0, 3), max_size=6)
        ),
    )


@st.composite
def worlds(draw):
    zone = draw(st.sampled_from([NEW_YORK, JAKARTA]))
    first = draw(st.sampled_from(FIRST_DAYS))
    place = places(draw)
    area = draw(areas)
    policy = SlotPolicy(draw(st.sampled_from([15, 30])), draw(st.integers(1, 3)), draw(st.integers(0, 90)))
    now = datetime.combine(first, draw(clock_times), tzinfo=zone)
    quarters = st.integers(0, 4 * 72).map(
        lambda i: (1, datetime.combine(first, time(), tzinfo=UTC) + timedelta(minutes=15 * i))
    )
    booked = draw(
        st.dictionaries(
            quarters,
            st.builds(Booking, st.integers(0, 3), st.integers(0, 3), st.sampled_from(Counts)),
            max_size=9,
        )
    )
    shut = st.builds(
        lambda key, hours: Closure(1, key[1], key[1] + timedelta(hours=hours), {"en": "Storm."}),
        quarters,
        st.integers(1, 30),
    )
    world = World(
        zone,
        "US",
        "USD",
        (place,),
        (area,),
        policy,
        booked,
        tuple(draw(st.lists(windows, max_size=3))),
        tuple(draw(st.lists(shut, max_size=2))),
    )
    return world, draw(asks(now))


def is_open(place, zone, start, length):
    """A second opinion on the hours, minute by minute on the wall clock."""
    for minute in range(0, length, 5):
        local = (start + timedelta(minutes=minute)).astimezone(zone)
        hours = [(local.date(), 0), (local.date() - timedelta(days=1), 1)]
        if not any(
            covers(interval, local, night)
            for day, night in hours
            for interval in place.exceptions.get(day, place.weekly.get(day.weekday(), ()))
        ):
            return False
    return True


def covers(interval, local, night):
    since, until = interval
    clock = local.time().replace(tzinfo=None)
    if since < until:
        return not night and since <= clock < until
    return clock < until if night else clock >= since


def is_shut(world, ask, start, length):
    """A second opinion on closed windows, minute by minute on the wall clock."""
    for window in world.windows:
        if not window.closed or (window.zips and "33133" not in window.zips):
            continue
        for minute in range(0, length, 5):
            local = (start + timedelta(minutes=minute)).astimezone(world.timezone)
            for day, night in ((local.date(), 0), (local.date() - timedelta(days=1), 1)):
                named = not window.weekdays or day.weekday() in window.weekdays
                if named and covers((window.from_time, window.to_time), local, night):
                    return True
    return False


SLOW = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=150)


@SLOW
@given(worlds())
def test_nothing_is_offered_that_cannot_be_kept(drawn):
    world, ask = drawn
    length = world.policy.length_minutes
    for slot in options(world, ask).slots:
        start = slot.starts_at.astimezone(UTC)
        if not slot.offered:
            continue
        capacity, taken, counts = booking_of(world, world.places[0], start)
        weight = min(load_of(ask.items, ask.goods_minor, "USD").of(counts), capacity)
        assert taken < capacity and slot.left == capacity - taken
        assert taken + weight <= capacity
        for closure in world.closures:
            assert start + timedelta(minutes=length) <= closure.starts_at or closure.ends_at <= start
        assert start >= ask.now + timedelta(minutes=world.policy.lead_minutes)
        assert start > ask.now
        assert is_open(world.places[0], world.timezone, start, length)
        assert not is_shut(world, ask, start, length)
        assert slot.starts_at.minute % length == 0


@SLOW
@given(worlds())
def test_every_absence_has_a_reason_and_no_offer_has_one(drawn):
    found = options(*drawn)
    for offer in (found.express, *found.slots, *found.pickup):
        assert offer.offered == (offer.reason is None)
        assert offer.offered or str(offer.reason)
    slots_offered = any(slot.offered for slot in found.slots)
    assert slots_offered == (found.slots_reason is None)
    assert (found.reason is None) == (found.express.offered or slots_offered)


@SLOW
@given(worlds())
def test_slots_strictly_increase(drawn):
    found = options(*drawn).slots
    length = timedelta(minutes=drawn[0].policy.length_minutes)
    for one, other in pairwise(slot.starts_at.astimezone(UTC) for slot in found):
        assert other - one >= length
    walls = [slot.starts_at.replace(tzinfo=None, fold=0) for slot in found]
    assert walls == sorted(set(walls))


@SLOW
@given(worlds())
def test_no_slot_between_is_forgotten(drawn):
    world, ask = drawn
    found = options(world, ask)
    if found.area is None or not found.area.slots:
        return
    shown = {slot.starts_at.astimezone(UTC) for slot in found.slots}
    length = world.policy.length_minutes
    today = ask.now.astimezone(world.timezone).date()
    start = datetime.combine(today, time(), tzinfo=world.timezone).astimezone(UTC)
    while (local := start.astimezone(world.timezone)).date() < today + timedelta(
        days=world.policy.horizon_days
    ):
        # The nights of change are in their own tables; here the plain hours.
        if (
            start > ask.now
            and not local.fold
            and local.hour > 3
            and is_open(world.places[0], world.timezone, start, length)
        ):
            assert start in shown
        start += timedelta(minutes=length)


@SLOW
@given(worlds(), st.data())
def test_a_choice_is_refused_exactly_when_it_is_not_offered(drawn, data):
    world, ask = drawn
    found = options(world, ask)
    assert choose(world, ask, Mode.asap) == (found.express.reason or found.notice)
    if found.slots:
        slot = data.draw(st.sampled_from(found.slots))
        assert choose(world, ask, Mode.slot, slot.starts_at) == (slot.reason or found.notice)


@SLOW
@given(worlds())
def test_express_asked_alone_is_express_among_all(drawn):
    world, ask = drawn
    ask = replace(ask, kind=HandOver.driver)
    assert express_offer(world, ask) == options(world, ask).express


@SLOW
@given(worlds())
def test_a_zone_is_where_its_outline_or_its_zips_are(drawn):
    """A second opinion on where: the square of the outline by plain comparison."""
    world, ask = drawn
    area, found = world.areas[0], options(world, ask)
    if ask.kind is not HandOver.driver or found.area is None:
        return
    spot = ask.spot
    inside = area.outline is not None and spot is not None and abs(spot.lat) <= 0.05 and area.outline.area < 1
    if found.fee.beyond:
        assert ask.perks.beyond_zones and found.zip in area.beyond
    elif area.outline is not None and spot is not None and spot.exact:
        assert inside
    else:
        assert inside or found.zip in area.zips


@SLOW
@given(worlds())
def test_the_fee_is_the_zone_and_the_farthest_band(drawn):
    world, ask = drawn
    found = options(world, ask)
    if found.area is None or found.fee is None:
        return
    reached = [band for band in world.areas[0].bands if (found.fee.metres or 0) >= band.from_metres]
    extra = 0 if found.fee.beyond or not reached else reached[-1].extra_minor
    base = 1200 if found.fee.beyond else 500
    assert found.fee.total_minor == found.area.fee_minor == base + extra
    if found.express.offered:
        assert found.express.fee_minor == base + extra


@SLOW
@given(worlds())
def test_every_absence_is_explained_and_nothing_else(drawn):
    world, ask = drawn
    found = options(world, ask)
    said = explain(world, found)
    assert all(why.message for why in said)
    codes = {why.code for why in said if not why.offered}
    if ask.kind is HandOver.driver and found.area is not None:
        absent = {slot.reason.code.value for slot in found.slots if slot.reason}
        assert absent <= codes
        assert found.express.offered or found.express.reason.code.value in codes
    elif ask.kind is HandOver.driver:
        assert found.reason.code.value in codes


@SLOW
@given(worlds())
def test_asking_twice_gives_the_same(drawn):
    assert options(*drawn) == options(*drawn)
