"""Special prices in the console: for whom, how long, why; and what refuses to be one."""

import pytest
from sqlalchemy import select

from app import identity
from app.catalog.models import PriceOverride
from app.core.audit import AuditEntry
from app.core.db import db
from tests.factories import make_person

BASE = {"sku": "VITC", "price_minor": "9.90", "reason": "Loyal for years", "starts_at": "", "ends_at": ""}


@pytest.fixture
def ana(committed) -> int:
    person = make_person("Ana", phone="+13055550142")
    key = identity.customer_of(person).id
    db.session.remove()
    return key


def rows():
    return list(db.session.scalars(select(PriceOverride).order_by(PriceOverride.id)))


def test_a_price_for_one_customer(sign_in, goods, ana):
    manager = sign_in("manager")
    page = manager.page(f"/console/prices/add?sku=VITC&customer={ana}")
    assert 'value="VITC"' in page and "+13055550142" in page
    typed = BASE | {"kind": "patient", "customer": "(305) 555-0142", "tier": "gold"}
    assert manager.post("/console/prices/add", typed).status_code == 303
    (row,) = rows()
    assert (row.customer_id, row.tier, row.price_minor, row.doctor_id) == (ana, "", 990, None)
    listed = manager.page("/console/prices/list/?kind=patient&state=now")
    assert "Loyal for years" in listed and "$9.90" in listed and "$12.50" in listed
    edited = BASE | {"kind": "patient", "customer": "+13055550142", "price_minor": "8"}
    assert manager.post(f"/console/prices/edit/{row.id}", edited).status_code == 303
    assert rows()[0].price_minor == 800
    verbs = db.session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("price_override%")))
    assert sorted(verbs) == ["price_override_added", "price_override_changed"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "patient", "customer": ""}, "Say who it is for."),
        ({"kind": "patient", "customer": "+13055550199"}, "no such customer"),
        ({"kind": "patient", "customer": "nobody@example.com"}, "no such customer"),
        ({"kind": "patient", "customer": "12"}, "phone number"),
        ({"kind": "tier", "tier": ""}, "Say who it is for."),
        ({"kind": "doctor", "doctor_id": ""}, "Say who it is for."),
        ({"kind": "period"}, "needs a beginning or an end"),
        ({"kind": "tier", "tier": "gold", "sku": "NOPE"}, "There is no such SKU."),
        (
            {"kind": "tier", "tier": "gold", "starts_at": "2026-05-02T10:00", "ends_at": "2026-05-01T10:00"},
            "later",
        ),
        ({"kind": "tier", "tier": "gold", "reason": ""}, "has-error"),
    ],
)
def test_refused_with_everything_typed_kept(sign_in, goods, ana, change, message):
    answer = sign_in("manager").post("/console/prices/add", BASE | change)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and message in page and 'value="9.90"' in page
    assert rows() == []


def test_two_for_the_same_time_are_refused_beside_the_field(sign_in, goods):
    manager = sign_in("manager")
    tier = BASE | {"kind": "tier", "tier": "Gold"}
    assert manager.post("/console/prices/add", tier).status_code == 303
    answer = manager.post("/console/prices/add", tier | {"tier": "gold"})
    assert answer.status_code == 422 and "another price for this SKU" in answer.get_data(as_text=True)
    assert len(rows()) == 1
