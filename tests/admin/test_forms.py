"""Forms: what is typed stays, what is wrong stands beside its field, and the database never speaks."""

import pytest
from sqlalchemy import select

from app.catalog.models import Category, Product, Variant
from app.core.audit import AuditEntry
from app.core.db import db
from app.identity.models import Membership
from app.promise.models import DeliverySlot, TrafficWindow, Zone, ZoneZip
from app.stores import forget_directory
from app.stores.models import Branch, Store
from tests.factories import make_category, make_customer, make_person, make_zone, place, soon

SQL_WORDS = ("psycopg2", "IntegrityError", "INSERT INTO", "UPDATE ", "uq_", "duplicate key", "constraint")
PRODUCT = {
    "name-en": "Zinc",
    "name-ru": "Цинк",
    "slug": "zinc",
    "hue": "150",
    "min_age": "0",
    "tags": "Immune, night",
}


def said(answer) -> str:
    page = answer.get_data(as_text=True)
    assert not [word for word in SQL_WORDS if word in page]
    return page


def test_a_product_is_made_read_back_and_audited(sign_in, goods):
    manager = sign_in("manager")
    answer = manager.post(
        "/console/products/add",
        PRODUCT | {"category_id": goods["category"], "active": "y", "published_from": "2026-12-01T09:00"},
    )
    assert answer.status_code == 303
    made = db.session.scalars(select(Product).where(Product.slug == "zinc")).one()
    assert made.name == {"en": "Zinc", "ru": "Цинк"} and made.tags == ["immune", "night"]
    assert made.published_from.isoformat() == "2026-12-01T14:00:00+00:00"  # nine in Miami
    assert answer.location.endswith(f"/console/products/edit/{made.id}")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "product_added")).one()
    assert entry.subject == f"product:{made.id}" and entry.actor_name == "Manager Test"
    page = manager.page(f"/console/products/edit/{made.id}")
    assert 'value="Цинк"' in page and 'value="2026-12-01T09:00"' in page


def test_the_other_languages_of_a_text_survive(sign_in, goods):
    manager = sign_in("manager")
    data = PRODUCT | {"slug": "vitamin", "category_id": goods["category"], "name-ru": "", "active": "y"}
    assert manager.post(f"/console/products/edit/{goods['product']}", data).status_code == 303
    assert db.session.get(Product, goods["product"]).name == {"en": "Zinc"}


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"slug": "Not A Slug"}, "slug", "Small letters"),
        ({"slug": "taken"}, "slug", "Another product has this address already."),
        ({"name-en": ""}, "name", "Write it at least in English."),
        ({"category_id": "999999"}, "category_id", "Not a valid choice"),
        ({"min_age": "old"}, "min_age", "Not a valid integer"),
        ({"max_per_order": "0"}, "max_per_order", "between"),
        (
            {"published_from": "2026-12-02T09:00", "published_until": "2026-12-01T09:00"},
            "published_until",
            "later",
        ),
        ({"published_from": "soon"}, "published_from", "Choose a date"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(sign_in, goods, change, field, message):
    db.session.add(Product(category_id=goods["category"], slug="taken", name={"en": "Taken"}))
    db.session.commit()
    db.session.remove()
    data = PRODUCT | {"category_id": goods["category"], "brand": "Typed before"} | change
    answer = sign_in("manager").post("/console/products/add", data)
    page = said(answer)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in page
    assert message in page[page.index(f'id="{field}-error"') :][:300]
    assert 'value="Typed before"' in page and 'value="Цинк"' in page
    assert db.session.scalars(select(Product).where(Product.slug == "zinc")).all() == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sku": "VITC"}, "sku"),
        ({"price_minor": "cheap"}, "price_minor"),
        ({"price_minor": ""}, "price_minor"),
        ({"compare_at_minor": "5"}, "compare_at_minor"),
        ({"barcode": "4006381333932"}, "barcode"),
        ({"tax_class": "luxury"}, "tax_class"),
    ],
)
def test_variants_refuse(sign_in, goods, change, field):
    data = {
        "sku": "NEW",
        "price_minor": "9.90",
        "cost_minor": "4",
        "tax_class": "standard",
        "weight_g": "0",
        "position": "0",
    }
    answer = sign_in("manager").post(f"/console/variants/new/{goods['product']}", data | change)
    assert answer.status_code == 422 and f'id="{field}-error"' in said(answer)
    assert len(db.session.scalars(select(Variant)).all()) == 1


