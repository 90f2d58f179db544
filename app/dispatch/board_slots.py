"""The strip of slots ahead: how much of each quarter of an hour is booked, and which ones traffic closes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from app.promise import Area, Ask, Place, ReasonCode, Slot, World, booking_of, options

SLOTS_SHOWN = 14


@dataclass(frozen=True)
class StripSlot:
    """One quarter of an hour of all branches together. `traffic` says why some of it cannot be reached, or ''."""

    starts_at: datetime
    booked: int
    capacity: int
    traffic: str = ""

    @property
    def is_full(self) -> bool:
        return self.booked >= self.capacity

    @property
    def fill(self) -> int:
        """Booked share in percent."""
        return min(100, round(100 * self.booked / self.capacity)) if self.capacity else 100


def slots_ahead(world: World, now: datetime) -> list[StripSlot]:
    """The next slots that customers could be given, soonest first."""
    strip: dict[datetime, StripSlot] = {}
    for place in world.places:
        areas = [a for a in world.areas if a.branch_id == place.id and a.active and a.slots]
        for index, zip_code in enumerate(_askable(world, areas)):
            for slot in options(world, Ask(now=now, zip=zip_code, branch_id=place.id)).slots:
                _count(strip, world, place, slot, first=index == 0)
    return [strip[at] for at in sorted(strip)[:SLOTS_SHOWN]]


def _askable(world: World, areas: list[Area]) -> Iterator[str]:
    """One ZIP to learn the slots by, then one for each area or ZIP that a traffic window names."""
    zips = sorted(z for area in areas for z in area.zips)
    if not zips:
        return
    named = {z for window in world.windows for z in window.zips}
    for window in world.windows:
        named |= {min(a.zips) for a in areas if a.id in window.zone_ids and a.zips}
    free = next((z for z in zips if z not in named), zips[0])
    yield free
    yield from sorted(named.intersection(zips) - {free})


def _count(strip: dict[datetime, StripSlot], world: World, place: Place, slot: Slot, *, first: bool) -> None:
    at = slot.starts_at.astimezone(UTC)
    before = strip.get(at, StripSlot(slot.starts_at, 0, 0))
    row = booking_of(world, place, at)
    closed = slot.reason is not None and slot.reason.code in {ReasonCode.slot_traffic, ReasonCode.slot_shut}
    strip[at] = StripSlot(
        starts_at=before.starts_at,
        booked=before.booked + (row.booked if first else 0),
        capacity=before.capacity + (row.capacity if first else 0),
        traffic=before.traffic or (slot.reason.message if closed and slot.reason else ""),
    )
