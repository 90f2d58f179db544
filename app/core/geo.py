"""The straight line between two points on the globe."""

from math import asin, cos, radians, sin, sqrt

Point = tuple[float, float]
"""(latitude, longitude) in degrees."""

EARTH_M = 6_371_000


def distance_m(a: Point, b: Point) -> float:
    """Great-circle distance in metres (haversine)."""
    (lat1, lng1), (lat2, lng2) = ((radians(p[0]), radians(p[1])) for p in (a, b))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lng2 - lng1) / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(half)))
