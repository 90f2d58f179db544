"""What a geocoder and a router are to us: one question, one answer, or one of two ways not to know."""

from dataclasses import dataclass
from typing import Protocol

from app.core.geo import Point
from app.promise.types import Spot


@dataclass(frozen=True)
class Address:
    """A street address. `zip` is normalised, `country` two letters."""

    line1: str
    city: str
    zip: str
    country: str


class GeocoderSilent(Exception):
    """Nobody answered, or nothing that could be read. The text is for staff, without the address."""


class Geocoder(Protocol):
    """Finds the point of an address. A call takes at most about two seconds and runs outside any transaction."""

    def find(self, address: Address) -> Spot | None:
        """The house or street; None where the geocoder knows no such address. Raises GeocoderSilent."""


class RouterSilent(Exception):
    """Nobody answered, or nothing that could be read. The text is for staff, without the points."""


class Router(Protocol):
    """Knows the roads. A call takes at most about two seconds and runs outside any transaction."""

    def drive(self, start: Point, end: Point) -> int | None:
        """Metres of the way by car; None where there is none. Raises RouterSilent."""
