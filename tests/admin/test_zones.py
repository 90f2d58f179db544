"""Zones by form: outline, distances and ZIPs for members are kept and audited; what is wrong is named at its field."""

import json

import pytest
from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.db import db
from app.promise.models import Zone
from app.stores.models import Branch
from tests.factories import make_zone

RING = [[-80.2, 25.74], [-80.18, 25.74], [-80.18, 25.76], [-80.2, 25.76], [-80.2, 25.74]]
OUTLINE = json.dumps({"type": "Polygon", "coordinates": [RING]})


@pytest.fixture
def zone(goods):
    made = make_zone(db.session.get_one(Branch, goods["branch"]), name="Grove").id
    db.session.remove()
    return made


def form(goods, **changes):
    return {
        "name": "Grove",
        "branch_id": goods["branch"],
        "zips": "33129 33130",
        "minimum_minor": "15",
        "polygon": "",
        "fee_minor": "4.99",
        "eta_low": "30",
        "eta_high": "60",
        "position": "0",
        "express": "y",
        "slots": "y",
        "active": "y",
    } | changes


def test_an_outline_distances_and_members_zips_are_kept(sign_in, goods, zone):
    manager, path = sign_in("manager"), f"/console/zones/edit/{zone}"
    terms = {
        "bands-key": ["2.5", "4"],
        "bands-amount": ["1", "2.50"],
        "reaches-key": ["33156"],
        "reaches-amount": ["9"],
    }
    answer = manager.post(path, form(goods, polygon=OUTLINE, **terms))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    row = db.session.get_one(Zone, zone)
    assert [(band.from_metres, band.extra_minor) for band in row.bands] == [(2500, 100), (4000, 250)]
    assert [(one.zip, one.fee_minor) for one in row.reaches] == [("33156", 900)]
    assert row.polygon["type"] == "Polygon"
    assert "zone_terms_changed" in {*db.session.scalars(select(AuditEntry.action))}
    page = manager.page(path)
    assert (
        'value="2.5"' in page
        and 'value="2.50"' in page
        and 'value="33156"' in page
        and "data-zone-map" in page
    )
    assert manager.post(path, form(goods)).status_code == 303
    row = db.session.get_one(Zone, zone)
    assert (row.polygon, row.bands, row.reaches) == (None, [], [])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"polygon": "{"}, "polygon"),
        ({"polygon": '{"type": "Point", "coordinates": [1, 2]}'}, "polygon"),
        ({"bands-key": ["near"], "bands-amount": ["1"]}, "bands"),
        ({"bands-key": ["2"], "bands-amount": ["much"]}, "bands"),
        ({"bands-key": ["2", "2.0"], "bands-amount": ["1", "2"]}, "bands"),
        ({"reaches-key": ["x"], "reaches-amount": ["1"]}, "reaches"),
        ({"eta_low": "90"}, "eta_high"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(sign_in, goods, zone, changes, field):
    answer = sign_in("manager").post(f"/console/zones/edit/{zone}", form(goods, **changes))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and f'id="{field}-error"' in page
    assert db.session.get_one(Zone, zone).polygon is None


def test_outlines_that_overlap_are_shown(sign_in, goods, zone):
    manager = sign_in("manager")
    manager.post(f"/console/zones/edit/{zone}", form(goods, polygon=OUTLINE))
    new = form(goods, name="Beach", zips="33139", polygon=OUTLINE)
    assert manager.post("/console/zones/add", new).status_code == 303
    assert "Overlaps with: Beach." in manager.page(f"/console/zones/edit/{zone}")