def test_a_variant_is_made(sign_in, goods):
    data = {
        "sku": "NEW",
        "price_minor": "9,90",
        "compare_at_minor": "12",
        "cost_minor": "4",
        "tax_class": "standard",
        "weight_g": "120",
        "position": "1",
        "barcode": "4006381333931",
        "label-en": "60 tablets",
        "active": "y",
    }
    assert sign_in("manager").post(f"/console/variants/new/{goods['product']}", data).status_code == 303
    made = db.session.scalars(select(Variant).where(Variant.sku == "NEW")).one()
    assert (made.price_minor, made.compare_at_minor, made.cost_minor, made.label) == (
        990,
        1200,
        400,
        {"en": "60 tablets"},
    )


def test_what_is_still_used_is_not_deleted(sign_in, goods):
    manager = sign_in("manager")
    answer = manager.post(f"/console/categories/delete/{goods['category']}", follow_redirects=True)
    assert "Other records still use this" in said(answer)
    assert db.session.get(Category, goods["category"]) is not None


def test_a_category_does_not_stand_in_itself(sign_in, goods):
    parent = db.session.get(Category, goods["category"])
    child = make_category("child", parent_id=parent.id).id
    db.session.remove()
    data = {
        "name-en": "Loop",
        "slug": "loop",
        "parent_id": child,
        "hue": "1",
        "position": "0",
        "min_age": "0",
    }
    answer = sign_in("manager").post(f"/console/categories/edit/{goods['category']}", data)
    assert answer.status_code == 422 and 'id="parent_id-error"' in said(answer)


ZONE = {
    "name": "South",
    "minimum_minor": "15",
    "fee_minor": "3.99",
    "eta_low": "20",
    "eta_high": "40",
    "position": "0",
    "express": "y",
    "slots": "y",
    "active": "y",
}


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"zips": "33129 331x0"}, "zips", "331x0"),
        ({"zips": "33130"}, "zips", "33130 (North)"),
        ({"eta_low": "50"}, "eta_high", "less than the fastest"),
        ({"name": "North"}, "name", "Another zone has this name already."),
    ],
)
def test_zones_refuse(sign_in, goods, change, field, message):
    from app.stores.models import Branch

    make_zone(db.session.get(Branch, goods["branch"]), ("33130",), name="North")
    db.session.remove()
    answer = sign_in("manager").post(
        "/console/zones/add", ZONE | {"branch_id": goods["branch"], "zips": "33131"} | change
    )
    page = said(answer)
    assert answer.status_code == 422 and message in page[page.index(f'id="{field}-error"') :][:300]
    assert [zone.name for zone in db.session.scalars(select(Zone))] == ["North"]


def test_a_zones_zips_are_exactly_those_written(sign_in, goods):
    manager = sign_in("manager")
    data = ZONE | {"branch_id": goods["branch"]}
    assert manager.post("/console/zones/add", data | {"zips": "33129, 33130\n33131-1234"}).status_code == 303
    zone = db.session.scalars(select(Zone)).one().id
    db.session.remove()
    assert manager.post(f"/console/zones/edit/{zone}", data | {"zips": "33131 33132"}).status_code == 303
    assert db.session.scalars(select(ZoneZip.zip).order_by(ZoneZip.zip)).all() == ["33131", "33132"]


@pytest.mark.parametrize(
    ("capacity", "status"), [("9", 303), ("2", 303), ("1", 422), ("501", 422), ("x", 422)]
)
def test_capacity_never_below_what_is_booked(sign_in, goods, capacity, status):
    db.session.add(DeliverySlot(branch_id=goods["branch"], starts_at=soon(), capacity=6, booked=2))
    db.session.commit()
    slot = db.session.scalars(select(DeliverySlot.id)).one()
    db.session.remove()
    assert (
        sign_in("manager").post(f"/console/slots/edit/{slot}", {"capacity": capacity}).status_code == status
    )
    assert db.session.get(DeliverySlot, slot).capacity == (int(capacity) if status == 303 else 6)


STORE = {
    "name": "Brickell Apothecary",
    "min_age": "21",
    "support_phone": "+13055550100",
    "support_email": "help@example.com",
    "tax_rates_bp-class": ["standard", "exempt"],
    "tax_rates_bp-rate": ["7,25", "0"],
    "review_delay_minutes": "10",
    "unpaid_minutes": "30",
    "transfer_minutes": "60",
    "transfer_reminder_minutes": "10",
    "transfer_unique_cents": "y",
    "transfer_second_from_minor": "500.00",
    "cart_reminder_hours": "4",
}


