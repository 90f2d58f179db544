"""What changed since the customer last looked: shown where it stands, accepted before anything is ordered."""

from sqlalchemy import select, update

from app.catalog.models import Variant
from app.core.db import db, transaction
from app.core.events import EventRecord
from app.orders.models import Cart
from app.promise.models import Zone
from tests.queries import counted
from tests.storefront.conftest import ADDRESS, reprice


def test_a_new_price_is_accepted_and_not_just_swallowed(buyer):
    reprice(buyer)
    page = buyer.place(customer_note="Ring twice")
    assert page.status_code == 409 and "Ring twice" in page.text
    assert "$11.00 each, it was $10.00" in page.text and "before: </span>$25.39" in page.text
    again = buyer.get("/checkout").text  # looking at it again accepts nothing
    assert "Changed since you last looked" in again
    assert buyer.place(accept="").status_code == 409
    assert buyer.place().status_code == 303


def test_changes_can_be_accepted_before_the_rest_is_filled_in(guest):
    guest.get("/checkout")
    reprice(guest)
    assert "Accept and place order" in guest.get("/checkout").text
    stale = guest.hidden("accept")
    with transaction():
        db.session.execute(update(Variant).values(price_minor=1200))
    assert guest.step("accept", accept=stale).status_code == 303
    assert "$12.00 each, it was $10.00" in guest.get("/checkout").text  # it changed once more
    assert guest.step("accept", accept=guest.hidden("accept")).status_code == 303
    assert "Changed since" not in guest.get("/checkout").text


def test_ones_own_changes_are_no_news(buyer):
    buyer.submit("/cart/set", sku="A", qty="1")
    assert "Changed since" not in buyer.get("/checkout").text
    buyer.step("save", zip="33130", kind="pickup", branch="brickell")
    assert "Changed since" not in buyer.get("/checkout").text


def test_a_dearer_delivery_is_shown_at_its_place(buyer):
    with transaction():
        db.session.execute(update(Zone).values(fee_minor=599))
    page = buyer.get("/checkout").text
    assert "it was $3.99" in page and "Accept and place order, $27.39" in page


def test_a_time_that_is_gone_is_said_before_anything_is_sent(buyer):
    buyer.step("save", mode="slot", slot="2020-01-01T10:00:00-05:00")
    page = buyer.get("/checkout").text
    assert "The time you chose is not offered any more" in page and "248 SW 23rd Rd" in page


def test_a_reminder_is_asked_for_and_never_assumed(buyer):
    assert 'name="remind" value="1">' in buyer.page.text
    buyer.step("save", remind_asked="1", remind="1")
    assert 'name="remind" value="1" checked>' in buyer.get("/checkout").text
    assert buyer.place(remind_asked="1", remind="1").status_code == 303
    assert db.session.scalars(select(Cart.remind).where(Cart.customer_id.is_not(None))).one() is False


def test_each_step_is_recorded_once(buyer):
    for _look in range(2):
        buyer.get("/checkout")
    query = select(EventRecord.payload).where(EventRecord.type == "CheckoutReached").order_by(EventRecord.id)
    steps = [payload["step"] for payload in db.session.scalars(query)]
    assert steps == ["contact", "review"]


def test_a_price_that_changed_since_it_was_shown_is_said(guest):
    shown = guest.json("POST", "/cart/quote", {"lines": [{"sku": "A", "qty": 1}]}).json
    assert shown["prices"] == {"A": 1000} and "messages" not in shown
    reprice(guest)
    answer = guest.json("PUT", "/cart", {"lines": [{"sku": "A", "qty": 1, "seen": 1000}]}).json
    assert "costs $11.00 now; it was $10.00" in answer["messages"][0] and answer["prices"] == {"A": 1100}
    odd = guest.json("POST", "/cart/quote", {"lines": [{"sku": "A", "qty": 1, "seen": "x"}]})
    assert odd.status_code == 200 and "messages" not in odd.json


def test_every_step_asks_little(buyer, app, monkeypatch):
    """However it is left: at most fifteen queries for looking, saving or finishing a card."""
    monkeypatch.setitem(app.config, "WORLD_TTL", 60)
    buyer.get("/checkout")
    script = {"HX-Request": "true"}
    asked = {}
    with counted() as seen:
        buyer.get("/checkout")
    asked["look"] = len(seen)
    for step in ("save", "contact", "where", "when", "payment"):
        with counted() as seen:
            buyer.step(step, script, contact_name="Maya Rojas", mode="asap", **ADDRESS)
        asked[step] = len(seen)
    assert max(asked.values()) <= 15, asked
