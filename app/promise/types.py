"""What a promise is made from and what it says. Plain values: minutes, minor units, aware datetimes.

Local times are wall-clock times of the store's zone; weekdays count from Monday = 0. An interval whose end is
not after its start ends on the next day, so 09:00–00:00 is until midnight and 00:00–00:00 the whole day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.core.geo import distance_m
from app.core.money import BP, Minor
from app.promise.geometry import Outline
from app.promise.reasons import Reason

Interval = tuple[time, time]


class HandOver(StrEnum):
    """Who carries the goods."""

    driver = "driver"
    pickup = "pickup"
    courier = "courier"


class Counts(StrEnum):
    """What the places of a slot count: orders, their items, or their goods in whole units of the currency."""

    orders = "orders"
    items = "items"
    value = "value"


class Mode(StrEnum):
    """As soon as possible, or in a slot."""

    asap = "asap"
    slot = "slot"


@dataclass(frozen=True, slots=True)
class Place:
    """A branch: its hours and what it does. A dated exception replaces the weekday, an empty one closes.

    A slot takes what `hourly` says for the (weekday, hour) its start has on the wall clock, else `slot_capacity`.
    """

    id: int
    code: str
    name: str
    lat: float
    lng: float
    weekly: Mapping[int, tuple[Interval, ...]]
    exceptions: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)
    kinds: frozenset[HandOver] = frozenset(HandOver)
    slot_capacity: int = 6
    pickup_minutes: int = 20
    hourly: Mapping[tuple[int, int], int] = field(default_factory=dict)
    zip: str = ""

    def capacity_at(self, local: datetime) -> int:
        """What a slot that begins then, on the wall clock of the store, takes unless a manager says otherwise."""
        return self.hourly.get((local.weekday(), local.hour), self.slot_capacity)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an address is. Not `exact`: only its ZIP's middle is known.

    `roads`: (branch id, metres by road), of branches to which somebody knows the way.
    """

    lat: float
    lng: float
    exact: bool = True
    roads: tuple[tuple[int, int], ...] = ()

    def metres_from(self, place: Place) -> tuple[int, bool]:
        """How far the branch is, and whether that is by road: else it is the straight line."""
        for branch_id, metres in self.roads:
            if branch_id == place.id:
                return metres, True
        return round(distance_m((place.lat, place.lng), (self.lat, self.lng))), False


class Band(NamedTuple):
    """From so far from the branch on, delivery costs so much more."""

    from_metres: int
    extra_minor: Minor


@dataclass(frozen=True, slots=True)
class Area:
    """A zone: where one branch delivers to, and on what terms. `eta_minutes` is (low, high).

    `beyond`: ZIP → fee, for ZIPs that only a tier's perk reaches. `bands` ascend; the farthest reached counts alone.
    """

    id: int
    name: str
    zips: frozenset[str]
    branch_id: int
    fee_minor: Minor
    minimum_minor: Minor = 0
    free_from_minor: Minor | None = None
    eta_minutes: tuple[int, int] = (30, 60)
    express: bool = True
    slots: bool = True
    active: bool = True
    outline: Outline | None = None
    bands: tuple[Band, ...] = ()
    beyond: Mapping[str, Minor] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SlotPolicy:
    """How a store cuts its day into slots.

    `length_minutes` divides 60 (ValueError otherwise), slots stand on that grid of the wall clock;
    `horizon_days` counts today. An express order takes a place of the slot it is placed in, as long as less
    than `express_share_bp` of that slot's capacity is booked. `counts`: what new slots count.
    """

    length_minutes: int = 15
    horizon_days: int = 3
    lead_minutes: int = 30
    express_share_bp: int = BP
    counts: Counts = Counts.orders

    def __post_init__(self) -> None:
        if self.length_minutes < 1 or 60 % self.length_minutes:
            raise ValueError("the length of a slot divides an hour")


class Booking(NamedTuple):
    """The counts of a slot that has a row: places, and places taken by slots and express together."""

    capacity: int
    booked: int
    counts: Counts = Counts.orders


@dataclass(frozen=True, slots=True)
class Closure:
    """A branch delivers nothing from then until then, whatever its capacities. `note`: per locale, shown."""

    branch_id: int
    starts_at: datetime
    ends_at: datetime
    note: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Window:
    """A traffic rule. It speaks of its zones and its ZIPs; with neither named, of the whole store.

    No weekdays: every day. `weekdays` and `valid_from`/`valid_until` (inclusive) speak of the day it starts.
    `closed`: nothing arrives inside it; otherwise it takes `extra_minutes` longer. `note`: per locale, shown.
    """

    from_time: time
    to_time: time
    closed: bool = True
    extra_minutes: int = 0
    weekdays: frozenset[int] = frozenset()
    zips: frozenset[str] = frozenset()
    zone_ids: frozenset[int] = frozenset()
    valid_from: date | None = None
    valid_until: date | None = None
    note: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class World:
    """All the store knows at one moment. `booked` is keyed by (branch id, start in UTC)."""

    timezone: ZoneInfo
    country: str
    currency: str
    places: tuple[Place, ...]
    areas: tuple[Area, ...]
    policy: SlotPolicy = SlotPolicy()
    booked: Mapping[tuple[int, datetime], Booking] = field(default_factory=dict)
    windows: tuple[Window, ...] = ()
    closures: tuple[Closure, ...] = ()


