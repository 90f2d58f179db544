"""Money is an integer of minor units and a currency; every split and every rounding of the platform is here.

The minor unit is the smallest amount a customer can pay: cents for USD (exponent 2), whole rupiah for IDR.
CLDR and ISO 4217 give the rupiah two decimals, but no sen circulates and the Indonesian gateways take whole
rupiah only, so IDR has exponent 0 here: `12000` is Rp 12,000.
"""

from collections.abc import Sequence
from copy import copy
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import NumberPattern, get_currency_precision, get_currency_symbol, get_decimal_symbol

Minor = int
"""An amount in the currency's minor unit (a column of it is `app.core.db.Minor`)."""

BP = 10_000
"""Basis points in a whole: 725 bp are 7.25 %."""

_EXPONENTS = {"IDR": 0}
_SYMBOLS = {"IDR": "Rp", "USD": "$"}
"""The sign people of the country use, where CLDR would print the ISO code or "US$" to its neighbours."""
_REGIONS = {"es": "es_US"}
"""Spanish is read in the United States here: $1,234.56, as on every label in the shop."""

_MINUS = "\N{MINUS SIGN}"
_NBSP = "\N{NO-BREAK SPACE}"


def allocate(total_minor: Minor, weights: Sequence[int]) -> list[Minor]:
    """Split an amount in proportion to `weights` so that the parts sum to it exactly.

    Largest remainder: everyone gets the floor of the fair share, the units left over go to the largest
    remainders, at a tie to the earlier one. Weights of zero get nothing. All weights zero: allowed only for a
    total of zero. ValueError for a negative total or weight, or for an amount and nobody to carry it.
    """
    if total_minor < 0 or any(weight < 0 for weight in weights):
        raise ValueError("allocate takes no negative amounts or weights")
    whole = sum(weights)
    if whole == 0:
        if total_minor:
            raise ValueError("an amount needs at least one weight above zero")
        return [0] * len(weights)
    shares = [divmod(total_minor * weight, whole) for weight in weights]
    parts = [floor for floor, _ in shares]
    by_remainder = sorted(range(len(weights)), key=lambda i: -shares[i][1])
    for i in by_remainder[: total_minor - sum(parts)]:
        parts[i] += 1
    return parts


def divide_half_up(numerator: int, denominator: int) -> int:
    """numerator / denominator (> 0) to the nearest integer; a half goes up, towards +∞."""
    return (2 * numerator + denominator) // (2 * denominator)


def apply_bp(amount_minor: Minor, bp: int) -> Minor:
    """`bp` basis points of an amount, a half unit rounded up: apply_bp(1050, 700) = 74 (73.5)."""
    return divide_half_up(amount_minor * bp, BP)


@lru_cache(maxsize=256)
def exponent(currency: str) -> int:
    """Decimals between the minor unit and the unit people speak of: 2 for USD, 0 for IDR."""
    return _EXPONENTS[currency] if currency in _EXPONENTS else get_currency_precision(currency)


def format_money(amount_minor: Minor, currency: str, locale: str = "en") -> str:
    """The amount as people of `locale` read it: $1,234.56, Rp 12,000, 1 234,56 $, with a true minus sign."""
    pattern, where, symbol, digits = _look(currency, locale)
    amount = Decimal(abs(amount_minor)).scaleb(-digits)
    text = pattern.apply(amount, where, currency_digits=False).replace("\N{CURRENCY SIGN}", symbol)
    if text.startswith(symbol) and symbol[-1].isalpha() and text[len(symbol)].isdigit():
        text = f"{symbol}{_NBSP}{text[len(symbol) :]}"  # letters stand apart from figures: Rp 12,000
    return f"{_MINUS}{text}" if amount_minor < 0 else text


@lru_cache(maxsize=16)
def decimal_mark(locale: str) -> str:
    """What stands between whole and part in this language: . or ,"""
    return get_decimal_symbol(Locale.parse(_REGIONS.get(locale, locale)))


def language_tag(locale: str) -> str:
    """The language and region whose numbers a browser is to write, as BCP 47: en, ru, es-US."""
    return _REGIONS.get(locale, locale).replace("_", "-")


@lru_cache(maxsize=256)
def _look(currency: str, locale: str) -> tuple[NumberPattern, Locale, str, int]:
    where = Locale.parse(_REGIONS.get(locale, locale))
    digits = exponent(currency)
    pattern = copy(where.currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    symbol = _SYMBOLS.get(currency) or get_currency_symbol(currency, where)
    return pattern, where, symbol, digits