def test_store_details(app, sign_in, goods):
    try:
        assert sign_in("store_admin").post("/console/store/", STORE).status_code == 303
        store = db.session.get(Store, 1)
        assert (
            store.tax_rates_bp == {"standard": 725, "exempt": 0} and store.support_email == "help@example.com"
        )
        assert db.session.scalars(select(AuditEntry.action).where(AuditEntry.subject == "store:1")).all() == [
            "store_changed"
        ]
    finally:
        store = db.session.get(Store, 1)
        store.tax_rates_bp, store.support_email, store.support_phone = {"standard": 700, "exempt": 0}, "", ""
        db.session.commit()
        forget_directory()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"support_phone": "555"}, "support_phone"),
        ({"support_email": "nobody"}, "support_email"),
        ({"tax_rates_bp-rate": ["seven", "0"]}, "tax_rates_bp"),
        ({"tax_rates_bp-class": ["exempt"], "tax_rates_bp-rate": ["0"]}, "tax_rates_bp"),
        ({"min_age": "-1"}, "min_age"),
    ],
)
def test_store_details_refuse(sign_in, goods, change, field):
    answer = sign_in("store_admin").post("/console/store/", STORE | change)
    assert answer.status_code == 422 and f'id="{field}-error"' in said(answer)
    assert db.session.get(Store, 1).tax_rates_bp == {"standard": 700, "exempt": 0}


def test_roles_are_given_and_taken_by_the_service(sign_in, goods):
    person = make_person("Nora", phone="+13055557777")
    key = person.id
    db.session.remove()
    admin = sign_in("store_admin")
    assert admin.post("/console/staff/add", {"who": "+1 305 555 7777", "role": "manager"}).status_code == 303
    held = db.session.scalars(select(Membership).where(Membership.user_id == key)).one()
    assert held.role == "manager"
    membership = held.id
    db.session.remove()
    assert (
        admin.post("/console/staff/add", {"who": "nobody@example.com", "role": "manager"}).status_code == 422
    )
    assert (
        admin.post("/console/staff/add", {"who": "+13055557777", "role": "platform_admin"}).status_code == 422
    )
    assert admin.post(f"/console/staff/delete/{membership}").status_code == 303
    assert db.session.get(Membership, membership) is None


def test_orders_move_by_the_table_and_say_why_not(sign_in, goods):
    from app.stores.models import Branch

    make_zone(db.session.get(Branch, goods["branch"]))
    order = place(("VITC", 1), actor=make_customer()).id
    db.session.remove()
    dispatcher = sign_in("dispatcher")
    page = dispatcher.page(f"/console/orders/show/{order}")
    assert "Confirm" in page and "Cancel order" in page and "Mark ready" not in page
    refused = dispatcher.post(f"/console/orders/act/{order}/cancel", {"reason": ""})
    assert refused.status_code == 422 and 'role="alert"' in said(refused)
    assert dispatcher.post(f"/console/orders/act/{order}/confirm").status_code == 303
    assert dispatcher.post(f"/console/orders/act/{order}/confirm").status_code == 409
    assert dispatcher.post(f"/console/orders/act/{order}/explode").status_code == 404
    assert dispatcher.post("/console/orders/bulk", {"action": "ready", "row": order}).status_code == 303
    assert ">Ready<" in dispatcher.page(f"/console/orders/show/{order}")


WINDOW = {"effect": "closed", "extra_minutes": "0", "from_time": "00:00", "to_time": "23:59", "active": "y"}


def test_a_window_is_previewed_for_a_zip_and_nothing_is_saved(sign_in, goods):
    make_zone(db.session.get_one(Branch, goods["branch"]))
    db.session.remove()
    manager = sign_in("manager")
    page = said(manager.post("/console/traffic/preview", WINDOW | {"zips": "33129", "preview_zip": "33129"}))
    assert "times change with this window." in page and "because of traffic" in page
    other = said(manager.post("/console/traffic/preview", WINDOW | {"zips": "33129", "preview_zip": "33130"}))
    assert "0 times change with this window." in other
    wrong = manager.post("/console/traffic/preview", WINDOW | {"zips": "33129", "preview_zip": "Miami"})
    assert wrong.status_code == 422 and 'id="preview_zip-error"' in said(wrong)
    none = manager.post("/console/traffic/preview", WINDOW | {"preview_zip": "33129"})
    assert none.status_code == 422 and 'id="zone_ids-error"' in said(none)
    assert db.session.scalars(select(TrafficWindow)).all() == []