@dataclass(frozen=True, slots=True)
class Perks:
    """What the customer's tier lifts. `always_open`: express also outside the hours; `beyond_zones`: also to the
    ZIPs a zone reaches for members alone. (Free delivery is a matter of pricing.)"""

    always_open: bool = False
    beyond_zones: bool = False


@dataclass(frozen=True, slots=True)
class Courier:
    """What one courier asks for this parcel. `fee_minor` None: it does not carry it there.

    `minutes` (low, high) count from the branch's door; `instant` couriers come while the branch is open.
    `reference` names this price when it is chosen.
    """

    key: str
    name: str
    fee_minor: Minor | None = None
    minutes: tuple[int, int] = (0, 0)
    instant: bool = False
    takes_cash: bool = False
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks, where, when. `now` is aware (else ValueError), kept in UTC; `zip` as typed, unless for `pickup`.

    `spot` is what the geocoder knows of the address; `items` and `goods_minor` are what weighs in a slot.
    `couriers`: what they asked for this parcel, or why nobody did; `cash`: it would be paid at the door.
    """

    now: datetime
    zip: str = ""
    kind: HandOver = HandOver.driver
    branch_id: int | None = None
    goods_minor: Minor = 0
    perks: Perks = Perks()
    spot: Spot | None = None
    items: int = 1
    couriers: tuple[Courier, ...] | Reason | None = None
    cash: bool = False

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("a promise needs an aware time")
        # In UTC, because adding minutes to a local time is wrong on the nights the clocks change.
        object.__setattr__(self, "now", self.now.astimezone(UTC))


@dataclass(frozen=True, slots=True)
class Fee:
    """How the delivery fee comes about. `metres` is how far the branch is, None when nobody knows; `by_road` or in a
    straight line.

    `beyond`: the fee of a ZIP that only a perk reaches; bands say nothing there.
    """

    base_minor: Minor
    band: Band | None = None
    metres: int | None = None
    free_from_minor: Minor | None = None
    beyond: bool = False
    by_road: bool = False

    @property
    def total_minor(self) -> Minor:
        return self.base_minor + (self.band.extra_minor if self.band else 0)


@dataclass(frozen=True, slots=True)
class Terms:
    """What it costs to have something brought to an address: true at any hour.

    `area` stands on the terms of the address: its `fee_minor` is `fee.total_minor`. `notice`: below its minimum.
    """

    zip: str
    area: Area
    place: Place
    fee: Fee
    notice: Reason | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """As soon as possible: express, or ready at the counter. `eta_minutes` (low, high) counts traffic."""

    offered: bool
    reason: Reason | None = None
    eta_minutes: tuple[int, int] | None = None
    fee_minor: Minor | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot, in the store's zone. `left` places of what it counts; `delay_minutes` when traffic slows it."""

    starts_at: datetime
    ends_at: datetime
    left: int
    offered: bool
    reason: Reason | None = None
    delay_minutes: int = 0
    counts: Counts = Counts.orders


@dataclass(frozen=True, slots=True)
class Pickup:
    """One branch's counter. `ready_at` in the store's zone: when the order waits there if placed now."""

    place: Place
    offered: bool
    reason: Reason | None = None
    ready_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CourierOffer:
    """One courier. `arrives` (low, high) in the store's zone, when it is offered."""

    courier: Courier
    offered: bool
    reason: Reason | None = None
    arrives: tuple[datetime, datetime] | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What this customer can get, where and when; for each thing not offered, why.

    `slots` holds those still to come; `slots_reason` is set when none of them is offered, `reason` when nothing
    of the asked kind can be had. `notice` (below the minimum order) takes no option away, yet the order is
    refused until it is met. `next_opening` only while the branch is closed. `area` stands on the terms of this
    address: its `fee_minor` is `fee.total_minor`.
    `pickup` lists every counter also when delivery was asked for.
    """

    kind: HandOver
    zip: str
    area: Area | None
    place: Place | None
    express: Offer
    slots: tuple[Slot, ...]
    slots_reason: Reason | None
    pickup: tuple[Pickup, ...]
    reason: Reason | None = None
    notice: Reason | None = None
    next_opening: datetime | None = None
    fee: Fee | None = None
    couriers: tuple[CourierOffer, ...] = ()

    @property
    def message(self) -> str:
        """What to tell the customer above the options, empty when there is nothing to say."""
        said = self.reason or self.notice
        return said.message if said else ""
