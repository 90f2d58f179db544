"""First expired, first out; and a moving average that never loses a cent."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.inventory.rules import LotUnits, band_of, cost_of, pick, shrink

TODAY = date(2026, 11, 20)


def lot(key: int, units: int, days: int | None) -> LotUnits:
    return LotUnits(key, units, None if days is None else TODAY + timedelta(days=days))


@pytest.mark.parametrize(
    ("lots", "unlotted", "wanted", "slices"),
    [
        pytest.param([lot(1, 5, 90), lot(2, 5, 10)], 0, 3, [(2, 3)], id="the earlier date first"),
        pytest.param([lot(1, 5, 90), lot(2, 2, 10)], 0, 4, [(2, 2), (1, 2)], id="then the next"),
        pytest.param([lot(1, 5, 0)], 0, 5, [(1, 5)], id="the last day is a good day"),
        pytest.param([lot(1, 5, -1)], 0, 1, None, id="past its date"),
        pytest.param([lot(1, 5, -1)], 2, 2, [(None, 2)], id="round what is past its date"),
        pytest.param(
            [lot(1, 2, None), lot(2, 2, 400)], 1, 5, [(2, 2), (1, 2), (None, 1)], id="no date, no lot"
        ),
        pytest.param([lot(2, 1, 9), lot(1, 1, 9)], 0, 1, [(1, 1)], id="same date: the older lot"),
        pytest.param([], 3, 4, None, id="not enough"),
    ],
)
def test_what_leaves_first(lots, unlotted, wanted, slices):
    assert pick(lots, unlotted, wanted, TODAY) == slices


def test_a_count_takes_what_has_no_lot_first_and_expired_goods_too():
    assert shrink([lot(1, 2, -5), lot(2, 2, 5)], 1, 4) == [(None, 1), (1, 2), (2, 1)]


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (None, "none"),
        (-1, "past"),
        (0, "30"),
        (30, "30"),
        (31, "60"),
        (90, "90"),
        (180, "180"),
        (181, "later"),
    ],
)
def test_bands(days, band):
    assert band_of(None if days is None else TODAY + timedelta(days=days), TODAY) == band


@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(0, 100_000)), min_size=1, max_size=8),
    st.lists(st.integers(1, 60), max_size=30),
)
def test_what_leaves_costs_together_exactly_what_came(receipts, takes):
    units, value, out = sum(n for n, _cost in receipts), sum(n * cost for n, cost in receipts), 0
    came = value
    for wanted in [*takes, 10_000]:
        part = min(wanted, units)
        cost = cost_of(value, units, part)
        assert 0 <= cost <= value
        units, value, out = units - part, value - cost, out + cost
    assert (units, value, out) == (0, 0, came)
