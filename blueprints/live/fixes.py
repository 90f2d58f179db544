"""Fixes as clients send them, over the socket and over HTTP alike."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.core.errors import InvalidInput
from app.core.i18n import _
from app.dispatch import Fix
from app.dispatch.positions import MOST_AT_ONCE


def read_fixes(sent: Any) -> list[Fix]:
    """{positions: [{seq, lat, lng, at}]}, a list of them, or one. `at` is ISO 8601 with zone, or epoch milliseconds.

    Raises InvalidInput for anything that is not of that shape.
    """
    if isinstance(sent, Mapping):
        sent = sent.get("positions", [sent])
    if not isinstance(sent, list) or not 1 <= len(sent) <= MOST_AT_ONCE:
        raise InvalidInput({"positions": _("Send between 1 and %(most)s positions.", most=MOST_AT_ONCE)})
    try:
        return [_read(one) for one in sent]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InvalidInput({"positions": _("Each position needs seq, lat, lng and at.")}) from error


def _read(one: Mapping[str, Any]) -> Fix:
    if isinstance(one["seq"], bool) or not isinstance(one["seq"], int):
        raise TypeError("seq")
    return Fix(one["seq"], float(one["lat"]), float(one["lng"]), _read_time(one["at"]))


def _read_time(value: Any) -> datetime:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value / 1000, UTC)
    at = datetime.fromisoformat(str(value))
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    return at.astimezone(UTC)
