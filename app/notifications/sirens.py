"""Alarms that ring until somebody acknowledges them: at Pushover, or here, whichever is first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import select

from app import identity, orders
from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.db import db, for_update, transaction
from app.core.errors import DomainError
from app.core.events import EventRecord, consume, emit
from app.identity.models import Person
from app.notifications.audiences import DISPATCHERS, DRIVER
from app.notifications.channels import siren
from app.notifications.events import ReceiptCalledBack
from app.notifications.models import ContactPoint, Delivery, DeliveryStatus
from app.notifications.order_contexts import driver_of, is_waiting
from app.notifications.ports import SendError
from app.orders.models import Order
from app.orders.states import Status

log = structlog.get_logger()
S = DeliveryStatus
EMERGENCY = 2


@dataclass(frozen=True)
class Ringing:
    """A siren at the provider, and whether the order still needs it."""

    delivery_id: int
    receipt: str
    code: str
    audience: str
    needed: bool


def still_rings(delivery: Delivery) -> bool:
    """Whether the order still needs the siren: nobody took notice yet, the driver has not set out."""
    order = db.session.get(Order, delivery.order_id) if delivery.order_id else None
    if order is None:
        return True
    if delivery.audience == DISPATCHERS:
        return is_waiting(order)
    if delivery.audience == DRIVER:
        driver = driver_of(order)
        return order.status is Status.ASSIGNED and driver is not None and driver.user_id == delivery.user_id
    return True


def silence(record: EventRecord, *, subscriber: str) -> None:
    """Stop what rings for the event's order and is not needed any more; consume the event."""
    event_id, order_id = record.id, record.aggregate_id
    for ringing in _ringing(order_id):
        if not ringing.needed:
            _stop(ringing)
    with transaction():
        consume(event_id, subscriber)


def look_after_sirens() -> None:
    """Ask the provider about each siren of this store; call no more often than every five seconds."""
    for ringing in _ringing():
        _look_after(ringing)


def check_receipt(record: EventRecord, *, subscriber: str) -> None:
    """Ask the provider about the siren of one delivery, because a caller we cannot trust said it was answered."""
    event_id, delivery_id = record.id, record.aggregate_id
    for ringing in _ringing(delivery_id=delivery_id):
        _look_after(ringing)
    with transaction():
        consume(event_id, subscriber)


@transaction()
def report_receipt(receipt: str) -> bool:
    """Somebody called and spoke of this receipt: have it checked. False when it is none of ours."""
    query = select(Delivery.id).where(Delivery.receipt == receipt, Delivery.receipt != "")
    if (delivery_id := db.session.scalar(query)) is None:
        return False
    emit(ReceiptCalledBack(delivery_id=delivery_id), actor=SYSTEM)
    return True


@transaction()
def _ringing(order_id: int | None = None, *, delivery_id: int | None = None) -> Sequence[Ringing]:
    query = select(Delivery).where(
        Delivery.channel == "pushover", Delivery.receipt != "", Delivery.status == S.sent
    )
    if order_id is not None:
        query = query.where(Delivery.order_id == order_id)
    if delivery_id is not None:
        query = query.where(Delivery.id == delivery_id)
    found = []
    for delivery in db.session.scalars(query.order_by(Delivery.id)):
        order = db.session.get(Order, delivery.order_id) if delivery.order_id else None
        code = order.code if order else ""
        found.append(Ringing(delivery.id, delivery.receipt, code, delivery.audience, still_rings(delivery)))
    return found


def _stop(ringing: Ringing) -> None:
    try:
        siren().cancel(ringing.receipt)
    except SendError as trouble:  # the next look tries again
        log.warning("siren not stopped", delivery_id=ringing.delivery_id, error=str(trouble))
        return
    _settle(ringing, S.read)


def _look_after(ringing: Ringing) -> None:
    if not ringing.needed:
        _stop(ringing)
        return
    try:
        receipt = siren().receipt(ringing.receipt)
    except SendError as trouble:
        log.warning("receipt not read", delivery_id=ringing.delivery_id, error=str(trouble))
        return
    if receipt.acknowledged:
        _settle(ringing, S.read, receipt.acknowledged_at or clock.now())
        if ringing.audience == DISPATCHERS and ringing.code:
            _acknowledge(ringing, receipt.acknowledged_by)
    elif receipt.expired:
        _settle(ringing, S.delivered)


@transaction()
def _settle(ringing: Ringing, status: DeliveryStatus, acknowledged_at: datetime | None = None) -> None:
    delivery = db.session.scalar(for_update(select(Delivery).where(Delivery.id == ringing.delivery_id)))
    if delivery is not None and delivery.status is S.sent:
        delivery.status, delivery.acknowledged_at = status, acknowledged_at


def _acknowledge(ringing: Ringing, address: str) -> None:
    try:
        orders.acknowledge_order(ringing.code, actor=_presser(ringing, address))
    except DomainError as refusal:
        log.warning("siren acknowledged, order not", code=ringing.code, refusal=refusal.code)


def _presser(ringing: Ringing, address: str) -> Actor:
    """Who pressed the button: the person with that Pushover key, else the one who was sent the message."""
    by_address = (
        select(Person)
        .join(ContactPoint, ContactPoint.user_id == Person.id)
        .where(ContactPoint.channel == "pushover", ContactPoint.address == address)
    )
    person = db.session.scalars(by_address).first()
    if person is None:
        sent_to = db.session.get(Delivery, ringing.delivery_id)
        person = db.session.get(Person, sent_to.user_id) if sent_to and sent_to.user_id else None
    return identity.actor_of(person, source="pushover") if person else SYSTEM
