"""Outlines of zones: read from GeoJSON with everything that can be wrong said, and asked whether a point lies inside.

GeoJSON puts longitude first; points of the house are (latitude, longitude).
"""

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

import shapely
from shapely.errors import GEOSException
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry

from app.core.errors import InvalidInput
from app.core.i18n import _

MOST_CORNERS = 2000
LARGEST_DEGREES = 5.0
"""No side of a delivery area is longer than some 500 km: more is a slip of the pen or swapped coordinates."""

Outline: TypeAlias = BaseGeometry


def read_polygon(given: str | Mapping[str, Any] | None, field: str = "polygon") -> dict[str, Any] | None:
    """A GeoJSON Polygon or MultiPolygon (also inside a Feature), tidied to six decimals; None for nothing.

    InvalidInput on `field` says what is wrong with it: not JSON, not an area, edges that cross, off the globe.
    """
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    outline = _read(given, field)
    if len(shapely.get_coordinates(outline)) > MOST_CORNERS:
        raise InvalidInput({field: _("At most %(count)s corners, please.", count=MOST_CORNERS)})
    west, south, east, north = outline.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise InvalidInput({field: _("These are no places on the globe. Longitude comes first.")})
    if east - west > LARGEST_DEGREES or north - south > LARGEST_DEGREES:
        raise InvalidInput({field: _("This area is larger than any delivery goes.")})
    if not outline.is_valid:
        raise InvalidInput({field: _("The outline crosses itself. Move its corners apart.")})
    tidy = shapely.set_precision(outline, 1e-6)
    if tidy.is_empty or tidy.area == 0:
        raise InvalidInput({field: _("The outline needs at least three corners that are not on one line.")})
    return dict(json.loads(json.dumps(mapping(tidy))))


def _read(given: str | Mapping[str, Any], field: str) -> Outline:
    try:
        found = json.loads(given) if isinstance(given, str) else given
        if isinstance(found, Mapping) and found.get("type") == "Feature":
            found = found["geometry"]
        outline = shape(found)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, GEOSException, RecursionError):
        raise InvalidInput({field: _("This is no GeoJSON outline.")}) from None
    if not isinstance(outline, Polygon | MultiPolygon) or outline.is_empty:
        raise InvalidInput({field: _("Draw an area: a GeoJSON Polygon or MultiPolygon.")})
    return outline


def outline_of(polygon: Mapping[str, Any] | None) -> Outline | None:
    """The kept GeoJSON as a shape that answers quickly; None for none."""
    if polygon is None:
        return None
    outline = shape(polygon)
    shapely.prepare(outline)
    return outline


def lies_in(outline: Outline, lat: float, lng: float) -> bool:
    """Whether the point is inside or on the edge."""
    return bool(shapely.intersects_xy(outline, lng, lat))


def ring_of(outline: Outline | None) -> list[tuple[float, float]]:
    """The outer edge of an outline as (latitude, longitude), of several areas that of the largest; [] for none."""
    if outline is None:
        return []
    areas = outline.geoms if isinstance(outline, MultiPolygon) else [outline]
    largest = max(areas, key=lambda area: area.area)
    return [(lat, lng) for lng, lat in largest.exterior.coords]
