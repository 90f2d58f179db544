"""Outlines for the demo's zones: to each ZIP what lies nearest to its middle, so that zones touch and never overlap."""

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry import MultiPoint, Point

from app.promise import locate
from app.promise.geometry import read_polygon

AROUND_DEGREES = 0.035
"""How far beyond a middle a zone goes where no neighbour stops it: some 3.5 km."""


def outlines(zones: Mapping[str, Sequence[str]], country: str) -> dict[str, dict[str, Any] | None]:
    """Zone → GeoJSON; None where the table knows none of its ZIPs."""
    middles = {
        zip_code: Point(found.lng, found.lat)
        for zips in zones.values()
        for zip_code in zips
        if (found := locate(zip_code, country))
    }
    if len(middles) < 2:
        return dict.fromkeys(zones)
    cells = list(
        shapely.voronoi_polygons(MultiPoint(list(middles.values())), extend_to=_frame(middles)).geoms
    )
    return {name: _outline(zips, middles, cells) for name, zips in zones.items()}


def _frame(middles: Mapping[str, Point]) -> Any:
    return MultiPoint(list(middles.values())).buffer(4 * AROUND_DEGREES)


def _outline(zips: Sequence[str], middles: Mapping[str, Point], cells: list[Any]) -> dict[str, Any] | None:
    mine = [middles[zip_code] for zip_code in zips if zip_code in middles]
    if not mine:
        return None
    pieces = [
        cell.intersection(point.buffer(AROUND_DEGREES, quad_segs=4))
        for point in mine
        for cell in cells
        if cell.intersects(point)
    ]
    outline = shapely.union_all(pieces).simplify(0.001)
    return read_polygon(shapely.geometry.mapping(outline))
