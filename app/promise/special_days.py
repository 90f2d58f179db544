"""Days that are not like the others: what their entries may not say together, and what a manager should know."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

from app.core.errors import InvalidInput
from app.core.i18n import _, active_locale
from app.promise.hours import opening_spans
from app.promise.types import Interval, Place

_DAY = timedelta(days=1)
_MINUTES = 1440


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """One entry of one branch: its hours on that day, None for closed. An end at or before the start is next day's."""

    day: date
    hours: Interval | None

    @property
    def ends_on(self) -> date:
        """The day on which its hours end."""
        if self.hours is None or self.hours[0] < self.hours[1] or self.hours[1] == time():
            return self.day
        return self.day + _DAY


def check_special_day(entry: SpecialDay, others: Iterable[SpecialDay], zone: ZoneInfo) -> None:
    """Refuse an entry that contradicts another of its branch: InvalidInput on `day` or `opens`.

    Closed and open on one day, hours that meet also over midnight, and hours that the clocks skip on that night.
    """
    for other in others:
        if other.day == entry.day and (entry.hours is None or other.hours is None):
            raise InvalidInput({"day": _("This day has an entry for this branch already.")})
        if _meet(entry, other):
            raise InvalidInput({"opens": _meets(entry, other)})
    if entry.hours is not None and not _exists(entry, zone):
        raise InvalidInput(
            {
                "opens": _(
                    "The clocks go forward that night: these hours do not exist on %(day)s.",
                    day=_say(entry.day),
                )
            }
        )


def _meet(a: SpecialDay, b: SpecialDay) -> bool:
    return any(x[0] < y[1] and y[0] < x[1] for x in _spans(a) for y in _spans(b))


def _spans(entry: SpecialDay) -> Iterable[tuple[int, int]]:
    """Wall-clock minutes since the beginning of time."""
    if entry.hours is not None:
        opens, closes = (at.hour * 60 + at.minute for at in entry.hours)
        start = entry.day.toordinal() * _MINUTES
        yield start + opens, start + closes + (_MINUTES if closes <= opens else 0)


def _meets(entry: SpecialDay, other: SpecialDay) -> str:
    assert other.hours is not None  # what is closed meets nothing
    opens, closes = (f"{at:%H:%M}" for at in other.hours)
    if other.day == entry.day:
        return _("The branch is open from %(opens)s to %(closes)s already.", opens=opens, closes=closes)
    return _(
        "These hours meet those of %(day)s: %(opens)s to %(closes)s.",
        day=_say(other.day),
        opens=opens,
        closes=closes,
    )


def _exists(entry: SpecialDay, zone: ZoneInfo) -> bool:
    assert entry.hours is not None
    lone = Place(0, "", "", 0.0, 0.0, weekly={}, exceptions={entry.day: (entry.hours,)})
    return bool(opening_spans(lone, zone, entry.day, 1))


def notes_on(
    entry: SpecialDay, entries: Sequence[SpecialDay], weekly: Mapping[int, Sequence[Interval]]
) -> list[str]:
    """What both may rightly be, yet is easily overlooked: hours of one day that reach into another one.

    `entries` are all of the branch, `weekly` its week (0 = Monday).
    """
    notes = []
    known = {one.day for one in entries} | {entry.day}
    before = [one.hours for one in entries if one.day == entry.day - _DAY]
    evening = before if entry.day - _DAY in known else weekly.get((entry.day - _DAY).weekday(), ())
    if tail := max((hours[1] for hours in evening if hours and time() < hours[1] <= hours[0]), default=None):
        notes.append(
            _(
                "The evening before runs into %(day)s: the branch stays open until %(closes)s.",
                day=_say(entry.day),
                closes=f"{tail:%H:%M}",
            )
        )
    if entry.hours is not None and entry.ends_on != entry.day:
        closed = any(one.day == entry.ends_on and one.hours is None for one in entries)
        if closed:
            notes.append(
                _(
                    "%(day)s is entered as closed, and these hours run into it until %(closes)s.",
                    day=_say(entry.ends_on),
                    closes=f"{entry.hours[1]:%H:%M}",
                )
            )
    return notes


def _say(day: date) -> str:
    return format_date(day, "long", locale=active_locale())
