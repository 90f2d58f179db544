"""The one clock. It answers in aware UTC, can be moved for the demo and stopped for tests.

The offset belongs to the process: each process that must live in demo time calls `set_offset` when it starts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

YEARS = range(1900, 2200)
"""Days that people may mean. Nearer to the ends of the calendar a change of zone or one more day has no answer."""


@dataclass
class _Clock:
    """How this process' time differs from the machine's; shared by all its threads."""

    offset: timedelta = timedelta()
    stopped_at: datetime | None = None


_clock = _Clock()


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return _clock.stopped_at or datetime.now(UTC) + _clock.offset


def offset() -> timedelta:
    """How far this process' clock runs ahead of the real one (negative: behind)."""
    return _clock.offset


def set_offset(ahead: timedelta) -> None:
    """Move the clock of this process: `now()` is the real time plus `ahead` from here on."""
    _clock.offset = ahead


def read_day(text: str) -> date:
    """A day typed as YYYY-MM-DD. ValueError for anything else, and outside of YEARS."""
    day = date.fromisoformat(text)
    if day.year not in YEARS:
        raise ValueError("nobody means this year")
    return day


def read_moment(text: str, zone: ZoneInfo) -> datetime:
    """A day, with or without a time, by the clock of `zone` unless it says its own offset; in UTC. ValueError."""
    at = datetime.fromisoformat(text)
    if at.year not in YEARS:
        raise ValueError("nobody means this year")
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


@contextmanager
def moved(ahead: timedelta) -> Iterator[None]:
    """Inside the block the clock runs `ahead` further than before; a stopped clock stands that much later."""
    before = _clock.offset, _clock.stopped_at
    _clock.offset += ahead
    if _clock.stopped_at is not None:
        _clock.stopped_at += ahead
    try:
        yield
    finally:
        _clock.offset, _clock.stopped_at = before


@contextmanager
def frozen(at: datetime) -> Iterator[datetime]:
    """Inside the block, in every thread, `now()` is `at` (aware; ValueError otherwise). For tests, and to play what
    happened long ago."""
    if at.tzinfo is None:
        raise ValueError("the clock stops at an aware time only")
    before, _clock.stopped_at = _clock.stopped_at, at.astimezone(UTC)
    try:
        yield _clock.stopped_at
    finally:
        _clock.stopped_at = before
