"""Talking to the provider about a shipment: outside any transaction, written down before and after.

Booked once: the intent is written first, the reference is unique at the provider, and after an unknown outcome the
same reference is sent again, which gives the booking that exists.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import or_, select

from app import shipping
from app.core import clock
from app.core.db import db, transaction
from app.core.events import EventRecord, consume
from app.fulfilment.steps import booking_of, move_order, plan
from app.orders import Order, Status
from app.shipping import WITH_PROVIDER, Booking, Report, Shipment, ShipmentStatus
from app.shipping.adapters.biteship import read_status
from app.shipping.ports import Refused, SendError
from app.shipping.status import comes_after

log = structlog.get_logger()
S = ShipmentStatus
WAITS = tuple(timedelta(seconds=s) for s in (5, 20, 60, 180, 600, 1200, 1800))
"""Between two tries to book; after the last one the order has failed and somebody decides."""
LOOK_AGAIN = timedelta(seconds=45)
ASK_EVERY = timedelta(minutes=10)
"""A shipment that nobody called about for so long is asked about: a webhook may have got lost."""
MOST_AT_ONCE = 50


def tend(record: EventRecord, subscriber: str) -> None:
    """Do what a ShipmentDue says. Consumes the event with its outcome; twice is harmless."""
    shipment_id, task = int(record.payload["shipment_id"]), record.payload["task"]
    if task == "book":
        _book(record.id, shipment_id, subscriber)
    elif task == "cancel":
        _cancel(record.id, shipment_id, str(record.payload.get("reason", "")), subscriber)
    else:
        _ask(record.id, shipment_id, subscriber)


# --- booking -----------------------------------------------------------------------------------------------


def _book(event_id: int, shipment_id: int, subscriber: str) -> None:
    wanted = _intend(event_id, shipment_id, subscriber)
    if wanted is None:
        return
    booking, provider = wanted
    try:
        report = shipping.courier_port(provider).book(booking)
    except Refused as error:
        _settle(event_id, shipment_id, subscriber, refused=str(error))
    except SendError as error:
        _settle(event_id, shipment_id, subscriber, later=f"{type(error).__name__}: {error}")
    else:
        _settle(event_id, shipment_id, subscriber, report=report)


@transaction()
def _intend(event_id: int, shipment_id: int, subscriber: str) -> tuple[Booking, str] | None:
    """Write down that it is being booked; None when there is nothing (more) to book."""
    shipment = shipping.lock_shipment(shipment_id)
    order = db.session.get(Order, shipment.order_id)
    if order is None or shipment.status not in {S.due, S.booking}:
        consume(event_id, subscriber)
        return None
    if order.status is not Status.HANDED_OVER and shipment.tries == 0:
        shipping.set_status(shipment, S.cancelled)
        consume(event_id, subscriber)
        return None
    shipping.set_status(shipment, S.booking, error=shipment.error)
    shipment.tries += 1
    return booking_of(shipment, order), shipment.provider


@transaction()
def _settle(
    event_id: int,
    shipment_id: int,
    subscriber: str,
    *,
    report: Report | None = None,
    refused: str = "",
    later: str = "",
) -> None:
    """Write down what came of it, in one transaction with the event's consumption."""
    if not consume(event_id, subscriber):
        return
    shipment = shipping.lock_shipment(shipment_id)
    if report is not None:
        shipping.apply_report(shipment, report)
        _after_booking(shipment)
    elif refused or shipment.tries > len(WAITS):
        log.warning("courier not booked", order_id=shipment.order_id, why=refused or later)
        shipping.set_status(shipment, S.refused, error=refused or later)
        move_order(shipment)
    else:
        shipment.error = later[:300]
        plan(shipment, "book", due_in=WAITS[shipment.tries - 1])


def _after_booking(shipment: Shipment) -> None:
    order = db.session.get(Order, shipment.order_id)
    if order is not None and order.status in {Status.FAILED, Status.CANCELLED, Status.RETURNED}:
        plan(shipment, "cancel", reason=order.why)  # it was called off while it was being booked
        return
    plan(shipment, "ask", due_in=LOOK_AGAIN)
    move_order(shipment)


# --- asking and calling off --------------------------------------------------------------------------------


def _ask(event_id: int, shipment_id: int, subscriber: str) -> None:
    shipment = db.session.get(Shipment, shipment_id)
    provider, provider_id = (shipment.provider, shipment.provider_id) if shipment else ("", "")
    db.session.rollback()
    report, trouble = None, ""
    if provider_id:
        try:
            report = shipping.courier_port(provider).get(provider_id)
        except SendError as error:
            trouble = f"{type(error).__name__}: {error}"
    _note(event_id, shipment_id, subscriber, report, trouble)


@transaction()
def _note(event_id: int, shipment_id: int, subscriber: str, report: Report | None, trouble: str) -> None:
    if not consume(event_id, subscriber):
        return
    shipment = shipping.lock_shipment(shipment_id)
    if report is not None:
        shipping.apply_report(shipment, report)
        move_order(shipment)
    elif trouble:
        # Nothing is lost: look_after_shipments asks again.
        shipment.error, shipment.asked_at = trouble[:300], clock.now()


def _cancel(event_id: int, shipment_id: int, reason: str, subscriber: str) -> None:
    shipment = db.session.get(Shipment, shipment_id)
    provider, provider_id = (shipment.provider, shipment.provider_id) if shipment else ("", "")
    db.session.rollback()
    report, trouble = None, ""
    if provider_id:
        try:
            report = shipping.courier_port(provider).cancel(provider_id, reason)
        except Refused as error:
            trouble = shipping.reason_of("kept", str(error))
        except SendError as error:
            _cancel_later(event_id, shipment_id, subscriber, reason, f"{type(error).__name__}: {error}")
            return
    _note(event_id, shipment_id, subscriber, report, trouble)


@transaction()
def _cancel_later(event_id: int, shipment_id: int, subscriber: str, reason: str, trouble: str) -> None:
    if not consume(event_id, subscriber):
        return
    shipment = shipping.lock_shipment(shipment_id)
    shipment.error = trouble[:300]
    if shipment.status in WITH_PROVIDER:
        plan(shipment, "cancel", reason=reason, due_in=WAITS[1])


# --- the provider calls ------------------------------------------------------------------------------------


@transaction()
def hear(provider: str, body: Mapping[str, Any]) -> bool:
    """A webhook says that something happened; whether it is worth asking the provider about.

    Unknown orders, repetitions and late arrivals are none: a state that the shipment has or has passed.
    """
    shipment = shipping.find_by_provider(provider, str(body.get("order_id") or "")[:64])
    if shipment is None or shipping.is_over(shipment):
        return False
    status = read_status(str(body.get("status") or ""))
    is_news = {
        "order.status": status is not None and comes_after(status, shipment.status),
        "order.price": body.get("price") not in (None, shipment.price_minor),
        "order.waybill_id": str(body.get("courier_waybill_id") or "") not in ("", shipment.waybill),
    }.get(str(body.get("event") or ""), False)
    if is_news:
        plan(shipment, "ask")
    return is_news


@transaction()
def look_after_shipments() -> None:
    """Ask about shipments under way that nobody has called about for a while."""
    quiet = clock.now() - ASK_EVERY
    query = (
        select(Shipment)
        .where(Shipment.status.in_(WITH_PROVIDER))
        .where(or_(Shipment.asked_at.is_(None), Shipment.asked_at < quiet))
        .order_by(Shipment.id)
        .limit(MOST_AT_ONCE)
    )
    for shipment in db.session.scalars(query):
        shipment.asked_at = clock.now()
        plan(shipment, "ask")
