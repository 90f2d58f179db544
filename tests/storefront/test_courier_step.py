"""Checkout by courier and at the counter: how much each step asks the database, and what is said in bad moments."""

import re

import pytest

from app import orders
from app.core.db import db, transaction
from app.orders.models import Order
from app.stores.models import Branch
from tests import factories
from tests.fulfilment.conftest import Toko, outside, sandbox, toko
from tests.queries import counted
from tests.storefront.conftest import NEXT_DOOR, Guest

__all__ = ["outside", "sandbox", "toko"]
MOST_QUERIES = 15
COURIER = {"kind": "courier", "line1": "Jl. Cikini Raya 5", "city": "Jakarta Pusat", "zip": "10310"}
PICKUP = {"kind": "pickup", "branch": "kemang"}


@pytest.fixture
def wati(toko: Toko, codes, monkeypatch: pytest.MonkeyPatch) -> Guest:
    """Signed in at the store in Jakarta, with one MAG in the cart."""
    monkeypatch.setitem(toko.app.config, "WORLD_TTL", 60)
    browser = Guest(toko.app, codes, host=NEXT_DOOR)
    browser.submit("/cart/add", sku="MAG", qty="1")
    browser.sign_in("+6281211110001")
    browser.step("save", contact_name="Wati", **COURIER)
    return browser


def add_goods(toko: Toko, guest: Guest, count: int) -> None:
    with transaction():
        branch = db.session.query(Branch).one()
        names = [
            factories.make_variant(branch, f"G{n}", price_minor=10_000, on_hand=9).sku for n in range(count)
        ]
    for sku in names:
        guest.submit("/cart/add", sku=sku, qty="1")
    guest.get("/checkout")


def told(statements: list[str]) -> str:
    """A line for each statement."""
    words = (" ".join(one.split()) for one in statements)
    return "\n".join(f"{one[:60]} … {one[-90:]}" for one in words)


def asked(guest: Guest, form: dict[str, str]) -> list[str]:
    """The statements of a step that was looked at before, so that couriers have answered."""
    guest.step("save", {"HX-Request": "true"}, **form)
    with counted() as seen:
        page = guest.step("save", {"HX-Request": "true"}, **form)
    assert page.status_code == 200
    return list(seen)


@pytest.mark.parametrize("form", [COURIER, PICKUP], ids=["courier", "pickup"])
def test_a_step_asks_little_however_much_is_in_the_cart(
    form: dict[str, str], toko: Toko, wati: Guest
) -> None:
    one = asked(wati, form)
    assert len(one) <= MOST_QUERIES, told(one)
    add_goods(toko, wati, 6)
    seven = asked(wati, form)
    assert len(seven) == len(one), told(seven)


def test_the_page_itself_asks_little(toko: Toko, wati: Guest) -> None:
    wati.get("/checkout")
    with counted() as seen:
        page = wati.get("/checkout")
    assert "GoSend Instant" in page.text
    assert len(seen) <= MOST_QUERIES, told(seen)


def test_silent_couriers_are_said_and_the_counter_remains(toko: Toko, wati: Guest) -> None:
    toko.desk.chaos("biteship", "down")
    wati.step("save", **COURIER | {"zip": "10330"})
    page = wati.get("/checkout").text
    assert "do not answer" in page
    assert "You can collect your order at a counter instead." in page
    assert "10330" in page
    wati.step("save", payment_method="cash", **PICKUP)
    wati.get("/checkout")
    placed = wati.place()
    assert placed.status_code == 303, placed.text
    order = db.session.query(Order).one()
    assert order.pickup_code in wati.get(placed.location).text
    assert order.pickup_code in wati.get(f"/account/orders/{order.code}").text


def test_the_buyer_sees_who_carries_it_and_its_waybill(toko: Toko, wati: Guest) -> None:
    page = wati.get("/checkout").text
    reference = re.search(r'value="([\w-]+\.gojek-instant)"', page)[1]
    wati.step("save", courier=reference, payment_method="cash", **COURIER)
    wati.get("/checkout")
    placed = wati.place(courier=reference)
    assert placed.status_code == 303, placed.text
    code = placed.location.rsplit("/", 1)[1]
    assert "GoSend Instant" in wati.get(f"/account/orders/{code}").text
    order = orders.get_order(code, actor=toko.carla)
    toko.act(order, "confirm", "ready", "hand_over")
    toko.work()
    waybill = toko.shipment(order).waybill
    page = wati.get(f"/account/orders/{code}").text
    assert waybill in page
    assert "Courier booked" in page
