"""What every gateway's adapter does with an answer: read its JSON, its amounts and its headers, and hide its words."""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import httpx

from app.core.money import Minor, exponent
from app.payments.ports import OutcomeUnknown

MOST_FIGURES = 15
"""No amount is longer than this: an exponent in a text must not become a number of a million figures."""
JAKARTA = timezone(timedelta(hours=7))
"""Midtrans writes its times without a zone and means this one."""


def header(headers: Mapping[str, str], name: str) -> str:
    """A header's value whatever the case of its name; empty when it is not there."""
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), "")


def same(given: str, expected: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing. Nothing equals an empty secret."""
    return bool(expected) and hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def read_object(body: bytes) -> dict[str, Any]:
    """A JSON object, numbers exact; ValueError for anything else. A byte order mark is stepped over."""
    try:
        said = json.loads(body.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(said, dict):
        raise ValueError("no JSON object")
    return said


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def answer_of(answer: httpx.Response) -> dict[str, Any]:
    """The answer's JSON object; OutcomeUnknown when it is none: whatever was asked may have been done."""
    try:
        return read_object(answer.content)
    except ValueError as error:
        raise OutcomeUnknown(f"{answer.status_code} and no JSON") from error


def part(said: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A member that is an object; empty when it is not there or something else."""
    value = said.get(name)
    return value if isinstance(value, dict) else {}


def rows(said: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A member that is a list of objects; empty when it is not there or something else."""
    value = said.get(name)
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def minor(value: object, currency: str) -> Minor:
    """A provider's amount ("10000.00", 12.5) in minor units. ValueError for one that is none, or not a whole number
    of them: it is never rounded."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError("no amount")
    try:
        amount = Decimal(str(value).strip())
        if amount.adjusted() > MOST_FIGURES:
            raise ValueError("more than there is")
        amount = amount.scaleb(exponent(currency))
        whole = int(amount)
    except (ArithmeticError, ValueError) as error:
        raise ValueError(f"{str(value)[:40]} is no amount") from error
    if amount != whole:
        raise ValueError(f"{value} {currency} is no whole number of minor units")
    return whole


def told_minor(value: object, currency: str) -> Minor:
    """The same of an answer: OutcomeUnknown instead of ValueError."""
    try:
        return minor(value, currency)
    except ValueError as error:
        raise OutcomeUnknown(str(error)) from error


def plain(amount_minor: Minor, currency: str) -> str:
    """Minor units as providers write them: 12.50, 10000."""
    return f"{Decimal(amount_minor).scaleb(-exponent(currency)):f}"


def at(text: object, zone: timezone = UTC) -> datetime | None:
    """A provider's time, aware; None for one that does not read as one. Without a zone of its own it is in `zone`."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
