"""The delivery promise as one pure function, and the same function asked about one choice."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from app.promise.couriers import courier_options
from app.promise.hours import Span, grid_floor, opening_spans, overlaps, slot_starts, span_at, traffic_spans
from app.promise.reasons import Money, Reason, ReasonCode
from app.promise.types import (
    Area,
    Ask,
    Booking,
    Closure,
    HandOver,
    Mode,
    Offer,
    Options,
    Pickup,
    Place,
    Slot,
    Terms,
    Window,
    World,
)
from app.promise.weights import Load, express_limit, has_room, load_of
from app.promise.where import fee_of, find_area, normalize_zip

_LOOK_AHEAD_DAYS = 14  # how far the next opening is searched


def options(world: World, ask: Ask) -> Options:
    """All that can be had, and for each thing that cannot, why. Pure."""
    if ask.kind is HandOver.pickup:
        return _pickup_options(world, ask)
    zip_code = normalize_zip(ask.zip, world.country)
    if ask.kind is HandOver.courier:
        return courier_options(world, ask, zip_code, _counters(world, ask))
    found = terms(world, ask)
    if isinstance(found, Reason):
        return Options(
            kind=ask.kind,
            zip=zip_code or ask.zip,
            area=None,
            place=None,
            express=Offer(False, found),
            slots=(),
            slots_reason=found,
            pickup=_counters(world, ask),
            reason=found,
        )
    return _driver_options(world, ask, found)


def terms(world: World, ask: Ask) -> Terms | Reason:
    """What a driver costs there, whenever the goods arrive; why, where none goes. Pure.

    Looks at no hours and no counts: a world without them will do.
    """
    zip_code = normalize_zip(ask.zip, world.country)
    found = find_area(world, ask, zip_code)
    if isinstance(found, Reason):
        return found
    (area, place), five = found, zip_code or ""
    fee = fee_of(area, place, ask, five)
    area = replace(area, fee_minor=fee.total_minor)
    return Terms(five, area, place, fee, _below_minimum(world, ask, area))


def express_offer(world: World, ask: Ask) -> Offer:
    """What `options` says of express by a driver, without its week of slots: for pages that show no slot. Pure."""
    stands = terms(world, ask)
    if isinstance(stands, Reason):
        return Offer(False, stands)
    return _express(*_around(world, ask, stands), stands.area)


def check_choice(
    offered: Options, mode: Mode, slot: datetime | None = None, *, now: datetime
) -> Reason | None:
    """Why this choice of what is offered `now` cannot be promised, None when it can; asked when an order is placed.

    It looks the choice up in the options, so there is no second rule. Besides, it refuses below the minimum
    order. `slot` is aware (ValueError otherwise).
    """
    if mode is Mode.asap:
        return offered.express.reason or offered.notice
    if not offered.slots and offered.slots_reason:
        return offered.slots_reason
    return _slot_refusal(offered, slot, now) or offered.notice


def _slot_refusal(offered: Options, slot: datetime | None, now: datetime) -> Reason | None:
    if slot is None:
        return Reason(ReasonCode.slot_unknown)
    if (found := find_slot(offered, slot)) is not None:
        return found.reason
    return Reason(ReasonCode.slot_past if slot <= now else ReasonCode.slot_unknown)


def find_slot(offered: Options, starts_at: datetime) -> Slot | None:
    """The slot that begins then, offered or not; None for a time that is no slot's. Aware (ValueError otherwise)."""
    if starts_at.tzinfo is None:
        raise ValueError("a slot is an aware time")
    # As instants: aware times of two zones never compare equal inside a repeated hour.
    wanted = starts_at.timestamp()
    return next((one for one in offered.slots if one.starts_at.timestamp() == wanted), None)


def slot_at(world: World, at: datetime) -> datetime:
    """Start, in UTC, of the slot an instant lies in: an express order placed then takes a place of it."""
    return grid_floor(at, world.timezone, timedelta(minutes=world.policy.length_minutes))


def booking_of(world: World, place: Place, start: datetime) -> Booking:
    """The counts of the slot that begins then (UTC); one without a row stands as its hour's default says."""
    kept = world.booked.get((place.id, start))
    return kept or Booking(place.capacity_at(start.astimezone(world.timezone)), 0, world.policy.counts)


