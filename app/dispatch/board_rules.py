"""What the board concludes from plain values: who is late, who is at risk, how far, whom to send."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from app.core.i18n import _, _n
from app.dispatch.drivers import DriverLine
from app.dispatch.geo import Point, distance_m
from app.orders.states import FINAL, Kind, Status

ROAD_MARGIN = timedelta(minutes=5)
"""An order on the road with less time left than this is at risk; one at the counter too."""
SILENT_AFTER = timedelta(minutes=2)
"""A driver on the road sends a fix every few seconds; after this long without one something is wrong."""
METRES_IN_MILE = 1609.344
ACTIVE = frozenset({Status.PENDING, Status.CONFIRMED, Status.READY, Status.ASSIGNED})


class Haste(StrEnum):
    """How an order stands to its promise."""

    calm = "calm"
    at_risk = "at_risk"
    late = "late"


def haste_of(status: Status, kind: Kind, until: datetime | None, drive: timedelta, now: datetime) -> Haste:
    """Late past its promise; at risk when less time is left than the drive takes (`drive`: the zone's shortest)."""
    if until is None or status in FINAL or status is Status.FAILED:
        return Haste.calm
    if now > until:
        return Haste.late
    still_here = kind is Kind.driver and status in ACTIVE
    margin = max(drive, ROAD_MARGIN) if still_here else ROAD_MARGIN
    return Haste.at_risk if until - now < margin else Haste.calm


@dataclass(frozen=True)
class DriverCard:
    """A driver as the dispatcher sees them at one moment. `load` stops of `capacity`."""

    id: int
    name: str
    vehicle: str
    on_shift: bool
    load: int
    capacity: int
    cash_minor: int
    spot: Point | None
    seen_at: datetime | None
    now: datetime

    @classmethod
    def of(cls, line: DriverLine, now: datetime) -> Self:
        """The overview's line at this moment."""
        known = line.lat is not None and line.lng is not None
        return cls(
            id=line.id,
            name=line.name,
            vehicle=line.vehicle,
            on_shift=line.on_shift,
            load=line.load,
            capacity=line.capacity,
            cash_minor=line.cash_today_minor,
            spot=(line.lat, line.lng) if known else None,  # type: ignore[arg-type]
            seen_at=line.last_seen,
            now=now,
        )

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.name.split()[:2]).upper() or "?"

    @property
    def short_name(self) -> str:
        """First name and initial: Javier D."""
        first, _space, last = self.name.partition(" ")
        return f"{first} {last[0]}." if last else first

    @property
    def silent(self) -> bool:
        """Carries something and has not been heard of for a while."""
        return self.load > 0 and (self.seen_at is None or self.now - self.seen_at > SILENT_AFTER)

    @property
    def has_room(self) -> bool:
        return self.on_shift and self.load < self.capacity

    @property
    def stops(self) -> str:
        return _n("%(num)s stop", "%(num)s stops", self.load) if self.load else _("Free")

    @property
    def seen(self) -> str:
        """How long ago they were heard of."""
        if self.seen_at is None:
            return _("not seen yet")
        return _("seen %(ago)s ago", ago=short_span(self.now - self.seen_at))

    def away(self, place: Point | None) -> float | None:
        """Metres from a place, as the crow flies; None when either is unknown."""
        return distance_m(self.spot, place) if self.spot and place else None


@dataclass(frozen=True)
class Suggestion:
    """Whom to send, and why in words."""

    driver: DriverCard
    reason: str


def suggest_driver(drivers: Sequence[DriverCard], shop: Point | None, *, imperial: bool) -> Suggestion | None:
    """The driver on shift with the fewest stops, of those the nearest to the shop; None when all are full."""
    free = [d for d in drivers if d.has_room]
    if not free:
        return None
    chosen = min(free, key=lambda d: (d.silent, d.load, _far(d.away(shop)), d.name))
    load = _("No stops yet") if not chosen.load else _("Fewest stops: %(load)s", load=chosen.load)
    away = chosen.away(shop)
    if away is None:
        return Suggestion(chosen, _("%(load)s, position not known", load=load))
    return Suggestion(
        chosen, _("%(load)s, %(distance)s from the shop", load=load, distance=show_distance(away, imperial))
    )


def _far(away: float | None) -> float:
    return float("inf") if away is None else away


def show_distance(metres: float, imperial: bool) -> str:
    """One decimal, in the unit of the country."""
    if imperial:
        return _("%(miles)s mi", miles=f"{metres / METRES_IN_MILE:.1f}")
    return _("%(km)s km", km=f"{metres / 1000:.1f}")


def short_span(span: timedelta) -> str:
    """12 s, 9 min, 2 h, 3 d: the largest unit that is not zero."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return _("%(number)s s", number=seconds)
    if seconds < 3600:
        return _("%(number)s min", number=seconds // 60)
    if seconds < 86400:
        return _("%(number)s h", number=seconds // 3600)
    return _("%(number)s d", number=seconds // 86400)


def minutes_and_seconds(span: timedelta) -> str:
    """1:40, as on a stopwatch."""
    seconds = max(0, int(span.total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02d}"
