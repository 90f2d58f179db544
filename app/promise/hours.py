"""Wall-clock hours turned into instants: opening spans, traffic spans and the grid of slots.

All arithmetic is done in UTC; the store's zone is asked once per boundary, so the nights on which the clocks
change need no case of their own. A span is half-open: (start, end) in UTC.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.promise.types import Place, Window

Span = tuple[datetime, datetime]
_DAY = timedelta(days=1)


def opening_spans(place: Place, zone: ZoneInfo, first: date, days: int) -> list[Span]:
    """When the branch is open on `days` local days from `first`, with the tail of the night before; merged.

    An opening time that the clocks skip moves on with them, a closing time moves back; in a repeated hour the
    shop is open both times.
    """
    found = []
    for day in _days(first - _DAY, days + 1):
        for opens, closes in place.exceptions.get(day, place.weekly.get(day.weekday(), ())):
            start = _instant(day, opens, zone, fold=0)
            end = _instant(_end_day(day, opens, closes), closes, zone, fold=1)
            if start < end:
                found.append((start, end))
    return _merged(found)


def traffic_spans(window: Window, zone: ZoneInfo, first: date, days: int) -> Iterator[Span]:
    """When the rule holds around `days` local days from `first`; in doubt by the clocks it holds longer."""
    for day in _days(first - _DAY, days + 2):
        if not _starts_on(window, day):
            continue
        last = _end_day(day, window.from_time, window.to_time)
        yield (
            min(_instant(day, window.from_time, zone, fold=fold) for fold in (0, 1)),
            max(_instant(last, window.to_time, zone, fold=fold) for fold in (0, 1)),
        )


def slot_starts(
    spans: Iterable[Span], zone: ZoneInfo, length: timedelta, last: date
) -> Iterator[tuple[datetime, datetime]]:
    """Starts, in UTC and in the store's zone, of the slots whole inside the spans, up to the local day `last`.

    Strictly increasing. Of an hour that the clocks repeat only the first pass has slots: a customer could not
    tell "1:15" from "1:15".
    """
    for start, end in spans:
        floor = grid_floor(start, zone, length)
        at = floor if floor == start else floor + length
        while at + length <= end:
            local = at.astimezone(zone)
            if local.date() > last:
                return
            if not local.fold:
                yield at, local
            at += length


def grid_floor(at: datetime, zone: ZoneInfo, length: timedelta) -> datetime:
    """The start, in UTC, of the slot of the wall clock's grid that `at` lies in; `length` divides an hour."""
    local = at.astimezone(zone)
    past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return at.astimezone(UTC) - past % length


def span_at(spans: Sequence[Span], at: datetime) -> Span | None:
    """The span that contains an instant."""
    return next((span for span in spans if span[0] <= at < span[1]), None)


def overlaps(span: Span, start: datetime, end: datetime) -> bool:
    """Whether two half-open spans share an instant."""
    return span[0] < end and start < span[1]


def _days(first: date, count: int) -> Iterator[date]:
    return (first + timedelta(days=i) for i in range(count))


def _starts_on(window: Window, day: date) -> bool:
    if window.weekdays and day.weekday() not in window.weekdays:
        return False
    return (window.valid_from or day) <= day <= (window.valid_until or day)


def _end_day(day: date, start: time, end: time) -> date:
    return day if start < end else day + _DAY


def _instant(day: date, at: time, zone: ZoneInfo, *, fold: int) -> datetime:
    # fold only matters in the hour that the clocks repeat (0: first pass) or skip (0: later, 1: earlier).
    return datetime.combine(day, at, tzinfo=zone).replace(fold=fold).astimezone(UTC)


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
