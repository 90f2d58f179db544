"""Checkout as a service: what is kept, what is missing, what is refused, and one order however often it is sent."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select, update

from app import inventory
from app.catalog.models import Variant
from app.core.db import db, transaction
from app.core.errors import InvalidInput, SignInRequired
from app.core.tenancy import store_scope
from app.identity.models import Person
from app.inventory.models import Stock
from app.orders import cart as carts
from app.orders import checkout
from app.orders.cart import Owner
from app.orders.changes import Look
from app.orders.errors import BelowMinimum, ChangesToAccept, EmptyCart, QuoteChanged, SlotUnavailable
from app.orders.models import Order
from app.promise.models import DeliverySlot, Zone
from tests.factories import MIAMI, make_branch, make_customer, make_variant, make_zone

FORM = {
    "contact_name": "Ana Test",
    "kind": "driver",
    "line1": "248 SW 23rd Rd",
    "zip": "33129",
    "mode": "asap",
    "birth_date": "1980-05-17",
    "customer_note": "Ring twice",
}


class Shop:
    """Ana with two of A in her cart and everything filled in."""

    def __init__(self, **form: str) -> None:
        self.branch = make_branch()
        self.zone = make_zone(self.branch, fee_minor=399)
        make_variant(self.branch, "A", on_hand=5)
        self.ana = make_customer()
        self.owner = Owner(customer_id=self.ana.customer_id)
        carts.set_lines(self.owner, [("A", 2)])
        checkout.save_typed(self.owner, FORM | form)

    @property
    def person(self) -> Person:
        return db.session.get(Person, self.ana.user_id)

    def look(self):
        return checkout.load_checkout(self.owner, self.person)

    def place(self, **changes):
        view = self.look()
        said = {"key": view.key, "fingerprint": view.cart.quote.fingerprint if view.cart.quote else ""}
        return checkout.place_cart(self.owner, self.person, actor=self.ana, **said | changes)


def test_a_complete_checkout_places_and_empties(store):
    shop = Shop()
    view = shop.look()
    assert view.current == "review" and view.wrong == {}
    order = shop.place()
    assert order.total_minor == view.cart.quote.total_minor == 2000 + 399 + 140
    assert (order.customer_note, order.contact_name) == ("Ring twice", "Ana Test")
    assert carts.count_units(shop.owner) == 0
    after = shop.look()
    assert after.typed["line1"] == "248 SW 23rd Rd" and after.typed["customer_note"] == ""
    assert after.key != view.key


@pytest.mark.parametrize(
    ("form", "step", "field"),
    [
        pytest.param({"contact_name": ""}, "contact", "contact_name", id="no name"),
        pytest.param({"line1": ""}, "where", "address.line1", id="no street"),
        pytest.param({"zip": "33"}, "where", "address.zip", id="half a ZIP"),
        pytest.param({"zip": "99999"}, "where", "address.zip", id="outside every zone"),
        pytest.param({"zip": ""}, "where", "address.zip", id="no ZIP"),
        pytest.param({"mode": "slot"}, "when", "slot", id="no slot"),
        pytest.param({"mode": "slot", "slot": "yesterday"}, "when", "slot", id="no time at all"),
        pytest.param({"mode": "slot", "slot": "2020-01-01T10:00:00-05:00"}, "when", "slot", id="a past time"),
        pytest.param({"birth_date": ""}, "payment", "birth_date", id="no date of birth"),
        pytest.param({"birth_date": "30.04.1986"}, "payment", "birth_date", id="another form of date"),
        pytest.param({"birth_date": "2015-01-01"}, "payment", "birth_date", id="a child"),
        pytest.param({"customer_note": "x" * 600}, "payment", "customer_note", id="a long note"),
        pytest.param({"kind": "pigeon"}, "where", "kind", id="unknown kind"),
    ],
)
def test_what_is_missing_is_said_at_its_card(store, form, step, field):
    shop = Shop(**form)
    with transaction():
        shop.person.birth_date = None
        if field == "contact_name":
            shop.person.first_name = shop.person.last_name = ""
    view = shop.look()
    assert field in view.wrong and step not in view.done
    assert all(view.typed[name] == value for name, value in form.items())
    with pytest.raises((InvalidInput, SlotUnavailable)):
        shop.place()
    assert carts.count_units(shop.owner) == 2


def test_nobody_orders_without_signing_in(store):
    shop = Shop()
    with pytest.raises(SignInRequired):
        checkout.place_cart(shop.owner, None, key="k", fingerprint="", actor=shop.ana)


def test_an_empty_cart_is_no_order(store):
    shop = Shop()
    carts.clear_cart(shop.owner)
    with pytest.raises(EmptyCart):
        shop.place()


def test_a_changed_price_has_to_be_accepted(store):
    shop = Shop()
    seen = shop.look().cart.quote.fingerprint
    with transaction():
        db.session.execute(update(Variant).where(Variant.sku == "A").values(price_minor=1100))
    with pytest.raises(QuoteChanged):
        shop.place(fingerprint=seen)
    assert shop.place().goods_minor == 2200


def test_goods_sold_meanwhile_are_named_and_clipped(store):
    shop = Shop()
    with transaction():
        db.session.execute(update(Stock).values(on_hand=1))
    view = shop.look()
    assert "Only 1 of" in view.cart.messages[0]
    with pytest.raises(inventory.OutOfStock):
        shop.place()
    carts.set_lines(shop.owner, view.cart.items)
    assert shop.place().lines[0].quantity == 1


def test_the_minimum_order_holds(store):
    shop = Shop()
    with transaction():
        db.session.execute(update(Zone).values(minimum_minor=5000))
    assert "minimum order" in shop.look().wrong["items"]
    with pytest.raises(BelowMinimum):
        shop.place()


def test_a_slot_that_went_full_gives_fresh_options(store):
    shop = Shop(mode="slot")
    slot = next(s for day in shop.look().days for s in day.slots if s.offered)
    checkout.save_typed(shop.owner, {"slot": slot.starts_at.isoformat()})
    assert shop.look().slot.starts_at == slot.starts_at
    with transaction():
        at = slot.starts_at.astimezone(UTC)
        db.session.add(DeliverySlot(branch_id=shop.branch.id, starts_at=at, capacity=1, booked=1))
    assert "slot" in shop.look().wrong
    with pytest.raises(SlotUnavailable):
        shop.place()
    assert any(s.offered for day in shop.look().days for s in day.slots)


def test_pickup_needs_no_address(store):
    shop = Shop(kind="pickup", line1="", zip="")
    view = shop.look()
    assert view.counter.offered and view.wrong == {}
    order = shop.place()
    assert (order.kind, order.delivery_minor, len(order.pickup_code)) == ("pickup", 0, 6)


def test_the_same_page_again_gives_the_same_order(store):
    shop = Shop()
    view = shop.look()
    first = shop.place()
    again = shop.place(key=view.key, fingerprint=view.cart.quote.fingerprint)
    assert again.id == first.id


def test_another_persons_key_gives_nothing(store):
    shop = Shop()
    key = shop.look().key
    shop.place()
    assert checkout.find_placed(key, make_customer("Felix")) is None


def test_the_first_name_given_is_kept(store):
    shop = Shop()
    with transaction():
        shop.person.first_name = shop.person.last_name = ""
    shop.place()
    assert shop.person.full_name == "Ana Test"


def test_a_pending_code_is_remembered(store):
    shop = Shop()
    checkout.remember_code(shop.owner, "+13055550142", datetime.now(UTC) + timedelta(seconds=30))
    pending = shop.look().pending
    assert pending.phone == "+13055550142" and 25 < pending.seconds <= 30
    checkout.remember_code(shop.owner)
    assert shop.look().pending is None


@pytest.mark.race
def test_a_double_click_makes_one_order(committed):
    shop = Shop()
    view = shop.look()
    said = {"key": view.key, "fingerprint": view.cart.quote.fingerprint, "actor": shop.ana}
    barrier, owner, user_id = Barrier(4), shop.owner, shop.ana.user_id
    db.session.remove()

    def click(_number: int) -> str:
        with committed.app_context(), store_scope(MIAMI):
            person = db.session.get(Person, user_id)
            barrier.wait(timeout=5)
            return checkout.place_cart(owner, person, **said).code

    with ThreadPoolExecutor(4) as pool:
        codes = set(pool.map(click, range(4)))
    assert len(codes) == 1
    assert db.session.scalar(select(func.count()).select_from(Order)) == 1
    assert db.session.scalar(select(Stock.reserved)) == 2


def look_and_keep(shop):
    view = shop.look()
    checkout.keep_look(view)
    return view


def test_what_the_world_changed_waits_for_a_yes(store):
    shop = Shop()
    assert look_and_keep(shop).changes == ()
    with transaction():
        db.session.execute(update(Variant).where(Variant.sku == "A").values(price_minor=1100))
        db.session.execute(update(Zone).values(fee_minor=499))
    view = look_and_keep(shop)
    said = {(c.what, c.old_minor, c.new_minor) for c in view.changes}
    assert said == {("price", 1000, 1100), ("delivery", 399, 499), ("total", 2539, 2853)}
    with pytest.raises(ChangesToAccept):
        shop.place()
    with pytest.raises(ChangesToAccept):
        shop.place(accepted="something else")
    assert shop.place(accepted=view.accept).total_minor == 2853


def test_a_change_of_ones_own_hides_no_change_of_price(store):
    shop = Shop()
    look_and_keep(shop)
    with transaction():
        db.session.execute(update(Variant).where(Variant.sku == "A").values(price_minor=900))
    carts.set_lines(shop.owner, [("A", 1)])
    view = look_and_keep(shop)
    assert [(c.what, c.old_minor, c.new_minor) for c in view.changes] == [("price", 1000, 900)]
    assert checkout.accept_changes(shop.owner, shop.person, view.accept)
    assert shop.look().changes == ()


def test_back_to_the_old_price_is_no_change(store):
    shop = Shop()
    look_and_keep(shop)
    for price in (1100, 1000):
        with transaction():
            db.session.execute(update(Variant).where(Variant.sku == "A").values(price_minor=price))
        view = look_and_keep(shop)
    assert view.changes == ()


def test_a_look_of_another_version_is_forgotten(store):
    assert Look.load({"v": 9, "prices": {}}) is None and Look.load(None) is None
