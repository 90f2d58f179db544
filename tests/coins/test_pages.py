"""The payment page of an order in coins, over HTTP, without a script."""

import pytest
from sqlalchemy import select

from app.core.db import db, transaction
from app.orders import coin_watch, links
from app.orders.models import Order
from app.payments.coins.chains import COINS, show_units
from app.payments.coins.models import CoinQuote
from app.payments.models import PaymentMethod
from tests.admin.conftest import sign_in  # noqa: F401 - a fixture
from tests.coins.conftest import open_coins
from tests.factories import make_branch, make_customer, make_staff, make_variant, make_zone, place
from tests.storefront.conftest import Guest


@pytest.fixture
def order(committed, chains):
    branch = make_branch()
    make_zone(branch)
    make_variant(branch, "VITC", price_minor=1250, on_hand=500)
    with transaction():
        open_coins(make_staff("Olga", "store_admin"))
    made = place(("VITC", 3), actor=make_customer("Ana"), payment_method="usdt_erc20")
    return made.id, made.code, f"/pay/{made.code}?t={links.token('pay', made.code)}"


def test_from_the_button_to_paid(committed, chains, order):
    order_id, code, address = order
    db.session.rollback()
    guest = Guest(committed)
    assert "USDT" in guest.get(address).text
    picture = address.replace(f"/pay/{code}", f"/pay/{code}/qr.png")
    assert guest.send("GET", picture).status_code == 404
    begun = guest.submit(address, method="usdt_erc20")
    assert begun.status_code == 303
    assert guest.send("GET", picture).data.startswith(b"\x89PNG")
    assert guest.send("GET", picture.split("?")[0]).status_code == 404
    page = guest.get(begun.location).text
    quote = db.session.scalars(select(CoinQuote)).one()
    where, units = quote.address.address, int(quote.units)
    db.session.rollback()
    asked = show_units(COINS["usdt_erc20"], units)
    assert where in page
    assert f"{asked} USDT" in page
    assert "<svg" in page and "data-copy" in page
    chains.send("usdt_erc20", where, units)
    chains.mine("usdt_erc20", 5)
    coin_watch.watch()
    db.session.rollback()
    page = guest.get(address).text
    assert "5 of 12 confirmations" in page
    part = guest.get(address.replace(f"/pay/{code}", f"/pay/{code}/coin"))
    assert "5 of 12 confirmations" in part.text
    chains.mine("usdt_erc20", 7)
    with transaction():
        quote_address = db.session.scalars(select(CoinQuote)).one().address
        quote_address.look_at = quote_address.created_at
    coin_watch.watch()
    db.session.rollback()
    assert db.session.get_one(Order, order_id).payment_status == "PAID"
    db.session.rollback()
    assert "Paid, thank you" in guest.get(address).text


def test_the_part_is_for_who_has_the_link(committed, order):
    _id, code, _address = order
    db.session.rollback()
    assert Guest(committed).get(f"/pay/{code}/coin?t=wrong").status_code == 404


def test_a_published_key_is_named_as_one(committed, chains, sign_in):  # noqa: F811
    with transaction():
        open_coins(make_staff("Olga", "store_admin"))
    address = "/console/payment-methods/edit/btc"
    assert "published" in sign_in("store_admin").page(address)
    with transaction():
        row = db.session.scalars(select(PaymentMethod).where(PaymentMethod.code == "btc")).one()
        row.settings = {}
    assert "published" not in sign_in("store_admin").page(address)
