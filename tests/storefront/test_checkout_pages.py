"""From the shelf to the order over HTTP, without a script; and what the script's requests are answered."""

import pytest
from sqlalchemy import func, select, update

from app import orders
from app.core.db import db, transaction
from app.inventory.models import Stock
from app.orders import Action, Details
from app.orders.models import Cart, Order
from tests.factories import make_staff
from tests.queries import counted
from tests.storefront.conftest import ADDRESS, NEXT_DOOR, PHONE, Guest, reprice


def test_from_shelf_to_order_without_a_script(guest):
    assert "Product" in guest.page.text and "$20.00" in guest.page.text
    guest.submit("/cart/set", sku="A", qty="1")
    assert "$10.00" in guest.get("/cart").text
    page = guest.fill(customer_note="Ring twice").text
    assert "Ring twice" in page and "248 SW 23rd Rd" in page and "Place order, $14.69" in page
    placed = guest.place()
    assert placed.status_code == 303
    thanks = guest.get(placed.location)
    code = placed.location.rsplit("/", 1)[1]
    assert f'data-cart-clear="{code}"' in thanks.text and "/track/" in thanks.text
    assert "Your cart is empty" in guest.get("/cart").text
    assert code in guest.get("/account/orders").text
    assert "We have your order" in guest.get(f"/account/orders/{code}").text


def test_everything_typed_before_signing_in_is_still_there(guest):
    guest.get("/checkout")
    guest.step("send-code", phone=PHONE, line1="7 Elm St", zip="33130", customer_note="Hello")
    guest.step("verify", code=guest.codes.last)
    page = guest.get("/checkout").text
    assert "7 Elm St" in page and "33130" in page and "Hello" in page


def test_a_wrong_code_is_said_and_nothing_lost(guest):
    guest.get("/checkout")
    guest.step("send-code", phone=PHONE, line1="7 Elm St")
    wrong = f"{(int(guest.codes.last) + 1) % 1_000_000:06d}"
    page = guest.step("verify", code=wrong)
    assert page.status_code == 422 and "This code is wrong" in page.text and "7 Elm St" in page.text


def sell(**columns):
    def change(_guest):
        with transaction():
            db.session.execute(update(Stock).values(**columns))

    return change


@pytest.mark.parametrize(
    ("meanwhile", "form", "status", "says"),
    [
        pytest.param(sell(on_hand=1), {}, 409, "Go on with what is left", id="out of stock"),
        pytest.param(reprice, {}, 409, "Accept and place order, $27.53", id="price changed"),
        pytest.param(None, {"birth_date": "2015-01-01"}, 422, "at least 21 years old", id="too young"),
        pytest.param(None, {"birth_date": ""}, 422, "Enter your date of birth", id="no date of birth"),
        pytest.param(None, {"zip": "99999"}, 422, "deliver to 99999 yet", id="outside"),
        pytest.param(None, {"zip": "abc"}, 422, "five digits", id="malformed ZIP"),
        pytest.param(None, {"line1": ""}, 422, "Enter the street", id="no street"),
        pytest.param(
            None,
            {"mode": "slot", "slot": "2020-01-01T10:00:00-05:00"},
            409,
            "This time has passed",
            id="a past slot",
        ),
        pytest.param(None, {"payment_method": "pearls"}, 422, "not available here", id="payment method"),
    ],
)
def test_each_refusal_is_said_on_the_same_page(buyer, meanwhile, form, status, says):
    if meanwhile:
        meanwhile(buyer)
    page = buyer.place(customer_note="Ring twice", **form)
    assert (page.status_code, says in page.text) == (status, True)
    assert "Ring twice" in page.text
    assert db.session.scalar(select(func.count()).select_from(Order)) == 0


def test_what_is_left_can_be_had(buyer):
    sell(on_hand=1)(buyer)
    buyer.place()
    assert buyer.step("clip").status_code == 303
    buyer.get("/checkout")
    assert buyer.place().status_code == 303


def test_the_page_sent_twice_is_one_order(buyer):
    said = {"key": buyer.hidden("key"), "fingerprint": buyer.hidden("fingerprint")}
    first, second = buyer.step("place", **said), buyer.step("place", **said)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location


def test_nobody_places_without_signing_in(guest):
    guest.get("/checkout")
    page = guest.place(**ADDRESS)
    assert page.status_code == 401 and "Confirm your phone number first" in page.text


def test_a_form_without_its_token_is_refused(guest):
    assert guest.send("POST", "/checkout/place", data={}).status_code == 400
    assert guest.send("POST", "/cart/add", data={"sku": "A"}).status_code == 400


def test_the_script_is_answered_with_what_it_can_show(guest):
    script = {"HX-Request": "true"}
    guest.get("/checkout")
    assert guest.step("send-code", script, phone=PHONE).status_code == 200
    assert guest.step("send-code", script, phone=PHONE).status_code == 422  # too soon: 429 without a script
    verified = guest.step("verify", script, code=guest.codes.last)
    assert (verified.status_code, verified.headers["HX-Refresh"]) == (204, "true")
    guest.get("/checkout")
    assert guest.step("where", script, zip="99999").status_code == 422
    guest.step("save", script, contact_name="Maya", mode="asap", **ADDRESS)
    guest.get("/checkout")
    said = {"key": guest.hidden("key"), "fingerprint": guest.hidden("fingerprint")}
    placed = guest.step("place", script, **said)
    assert placed.status_code == 204 and placed.headers["HX-Redirect"].startswith("/orders/MIA-")


