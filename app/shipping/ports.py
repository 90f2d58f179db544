"""What a courier aggregator is to us: prices for a parcel, a booking, and how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.core.money import Minor
from app.core.outside import OutcomeUnknown, Refused, SendError, TryLater
from app.shipping.status import ShipmentStatus

__all__ = [
    "Booking",
    "Carriage",
    "CourierPort",
    "Door",
    "OutcomeUnknown",
    "Rate",
    "Refused",
    "Report",
    "SendError",
    "TryLater",
]


@dataclass(frozen=True, slots=True)
class Door:
    """A door a courier stops at. The point is degrees; couriers that come at once need it."""

    zip: str
    lat: float | None = None
    lng: float | None = None
    name: str = ""
    phone: str = ""
    address: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Carriage:
    """What is to be carried from where to where. What is inside stays between pharmacy and customer."""

    origin: Door
    destination: Door
    weight_g: int
    value_minor: Minor


@dataclass(frozen=True, slots=True)
class Rate:
    """One courier's price. `minutes` (low, high) is the time on the road; `instant`: it comes at once."""

    company: str
    service: str
    name: str
    price_minor: Minor
    minutes: tuple[int, int]
    instant: bool = False
    takes_cash: bool = False


@dataclass(frozen=True, slots=True)
class Booking:
    """An order for a courier. `reference` is ours: the same one is never booked twice."""

    reference: str
    company: str
    service: str
    carriage: Carriage
    cash_minor: Minor = 0


@dataclass(frozen=True, slots=True)
class Report:
    """A booking as the provider knows it now. `history` is (status, at, note), oldest first."""

    provider_id: str
    status: ShipmentStatus
    waybill: str = ""
    tracking_url: str = ""
    price_minor: Minor | None = None
    driver_name: str = ""
    driver_phone: str = ""
    history: Sequence[tuple[str, datetime, str]] = field(default=())


class CourierPort(Protocol):
    """Couriers behind one door. Calls take about five seconds at most and run outside any transaction.

    Every call raises Refused, TryLater or OutcomeUnknown.
    """

    name: str

    def rates(self, carriage: Carriage, companies: Sequence[str]) -> list[Rate]:
        """What these couriers ask; one that does not go there is not among them."""

    def book(self, booking: Booking) -> Report:
        """Have it fetched. A reference that was booked before gives that booking."""

    def get(self, provider_id: str) -> Report:
        """How far it is."""

    def cancel(self, provider_id: str, reason: str) -> Report:
        """Call it off; Refused once the courier has it."""
