"""Cells that are typed over: what is taken, what is refused and how, and what stays as it was."""

import pytest
from sqlalchemy import select

from app.catalog.models import Product, Variant
from app.core.audit import AuditEntry
from app.core.db import db
from app.inventory.models import Stock, StockMovement


def price(goods):
    return db.session.scalar(select(Variant.price_minor).where(Variant.id == goods["variant"]))


@pytest.mark.parametrize(
    ("typed", "status", "minor"),
    [
        ("9.90", 200, 990),
        ("9,90", 200, 990),
        ("0", 200, 0),
        ("cheap", 422, 1250),
        ("-3", 422, 1250),
        ("", 422, 1250),
        ("1.234", 422, 1250),
        ("99999999999", 422, 1250),
    ],
)
def test_price(sign_in, goods, typed, status, minor):
    answer = sign_in("manager").post(f"/console/cells/price/{goods['variant']}", {"price": typed}, hx=True)
    page = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert price(goods) == minor
    assert "<html" not in page
    if status == 422:
        assert 'role="alert"' in page and f'value="{typed}"' in page and 'aria-invalid="true"' in page


def test_a_new_price_is_in_the_trail_once(sign_in, goods):
    manager = sign_in("manager")
    for _time in range(2):
        manager.post(f"/console/cells/price/{goods['variant']}", {"price": "9.90"}, hx=True)
    entries = list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "price_changed")))
    assert [entry.detail["changes"] for entry in entries] == [[1250, 990]]


@pytest.mark.parametrize(
    ("data", "status", "units"),
    [
        ({"on_hand": "7", "reason": "Counted"}, 200, 7),
        ({"on_hand": "0", "reason": "Broken"}, 200, 0),
        ({"on_hand": "7", "reason": ""}, 422, 10),
        ({"on_hand": "7", "reason": "x" * 161}, 422, 10),
        ({"on_hand": "-1", "reason": "Counted"}, 422, 10),
        ({"on_hand": "many", "reason": "Counted"}, 422, 10),
        ({"on_hand": "99999999", "reason": "Counted"}, 422, 10),
        ({}, 422, 10),
    ],
)
def test_stock(sign_in, goods, data, status, units):
    answer = sign_in("manager").post(f"/console/cells/stock/{goods['stock']}", data, hx=True)
    assert answer.status_code == status
    assert db.session.get(Stock, goods["stock"]).on_hand == units
    moves = list(db.session.scalars(select(StockMovement.quantity).order_by(StockMovement.id)))
    assert sum(moves) == units and len(moves) == (2 if status == 200 else 1)


@pytest.mark.parametrize(
    ("kind", "key", "field", "seen", "wanted"),
    [("price", "variant", "price", "1250", "8.00"), ("stock", "stock", "on_hand", "10", "7")],
)
def test_two_people_at_one_figure(sign_in, goods, kind, key, field, seen, wanted):
    """The second is told what it is now, with everything typed; saving again replaces it."""
    address, first, second = f"/console/cells/{kind}/{goods[key]}", sign_in("manager"), sign_in("manager")
    assert f'name="seen" value="{seen}"' in first.page(f"{address}?edit=1")
    theirs = {field: "9", "seen": seen, "reason": "Counted"}
    assert first.post(address, theirs, hx=True).status_code == 200
    mine = {field: wanted, "seen": seen, "reason": "Counted too"}
    answer = second.post(address, mine, hx=True)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "meanwhile" in page and f'value="{wanted}"' in page
    now = "900" if kind == "price" else "9"
    assert f'name="seen" value="{now}"' in page
    assert second.post(address, mine | {"seen": now}, hx=True).status_code == 200
    db.session.remove()
    row = db.session.get(Variant if kind == "price" else Stock, goods[key])
    assert (row.price_minor if kind == "price" else row.on_hand) == (800 if kind == "price" else 7)
    # the same figure typed by both is no quarrel
    assert first.post(address, mine, hx=True).status_code == 200


def test_stock_never_falls_below_what_is_promised(sign_in, goods):
    stock = db.session.get(Stock, goods["stock"])
    stock.reserved = 4
    db.session.commit()
    answer = sign_in("manager").post(
        f"/console/cells/stock/{goods['stock']}", {"on_hand": "3", "reason": "Counted"}, hx=True
    )
    assert answer.status_code == 409 and "4" in answer.get_data(as_text=True)
    assert db.session.get(Stock, goods["stock"]).on_hand == 10


@pytest.mark.parametrize(("kind", "model"), [("variant", Variant), ("product", Product)])
def test_active(sign_in, goods, kind, model):
    answer = sign_in("manager").post(f"/console/cells/{kind}/{goods[kind]}", {"active": "0"}, hx=True)
    assert answer.status_code == 200 and 'aria-checked="false"' in answer.get_data(as_text=True)
    assert db.session.get(model, goods[kind]).active is False


def test_without_a_script_it_is_a_page_and_a_way_back(sign_in, goods):
    manager = sign_in("manager")
    page = manager.page(f"/console/cells/price/{goods['variant']}?edit=1")
    assert 'name="price"' in page and "<html" in page
    answer = manager.post(f"/console/cells/price/{goods['variant']}", {"price": "8"})
    assert answer.status_code == 303 and answer.location.endswith("/console/variants/list/")


@pytest.mark.parametrize("role", ["dispatcher", "driver", "customer"])
def test_who_may_not(sign_in, goods, role):
    answer = sign_in(role).post(f"/console/cells/price/{goods['variant']}", {"price": "1"}, hx=True)
    assert answer.status_code in {400, 403} and price(goods) == 1250


def test_nobody_is_sent_to_sign_in(sign_in, goods):
    stranger = sign_in(None)
    answer = stranger.get(f"/console/cells/price/{goods['variant']}", headers={"HX-Request": "true"})
    assert answer.status_code == 401 and answer.headers["HX-Redirect"].startswith("/sign-in")


def test_without_the_token_nothing_happens(sign_in, goods):
    answer = sign_in("manager").post(
        f"/console/cells/price/{goods['variant']}", {"price": "1"}, hx=True, token=""
    )
    assert answer.status_code == 400 and price(goods) == 1250


@pytest.mark.parametrize(
    "path",
    ["price/{foreign}", "stock/{foreign}", "variant/{foreign}", "price/abc", "colour/1", "price/" + "9" * 30],
)
def test_what_is_not_there(sign_in, goods, path):
    manager = sign_in("manager", 2)
    for key in ("variant", "stock"):
        answer = manager.post(
            f"/console/cells/{path.format(foreign=goods[key])}", {"price": "1", "active": "0"}, hx=True
        )
        assert answer.status_code == 404
    assert price(goods) == 1250
