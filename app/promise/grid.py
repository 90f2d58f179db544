"""A branch's days as a grid of slots: what the manager's heat-map shows and what a change is checked against. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zlib import crc32
from zoneinfo import ZoneInfo

from app.promise.hours import opening_spans, overlaps, slot_starts
from app.promise.types import Booking, Closure, Counts, Place, World


@dataclass(frozen=True, slots=True)
class GridCell:
    """One slot. `starts_at` in the store's zone; `usual` is what it takes unless a manager says otherwise.

    `note` is of the closure it lies in, None when it lies in none.
    """

    starts_at: datetime
    capacity: int
    booked: int
    usual: int
    counts: Counts = Counts.orders
    note: Mapping[str, str] | None = None
    past: bool = False

    @property
    def closed(self) -> bool:
        return self.note is not None

    @property
    def full(self) -> bool:
        return self.booked >= self.capacity

    @property
    def fill(self) -> int:
        """Booked share in percent, 100 for a slot that takes nothing."""
        return min(100, round(100 * self.booked / self.capacity)) if self.capacity else 100

    @property
    def hour(self) -> str:
        """The name of the hour it begins in: what a stamp is kept by."""
        return f"{self.starts_at:%Y-%m-%dT%H}"


@dataclass(frozen=True)
class Range:
    """Times of day on several days. `until` at or before `start` is on the next day; both alike: day and night."""

    first: date
    last: date
    start: time
    until: time

    def holds(self, local: datetime) -> bool:
        """Whether a slot that begins then is inside."""
        at, day = local.time(), local.date()
        if self.start < self.until:
            return self.first <= day <= self.last and self.start <= at < self.until
        evening = self.first <= day <= self.last and at >= self.start
        morning = self.first < day <= self.last + timedelta(days=1) and at < self.until
        return evening or morning

    def spans(self, zone: ZoneInfo) -> Iterable[tuple[datetime, datetime]]:
        """The range as instants, one stretch for each day."""
        for number in range((self.last - self.first).days + 1):
            day = self.first + timedelta(days=number)
            end = day if self.start < self.until else day + timedelta(days=1)
            since = datetime.combine(day, self.start, tzinfo=zone).astimezone(UTC)
            until = datetime.combine(end, self.until, tzinfo=zone).replace(fold=1).astimezone(UTC)
            if since < until:  # else the clocks skip it that night
                yield since, until


@dataclass(frozen=True)
class Grid:
    """The slots of some days, oldest first."""

    place: Place
    days: tuple[date, ...]
    cells: tuple[GridCell, ...]
    length_minutes: int = 15

    @cached_property
    def by_place(self) -> Mapping[tuple[date, int, int], GridCell]:
        """Cells by (day, hour, minute) of the wall clock."""
        return {
            (cell.starts_at.date(), cell.starts_at.hour, cell.starts_at.minute): cell for cell in self.cells
        }

    @property
    def hours(self) -> list[int]:
        """The hours of the day in which anything begins."""
        return sorted({cell.starts_at.hour for cell in self.cells})

    @property
    def minutes(self) -> list[int]:
        """The minutes of an hour at which slots begin."""
        return [*range(0, 60, self.length_minutes)]

    @cached_property
    def stamps(self) -> Mapping[str, str]:
        """For each hour a short word that is another one when a capacity or a closure in it is another one."""
        hours: dict[str, list[str]] = {}
        for cell in self.cells:
            hours.setdefault(cell.hour, []).append(f"{cell.starts_at:%M}:{cell.capacity}:{int(cell.closed)}")
        return {hour: f"{crc32('|'.join(told).encode()):x}" for hour, told in hours.items()}

    def inside(self, span: Range) -> list[GridCell]:
        """The cells that begin in the range."""
        return [cell for cell in self.cells if span.holds(cell.starts_at)]


def grid_of(
    world: World,
    place: Place,
    *,
    first: date,
    days: int,
    now: datetime,
    booked: Mapping[datetime, Booking],
    closures: Sequence[Closure] = (),
) -> Grid:
    """The branch's slots on `days` days from `first`; `booked` is keyed by the start in UTC."""
    minutes, last = world.policy.length_minutes, first + timedelta(days=days - 1)
    length = timedelta(minutes=minutes)
    spans = opening_spans(place, world.timezone, first, days)
    cells = []
    for start, local in slot_starts(spans, world.timezone, length, last):
        if local.date() < first:
            continue
        usual = place.capacity_at(local)
        row = booked.get(start) or Booking(usual, 0, world.policy.counts)
        over = (c.note for c in closures if overlaps((c.starts_at, c.ends_at), start, start + length))
        cells.append(
            GridCell(local, row.capacity, row.booked, usual, row.counts, next(over, None), start <= now)
        )
    shown = tuple(first + timedelta(days=n) for n in range(days))
    return Grid(place, shown, tuple(cells), minutes)


def without(
    span: tuple[datetime, datetime], hole: tuple[datetime, datetime]
) -> list[tuple[datetime, datetime]]:
    """What is left of a stretch of time when another is taken out: none, one or two pieces."""
    pieces = [(span[0], min(span[1], hole[0])), (max(span[0], hole[1]), span[1])]
    return [piece for piece in pieces if piece[0] < piece[1]]
