"""Amounts as providers write them, and our references in twenty characters."""

import pytest

from app.payments.gateways import names, wire
from app.payments.ports import Refused


@pytest.mark.parametrize(
    ("given", "currency", "expected"),
    [("10000.00", "IDR", 10_000), ("10000", "IDR", 10_000), (10_000, "IDR", 10_000), ("12.5", "USD", 1250),
     ("0.01", "USD", 1), ("1e2", "USD", 10_000)],
)  # fmt: skip
def test_amounts_as_they_are_written(given: object, currency: str, expected: int) -> None:
    assert wire.minor(given, currency) == expected


@pytest.mark.parametrize(
    "given", ["", "x", "12.345", None, True, [], "NaN", "Infinity", "1,000.00", "1e999999999", "1e99999"]
)
def test_what_is_no_amount_is_never_rounded(given: object) -> None:
    with pytest.raises(ValueError):
        wire.minor(given, "USD")


@pytest.mark.parametrize(
    ("ours", "short"),
    [
        ("MIA-20261121-A9F3_pay1", "MIA261121A9F3p1"),
        ("MIA-20261121-A9F3_ref12", "MIA261121A9F3r12"),
        ("J4K2-20261121-0000_pay99999", "J4K22611210000p99999"),
    ],
)
def test_references_fit_into_twenty_characters_and_come_back(ours: str, short: str) -> None:
    assert names.shorten(ours) == short and len(short) <= 20
    assert names.lengthen(short) == ours


def test_a_reference_that_is_none_of_ours() -> None:
    assert names.lengthen("19102146534003137356") == ""
    assert names.lengthen(None, "", "somebody's", "MIA261121A9F3p1") == "MIA-20261121-A9F3_pay1"
    assert names.lengthen("A_pay1") == "A_pay1"
    assert names.shorten("short") == "short"
    with pytest.raises(Refused):
        names.shorten("JAKA-20261121-A9F3_pay1000000")
