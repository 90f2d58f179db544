"""Where an address belongs: outlines before ZIPs, perks after both; and what distance adds to the fee."""

from dataclasses import replace

import pytest
from shapely.geometry import box

from app.core.errors import InvalidInput
from app.promise import Band, Closure, Perks, ReasonCode, Spot, explain, options
from app.promise.geometry import read_polygon
from tests.promise.cast import BEACH, GROVE, MIAMI, ask, at, code, slot_of

SQUARE = replace(GROVE, outline=box(-80.30, 25.70, -80.20, 25.80), zips=frozenset({"33133"}))
DRAWN = replace(MIAMI, areas=(SQUARE, BEACH))
INSIDE, OUTSIDE = Spot(25.75, -80.25), Spot(25.75, -80.10)


@pytest.mark.parametrize(
    ("zip_code", "spot", "area"),
    [
        pytest.param("33133", INSIDE, "Brickell–Coconut Grove", id="its ZIP, inside"),
        pytest.param("33010", INSIDE, "Brickell–Coconut Grove", id="a stranger's ZIP, inside"),
        pytest.param(
            "33139", INSIDE, "Brickell–Coconut Grove", id="another zone's ZIP, inside: the outline wins"
        ),
        pytest.param("33133", OUTSIDE, None, id="its ZIP, the address outside"),
        pytest.param(
            "33133", replace(OUTSIDE, exact=False), "Brickell–Coconut Grove", id="only the ZIP is known"
        ),
        pytest.param("33133", None, "Brickell–Coconut Grove", id="nothing is known but the ZIP"),
        pytest.param(
            "33010", replace(INSIDE, exact=False), "Brickell–Coconut Grove", id="the ZIP's middle is inside"
        ),
        pytest.param("33139", replace(INSIDE, exact=False), "Miami Beach", id="a ZIP beats the middle of it"),
        pytest.param("33139", OUTSIDE, "Miami Beach", id="a zone without an outline goes by ZIPs"),
        pytest.param("33010", OUTSIDE, None, id="nowhere"),
        pytest.param("33133", Spot(25.70, -80.25), "Brickell–Coconut Grove", id="on the edge"),
    ],
)
def test_which_zone(zip_code, spot, area):
    found = options(DRAWN, ask(zip=zip_code, spot=spot))
    assert (found.area.name if found.area else None) == area
    if area is None:
        assert code(found.reason) in {ReasonCode.address_outside, ReasonCode.zip_outside}
        assert code(found.express.reason) == code(found.reason)


def test_an_address_outside_of_its_zone_is_told_so():
    assert code(options(DRAWN, ask(zip="33133", spot=OUTSIDE)).reason) is ReasonCode.address_outside


def test_a_perk_reaches_further_for_a_fee_of_its_own():
    world = replace(MIAMI, areas=(replace(GROVE, beyond={"33186": 1490}, bands=(Band(1, 9900),)), BEACH))
    assert code(options(world, ask(zip="33186")).reason) is ReasonCode.zip_beyond
    found = options(world, ask(zip="33186", perks=Perks(beyond_zones=True), spot=Spot(25.6, -80.4)))
    assert (found.area.name, found.area.fee_minor, found.fee.beyond) == (GROVE.name, 1490, True)
    assert "$14.90" in " ".join(why.message for why in explain(world, found))


@pytest.mark.parametrize(
    ("spot", "extra"),
    [
        pytest.param(None, 0, id="nobody knows how far"),
        pytest.param(Spot(25.76, -80.19), 0, id="next door"),
        pytest.param(Spot(25.76 + 2999 / 111_195, -80.19), 0, id="just before the first band"),
        pytest.param(Spot(25.76 + 3001 / 111_195, -80.19), 200, id="just inside it"),
        pytest.param(Spot(25.76 + 9000 / 111_195, -80.19), 450, id="the farthest alone counts"),
    ],
)
def test_distance_bands(spot, extra):
    world = replace(MIAMI, areas=(replace(GROVE, bands=(Band(3000, 200), Band(6000, 450))),))
    found = options(world, ask(spot=spot))
    assert found.fee.total_minor == found.area.fee_minor == found.express.fee_minor == 590 + extra
    said = " ".join(why.message for why in explain(world, found) if why.about == "fee")
    assert ("from the branch" in said) == bool(extra)
    assert "$5.90" in said and "Free from $75.00" in said


def test_a_closed_stretch_darkens_slots_and_express_with_its_note():
    storm = Closure(1, at("2026-11-20 10:00"), at("2026-11-20 12:00"), {"en": "Storm."})
    found = options(replace(MIAMI, closures=(storm,)), ask("2026-11-20 10:03"))
    assert code(found.express.reason) is ReasonCode.express_shut
    shut = slot_of(found, "2026-11-20 11:45")
    assert (code(shut.reason), str(shut.reason)) == (ReasonCode.slot_shut, "Storm.")
    assert slot_of(found, "2026-11-20 12:00").offered
    elsewhere = replace(storm, branch_id=2)
    assert options(replace(MIAMI, closures=(elsewhere,)), ask("2026-11-20 10:03")).express.offered


def test_an_hour_of_its_own_capacity():
    place = replace(MIAMI.places[0], hourly={(4, 11): 0, (4, 12): 2})
    found = options(replace(MIAMI, places=(place,)), ask("2026-11-20 09:03"))
    assert code(slot_of(found, "2026-11-20 11:15").reason) is ReasonCode.slot_closed
    assert slot_of(found, "2026-11-20 12:15").left == 2
    assert slot_of(found, "2026-11-21 11:15").left == 6


RING = [[-80.3, 25.7], [-80.2, 25.7], [-80.2, 25.8], [-80.3, 25.8], [-80.3, 25.7]]


def test_reading_an_outline():
    polygon = {"type": "Polygon", "coordinates": [RING]}
    kept = read_polygon(polygon)
    assert kept["type"] == "Polygon" and len(kept["coordinates"][0]) == 5
    assert read_polygon({"type": "Feature", "properties": {}, "geometry": polygon}) == kept
    assert read_polygon("") is None and read_polygon(None) is None


@pytest.mark.parametrize(
    "given",
    [
        "{",
        "[]",
        "5",
        '{"type": "Point", "coordinates": [1, 2]}',
        '{"type": "Polygon"}',
        '{"type": "Polygon", "coordinates": []}',
        '{"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}',
        '{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 2], [0, 0]]]}',
        '{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}',
        '{"type": "Polygon", "coordinates": [[[200, 0], [201, 0], [201, 1], [200, 0]]]}',
        '{"type": "Polygon", "coordinates": [[[0, 0], [60, 0], [60, 60], [0, 0]]]}',
        '{"type": "Polygon", "coordinates": [[["a", 0], [1, 0], [1, 1], [0, 0]]]}',
        '{"type": "Polygon", "coordinates": [[[NaN, 0], [1, 0], [1, 1], [0, 0]]]}',
        '{"type": "Feature", "geometry": null}',
    ],
)
def test_what_is_no_outline_is_said_beside_its_field(given):
    with pytest.raises(InvalidInput) as refused:
        read_polygon(given)
    assert refused.value.errors["polygon"]
