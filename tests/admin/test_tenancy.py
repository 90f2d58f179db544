"""The console of one store with the ids of another: 404 everywhere, nothing changed, nothing offered."""

import re

import pytest
from sqlalchemy import select

from admin.base import StoreModelView
from app.catalog.models import Category, Product
from app.core.db import db
from app.core.tenancy import store_scope
from app.orders.models import Order
from tests.factories import JAKARTA, make_branch, make_category, make_customer, make_variant, make_zone, place


@pytest.fixture
def foreign(committed):
    """Ids of rows of Miami, by table."""
    ana, branch = make_customer(), make_branch()
    zone = make_zone(branch)
    variant = make_variant(branch, "VITC")
    order = place(("VITC", 1), actor=ana)
    found = {
        "ProductAdmin": variant.product_id,
        "VariantAdmin": variant.id,
        "CategoryAdmin": variant.product.category_id,
        "OrderAdmin": order.id,
        "CustomerAdmin": ana.customer_id,
        "ZoneAdmin": zone.id,
        "BranchAdmin": branch.id,
        "StockAdmin": 1,
        "OpeningHoursAdmin": 1,
    }
    db.session.remove()
    return found


def views(app):
    return [view for view in app.appbuilder.baseviews if isinstance(view, StoreModelView)]


def test_every_page_and_form_is_404_for_another_stores_row(app, sign_in, foreign):
    admin = sign_in("store_admin", JAKARTA)
    asked = 0
    for view in views(app):
        pk = foreign.get(view.endpoint, 1)
        if view.endpoint in {
            "PersonAdmin",
            "PlatformStoreAdmin",
            "AuditAdmin",
            "MembershipAdmin",
            "ContactPointAdmin",
        }:
            continue
        for method in {"show", "edit"} - set(view.exclude_route_methods):
            asked += 1
            assert admin.get(f"{view.route_base}/{method}/{pk}").status_code == 404, (view.endpoint, method)
    assert asked >= 12


def test_posts_to_another_stores_rows_are_404_and_change_nothing(app, sign_in, foreign):
    admin = sign_in("store_admin", JAKARTA)
    product, order, photo = foreign["ProductAdmin"], foreign["OrderAdmin"], 1
    for path in (
        f"/console/products/edit/{product}",
        f"/console/products/delete/{product}",
        f"/console/categories/delete/{foreign['CategoryAdmin']}",
        f"/console/zones/delete/{foreign['ZoneAdmin']}",
        f"/console/orders/act/{order}/confirm",
        f"/console/orders/note/{order}",
        f"/console/photos/upload/{product}",
        f"/console/photos/delete/{photo}",
        f"/console/variants/new/{product}",
    ):
        assert admin.post(path, {"reason": "mine now"}).status_code == 404, path
    assert db.session.get(Product, product) is not None
    assert db.session.get(Order, order).status == "PENDING"


def test_a_bulk_action_passes_over_another_stores_orders(sign_in, foreign):
    answer = sign_in("store_admin", JAKARTA).post(
        "/console/orders/bulk", {"action": "confirm", "row": foreign["OrderAdmin"]}
    )
    assert answer.status_code == 303
    assert db.session.get(Order, foreign["OrderAdmin"]).status == "PENDING"


def test_drop_downs_offer_only_the_stores_own_rows(sign_in, foreign):
    with store_scope(JAKARTA):
        own = make_category("jamu").id
    page = sign_in("manager", JAKARTA).page("/console/products/add")
    offered = re.search(r'<select[^>]*name="category_id".*?</select>', page, re.S).group(0)
    assert f'value="{own}"' in offered and f'value="{foreign["CategoryAdmin"]}"' not in offered


def test_a_foreign_category_typed_into_the_form_is_no_choice(sign_in, foreign):
    answer = sign_in("manager", JAKARTA).post(
        "/console/products/add",
        {
            "name-en": "Jamu",
            "slug": "jamu",
            "category_id": foreign["CategoryAdmin"],
            "hue": "1",
            "min_age": "0",
        },
    )
    assert answer.status_code == 422
    with store_scope(JAKARTA):
        assert db.session.scalars(select(Product)).all() == []


def test_lists_show_only_the_stores_own_rows(app, sign_in, foreign):
    page = sign_in("manager", JAKARTA).page("/console/products/list/")
    assert "Nothing here yet" in page


@pytest.mark.parametrize("pk", ["abc", "-1", "0", "1.5", "9" * 30, "%00", "1%20OR%201=1"])
def test_an_id_that_is_none_is_404(sign_in, goods, pk):
    assert sign_in("manager").get(f"/console/products/edit/{pk}").status_code == 404


def test_a_row_of_the_store_is_deleted_by_post_only(sign_in, goods):
    spare = make_category("spare").id
    db.session.remove()
    manager = sign_in("manager")
    assert manager.get(f"/console/categories/delete/{spare}").status_code == 405
    assert db.session.get(Category, spare) is not None
    db.session.remove()
    assert manager.post(f"/console/categories/delete/{spare}", token="").status_code == 400
    assert db.session.get(Category, spare) is not None
    db.session.remove()
    assert manager.post(f"/console/categories/delete/{spare}").status_code == 303
    assert db.session.get(Category, spare) is None
