"""The promise by examples: where, express, slots, and the reason for every absence."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from app import promise
from app.promise import (
    Booking,
    HandOver,
    Mode,
    Perks,
    ReasonCode,
    SlotPolicy,
    express_limit,
    normalize_zip,
    options,
    slot_at,
)
from app.promise.types import Ask
from tests.promise.cast import (
    ALL_DAY,
    BEACH,
    GROVE,
    MAIN,
    MIAMI,
    ask,
    at,
    booked,
    choose,
    code,
    opened,
    slot_of,
)

# --- where -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "country", "result"),
    [
        ("33129", "US", "33129"),
        (" 33129-1234 ", "US", "33129"),
        ("331291234", "US", "33129"),
        ("3312", "US", None),
        ("33129-12", "US", None),
        ("ABCDE", "US", None),
        ("", "US", None),
        ("３３１２９", "US", None),
        ("33129\n33130", "US", None),
        ("12190", "ID", "12190"),
        ("12190-1234", "ID", None),
    ],
)
def test_zip_codes(text, country, result):
    assert normalize_zip(text, country) == result


def test_a_country_nobody_taught_us_is_an_error():
    with pytest.raises(KeyError):
        normalize_zip("1010", "AT")


PAUSED = replace(GROVE, id=9, name="Paused", active=False)


@pytest.mark.parametrize(
    ("world", "zip_code", "reason"),
    [
        (MIAMI, "3312", ReasonCode.zip_malformed),
        (MIAMI, "33186", ReasonCode.zip_outside),
        (replace(MIAMI, areas=(PAUSED,)), "33133", ReasonCode.zone_inactive),
        (
            replace(MIAMI, areas=(replace(GROVE, express=False, slots=False),)),
            "33133",
            ReasonCode.zone_inactive,
        ),
        (replace(MIAMI, places=()), "33133", ReasonCode.zone_inactive),
        (
            replace(MIAMI, places=(replace(MAIN, kinds=frozenset({HandOver.pickup})),)),
            "33133",
            ReasonCode.driver_off,
        ),
    ],
)
def test_where_we_do_not_deliver(world, zip_code, reason):
    found = options(world, ask(zip=zip_code))
    assert (found.area, found.place, found.slots, found.express.offered) == (None, None, (), False)
    assert code(found.reason) == code(found.slots_reason) == code(found.express.reason) == reason
    assert found.message == found.reason.message != ""
    for mode in Mode:
        assert code(choose(world, ask(zip=zip_code), mode, at("2026-11-20 14:00"))) == reason


def test_an_active_zone_goes_before_a_paused_one_and_the_branch_asked_for_before_others():
    other = replace(GROVE, id=8, branch_id=2)
    world = replace(MIAMI, places=(MAIN, replace(MAIN, id=2)), areas=(PAUSED, GROVE, other))
    assert options(world, ask()).area.id == 1
    assert options(world, ask(branch_id=2)).area.id == 8
    assert options(world, ask(zip="33133-0001")).zip == "33133"


def test_below_the_minimum_everything_is_shown_and_nothing_can_be_placed():
    found = options(MIAMI, ask(goods_minor=2000))
    assert found.express.offered and found.slots_reason is None and found.reason is None
    assert found.message == "Add $5.00 more. The minimum order for Brickell–Coconut Grove is $25.00."
    for mode in Mode:
        refused = choose(MIAMI, ask(goods_minor=2000), mode, at("2026-11-20 14:00"))
        assert code(refused) == ReasonCode.below_minimum
    assert options(MIAMI, ask(goods_minor=2500)).message == ""


# --- express -----------------------------------------------------------------------------------------------


def test_express_while_open():
    found = options(MIAMI, ask())
    assert found.express == promise.types.Offer(True, None, (35, 50), 590)
    assert (found.next_opening, found.reason) == (None, None)
    assert choose(MIAMI, ask(), Mode.asap) is None


@pytest.mark.parametrize(
    ("now", "opens", "words"),
    [
        ("2026-11-20 08:59", "2026-11-20 09:00", "Fri 9:00 AM"),
        ("2026-11-20 21:00", "2026-11-21 09:00", "Sat 9:00 AM"),
    ],
)
def test_closed_now_says_when_it_opens_and_still_offers_slots(now, opens, words):
    found = options(MIAMI, ask(now))
    assert code(found.express.reason) == ReasonCode.closed_now
    assert found.next_opening == at(opens)
    assert found.express.reason.message == f"We are closed now and open again {words}."
    assert any(slot.offered for slot in found.slots)
    assert found.reason is None


def test_the_perk_of_all_hours_lifts_it_for_express():
    night = ask("2026-11-20 23:00", perks=Perks(always_open=True))
    assert options(MIAMI, night).express.offered
    assert options(MIAMI, night).next_opening == at("2026-11-21 09:00")


def test_closed_for_good():
    found = options(opened(MIAMI, {}), ask())
    assert code(found.express.reason) == ReasonCode.closed_for_days
    assert (code(found.reason), found.next_opening) == (ReasonCode.nothing_left, None)
    assert code(found.pickup[0].reason) == ReasonCode.closed_for_days


@pytest.mark.parametrize(
    ("area", "express", "slots", "whole"),
    [
        pytest.param(replace(GROVE, express=False), ReasonCode.express_off, None, None, id="slots only"),
        pytest.param(replace(GROVE, slots=False), None, ReasonCode.slots_off, None, id="express only"),
    ],
)
def test_a_zone_may_do_only_one_of_the_two(area, express, slots, whole):
    world = replace(MIAMI, areas=(area,))
    found = options(world, ask())
    assert [code(x) for x in (found.express.reason, found.slots_reason, found.reason)] == [
        express,
        slots,
        whole,
    ]
    assert code(choose(world, ask(), Mode.slot, at("2026-11-20 14:00"))) == slots


def test_express_only_and_closed_has_the_hours_as_its_reason():
    found = options(replace(MIAMI, areas=(replace(GROVE, slots=False),)), ask("2026-11-20 22:00"))
    assert code(found.reason) == ReasonCode.closed_now


@pytest.mark.parametrize(
    ("share_bp", "taken", "full"),
    [(10_000, 5, False), (10_000, 6, True), (5_000, 2, False), (5_000, 3, True), (0, 0, True)],
)
def test_express_takes_its_share_of_the_current_slot(share_bp, taken, full):
    world = booked(replace(MIAMI, policy=SlotPolicy(express_share_bp=share_bp)), d20_1000=Booking(6, taken))
    assert (code(options(world, ask()).express.reason) == ReasonCode.express_full) is full


def test_the_share_is_rounded_up_so_that_a_small_one_is_not_none():
    assert [express_limit(SlotPolicy(express_share_bp=bp), 6) for bp in (0, 1, 5000, 10_000)] == [0, 1, 3, 6]


def test_the_current_slot():
    assert slot_at(MIAMI, at("2026-11-20 10:14")) == datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    assert slot_at(MIAMI, at("2026-11-20 10:15")) == datetime(2026, 11, 20, 15, 15, tzinfo=UTC)


# --- slots -------------------------------------------------------------------------------------------------


def test_three_days_of_quarters_from_the_hours():
    found = options(MIAMI, ask())
    assert found.slots[0].starts_at == at("2026-11-20 10:15")
    assert found.slots[-1].ends_at == at("2026-11-22 21:00")
    assert len(found.slots) == 43 + 48 + 48
    assert {slot.left for slot in found.slots} == {6}


@pytest.mark.parametrize(
    ("taken", "left", "reason"),
    [
        (Booking(6, 5), 1, None),
        (Booking(6, 6), 0, ReasonCode.slot_full),
        (Booking(2, 6), 0, ReasonCode.slot_full),
        (Booking(0, 0), 0, ReasonCode.slot_closed),
    ],
)
def test_places_left(taken, left, reason):
    world = booked(MIAMI, d20_1400=taken)
    slot = slot_of(options(world, ask()), "2026-11-20 14:00")
    assert (slot.left, slot.offered, code(slot.reason)) == (left, reason is None, reason)
    assert code(choose(world, ask(), Mode.slot, at("2026-11-20 14:00"))) == reason


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ("2026-11-20 10:30", ReasonCode.slot_lead_time),
        ("2026-11-20 10:45", None),
        ("2026-11-20 10:00", ReasonCode.slot_past),
        ("2026-11-19 10:00", ReasonCode.slot_past),
        ("2026-11-20 20:45", None),
        ("2026-11-20 21:00", ReasonCode.slot_unknown),
        ("2026-11-20 14:05", ReasonCode.slot_unknown),
        ("2026-11-23 10:00", ReasonCode.slot_unknown),
    ],
)
def test_one_choice_of_slot(wish, reason):
    assert code(choose(MIAMI, ask(), Mode.slot, at(wish))) == reason
    assert code(choose(MIAMI, ask(), Mode.slot, at(wish).astimezone(UTC))) == reason


def test_the_lead_time_itself_is_enough():
    assert choose(MIAMI, ask("2026-11-20 10:15"), Mode.slot, at("2026-11-20 10:45")) is None
    refused = choose(MIAMI, ask("2026-11-20 10:16"), Mode.slot, at("2026-11-20 10:45"))
    assert "30 min" in refused.message


def test_no_slot_given_and_a_naive_one():
    assert code(choose(MIAMI, ask(), Mode.slot)) == ReasonCode.slot_unknown
    with pytest.raises(ValueError, match="aware"):
        choose(MIAMI, ask(), Mode.slot, at("2026-11-20 14:00").replace(tzinfo=None))


def test_hours_that_cross_midnight_and_start_off_the_grid():
    late = {4: ((time(22, 5), time(1)),)}  # Fridays
    found = options(opened(MIAMI, late), ask("2026-11-20 10:00"))
    assert [f"{slot.starts_at:%d %H:%M}" for slot in found.slots] == [
        *["20 22:15", "20 22:30", "20 22:45", "20 23:00", "20 23:15", "20 23:30", "20 23:45"],
        *["21 00:00", "21 00:15", "21 00:30", "21 00:45"],
    ]
    assert options(opened(MIAMI, late), ask("2026-11-21 00:30")).express.offered


def test_a_dated_exception_replaces_the_weekday():
    days = {date(2026, 11, 20): (), date(2026, 11, 21): ((time(10), time(11)), (time(10, 30), time(11, 30)))}
    found = options(opened(MIAMI, MAIN.weekly, exceptions=days), ask())
    per_day = [sum(slot.starts_at.day == day for slot in found.slots) for day in (20, 21, 22)]
    assert per_day == [0, 6, 48]
    assert found.next_opening == at("2026-11-21 10:00")


def test_the_last_night_of_the_horizon_ends_at_midnight():
    found = options(opened(MIAMI, ALL_DAY), ask("2026-11-20 00:00"))
    assert found.slots[-1].starts_at == at("2026-11-22 23:45")
    assert len(found.slots) == 3 * 96 - 1  # the slot of this very minute has begun


def test_all_full_says_so():
    world = opened(MIAMI, MAIN.weekly, slot_capacity=0)
    found = options(world, ask("2026-11-20 22:00"))
    assert code(found.slots_reason) == code(found.reason) == ReasonCode.nothing_left
    assert code(choose(world, ask(), Mode.slot, at("2026-11-20 14:00"))) == ReasonCode.slot_closed


@pytest.mark.parametrize("length", [0, -15, 7, 45, 90])
def test_a_slot_length_off_the_hour_is_refused(length):
    with pytest.raises(ValueError, match="divides an hour"):
        SlotPolicy(length_minutes=length)


# --- the rest -------------------------------------------------------------------------------------------------


def test_a_question_needs_an_aware_time():
    with pytest.raises(ValueError, match="aware"):
        Ask(at("2026-11-20 14:00").replace(tzinfo=None))


def test_another_zone_is_not_touched_by_a_paused_one():
    assert options(replace(MIAMI, areas=(PAUSED, BEACH)), ask(zip="33139")).express.fee_minor == 790


def test_the_front_door():
    assert all(hasattr(promise, name) for name in promise.__all__)


# --- at any hour -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zip_code", ["33133", "33139", "33129", "99999", "3312"])
@pytest.mark.parametrize("goods_minor", [100, 5000])
@pytest.mark.parametrize("now", ["2026-11-20 10:03", "2026-11-20 03:00", "2026-11-20 18:00"])
def test_terms_are_the_options_without_the_hours(zip_code, goods_minor, now):
    asked = ask(now, zip=zip_code, goods_minor=goods_minor)
    found, offered = promise.terms(MIAMI, asked), options(MIAMI, asked)
    if isinstance(found, promise.Reason):
        assert (offered.area, offered.reason) == (None, found)
        return
    assert found == promise.Terms(offered.zip, offered.area, offered.place, offered.fee, offered.notice)
    full = booked(opened(MIAMI, {}), d20_1015=Booking(1, 1))
    assert promise.terms(full, asked).area == found.area
