"""Traffic windows side by side: which say something about the same place at the same time, and what comes of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from app.promise.types import Window

_DAY = timedelta(days=1)
_MINUTES = 1440
_PATTERN = 8
"""Days after which weekly windows repeat, and one more for what crosses midnight."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Another window that holds at the same time in some of the same places. `same`: it says where and when alike."""

    key: int
    window: Window
    same: bool


def find_clashes(
    window: Window, others: Mapping[int, Window], zips_of: Mapping[int, Collection[str]]
) -> list[Clash]:
    """The windows (by key) that meet this one; `zips_of` names the ZIPs of each zone."""
    return [
        Clash(key, other, _alike(window, other))
        for key, other in others.items()
        if _share_place(window, other, zips_of) and _share_time(window, other)
    ]


def ever_holds(window: Window) -> bool:
    """Whether any day between its first and its last is one of its weekdays."""
    return any(_starts_on(window, day) for day in _days(window, window))


def _alike(a: Window, b: Window) -> bool:
    when = ("from_time", "to_time", "weekdays", "valid_from", "valid_until", "zips", "zone_ids")
    return all(getattr(a, name) == getattr(b, name) for name in when)


def _share_place(a: Window, b: Window, zips_of: Mapping[int, Collection[str]]) -> bool:
    if not (a.zips or a.zone_ids) or not (b.zips or b.zone_ids):
        return True
    if a.zone_ids & b.zone_ids:
        return True
    return bool(_zips(a, zips_of) & _zips(b, zips_of))


def _zips(window: Window, zips_of: Mapping[int, Collection[str]]) -> set[str]:
    return {*window.zips, *(code for zone in window.zone_ids for code in zips_of.get(zone, ()))}


def _share_time(a: Window, b: Window) -> bool:
    mine, theirs = ([_minutes(one, day) for day in _days(a, b) if _starts_on(one, day)] for one in (a, b))
    return any(x[0] < y[1] and y[0] < x[1] for x in mine for y in theirs)


def _days(a: Window, b: Window) -> Iterable[date]:
    """Days enough to see all that two weekly patterns do while both are valid, with the evening before."""
    starts = [day for day in (a.valid_from, b.valid_from) if day]
    ends = [day for day in (a.valid_until, b.valid_until) if day]
    first = max(starts) - _DAY if starts else (min(ends) - _PATTERN * _DAY if ends else date(2024, 1, 1))
    last = min([*(end + _DAY for end in ends), first + (_PATTERN + 1) * _DAY])
    return (first + n * _DAY for n in range(max(0, (last - first).days + 1)))


def _starts_on(window: Window, day: date) -> bool:
    if window.weekdays and day.weekday() not in window.weekdays:
        return False
    return (window.valid_from or day) <= day <= (window.valid_until or day)


def _minutes(window: Window, day: date) -> tuple[int, int]:
    start, end = (at.hour * 60 + at.minute for at in (window.from_time, window.to_time))
    begins = day.toordinal() * _MINUTES
    return begins + start, begins + end + (_MINUTES if end <= start else 0)
