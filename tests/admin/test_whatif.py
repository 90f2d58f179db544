"""What-if by form: asked, answered, applied once with its trail, refused beside the field; long ones by a job."""

import pytest
from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.db import db
from app.core.events import EventRecord
from app.insight import service
from app.insight.models import RunStatus, WhatIf
from app.promise.models import DeliveryPolicy, TrafficWindow, Zone
from app.stores.models import Branch
from tests.factories import make_customer, make_zone, place

PATH = "/console/what-if/"


@pytest.fixture
def ordered(goods):
    """Three deliveries of today; gives the id of their zone."""
    zone = make_zone(db.session.get_one(Branch, goods["branch"])).id
    for number in range(3):
        place(("VITC", 1), actor=make_customer(f"Ana{number}"))
    db.session.remove()
    return zone


def test_a_paused_zone_loses_its_orders_and_is_applied_once(sign_in, ordered):
    manager = sign_in("manager")
    answer = manager.post(PATH, {"name": "Pause it", "weeks": "1", f"zone-{ordered}": "known"})
    assert answer.status_code == 303
    run = db.session.scalars(select(WhatIf)).one()
    assert run.status is RunStatus.done and (run.result["orders"], run.result["lost"]) == (3, 3)
    page = manager.page(answer.location)
    assert "Lost orders" in page and "the zone is paused" in page and "Apply these settings" in page
    assert db.session.get_one(Zone, ordered).active
    pk = run.id
    assert manager.post(f"{PATH}apply/{pk}").status_code == 303
    zone = db.session.get_one(Zone, ordered)
    assert not zone.active and not zone.express
    actions = {*db.session.scalars(select(AuditEntry.action))}
    assert {"zone_changed", "what_if_applied"} <= actions
    manager.post(f"{PATH}apply/{pk}")
    applied = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "what_if_applied")).all()
    assert len(applied) == 1 and "cannot be applied" in manager.page(f"{PATH}show/{pk}")


def test_everything_else_is_applied_too(sign_in, ordered, goods):
    manager = sign_in("manager")
    form = {
        "weeks": "1",
        "capacity_percent": "50",
        "lead_minutes": "45",
        "express_share": "40",
        "band_capacity": "9",
        "band_day": ["0", "1"],
        "band_from": "17",
        "band_until": "19",
        "new_effect": "longer",
        "new_minutes": "15",
        "new_from": "17:00",
        "new_to": "19:00",
        "new_zone": str(ordered),
    }
    answer = manager.post(PATH, form)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    manager.post(f"{PATH}apply/{db.session.scalars(select(WhatIf.id)).one()}")
    policy = db.session.scalars(select(DeliveryPolicy)).one()
    assert (policy.lead_minutes, policy.express_share_bp, policy.slot_minutes) == (45, 4000, 15)
    assert db.session.get_one(Branch, goods["branch"]).slot_capacity == 3
    window = db.session.scalars(select(TrafficWindow)).one()
    assert (window.extra_minutes, window.zone_ids) == (15, [ordered])


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"weeks": "99"}, "weeks"),
        ({"capacity_percent": "half"}, "capacity_percent"),
        ({"slot_minutes": "17"}, "slot_minutes"),
        ({"band_capacity": "4", "band_from": "9", "band_until": "12"}, "band_capacity"),
        ({"new_effect": "closed", "new_from": "x", "new_to": "19:00"}, "new_from"),
        ({"express_share": "140"}, "express_share"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(sign_in, ordered, form, field):
    answer = sign_in("manager").post(PATH, {"weeks": "1", "name": "Kept"} | form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and 'value="Kept"' in page
    assert field == "slot_minutes" or f'id="{field}-error"' in page
    assert db.session.scalars(select(WhatIf)).all() == []


def test_a_long_history_is_a_job_and_twice_is_harmless(sign_in, ordered, monkeypatch):
    monkeypatch.setattr(service, "AT_ONCE", 1)
    manager = sign_in("manager")
    answer = manager.post(PATH, {"weeks": "1"})
    assert "being replayed" in manager.page(answer.location)
    event = db.session.scalars(select(EventRecord).where(EventRecord.type == "WhatIfAsked")).one()
    for _twice in range(2):
        service.reckon_what_if(event.aggregate_id)
    assert db.session.scalars(select(WhatIf)).one().result["orders"] == 3


def test_nothing_to_replay_and_nobody_else(sign_in, goods):
    answer = sign_in("manager").post(PATH, {"weeks": "2"})
    assert answer.status_code == 422 and "nothing to replay" in answer.get_data(as_text=True)
    assert sign_in("dispatcher").post(PATH, {"weeks": "2"}).status_code in {302, 403}