# --- when --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Day:
    """One branch's hours around the moment of the question."""

    world: World
    ask: Ask
    place: Place

    @cached_property
    def spans(self) -> list[Span]:
        today = self.ask.now.astimezone(self.world.timezone).date()
        days = max(self.world.policy.horizon_days, _LOOK_AHEAD_DAYS)
        return opening_spans(self.place, self.world.timezone, today, days)

    @cached_property
    def next_opening(self) -> datetime | None:
        """In the store's zone; None while open, or when nothing opens in sight."""
        if span_at(self.spans, self.ask.now):
            return None
        start = next((start for start, _ in self.spans if start > self.ask.now), None)
        return start.astimezone(self.world.timezone) if start else None

    @cached_property
    def closures(self) -> tuple[Closure, ...]:
        """The stretches in which this branch delivers nothing."""
        return tuple(one for one in self.world.closures if one.branch_id == self.place.id)

    @cached_property
    def load(self) -> Load:
        return load_of(self.ask.items, self.ask.goods_minor, self.world.currency)

    def shut(self, start: datetime, end: datetime) -> Closure | None:
        """The closure that takes some of these minutes."""
        return next(
            (one for one in self.closures if overlaps((one.starts_at, one.ends_at), start, end)), None
        )

    def closed_reason(self) -> Reason | None:
        if span_at(self.spans, self.ask.now):
            return None
        if self.next_opening is None:
            return Reason(ReasonCode.closed_for_days)
        return Reason(ReasonCode.closed_now, {"opens": self.next_opening})


@dataclass(frozen=True)
class _Traffic:
    """The rules that speak of one zone and ZIP, as spans around the horizon."""

    closed: tuple[tuple[Span, Window], ...]
    slow: tuple[tuple[Span, Window], ...]

    @classmethod
    def of(cls, world: World, ask: Ask, area: Area, zip_code: str) -> "_Traffic":
        today = ask.now.astimezone(world.timezone).date()
        closed: list[tuple[Span, Window]] = []
        slow: list[tuple[Span, Window]] = []
        for window in world.windows:
            if not _concerns(window, area, zip_code):
                continue
            spans = traffic_spans(window, world.timezone, today, world.policy.horizon_days)
            (closed if window.closed else slow).extend((span, window) for span in spans if span[1] > ask.now)
        return cls(tuple(closed), tuple(slow))

    def closing(self, start: datetime, end: datetime) -> Window | None:
        """The rule that closes some of these minutes."""
        return next((window for span, window in self.closed if overlaps(span, start, end)), None)

    def delay(self, start: datetime, end: datetime) -> int:
        """Minutes to add; of several rules the slowest counts, not their sum."""
        return max((w.extra_minutes for span, w in self.slow if overlaps(span, start, end)), default=0)


def _concerns(window: Window, area: Area, zip_code: str) -> bool:
    if not window.zips and not window.zone_ids:
        return True
    return zip_code in window.zips or area.id in window.zone_ids


# --- by driver ---------------------------------------------------------------------------------------------


def _driver_options(world: World, ask: Ask, stands: Terms) -> Options:
    area = stands.area
    day, traffic = _around(world, ask, stands)
    express = _express(day, traffic, area)
    slots = tuple(_slots(day, traffic)) if area.slots else ()
    slots_reason = _why_no_slots(area, slots)
    return Options(
        kind=ask.kind,
        zip=stands.zip,
        area=area,
        place=stands.place,
        express=express,
        slots=slots,
        slots_reason=slots_reason,
        pickup=_counters(world, ask),
        reason=None if express.offered else (slots_reason if area.slots else express.reason),
        notice=stands.notice,
        next_opening=day.next_opening,
        fee=stands.fee,
    )


def _around(world: World, ask: Ask, stands: Terms) -> tuple[_Day, _Traffic]:
    """The branch's hours and the roads to the address."""
    return _Day(world, ask, stands.place), _Traffic.of(world, ask, stands.area, stands.zip)


def _express(day: _Day, traffic: _Traffic, area: Area) -> Offer:
    now, (low, high) = day.ask.now, area.eta_minutes
    delay = traffic.delay(now, now + timedelta(minutes=high))
    reason = _express_refusal(day, traffic, area, now + timedelta(minutes=high + delay))
    if reason:
        return Offer(False, reason)
    return Offer(True, None, (low + delay, high + delay), area.fee_minor)


def _express_refusal(day: _Day, traffic: _Traffic, area: Area, arrival: datetime) -> Reason | None:
    if not area.express:
        return Reason(ReasonCode.express_off, {"zone": area.name})
    if not day.ask.perks.always_open and (closed := day.closed_reason()):
        return closed
    if closure := day.shut(day.ask.now, arrival):
        return Reason(ReasonCode.express_shut, {"note": closure.note})
    if window := traffic.closing(day.ask.now, arrival):
        return Reason(ReasonCode.express_traffic, {"note": window.note})
    booking = booking_of(day.world, day.place, slot_at(day.world, day.ask.now))
    if not has_room(booking, day.load, express_limit(day.world.policy, booking.capacity)):
        return Reason(ReasonCode.express_full)
    return None


