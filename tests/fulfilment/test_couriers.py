"""Orders by courier, from the price to the door: chosen, handed over, booked once, followed, called off."""

from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import create_engine, select, text

from app import fulfilment, orders, shipping
from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db, transaction
from app.core.errors import InvalidInput
from app.core.events import EventRecord, emit
from app.inventory.models import Stock
from app.orders.errors import IllegalTransition, QuoteChanged, SlotUnavailable
from app.orders.states import PaymentStatus, Status
from app.orders.verify import check_reservations
from app.promise import ReasonCode
from app.shipping import ShipmentDue, ShipmentStatus
from app.shipping.models import CourierInquiry
from jobs.base import handle
from jobs.fulfilment import tend_shipment
from tests import factories
from tests.fulfilment.conftest import Toko, told

S = ShipmentStatus


def state(toko: Toko, order: orders.Order) -> tuple[Status, ShipmentStatus]:
    shipment = toko.shipment(order)
    return db.session.get(orders.Order, order.id).status, shipment.status


# --- choosing ----------------------------------------------------------------------------------------------


def test_each_courier_has_a_price_and_an_arrival_or_a_reason(toko: Toko) -> None:
    offered = toko.options().couriers
    had = {o.courier.key: o for o in offered}
    assert [o.offered for o in offered] == sorted((o.offered for o in offered), reverse=True)
    for one in offered:
        assert one.offered == (one.reason is None)
        assert one.offered == (one.arrives is not None)
        assert one.courier.fee_minor is None or one.courier.fee_minor % 500 == 0
    assert had["grab-instant"].reason.code is ReasonCode.courier_no_cash
    assert had["gojek-instant"].offered
    low, high = had["gojek-instant"].arrives
    assert timedelta(minutes=60) < low - clock.now() <= timedelta(minutes=80)
    assert high - low == timedelta(minutes=60)


def test_a_dead_provider_is_a_reason_and_other_ways_remain(toko: Toko) -> None:
    toko.desk.chaos("biteship", "down")
    options = toko.options()
    assert (options.reason.code, options.couriers) == (ReasonCode.courier_silent, ())
    assert any(counter.offered for counter in options.pickup)
    with pytest.raises(SlotUnavailable, match="do not answer"):
        toko.place(courier="x.gojek-instant")
    order = factories.place((toko.sku, 1), actor=toko.siti, kind="pickup", branch="kemang")
    assert order.pickup_code


def test_one_answer_serves_every_look_for_a_quarter_of_an_hour(toko: Toko) -> None:
    first = toko.reference()
    toko.desk.chaos("biteship", "500")
    assert toko.reference() == first
    assert db.session.query(CourierInquiry).count() == 1


def test_no_network_call_inside_a_transaction(toko: Toko) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"), transaction():
        orders.ask_couriers_for([(toko.sku, 1)], "10310")


def test_the_choice_becomes_fee_promise_and_shipment(toko: Toko) -> None:
    offer = next(o for o in toko.options().couriers if o.courier.key == "jne-reg")
    order = toko.place("jne-reg")
    assert order.delivery_minor == offer.courier.fee_minor
    assert order.total_minor == 85_000 + offer.courier.fee_minor
    assert abs(order.promised_until - offer.arrives[1]) < timedelta(seconds=30)
    assert (order.zone_id, order.slot_id, order.address["zip"]) == (None, None, "10310")
    shipment = toko.shipment(order)
    assert (shipment.status, shipment.company, shipment.service) == (S.chosen, "jne", "reg")
    assert (shipment.quoted_minor, shipment.reference) == (offer.courier.fee_minor, order.code)


@pytest.mark.parametrize(
    ("reference", "error"),
    [
        pytest.param("", InvalidInput, id="none chosen"),
        pytest.param("forged.gojek-instant", QuoteChanged, id="a price we never gave"),
        pytest.param("forged.teleport", SlotUnavailable, id="a courier that is none"),
    ],
)
def test_what_cannot_be_chosen(reference: str, error: type[Exception], toko: Toko) -> None:
    toko.options()
    with pytest.raises(error):
        toko.place(courier=reference)


def test_a_price_that_rose_is_not_charged_unseen(toko: Toko) -> None:
    seen = toko.reference("jne-reg")
    _let_answers_expire()
    with pytest.raises(QuoteChanged):  # nobody has asked anew
        toko.place(courier=seen)
    toko.desk.http.post("/biteship/sandbox/settings", json={"price_percent": 150}).raise_for_status()
    fresh = toko.reference("jne-reg")
    with pytest.raises(QuoteChanged):
        toko.place(courier=seen)
    assert toko.place(courier=fresh).delivery_minor > 0


