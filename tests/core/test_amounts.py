"""What people type for money and percent."""

import pytest

from app.core.amounts import parse_money, parse_percent, show_percent, show_plain
from app.core.errors import InvalidInput


@pytest.fixture(autouse=True)
def words(app):
    with app.test_request_context(base_url="http://miami.localhost"):
        yield


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("12.50", "USD", 1250),
        ("12,50", "USD", 1250),
        ("$1,040.00", "USD", 104000),
        ("150,000", "IDR", 150000),
        ("12.5", "USD", 1250),
        ("12", "USD", 1200),
        (" $12.50 ", "USD", 1250),
        (".5", "USD", 50),
        ("0", "USD", 0),
        ("1,234.50", "USD", 123450),
        ("1.234,50", "USD", 123450),
        ("1 234,50", "USD", 123450),
        ("1\N{NO-BREAK SPACE}234,50", "USD", 123450),
        ("12000", "IDR", 12000),
        ("12.000", "IDR", 12000),
        ("12,000", "IDR", 12000),
        ("Rp 1.250.000", "IDR", 1250000),
    ],
)
def test_amounts_that_are_understood(typed, currency, minor):
    assert parse_money(typed, currency) == minor


@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        pytest.param("", "USD", id="nothing"),
        pytest.param("free", "USD", id="a word"),
        pytest.param("-1", "USD", id="less than nothing"),
        pytest.param("1.234", "USD", id="a thousand or a bit more than one"),
        pytest.param("12.345", "USD", id="three decimals"),
        pytest.param("1,23.50", "USD", id="groups of two"),
        pytest.param("12.50", "IDR", id="decimals where there are none"),
        pytest.param("1e9", "USD", id="science"),
        pytest.param("٣", "USD", id="other figures"),
        pytest.param("9" * 15, "USD", id="more than there is"),
    ],
)
def test_amounts_that_are_refused(typed, currency):
    with pytest.raises(InvalidInput):
        parse_money(typed, currency)


@pytest.mark.parametrize("minor", [0, 5, 50, 1250, 123450])
def test_what_is_shown_reads_back(minor):
    assert parse_money(show_plain(minor, "USD"), "USD") == minor
    assert parse_money(show_plain(minor, "IDR"), "IDR") == minor


@pytest.mark.parametrize(
    ("typed", "points"), [("7", 700), ("7.25", 725), ("7,5 %", 750), ("0", 0), ("100", 10000)]
)
def test_percent(typed, points):
    assert parse_percent(typed, "rate") == points
    assert parse_percent(show_percent(points), "rate") == points


@pytest.mark.parametrize("typed", ["", "seven", "-1", "101", "7.255"])
def test_percent_refused(typed):
    with pytest.raises(InvalidInput):
        parse_percent(typed, "rate")
