"""One reading call to an explorer: JSON, or a word for why there is none."""

from datetime import UTC, datetime
from typing import Any

from app.core.outside import OutcomeUnknown, Refused, call, raise_for


def read_json(method: str, base: str, path: str, **options: object) -> Any:
    """The answer's JSON. Refused, TryLater, OutcomeUnknown."""
    if not base:
        raise Refused("no explorer is configured")
    answer = call(method, f"{base}{path}", **options)
    raise_for(answer.status_code, answer.reason_phrase, answer.headers.get("Retry-After"))
    try:
        return answer.json()
    except ValueError as error:
        raise OutcomeUnknown("an answer that is no JSON") from error


def whole(value: Any) -> int:
    """A count of units, given as a number or in decimal digits. ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(value)
    text = str(value)
    if not (text.isascii() and text.isdigit()):
        raise ValueError(value)
    return int(text)


def moment(seconds: Any) -> datetime:
    """A Unix time. ValueError when nobody could mean it."""
    try:
        return datetime.fromtimestamp(whole(seconds), UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(seconds) from error