def test_an_old_price_that_still_holds_is_taken(toko: Toko) -> None:
    seen = toko.reference("jne-reg")
    _let_answers_expire()
    assert toko.reference("jne-reg") != seen
    assert toko.place(courier=seen).delivery_minor > 0


@transaction()
def _let_answers_expire() -> None:
    for row in db.session.scalars(select(CourierInquiry)):
        row.expires_at = clock.now() - timedelta(seconds=1)


# --- handing over ------------------------------------------------------------------------------------------


def test_handing_over_books_and_the_courier_brings_it(toko: Toko) -> None:
    order, shipment = toko.handed_over()
    assert state(toko, order) == (Status.HANDED_OVER, S.confirmed)
    assert shipment.waybill
    assert shipment.tracking_url.startswith("http")
    [booked] = toko.booked()[:1]
    assert booked["reference_id"] == order.code
    assert booked["destination"]["cash_on_delivery"]["amount"] == order.due_minor
    for status in ("allocated", "picking_up", "picked", "dropping_off"):
        toko.courier_does(toko.shipment(order), status)
        assert state(toko, order) == (Status.HANDED_OVER, S(status))
    toko.courier_does(toko.shipment(order), "delivered")
    assert state(toko, order) == (Status.DELIVERED, S.delivered)
    paid = db.session.get(orders.Order, order.id)
    assert (paid.payment_status, paid.cash_received_minor) == (PaymentStatus.PAID, paid.due_minor)
    assert toko.shipment(order).driver_name
    assert list(check_reservations()) == []


def test_a_double_click_and_a_repeated_event_book_once(toko: Toko) -> None:
    before = len(toko.booked())
    order, _shipment = toko.handed_over()
    with pytest.raises(IllegalTransition):
        toko.act(order, "hand_over")
    for record in list(db.session.scalars(select(EventRecord).where(EventRecord.type == "ShipmentDue"))):
        assert handle(record.id, tend_shipment)
    with transaction():
        again = emit(ShipmentDue(shipment_id=toko.shipment(order).id, task="book"), actor=SYSTEM)
    assert handle(again.id, tend_shipment)
    assert len(toko.booked()) == before + 1


@pytest.mark.parametrize("fault", ["slow", "down", "500", "429"])
def test_trouble_while_booking_ends_in_one_booking(fault: str, toko: Toko) -> None:
    order = toko.act(toko.place(), "confirm", "ready")
    before = len(toko.booked())
    toko.desk.chaos("biteship", fault, seconds=6 if fault == "slow" else 1, times=1)
    toko.act(order, "hand_over")
    toko.work()
    assert toko.shipment(order).status is S.booking
    assert toko.shipment(order).error
    _let_time_pass()
    toko.work()
    assert state(toko, order) == (Status.HANDED_OVER, S.confirmed)
    assert len(toko.booked()) == before + 1


def test_a_declined_booking_fails_the_order_with_the_reason(toko: Toko) -> None:
    order = toko.act(toko.place(), "confirm", "ready")
    toko.desk.http.post("/biteship/sandbox/settings", json={"balance": 0}).raise_for_status()
    toko.act(order, "hand_over")
    toko.work()
    assert state(toko, order) == (Status.FAILED, S.refused)
    assert "balance" in db.session.get(orders.Order, order.id).reason
    toko.desk.http.post("/biteship/sandbox/settings", json={"balance": 5_000_000}).raise_for_status()
    toko.act(order, "retry", "hand_over")
    toko.work()
    assert state(toko, order) == (Status.HANDED_OVER, S.confirmed)
    assert toko.shipment(order).reference == f"{order.code}/2"
    assert list(check_reservations()) == []


def test_a_provider_that_stays_away_gives_the_order_back(toko: Toko) -> None:
    order = toko.act(toko.place(), "confirm", "ready")
    toko.desk.chaos("biteship", "500")
    toko.act(order, "hand_over")
    for _ in range(10):
        toko.work()
        _let_time_pass()
    assert state(toko, order) == (Status.FAILED, S.refused)


def _let_time_pass() -> None:
    """The waits between two tries are over; the application itself may not touch an event."""
    engine = create_engine(current_app.config["DATABASE_URL"])
    with engine.begin() as owner:
        owner.execute(
            text("UPDATE event SET due_at = now() - interval '1 second' WHERE type = 'ShipmentDue'")
        )
    engine.dispose()


# --- what the courier says ---------------------------------------------------------------------------------


def test_the_dashboard_may_save_the_address_and_strangers_hear_nothing(toko: Toko) -> None:
    client = toko.app.test_client()
    host = {"Host": "jakarta.localhost:8000"}
    assert client.post("/webhooks/biteship", headers=host).status_code == 200
    assert toko.call({}) == 200
    assert toko.call({"event": "order.status", "order_id": "0" * 24, "status": "picked"}) == 200
    _order, shipment = toko.handed_over()
    assert toko.call(told(shipment, "delivered"), secret="wrong") == 403
    assert toko.call(told(shipment, "delivered"), secret="") == 403


