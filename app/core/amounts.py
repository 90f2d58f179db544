"""What people type for money and percent, read into integers."""

import re

from app.core.errors import InvalidInput
from app.core.i18n import _
from app.core.money import exponent

_GROUPED = re.compile(r"\d{1,3}(?:([ .,'])\d{3})(?:\1\d{3})*", re.ASCII)
_SIGNS = ("US$", "$", "Rp", "rp")
MAX_MINOR = 10**12


def parse_money(typed: str, currency: str, field: str = "amount") -> int:
    """Minor units of an amount such as 12.50, 12,50, 1,234.50 or Rp 12.000. InvalidInput on `field` otherwise.

    A lone separator before three digits is a group where the currency has no decimals and refused elsewhere:
    nobody should pay a thousand times what was meant.
    """
    digits = exponent(currency)
    text = re.sub(
        r"\s+", " ", typed.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    )
    text = text.strip()
    for sign in _SIGNS:
        text = text.removeprefix(sign).removesuffix(sign).strip()
    whole, decimals = _split(text, digits)
    minor = int(whole + decimals.ljust(digits, "0")) if whole else MAX_MINOR
    if not whole or minor >= MAX_MINOR:
        raise InvalidInput({field: _say_how(digits)})
    return minor


def _split(text: str, digits: int) -> tuple[str, str]:
    """(whole digits, decimal digits); ("", "") when it is no amount."""
    decimals = ""
    if digits and (match := re.fullmatch(rf"(.*?)[.,](\d{{1,{digits}}})", text, re.ASCII)):
        text, decimals = match.group(1), match.group(2)
        if not text:
            text = "0"
    if re.fullmatch(r"\d{1,15}", text, re.ASCII):
        return text, decimals
    if _GROUPED.fullmatch(text) and (decimals or not digits or " " in text):
        return re.sub(r"\D", "", text), decimals
    return "", ""


def _say_how(digits: int) -> str:
    if digits:
        return _("Write the amount in figures, for example 12.50.")
    return _("Write the amount in whole figures, for example 12000.")


def show_plain(minor: int | None, currency: str, point: str = ".") -> str:
    """The amount as one would type it: 12.50, 12000; `point` is the reader's decimal mark."""
    if minor is None:
        return ""
    digits = exponent(currency)
    return f"{minor // 10**digits}{point}{minor % 10**digits:0{digits}d}" if digits else str(minor)


def parse_percent(typed: str, field: str) -> int:
    """Basis points of 7, 7.25, 7,25 or 7 %. InvalidInput on `field` above 100 or otherwise."""
    match = re.fullmatch(r"(\d{1,3})(?:[.,](\d{1,2}))?\s*%?", typed.strip(), re.ASCII)
    points = int(match.group(1)) * 100 + int((match.group(2) or "").ljust(2, "0")) if match else 10_001
    if points > 10_000:
        raise InvalidInput({field: _("Write a percentage between 0 and 100, for example 7.25.")})
    return points


def show_percent(points: int) -> str:
    """Basis points as one would type them: 7.25, 7."""
    return f"{points / 100:.2f}".rstrip("0").rstrip(".")
