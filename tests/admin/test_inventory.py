"""The console's shelves: deliveries, counts, thresholds, transfers and limits by their forms."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.core.db import db
from app.core.tenancy import store_scope
from app.inventory import Stock, StockLot, StockMovement
from app.inventory.models import Cause, StockTransfer
from app.orders.limits import PurchaseLimit
from app.stores import local_today
from app.verify import verify_store
from tests.factories import MIAMI, make_branch

GOOD = date(2089, 1, 1).isoformat()


def proved() -> bool:
    db.session.remove()
    return not any(verify_store().values())


def delivery(goods, **changes):
    form = {
        "branch_id": str(goods["branch"]),
        "sku": "VITC",
        "quantity": "6",
        "lot_code": "L-77",
        "expires_on": GOOD,
        "unit_cost_minor": "7.50",
    }
    return form | changes


def test_a_delivery_makes_a_lot(sign_in, goods):
    manager = sign_in("manager")
    answer = manager.post("/console/stock/deliver", delivery(goods))
    assert answer.status_code == 303 and answer.location.endswith(f"/console/stock/show/{goods['stock']}")
    stock = db.session.get(Stock, goods["stock"])
    assert (stock.on_hand, stock.lotted, stock.value_minor) == (16, 6, 10 * 625 + 6 * 750)
    page = manager.page(f"/console/stock/show/{goods['stock']}")
    assert "L-77" in page and "$6.72" in page and "Receipt" in page
    assert "L-77" in manager.page("/console/lots/list/?band=later")
    assert "L-77" not in manager.page("/console/lots/list/?band=30")
    assert proved()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sku": "NOPE"}, "sku"),
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "many"}, "quantity"),
        ({"quantity": "9" * 30}, "quantity"),
        ({"expires_on": "2020-01-01"}, "expires_on"),
        ({"expires_on": "soon"}, "expires_on"),
        ({"lot_code": ""}, "lot_code"),
        ({"unit_cost_minor": "cheap"}, "unit_cost_minor"),
        ({"branch_id": "999999"}, "branch_id"),
    ],
)
def test_a_wrong_delivery_keeps_what_was_typed(sign_in, goods, changes, field):
    answer = sign_in("manager").post("/console/stock/deliver", delivery(goods, reason="Note 5") | changes)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and f'id="{field}-error"' in page and "Note 5" in page
    assert db.session.get(Stock, goods["stock"]).on_hand == 10


def test_a_lot_is_counted_with_a_cause(sign_in, goods):
    manager = sign_in("manager")
    manager.post("/console/stock/deliver", delivery(goods))
    lot_id = db.session.scalar(select(StockLot.id))
    form = {"lot": str(lot_id), "on_hand": "4", "cause": "damaged", "reason": "Wet box"}
    answer = manager.post(f"/console/stock/edit/{goods['stock']}", form)
    assert answer.status_code == 303
    assert db.session.scalar(select(StockLot.remaining)) == 4
    moved = db.session.scalars(select(StockMovement).order_by(StockMovement.id.desc())).first()
    assert (moved.cause, moved.quantity, moved.lot_id) == (Cause.damaged, -2, lot_id)
    listed = manager.page("/console/movements/list/?cause=damaged")
    assert "Wet box" in listed and "Damaged" in listed
    assert proved()


@pytest.mark.parametrize(("typed", "status", "kept"), [("12", 303, 12), ("-1", 422, 5), ("few", 422, 5)])
def test_the_threshold(sign_in, goods, typed, status, kept):
    answer = sign_in("manager").post(f"/console/stock/threshold/{goods['stock']}", {"low_at": typed})
    assert answer.status_code == status
    assert db.session.get(Stock, goods["stock"]).low_at == kept
    if status == 422:
        assert f'value="{typed}"' in answer.get_data(as_text=True)


@pytest.mark.parametrize(("query", "found"), [("", True), ("?kind=receipt", True), ("?kind=sale", False)])
def test_movements_are_narrowed(sign_in, goods, query, found):
    assert ("VITC" in sign_in("manager").page(f"/console/movements/list/{query}")) is found


def test_movements_of_days(sign_in, goods):
    manager, today = sign_in("manager"), None
    with store_scope(MIAMI):
        today = local_today()
    db.session.remove()
    day, next_day = today.isoformat(), (today + timedelta(days=1)).isoformat()
    assert "VITC" in manager.page(f"/console/movements/list/?from={day}&until={day}")
    assert "VITC" not in manager.page(f"/console/movements/list/?from={next_day}")
    assert manager.get("/console/movements/list/?from=soon").status_code == 422


def test_a_transfer_from_draft_to_the_other_shelf(sign_in, goods):
    other = make_branch("other").id
    db.session.remove()
    manager = sign_in("manager")
    form = {"from_branch_id": str(goods["branch"]), "to_branch_id": str(other), "note": "Van 2"}
    made = manager.post("/console/transfers/add", form)
    key = db.session.scalar(select(StockTransfer.id))
    assert made.status_code == 303 and made.location.endswith(f"/console/transfers/show/{key}")
    assert manager.post(f"/console/transfers/send/{key}").status_code == 422
    assert manager.post(f"/console/transfers/put/{key}", {"sku": "NOPE", "quantity": "1"}).status_code == 422
    assert manager.post(f"/console/transfers/put/{key}", {"sku": "VITC", "quantity": "11"}).status_code == 303
    short = manager.post(f"/console/transfers/send/{key}")
    assert short.status_code == 409 and "10 of 11" in short.get_data(as_text=True)
    manager.post(f"/console/transfers/put/{key}", {"sku": "VITC", "quantity": "6"})
    assert manager.post(f"/console/transfers/send/{key}").status_code == 303
    name = f"line-{goods['variant']}"
    wrong = manager.post(f"/console/transfers/receive/{key}", {name: "five"})
    assert wrong.status_code == 422 and 'value="five"' in wrong.get_data(as_text=True)
    assert manager.post(f"/console/transfers/receive/{key}", {name: "5"}).status_code == 303
    assert manager.post(f"/console/transfers/receive/{key}", {name: "5"}).status_code == 409
    units = db.session.execute(select(Stock.branch_id, Stock.on_hand)).all()
    assert dict(units) == {goods["branch"]: 4, other: 5}
    assert proved()


def limit(**changes):
    return {"product": "VITC", "per_day": "2", "active": "y"} | changes


@pytest.mark.parametrize(
    ("form", "status", "field"),
    [
        (limit(), 303, ""),
        (limit(per_day="", per_month="8"), 303, ""),
        (limit(product="NOPE"), 422, "product"),
        (limit(product=""), 422, "product"),
        (limit(category_id="{category}"), 422, "product"),
        (limit(product="", category_id="{category}"), 303, ""),
        (limit(per_day=""), 422, "per_order"),
        (limit(per_day="0"), 422, "per_day"),
    ],
)
def test_limits(sign_in, goods, form, status, field):
    form = {name: value.format(**goods) for name, value in form.items()}
    answer = sign_in("manager").post("/console/limits/add", form)
    assert answer.status_code == status
    assert len(db.session.scalars(select(PurchaseLimit.id)).all()) == (status == 303)
    assert not field or f'id="{field}-error"' in answer.get_data(as_text=True)


def test_one_limit_a_product(sign_in, goods):
    manager = sign_in("manager")
    assert manager.post("/console/limits/add", limit()).status_code == 303
    again = manager.post("/console/limits/add", limit(per_day="5"))
    assert again.status_code == 422 and "has a limit already" in again.get_data(as_text=True)