def test_a_webhook_is_believed_only_as_far_as_the_provider_confirms(toko: Toko) -> None:
    order, shipment = toko.handed_over()
    assert toko.call(told(shipment, "delivered")) == 200
    toko.work()
    assert state(toko, order) == (Status.HANDED_OVER, S.confirmed)


def test_webhooks_twice_late_and_out_of_order_change_nothing(toko: Toko) -> None:
    order, shipment = toko.handed_over()
    for status in ("allocated", "picking_up", "picked", "dropping_off"):
        toko.courier_does(shipment, status, tell=False)
    toko.courier_does(shipment, "delivered")
    assert state(toko, order) == (Status.DELIVERED, S.delivered)
    asked = db.session.query(EventRecord).filter_by(type="ShipmentDue").count()
    for status in ("picked", "delivered", "allocated", "delivered"):
        assert toko.call(told(shipment, status)) == 200
    assert db.session.query(EventRecord).filter_by(type="ShipmentDue").count() == asked
    toko.work()
    assert state(toko, order) == (Status.DELIVERED, S.delivered)
    moves = [
        r
        for r in db.session.query(EventRecord).filter_by(type="OrderMoved")
        if r.payload["target"] == "DELIVERED"
    ]
    assert len(moves) == 1


def test_another_stores_host_knows_nothing_of_it(toko: Toko) -> None:
    order, shipment = toko.handed_over()
    toko.courier_does(shipment, "delivered", tell=False)
    assert toko.call(told(shipment, "delivered"), host="miami.localhost:8000") == 200
    toko.work()
    assert state(toko, order) == (Status.HANDED_OVER, S.confirmed)


def test_a_parcel_weighed_anew_costs_the_store_and_not_the_customer(toko: Toko) -> None:
    order, shipment = toko.handed_over()
    path = f"/biteship/sandbox/orders/{shipment.provider_id}"
    toko.desk.http.post(path, json={"price": 44_000}).raise_for_status()
    assert toko.call(told(shipment, "confirmed", "order.price", price=44_000)) == 200
    toko.work()
    assert toko.shipment(order).price_minor == 44_000
    assert db.session.get(orders.Order, order.id).delivery_minor == order.delivery_minor


@pytest.mark.parametrize(
    "status", ["rejected", "courier_not_found", "return_in_transit", "cancelled", "disposed"]
)
def test_what_goes_wrong_fails_the_order_and_goods_come_back(status: str, toko: Toko) -> None:
    order, shipment = toko.handed_over()
    toko.courier_does(shipment, status)
    assert state(toko, order) == (Status.FAILED, S(status))
    assert db.session.get(orders.Order, order.id).why == str(shipping.LOST[S(status)])
    toko.act(order, "take_back")
    assert db.session.scalar(select(Stock.on_hand)) == 50
    assert list(check_reservations()) == []


def test_a_lost_webhook_is_made_up_for(toko: Toko) -> None:
    order, shipment = toko.handed_over()
    toko.courier_does(shipment, "picked", tell=False)
    with transaction():
        shipping.lock_shipment(shipment.id).asked_at = clock.now() - timedelta(minutes=30)
    fulfilment.look_after_shipments()
    toko.work()
    assert state(toko, order) == (Status.HANDED_OVER, S.picked)


# --- calling off -------------------------------------------------------------------------------------------


def test_called_off_before_the_courier_has_it(toko: Toko) -> None:
    order, shipment = toko.handed_over()
    toko.act(order, "fail", reason="The customer asked for it")
    toko.work()
    assert state(toko, order) == (Status.FAILED, S.cancelled)
    [at_provider] = [o for o in toko.booked() if o["id"] == shipment.provider_id]
    assert at_provider["status"] == "cancelled"


def test_an_order_cancelled_while_packed_never_reaches_a_courier(toko: Toko) -> None:
    before = len(toko.booked())
    order = toko.act(toko.place(), "confirm", "ready")
    toko.act(order, "cancel", reason="Out of stock")
    toko.work()
    assert state(toko, order) == (Status.CANCELLED, S.cancelled)
    assert len(toko.booked()) == before


def test_failed_while_it_is_being_booked(toko: Toko) -> None:
    order = toko.act(toko.place(), "confirm", "ready", "hand_over")
    toko.act(order, "fail", reason="The customer asked for it")
    toko.work()
    assert state(toko, order)[0] is Status.FAILED
    assert toko.shipment(order).status is S.cancelled
