"""Another courier after the first one fell out, and reasons that each reader gets in their own language."""

import pytest
from sqlalchemy import select

from app import fulfilment, notifications, orders, shipping
from app.core.actor import Actor
from app.core.db import db, transaction
from app.core.errors import DomainError
from app.core.i18n import speaking
from app.inventory.models import Stock
from app.notifications.models import Delivery
from app.orders.errors import QuoteChanged
from app.orders.states import Status
from app.orders.verify import check_reservations
from app.shipping import ShipmentStatus
from app.stores.models import Branch
from tests.fulfilment.conftest import Toko
from tests.fulfilment.test_couriers import state
from tests.notifications.test_messages import tell

S = ShipmentStatus


def pick(toko: Toko, order: orders.Order, key: str) -> str:
    """The reference of a courier, as the order's page asks for it."""
    shipment = toko.shipment(order)
    fresh = orders.get_order(order.code, actor=toko.carla)
    answer = fulfilment.ask_for_others(fresh, shipment)
    return next(q.reference for q in fulfilment.takers(fresh, answer) if q.key == key)


def send(toko: Toko, order: orders.Order, reference: str, actor: Actor | None = None) -> None:
    fulfilment.send_by_another(order.code, reference, actor=actor or toko.carla)
    toko.work()


@pytest.mark.parametrize("status", ["courier_not_found", "cancelled", "rejected"])
def test_another_courier_is_called_and_the_customer_pays_the_same(status: str, toko: Toko) -> None:
    order, shipment = toko.handed_over()
    toko.courier_does(shipment, status)
    assert state(toko, order) == (Status.FAILED, S(status))
    told = (order.delivery_minor, order.total_minor)
    send(toko, order, pick(toko, order, "jne-reg"))
    assert state(toko, order) == (Status.HANDED_OVER, S.confirmed)
    second = toko.shipment(order)
    assert (second.attempt, second.company, second.quoted_minor) == (2, "jne", shipment.quoted_minor)
    assert toko.booked()[0]["reference_id"] == f"{order.code}/2"
    again = db.session.get(orders.Order, order.id)
    assert (again.delivery_minor, again.total_minor) == told
    assert db.session.scalar(select(Stock.on_hand)) == 49
    assert list(check_reservations()) == []


def test_a_packed_order_changes_its_courier_and_is_booked_once(toko: Toko) -> None:
    before = len(toko.booked())
    order = toko.act(toko.place(), "confirm", "ready")
    send(toko, order, pick(toko, order, "jne-reg"))
    assert state(toko, order) == (Status.READY, S.chosen)
    toko.act(order, "hand_over")
    toko.work()
    booked = toko.shipment(order)
    assert (booked.company, booked.attempt, len(toko.booked())) == ("jne", 1, before + 1)


def test_not_while_the_first_courier_is_called_or_has_it(toko: Toko) -> None:
    order = toko.act(toko.place(), "confirm", "ready")
    reference = pick(toko, order, "jne-reg")
    toko.act(order, "hand_over")
    toko.work()
    with pytest.raises(fulfilment.ParcelNotHere):
        send(toko, order, reference)
    toko.courier_does(toko.shipment(order), "picked")
    toko.courier_does(toko.shipment(order), "return_in_transit")
    assert state(toko, order)[0] is Status.FAILED
    with pytest.raises(fulfilment.ParcelNotHere):
        send(toko, order, reference)


@pytest.mark.parametrize(
    ("reference", "refusal"),
    [
        pytest.param("", fulfilment.CourierGone, id="none"),
        pytest.param("x.teleport-now", fulfilment.CourierGone, id="a courier that is none"),
        pytest.param("x.grab-instant", fulfilment.CourierGone, id="takes no cash"),
        pytest.param("x.jne-reg", QuoteChanged, id="a price we never gave"),
    ],
)
def test_what_staff_cannot_pick(reference: str, refusal: type[DomainError], toko: Toko) -> None:
    order, shipment = toko.handed_over()
    toko.courier_does(shipment, "cancelled")
    pick(toko, order, "jne-reg")
    with pytest.raises(refusal):
        send(toko, order, reference)
    assert state(toko, order) == (Status.FAILED, S.cancelled)


def test_pressed_twice_one_courier_comes(toko: Toko) -> None:
    order, shipment = toko.handed_over()
    toko.courier_does(shipment, "courier_not_found")
    before, reference = len(toko.booked()), pick(toko, order, "jne-reg")
    send(toko, order, reference)
    with pytest.raises(fulfilment.ParcelNotHere):
        send(toko, order, reference)
    assert len(toko.booked()) == before + 1


def test_each_reads_the_reason_in_their_language(toko: Toko) -> None:
    with transaction():
        for branch in db.session.scalars(select(Branch)):
            branch.telegram_chat = "-1002000000011"
    notifications.ensure_defaults()
    order, shipment = toko.handed_over()
    toko.courier_does(shipment, "courier_not_found")
    failed = db.session.get(orders.Order, order.id)
    assert failed.reason == "courier:courier_not_found"
    said = {}
    for locale in ("en", "ru", "es"):
        with speaking(locale):
            said[locale] = failed.why
    assert said["en"] == "No courier was free to come."
    assert len(set(said.values())) == 3
    tell("OrderMoved")
    body = db.session.scalars(select(Delivery.body).where(Delivery.audience == "branch")).all()[-1]
    assert body == said["en"]


def test_the_providers_own_words_stand_in_the_sentence(toko: Toko) -> None:
    order = toko.act(toko.place(), "confirm", "ready")
    toko.desk.http.post("/biteship/sandbox/settings", json={"balance": 0}).raise_for_status()
    toko.act(order, "hand_over")
    toko.work()
    failed = db.session.get(orders.Order, order.id)
    assert failed.why.startswith("The courier could not be booked: ")
    assert "balance" in failed.why


@pytest.mark.parametrize(
    "text", ["", "courier:", "courier:no_such_thing", "Nobody at the door", "100% wrong %(why)s"]
)
def test_what_a_person_wrote_stays_as_it_was(text: str, toko: Toko) -> None:
    assert shipping.say_reason(text) == text
