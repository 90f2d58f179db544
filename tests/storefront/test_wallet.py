"""The wallet in the shop: its page, a part of an order paid from it, and money that is gone meanwhile."""

import re

import pytest
from sqlalchemy import select, update

from app import loyalty
from app.core.db import db, transaction
from app.identity.models import Customer
from app.orders.models import Order
from app.payments.models import PaymentMethod
from app.verify import verify_store
from tests.factories import make_staff

USE = {"wallet_on_asked": "1", "wallet_on": "1"}


def customer_id() -> int:
    db.session.rollback()
    return db.session.scalars(select(Customer.id).order_by(Customer.id)).first()


def put_in(amount: int) -> None:
    owner = make_staff("Olga", "store_admin")
    mine = db.session.scalars(select(Customer.id).order_by(Customer.id)).first()
    loyalty.correct(mine, amount, reason="Sorry for the wait", key=f"k{amount}", actor=owner)
    db.session.rollback()


@pytest.fixture
def rich(buyer):
    """With $12.40 in the wallet, at a checkout of $25.39."""
    customer_id()
    put_in(1240)
    buyer.get("/checkout")
    return buyer


def last_order() -> Order:
    db.session.rollback()
    return db.session.scalars(select(Order).order_by(Order.id.desc())).first()


def test_who_has_nothing_is_not_asked(buyer):
    assert "Use your wallet" not in buyer.page.text


def test_nothing_is_used_unless_asked(rich):
    page = rich.page.text
    assert "Use your wallet" in page and "You have $12.40" in page and "Place order, $25.39" in page
    rich.place()
    assert last_order().wallet_minor == 0


def test_all_of_it_and_the_rest_in_cash(rich):
    assert rich.step("payment", **USE).status_code == 303
    page = rich.get("/checkout").text
    assert "Paid from wallet" in page and "−$12.40" in page and "Pay the other $12.99 with" in page
    assert rich.place(**USE, payment_method="cash").status_code == 303
    order = last_order()
    assert (order.wallet_minor, order.due_minor, order.payment_status) == (1240, 1299, "DUE")
    assert loyalty.balance_of(order.customer_id) == 0
    assert not any(verify_store().values())
    assert "Spent on order" in rich.get("/account/wallet").text


@pytest.mark.parametrize(
    ("typed", "due"), [("5", "$20.39"), ("5,25", "$20.14"), ("0.01", "$25.38"), ("0", "$25.39")]
)
def test_so_much_of_it(rich, typed, due):
    rich.step("payment", **USE, wallet=typed)
    assert f"Place order, {due}" in rich.get("/checkout").text


@pytest.mark.parametrize("typed", ["five", "-5", "1.234", "$"])
def test_what_is_no_amount_is_said_and_kept(rich, typed):
    page = rich.step("payment", **USE, wallet=typed)
    assert page.status_code == 422 and "Write the amount in figures" in page.text
    assert f'value="{typed}"' in page.text
    assert rich.place(**USE, wallet=typed).status_code == 422
    assert last_order() is None


def test_more_than_there_is_uses_what_there_is_and_says_so(rich):
    rich.step("payment", **USE, wallet="50")
    page = rich.get("/checkout").text
    assert "There is $12.40 in your wallet now" in page and "Place order, $12.99" in page


def test_when_it_pays_all_no_other_way_is_asked(rich):
    put_in(5000)
    rich.step("payment", **USE)
    page = rich.get("/checkout").text
    assert "Your wallet pays for all of it." in page and 'name="payment_method"' not in page
    assert rich.place(**USE).status_code == 303
    order = last_order()
    assert (order.wallet_minor, order.due_minor, order.payment_status) == (2539, 0, "PAID")
    assert not any(verify_store().values())


def test_money_that_is_gone_meanwhile_is_a_change_to_accept(rich):
    rich.step("payment", **USE, customer_note="Ring twice")
    rich.get("/checkout")
    put_in(-1000)
    page = rich.place(**USE)
    assert page.status_code == 409 and "Ring twice" in page.text
    assert "Changed since you last looked" in page.text
    assert "before: </span>−$12.40" in page.text and "now: </span>−$2.40" in page.text
    assert last_order() is None
    assert rich.place(**USE).status_code == 303
    assert (last_order().wallet_minor, last_order().due_minor) == (240, 2299)


def test_money_that_goes_in_the_last_moment_charges_nothing(rich, monkeypatch):
    """Another request spends between the look and the placing: the database's own word counts."""
    rich.step("payment", **USE)
    rich.get("/checkout")
    real = loyalty.hold

    def hold(mine: int, wanted: int) -> None:
        real(mine, wanted + 10_000)

    monkeypatch.setattr(loyalty, "hold", hold)
    page = rich.place(**USE)
    assert page.status_code == 409 and "There is $12.40 in the wallet now. Nothing was charged." in page.text
    assert last_order() is None
    monkeypatch.setattr(loyalty, "hold", real)
    assert rich.place(**USE).status_code == 303


def test_switched_off_again_nothing_is_used(rich):
    rich.step("payment", **USE)
    rich.step("payment", wallet_on_asked="1")
    assert "Place order, $25.39" in rich.get("/checkout").text


def open_method(code: str, **columns) -> None:
    with transaction():
        row = PaymentMethod(
            code=code,
            active=True,
            position=5,
            settings={"xpub": "a public key", "handle": "pay@example.com"},
            kinds=[],
            tiers=[],
            min_minor=0,
            **columns,
        )
        db.session.add(row)


def test_the_stores_methods_are_shown_with_what_stands_in_their_way(rich):
    open_method("zelle")
    open_method("btc", max_minor=1000)
    page = rich.get("/checkout").text
    assert 'value="zelle"' in page and "Up to $10.00." in page
    assert re.search(r'value="btc" disabled', page)
    assert re.search(r'value="cash" checked', page)
    refused = rich.place(payment_method="btc")
    assert refused.status_code == 422 and "Up to $10.00." in refused.text


def test_a_method_that_the_wallet_brings_into_reach_can_be_chosen(rich):
    open_method("btc", max_minor=1300)
    rich.step("payment", **USE, payment_method="btc")
    assert re.search(r'value="btc" checked', rich.get("/checkout").text)


def test_a_method_that_was_closed_meanwhile_is_said(rich):
    open_method("zelle")
    rich.step("payment", payment_method="zelle")
    with transaction():
        db.session.execute(update(PaymentMethod).values(active=False))
    page = rich.place(payment_method="zelle")
    assert page.status_code == 422 and "This payment method is not available here." in page.text


def test_the_wallets_page_needs_its_owner(guest):
    assert guest.get("/account/wallet").status_code == 302
    guest.sign_in()
    page = guest.get("/account/wallet")
    assert page.status_code == 200 and "Nothing yet" in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_the_history_goes_on_page_by_page(rich):
    owner = make_staff("Olga", "store_admin")
    mine = customer_id()
    for n in range(25):
        loyalty.correct(mine, 100 + n, reason=f"Reason {n}", key=f"n{n}", actor=owner)
    db.session.rollback()
    first = rich.get("/account/wallet").text
    assert "Reason 24" in first and "Reason 4”" not in first
    more = re.search(r'href="(/account/wallet\?before=\d+)"', first)
    second = rich.get(more.group(1)).text
    assert "Reason 4”" in second and "Sorry for the wait" in second and "Earlier operations" not in second
    assert rich.get("/account/wallet?before=99999999999999999999").status_code == 200
