"""The demo's zones are drawn without a gap in their own ZIPs and without two of them in one place."""

from itertools import combinations

import pytest
from shapely.geometry import Point, shape

from app.demo.outlines import outlines
from app.demo.world import STORES
from app.promise import locate


@pytest.mark.parametrize("slug", STORES)
def test_zones_touch_and_hold_their_own(slug):
    spec = STORES[slug]
    drawn = outlines({zone.name: zone.zips for zone in spec.zones}, spec.columns["country"])
    shapes = {name: shape(polygon) for name, polygon in drawn.items() if polygon}
    assert len(shapes) == len(spec.zones)
    for one, other in combinations(shapes.values(), 2):
        assert one.intersection(other).area < 0.05 * min(one.area, other.area)
    for zone in spec.zones:
        for code in zone.zips:
            if middle := locate(code, spec.columns["country"]):
                assert shapes[zone.name].covers(Point(middle.lng, middle.lat))