def test_too_many_codes_say_when_to_try_again(guest):
    guest.get("/checkout")
    guest.step("send-code", phone=PHONE)
    page = guest.step("send-code", phone=PHONE)
    assert page.status_code == 429 and int(page.headers["Retry-After"]) <= 31
    assert "Please try again in" in page.text


def test_quotes_and_the_browsers_cart(guest):
    answer = guest.json("POST", "/cart/quote", {"lines": [{"sku": "B", "qty": 3}, {"sku": "NOPE", "qty": 1}]})
    assert (answer.json["count"], answer.json["total"]) == (2, "$20.00")
    assert answer.json["lines"] == [{"sku": "B", "qty": 2}] and len(answer.json["messages"]) == 2
    assert "data-checkout" in answer.json["html"]
    assert "Product" in guest.get("/cart").text  # a look keeps nothing
    kept = guest.json("PUT", "/cart", {"lines": [{"sku": "B", "qty": 1}]})
    assert "messages" not in kept.json and "lines" not in kept.json
    assert "$10.00" in guest.get("/cart").text


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"lines": "A"},
        {"lines": [{"sku": "A"}]},
        {"lines": [{"sku": "A", "qty": "2"}]},
        {"lines": [{"sku": "A", "qty": -1}]},
        {"lines": [{"sku": "A", "qty": True}]},
        {"lines": [{"sku": "x" * 50, "qty": 1}]},
        {"lines": [{"sku": "A", "qty": 1}] * 101},
    ],
)
def test_malformed_lines_are_refused(guest, body):
    for method, path in (("POST", "/cart/quote"), ("PUT", "/cart")):
        answer = guest.json(method, path, body)
        assert answer.status_code == 422 and "lines" in answer.json["errors"]


def test_a_cart_token_opens_nothing_elsewhere(guest, committed):
    token = next(c.value for c in guest.client._cookies.values() if c.key == "cart")
    thief = Guest(committed, host=NEXT_DOOR)
    thief.client.set_cookie("cart", token, domain="jakarta.localhost")
    assert "Your cart is empty" in thief.get("/cart").text
    forged = Guest(committed)
    forged.client.set_cookie("cart", "planted", domain="miami.localhost")
    forged.submit("/cart/add", sku="A")
    minted = next(c.value for c in forged.client._cookies.values() if c.key == "cart")
    assert minted != "planted" and len(minted) == 43


def test_an_order_is_its_buyers_alone(buyer, committed, codes):
    path = buyer.place().location
    code = path.rsplit("/", 1)[1]
    felix = Guest(committed, codes)
    assert felix.get(path).status_code == 404
    felix.sign_in("+13055550143")
    for foreign in (path, f"/account/orders/{code}", f"/review/{code}"):
        assert felix.get(foreign).status_code == 404
    assert felix.submit(f"/account/orders/{code}/cancel", reason="mine").status_code == 404
    assert code not in felix.get("/account/orders").text


def test_taking_an_order_back(buyer):
    code = buyer.place().location.rsplit("/", 1)[1]
    buyer.get(f"/account/orders/{code}")
    refused = buyer.submit(f"/account/orders/{code}/cancel", reason="")
    assert refused.status_code == 422 and "Please give a reason" in refused.text
    assert buyer.submit(f"/account/orders/{code}/cancel", reason="Found some").status_code == 303
    page = buyer.get(f"/account/orders/{code}").text
    assert "Found some" in page and "Cancel this order" not in page


def test_reviews_by_link_and_once(buyer, committed):
    code = buyer.place().location.rsplit("/", 1)[1]
    link = f"/review/{code}?t={orders.token('review', code)}"
    stranger = Guest(committed)
    assert "once it is with you" in stranger.get(link).text
    assert stranger.get(f"/review/{code}?t=forged").status_code == 404
    with transaction():
        db.session.execute(update(Order).values(status="COLLECTED"))
    stranger.get(link)
    assert stranger.submit(link, **{"stars-order": "", "body-order": "words"}).status_code == 422
    assert stranger.submit(link, **{"stars-order": "5", "body-order": "Quick"}).status_code == 303
    assert "Quick" in stranger.get(link).text
    again = stranger.submit(link, **{"stars-order": "1"})
    assert again.status_code == 409 and "reviewed this already" in again.text


def test_a_confirmed_order_cannot_be_taken_back(buyer):
    code = buyer.place().location.rsplit("/", 1)[1]
    orders.act(code, Action.confirm, actor=make_staff(), details=Details())
    buyer.get("/account")
    assert buyer.submit(f"/account/orders/{code}/cancel", reason="late").status_code in {403, 409}


def test_a_step_asks_little(buyer, app, monkeypatch):
    monkeypatch.setitem(app.config, "WORLD_TTL", 60)
    buyer.get("/checkout")
    with counted() as seen:
        buyer.step("save", {"HX-Request": "true"}, customer_note="Ring twice", **ADDRESS)
    assert len(seen) <= 15, "\n".join(seen)


def test_the_cart_row_is_one_a_customer(buyer):
    buyer.get("/cart")
    assert db.session.scalar(select(func.count()).select_from(Cart).where(Cart.customer_id.is_not(None))) == 1
