"""Ordering again, a replacement by its link, a cart from a reminder: over HTTP, without a script."""

import re

import pytest
from sqlalchemy import update

from app import orders
from app.catalog.models import Product, Variant
from app.core.db import db, transaction
from app.inventory.models import Stock
from app.orders import links, substitutions
from app.orders.models import Cart, Order
from app.orders.substitutions import Offer
from tests.factories import make_staff, make_variant
from tests.storefront.conftest import Guest


@pytest.fixture
def code(buyer):
    return buyer.place().location.rsplit("/", 1)[1]


def test_the_same_again(buyer, code):
    buyer.get("/account/orders")
    assert f"/account/orders/{code}/again" in buyer.page.text
    for _click in range(2):
        brought = buyer.submit(f"/account/orders/{code}/again")
        assert brought.status_code == 303
    page = buyer.get(brought.location).text
    assert "$20.00" in page and "[[&#34;A&#34;, 2]]" in page.replace('"', "&#34;")


def test_what_is_different_today_is_said(buyer, code):
    with transaction():
        db.session.execute(update(Variant).where(Variant.sku == "A").values(price_minor=1250))
        db.session.execute(update(Stock).values(on_hand=Stock.reserved + 1))
    buyer.get(f"/account/orders/{code}")
    page = buyer.get(buyer.submit(f"/account/orders/{code}/again").location).text
    assert re.search(r"costs \$12\.50 now; it was \$10\.00", page) and "Only 1 of" in page
    with transaction():
        db.session.execute(update(Product).values(active=False))
    buyer.get(f"/account/orders/{code}")
    page = buyer.get(buyer.submit(f"/account/orders/{code}/again").location).text
    assert re.search(r"Product \d+ is no longer sold", page) and "Your cart is empty" in page


def test_another_persons_order_brings_nothing(buyer, code, committed, codes):
    felix = Guest(committed, codes)
    felix.sign_in("+13055550143")
    assert felix.submit(f"/account/orders/{code}/again").status_code == 404


@pytest.fixture
def question(shop, code):
    make_variant(shop, "C", on_hand=4, price_minor=800)
    offer = substitutions.propose_substitution(code, Offer("A", "C", 2, 2), actor=make_staff())
    return f"/replacement/{offer.id}", links.token("replace", str(offer.id))


def test_yes_by_the_link(question, committed, buyer, code):
    path, token = question
    assert path in buyer.get(f"/account/orders/{code}").text
    holder = Guest(committed)
    page = holder.get(f"{path}?t={token}").text
    assert "Would this do instead?" in page and "less than before" in page
    assert holder.submit(f"{path}/yes?t={token}").status_code == 303
    assert "We send the replacement" in holder.get(f"{path}?t={token}").text
    late = holder.submit(f"{path}/no?t={token}")
    assert late.status_code == 409 and "This question is closed: accepted" in late.text
    assert path not in buyer.get(f"/account/orders/{code}").text


def test_a_forged_link_asks_nothing(question, committed):
    path, token = question
    stranger = Guest(committed)
    for wrong in ("", "forged", token[:-1] + ("0" if token[-1] != "0" else "1")):
        assert stranger.get(f"{path}?t={wrong}").status_code == 404
        stranger.get("/sign-in")
        assert stranger.submit(f"{path}/yes?t={wrong}").status_code == 404


def test_a_cart_from_its_reminder(guest, committed):
    cart = db.session.query(Cart).one()
    with transaction():
        cart.remind = True
    path = f"/cart/kept/{cart.id}?t={links.token('cart', str(cart.id))}"
    phone = Guest(committed)
    assert "$20.00" in phone.get(path).text
    assert "Your cart is empty" in phone.get("/cart").text  # a look is no taking
    phone.get(path)
    assert "$20.00" in phone.get(phone.submit(path).location).text
    assert phone.get(f"/cart/kept/{cart.id}?t=forged").status_code == 404
    stop = f"/cart/reminders/{cart.id}?t={links.token('stop', str(cart.id))}"
    assert "No more reminders?" in phone.get(stop).text
    assert phone.submit(stop).status_code == 303
    db.session.expire_all()
    assert not db.session.get(Cart, cart.id).remind


def test_the_page_of_an_order_without_questions_asks_none(buyer, code):
    assert "run out" not in buyer.get(f"/account/orders/{code}").text
    assert orders.get_order(code, actor=make_staff()).status == "PENDING"
    assert db.session.query(Order).count() == 1
