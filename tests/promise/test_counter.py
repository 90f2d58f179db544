"""Pickup: which counter, when, and why not."""

from dataclasses import replace

import pytest

from app.promise import (
    HandOver,
    Mode,
    ReasonCode,
    options,
)
from tests.promise.cast import (
    MAIN,
    MIAMI,
    NEW_YORK,
    ask,
    at,
    choose,
    code,
    pickup,
)

BRANCHES = replace(
    MIAMI,
    places=(
        replace(MAIN, kinds=frozenset({HandOver.driver})),
        replace(MAIN, id=2, code="slow", name="Slow", pickup_minutes=45),
        replace(MAIN, id=3, code="fast", name="Fast"),
    ),
)


def test_the_first_counter_that_has_it():
    found = options(BRANCHES, pickup())
    assert [(c.place.code, c.offered, code(c.reason)) for c in found.pickup] == [
        ("main", False, ReasonCode.pickup_off),
        ("slow", True, None),
        ("fast", True, None),
    ]
    assert (found.place.code, found.express.eta_minutes, found.express.fee_minor) == ("fast", (20, 20), 0)
    assert found.pickup[2].ready_at == at("2026-11-20 10:23")
    assert found.pickup[2].ready_at.tzinfo is NEW_YORK
    assert (found.reason, code(found.slots_reason)) == (None, ReasonCode.pickup_untimed)


@pytest.mark.parametrize(
    ("branch", "asap"),
    [(None, None), (1, ReasonCode.pickup_off), (2, None), (7, ReasonCode.branch_unknown)],
)
def test_the_choice_of_a_counter(branch, asap):
    assert code(choose(BRANCHES, pickup(branch_id=branch), Mode.asap)) == asap
    assert code(options(BRANCHES, pickup(branch_id=branch)).reason) == asap
    slot = choose(BRANCHES, pickup(branch_id=branch), Mode.slot, at("2026-11-20 14:00"))
    assert code(slot) == ReasonCode.pickup_untimed


def test_an_order_near_closing_waits_for_the_next_opening():
    late = options(MIAMI, pickup("2026-11-20 20:41"))
    assert late.pickup[0].ready_at == at("2026-11-21 09:20")
    assert options(MIAMI, pickup("2026-11-20 20:40")).pickup[0].ready_at == at("2026-11-20 21:00")
    assert options(MIAMI, pickup("2026-11-20 22:00")).next_opening == at("2026-11-21 09:00")


def test_delivery_lists_the_counters_too():
    assert len(options(BRANCHES, ask(zip="33186")).pickup) == 3
    assert len(options(BRANCHES, ask(branch_id=2)).pickup) == 3
