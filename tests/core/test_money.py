"""Splits are exact and fair, roundings are the documented ones, amounts read as people write them."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import allocate, apply_bp, divide_half_up, exponent, format_money, language_tag

weights = st.lists(st.integers(0, 10**7), min_size=1, max_size=12).filter(any)


@pytest.mark.parametrize(
    ("total", "shares", "parts"),
    [
        pytest.param(100, [1, 1, 1], [34, 33, 33], id="a tie goes to the earlier"),
        pytest.param(100, [1, 2, 1], [25, 50, 25], id="nothing left over"),
        pytest.param(10, [0, 3, 0], [0, 10, 0], id="zero weights get nothing"),
        pytest.param(5, [1, 1, 3], [1, 1, 3], id="in proportion"),
        pytest.param(1, [1, 9], [0, 1], id="the largest remainder takes the only unit"),
        pytest.param(0, [0, 0], [0, 0], id="nothing to split"),
        pytest.param(0, [], [], id="nobody"),
    ],
)
def test_a_split_by_largest_remainder(total, shares, parts):
    assert allocate(total, shares) == parts


@pytest.mark.parametrize(("total", "shares"), [(-1, [1]), (1, [2, -1]), (1, [0, 0]), (1, [])])
def test_a_split_that_makes_no_sense_is_refused(total, shares):
    with pytest.raises(ValueError, match=r"allocate|weight"):
        allocate(total, shares)


@given(st.integers(0, 10**9), weights)
def test_parts_sum_to_the_whole_and_stay_within_one_unit_of_fair(total, shares):
    parts = allocate(total, shares)
    assert sum(parts) == total
    for part, share in zip(parts, shares, strict=True):
        assert abs(Fraction(total * share, sum(shares)) - part) < 1


@given(st.integers(0, 10**6), weights)
def test_a_heavier_weight_never_gets_less(total, shares):
    pairs = sorted(zip(shares, allocate(total, shares), strict=True))
    for (light, less), (heavy, more) in pairwise(pairs):
        assert light == heavy or less <= more


@pytest.mark.parametrize(
    ("amount", "bp", "result"),
    [
        (1050, 700, 74),
        (1049, 700, 73),
        (50, 100, 1),
        (49, 100, 0),
        (-50, 100, 0),
        (-51, 100, -1),
        (0, 700, 0),
    ],
)
def test_basis_points_round_a_half_up(amount, bp, result):
    assert apply_bp(amount, bp) == result


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6))
def test_division_is_never_off_by_more_than_a_half(numerator, denominator):
    error = divide_half_up(numerator, denominator) - Fraction(numerator, denominator)
    assert Fraction(-1, 2) < error <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        (123456, "USD", "en", "$1,234.56"),
        (-714, "USD", "en", "\u2212$7.14"),
        (-714, "USD", "ru", "\u22127,14\xa0$"),
        (123456, "USD", "es", "$1,234.56"),
        (5, "USD", "en", "$0.05"),
        (0, "USD", "en", "$0.00"),
        (12000, "IDR", "en", "Rp\xa012,000"),
        (12000, "IDR", "ru", "12\xa0000\xa0Rp"),
        (-12000, "IDR", "es", "\u2212Rp\xa012,000"),
        (1050, "EUR", "en", "€10.50"),
    ],
)
def test_money_reads_as_people_write_it(amount, currency, locale, text):
    assert format_money(amount, currency, locale) == text


def test_the_minor_unit_is_what_can_be_paid():
    assert [exponent(c) for c in ("USD", "IDR", "JPY", "KWD")] == [2, 0, 0, 3]


def test_a_browser_writes_spanish_as_the_pages_do():
    assert [language_tag(locale) for locale in ("en", "ru", "es")] == ["en", "ru", "es-US"]
