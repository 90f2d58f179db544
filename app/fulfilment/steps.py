"""Steps inside a transaction: what an order's move means for its shipment, and a shipment's for its order."""

from datetime import timedelta

from app import identity, shipping, stores
from app.core.actor import SYSTEM
from app.core.db import db
from app.core.events import EventRecord, emit
from app.orders import Action, Details, Kind, Order, Status, act
from app.orders.states import PaymentStatus
from app.promise import locate
from app.shipping import (
    CANCELLABLE,
    LOST,
    Booking,
    Carriage,
    Door,
    Shipment,
    ShipmentDue,
    ShipmentStatus,
    reason_of,
)
from app.stores.models import Branch

S = ShipmentStatus
CALLED_OFF = frozenset({Action.fail.value, Action.cancel.value})


def follow_order(record: EventRecord) -> None:
    """An order moved: handed over, it is booked; failed or cancelled, its courier is called off if there is time.

    Runs in the subscriber's transaction, so a repeated event finds its work done.
    """
    action = record.payload["action"]
    if action == Action.hand_over:
        _call_courier(record.aggregate_id)
    elif action in CALLED_OFF:
        _call_off(record.aggregate_id, str(record.payload.get("reason", "")))


def _call_courier(order_id: int) -> None:
    order, shipment = db.session.get(Order, order_id), shipping.shipment_of(order_id, lock=True)
    if order is None or shipment is None or order.kind is not Kind.courier:
        return
    if order.status is not Status.HANDED_OVER:
        return
    if shipping.is_over(shipment):
        shipment = shipping.next_attempt(shipment)
    if shipment.status is S.chosen:
        shipping.set_status(shipment, S.due)
        plan(shipment, "book")


def _call_off(order_id: int, reason: str) -> None:
    shipment = shipping.shipment_of(order_id, lock=True)
    if shipment is None:
        return
    if shipment.status in {S.chosen, S.due}:
        shipping.set_status(shipment, S.cancelled)
    elif shipment.status in CANCELLABLE:
        plan(shipment, "cancel", reason=reason)


def plan(shipment: Shipment, task: str, *, reason: str = "", due_in: timedelta | None = None) -> None:
    """Have somebody talk to the provider, now or later."""
    emit(ShipmentDue(shipment_id=shipment.id, task=task, reason=reason), actor=SYSTEM, due_in=due_in)


def move_order(shipment: Shipment) -> None:
    """Let the order follow what the courier did, by its own table; an order that has moved on stays."""
    last = shipping.shipment_of(shipment.order_id)
    order = db.session.get(Order, shipment.order_id)
    if order is None or last is None or last.id != shipment.id or order.status is not Status.HANDED_OVER:
        return
    if shipment.status is S.delivered:
        received = order.due_minor if order.payment_status is PaymentStatus.DUE else None
        act(order.code, Action.deliver, actor=SYSTEM, details=Details(cash_received_minor=received))
    elif shipment.status in LOST:
        act(order.code, Action.fail, actor=SYSTEM, details=Details(reason=reason_of(shipment.status)))
    elif shipment.status is S.refused:
        why = reason_of(shipment.status, shipment.error)
        act(order.code, Action.fail, actor=SYSTEM, details=Details(reason=why))


def booking_of(shipment: Shipment, order: Order) -> Booking:
    """The order as a courier has to know it: doors, weight, cash; never what is inside."""
    branch = order.branch
    carriage = Carriage(
        origin=_shop_door(branch, order),
        destination=_customers_door(order),
        weight_g=shipment.weight_g,
        value_minor=order.goods_minor - order.discount_minor,
    )
    cash = order.due_minor if order.payment_status is PaymentStatus.DUE else 0
    return Booking(shipment.reference, shipment.company, shipment.service, carriage, cash)


def _shop_door(branch: Branch, order: Order) -> Door:
    store = stores.current_store()
    return Door(
        zip=branch.zip,
        lat=branch.lat,
        lng=branch.lng,
        name=f"{store.name}, {branch.name}"[:80],
        phone=branch.phone or store.support_phone,
        address=f"{branch.line1}, {branch.city} {branch.zip}",
        note=order.code,
    )


def _customers_door(order: Order) -> Door:
    address = order.address
    parts = [str(address.get(name) or "") for name in ("line1", "line2", "city", "zip")]
    spot = locate(str(address.get("zip") or ""), stores.current_store().country)
    lat, lng = address.get("lat"), address.get("lng")
    if lat is None and spot is not None:
        lat, lng = spot.lat, spot.lng
    return Door(
        zip=str(address.get("zip") or ""),
        lat=lat,
        lng=lng,
        name=order.contact_name or identity.show_phone(order.contact_phone),
        phone=order.contact_phone,
        address=", ".join(part for part in parts if part),
        note=order.customer_note[:120],
    )
