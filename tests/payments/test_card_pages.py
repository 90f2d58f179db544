"""Kept cards where people meet them: the page of a payment, the account, the API."""

import re
from contextvars import Context

import pytest

from app import identity, orders
from app.core.db import db, release_connection
from app.identity.models import Person
from app.payments import cards
from app.payments.models import PaymentAttempt
from app.payments.ports import NewsStatus
from tests.api.conftest import Api, token_of
from tests.payments.bank import CODE
from tests.payments.conftest import buy
from tests.payments.test_cards import give_card, vault  # noqa: F401 - a fixture
from tests.storefront.conftest import HOST, Guest

PAY = "Pay $"


def signed_in(app, actor):
    """A browser without a script, of this person."""
    guest = Guest(app)
    person = db.session.get(Person, actor.user_id)
    token = identity.open_session(person, "miami.localhost", "pytest")

    def put():
        with guest.client.session_transaction(base_url=HOST) as kept:
            kept["_user_id"], kept["sid"], kept["_fresh"] = str(actor.user_id), token, True

    Context().run(put)
    db.session.commit()
    release_connection()
    return guest


@pytest.fixture
def order(crew, vault):  # noqa: F811
    placed = buy(crew)
    card = give_card(crew["ana"])
    db.session.commit()
    found = placed.code, card, f"/pay/{placed.code}?t={orders.token('pay', placed.code)}"
    release_connection()
    return found


def test_its_owner_pays_by_it_and_nobody_with_the_link_sees_it(committed, crew, order, vault):  # noqa: F811
    _code, card, page = order
    stranger = Guest(committed)
    seen = stranger.get(page).text
    assert "1111" not in seen and "keep_card" not in seen
    assert stranger.submit(page, card=str(card)).status_code == 404
    ana = signed_in(committed, crew["ana"])
    assert "Visa ending in 1111" in ana.get(page).text
    assert ana.submit(page, card=str(card)).status_code == 303
    assert "Paid, thank you" in ana.get(page).text
    assert len(vault.charged) == 1


@pytest.mark.parametrize("typed", ["0", "999999", "-1", "1.0", "abc", "９", "²", "1" * 30, "1;--"])
def test_a_card_that_is_none_is_not_found(committed, crew, order, typed, vault):  # noqa: F811
    _code, _card, page = order
    ana = signed_in(committed, crew["ana"])
    ana.get(page)
    assert ana.submit(page, card=typed).status_code == 404
    assert vault.charged == []


def test_a_declined_card_is_said_where_one_pays(committed, crew, order, vault):  # noqa: F811
    _code, card, page = order
    vault.says = NewsStatus.failed
    ana = signed_in(committed, crew["ana"])
    ana.get(page)
    refused = ana.submit(page, card=str(card))
    assert refused.status_code == 409
    assert "The bank declined this card" in refused.text and "Visa ending in 1111" in refused.text


def test_the_wish_to_keep_a_card_is_its_owners(committed, crew, order, bank):
    _code, _card, page = order
    ana = signed_in(committed, crew["ana"])
    assert "Save the card for next time" in ana.get(page).text
    ana.submit(page, method=CODE, keep_card="1")
    assert db.session.query(PaymentAttempt).one().keep_card is True
    release_connection()
    # Whoever else has the link is not led into the owner's form: that card would be kept for the owner.
    stranger = Guest(committed)
    assert "pay.test" not in stranger.get(f"{page}&go=1").text
    stranger.submit(page, method=CODE, keep_card="1")
    first, second = db.session.query(PaymentAttempt).order_by(PaymentAttempt.number)
    assert (first.keep_card, second.keep_card) == (True, False)
    assert "pay.test" in stranger.get(f"{page}&go=1").text


def test_who_let_a_card_be_kept_is_told(committed, crew, order, bank):
    code, _card, page = order
    ana = signed_in(committed, crew["ana"])
    ana.get(page)
    ana.submit(page, method=CODE, keep_card="1")
    tried = db.session.query(PaymentAttempt).one()
    bank.pay(tried.reference, tried.amount_minor)
    release_connection()
    assert "Your card is saved" in ana.get(f"{page}&back=1").text
    told = Guest(committed).get(page).text
    assert "Paid, thank you" in told and "Your card is saved" not in told and code in told


def test_the_account_lists_and_removes_them(committed, crew, order):
    _code, card, _page = order
    ana = signed_in(committed, crew["ana"])
    page = ana.get("/account").text
    assert "Visa ending in 1111" in page and "good until 08/2029" in page
    action = re.search(r'action="(/account/cards/\d+/remove)"', page).group(1)
    felix = signed_in(committed, crew["dmitri"])
    felix.get("/account")
    assert felix.submit(action).status_code == 404
    assert ana.submit(action).status_code == 303
    assert cards.cards_of(crew["ana"].customer_id) == []
    assert ana.submit(f"/account/cards/{card}/remove").status_code == 404


def test_the_api_lists_charges_and_removes_them(committed, crew, order, vault):  # noqa: F811
    code, card, _page = order
    api = Api(committed, token_of(crew["ana"]))
    (told,) = api.get("/me/cards").json["items"]
    assert told == {
        "id": card,
        "method": CODE,
        "brand": "Visa",
        "last_four": "1111",
        "expires": "2029-08",
        "expired": False,
    }
    assert api.post(f"/orders/{code}/payments", {"card_id": 999_999}).status_code == 404
    for wrong in ("1", 0, -1, 1.5, 2**63, [1], True):
        assert api.post(f"/orders/{code}/payments", {"card_id": wrong}).status_code == 422
    for _again in range(2):
        paid = api.post(f"/orders/{code}/payments", {"card_id": card}, key="once")
        assert (paid.status_code, paid.json["payment"]["status"]) == (200, "paid")
    assert len(vault.charged) == 1
    for wrong in ("²", "abc", "9" * 40):
        assert api("DELETE", f"/me/cards/{wrong}").status_code == 404
    assert api("DELETE", f"/me/cards/{card}").status_code == 204
    assert api("DELETE", f"/me/cards/{card}").status_code == 404
    assert api.get("/me/cards").json["items"] == []


def test_the_checkout_asks_before_it_leads_to_the_provider(committed, crew, bank, vault):  # noqa: F811
    release_connection()
    ana = signed_in(committed, crew["ana"])
    ana.submit("/cart/add", sku="VITC", qty="2")
    ana.get("/checkout")
    address = {"line1": "248 SW 23rd Rd", "zip": "33129", "birth_date": "1986-04-30"}
    form = {"contact_name": "Ana", "kind": "driver", "mode": "asap", "payment_method": CODE, **address}
    ana.step("save", **form)
    assert "Save the card for next time" in ana.get("/checkout").text
    placed = ana.place(payment_method=CODE, keep_card_asked="1", keep_card="1")
    assert placed.status_code == 303 and placed.location.endswith("&go=1")
    assert db.session.query(PaymentAttempt).one().keep_card is True
    give_card(crew["ana"])
    db.session.commit()
    release_connection()
    # With a card that is kept nobody is led anywhere: the page lets them choose.
    ana.submit("/cart/add", sku="VITC", qty="2")
    assert "Visa ending in 1111" in ana.get("/checkout").text
    ana.step("save", **form)
    ana.get("/checkout")
    placed = ana.place(payment_method=CODE)
    assert placed.status_code == 303 and "go=1" not in placed.location
    assert "Pay by another card" in ana.get(placed.location).text
