"""Who wants to know at once that a driver moved. What they make of it is a hint, the rows are the truth.

The web process that holds sockets registers itself here; a listener gets plain values, never rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.dispatch.geo import Point


@dataclass(frozen=True)
class Fix:
    """One position as a device sent it. `at` is aware UTC by the device's clock, `seq` the device's own count."""

    seq: int
    lat: float
    lng: float
    at: datetime

    @property
    def point(self) -> Point:
        return self.lat, self.lng


@dataclass(frozen=True)
class Following:
    """An order on the road whose customer follows the driver: where it goes, and the doors before it."""

    order_id: int
    code: str
    status: str
    doors: tuple[Point, ...]  # its own is the last; empty when no place is known
    promised_until: datetime | None


@dataclass(frozen=True)
class DriverMoved:
    """New fixes, oldest first, none older than what was known. `following` are orders from PICKED_UP alone."""

    store_id: int
    driver_id: int
    fixes: tuple[Fix, ...]
    following: tuple[Following, ...]


@dataclass(frozen=True)
class ShiftChanged:
    """A driver came on or went off shift."""

    store_id: int
    driver_id: int
    on_shift: bool


Listener = Callable[[DriverMoved | ShiftChanged], None]
_listeners: list[Listener] = []


def register_listener(listener: Listener) -> None:
    """Hear of every move from here on, after it was committed. The same function twice is heard once."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(news: DriverMoved | ShiftChanged) -> None:
    """Give the news to every listener."""
    for listener in _listeners:
        listener(news)