def _slots(day: _Day, traffic: _Traffic) -> Iterator[Slot]:
    """The slots still to come, today and on the following days of the horizon."""
    world, now = day.world, day.ask.now
    length = timedelta(minutes=world.policy.length_minutes)
    soonest = now + timedelta(minutes=world.policy.lead_minutes)
    last = now.astimezone(world.timezone).date() + timedelta(days=world.policy.horizon_days - 1)
    for start, local in slot_starts(day.spans, world.timezone, length, last):
        if start <= now:
            continue
        end = start + length
        booking = booking_of(world, day.place, start)
        reason = (
            Reason(ReasonCode.slot_lead_time, {"minutes": world.policy.lead_minutes})
            if start < soonest
            else _slot_closed(day, traffic, (start, end), booking)
        )
        yield Slot(
            starts_at=local,
            ends_at=end.astimezone(world.timezone),
            left=max(0, booking.capacity - booking.booked),
            offered=reason is None,
            reason=reason,
            delay_minutes=traffic.delay(start, end),
            counts=booking.counts,
        )


def _slot_closed(day: _Day, traffic: _Traffic, span: Span, booking: Booking) -> Reason | None:
    if closure := day.shut(*span):
        return Reason(ReasonCode.slot_shut, {"note": closure.note})
    if window := traffic.closing(*span):
        return Reason(ReasonCode.slot_traffic, {"note": window.note})
    if booking.capacity <= 0:
        return Reason(ReasonCode.slot_closed)
    if booking.booked >= booking.capacity:
        return Reason(ReasonCode.slot_full)
    return None if has_room(booking, day.load, booking.capacity) else Reason(ReasonCode.slot_no_room)


def _why_no_slots(area: Area, slots: tuple[Slot, ...]) -> Reason | None:
    if not area.slots:
        return Reason(ReasonCode.slots_off, {"zone": area.name})
    return None if any(slot.offered for slot in slots) else Reason(ReasonCode.nothing_left)


def _below_minimum(world: World, ask: Ask, area: Area) -> Reason | None:
    missing = area.minimum_minor - ask.goods_minor
    if missing <= 0:
        return None
    amounts = {
        "missing": Money(missing, world.currency),
        "minimum": Money(area.minimum_minor, world.currency),
    }
    return Reason(ReasonCode.below_minimum, {"zone": area.name, **amounts})


# --- at the counter ----------------------------------------------------------------------------------------


def _pickup_options(world: World, ask: Ask) -> Options:
    """`express` speaks of the counter that has the order ready first; pickup knows no slots."""
    counters = _counters(world, ask)
    first = min((c for c in counters if c.ready_at), key=lambda c: c.ready_at or ask.now, default=None)
    chosen = first or next(iter(counters), None)
    reason = None if first else (chosen.reason if chosen else Reason(ReasonCode.branch_unknown))
    return Options(
        kind=ask.kind,
        zip=ask.zip,
        area=None,
        place=chosen.place if chosen else None,
        express=_counter_offer(first, ask.now, reason),
        slots=(),
        slots_reason=Reason(ReasonCode.pickup_untimed),
        pickup=counters,
        reason=reason,
        next_opening=_Day(world, ask, chosen.place).next_opening if chosen else None,
    )


def _counter_offer(first: Pickup | None, now: datetime, reason: Reason | None) -> Offer:
    if first is None or first.ready_at is None:
        return Offer(False, reason)
    minutes = -(-(first.ready_at - now) // timedelta(minutes=1))
    return Offer(True, None, (minutes, minutes), 0)


def _counters(world: World, ask: Ask) -> tuple[Pickup, ...]:
    """Every branch's counter; for pickup from a named branch, that one."""
    named = ask.branch_id if ask.kind is HandOver.pickup else None
    return tuple(_counter(world, ask, place) for place in world.places if named in (None, place.id))


def _counter(world: World, ask: Ask, place: Place) -> Pickup:
    """Ready some minutes from now if the branch is still open by then, else after its next opening."""
    if HandOver.pickup not in place.kinds:
        return Pickup(place, False, Reason(ReasonCode.pickup_off, {"branch": place.name}))
    takes = timedelta(minutes=place.pickup_minutes)
    for start, end in _Day(world, ask, place).spans:
        ready = max(start, ask.now) + takes
        if ready <= end:
            return Pickup(place, True, None, ready.astimezone(world.timezone))
    return Pickup(place, False, Reason(ReasonCode.closed_for_days))
