"""Shipments: opened with the order, moved only forward by what the provider says. Nothing here calls anybody."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db, for_update
from app.core.errors import NotFound
from app.core.events import emit
from app.core.money import Minor
from app.shipping.events import ShipmentMoved
from app.shipping.models import Shipment
from app.shipping.ports import Rate, Report
from app.shipping.status import FINAL, ShipmentStatus, comes_after

PROVIDER = "biteship"


@dataclass(frozen=True, slots=True)
class Choice:
    """The courier an order was placed with, at the price the customer saw."""

    key: str
    name: str
    price_minor: Minor
    currency: str
    weight_g: int


def open_shipment(order_id: int, code: str, choice: Choice) -> Shipment:
    """Keep which courier an order goes by, in the transaction that places it."""
    company, _dash, service = choice.key.partition("-")
    shipment = Shipment(
        order_id=order_id,
        attempt=1,
        reference=code,
        provider=PROVIDER,
        company=company,
        service=service,
        name=choice.name[:80],
        currency=choice.currency,
        quoted_minor=choice.price_minor,
        weight_g=choice.weight_g,
        status=ShipmentStatus.chosen,
        status_at=clock.now(),
    )
    db.session.add(shipment)
    return shipment


def shipment_of(order_id: int, *, lock: bool = False) -> Shipment | None:
    """The order's shipment: of several tries the last; None for an order that goes another way."""
    query = select(Shipment).where(Shipment.order_id == order_id).order_by(Shipment.attempt.desc()).limit(1)
    return db.session.scalar(for_update(query) if lock else query)


def lock_shipment(shipment_id: int) -> Shipment:
    """The shipment, locked; NotFound when it is not in this store."""
    found = db.session.scalar(for_update(select(Shipment).where(Shipment.id == shipment_id)))
    if found is None:
        raise NotFound
    return found


def find_by_provider(provider: str, provider_id: str) -> Shipment | None:
    """The shipment that the provider means; None when it is none of this store."""
    if not provider_id:
        return None
    query = select(Shipment).where(Shipment.provider == provider, Shipment.provider_id == provider_id)
    return db.session.scalar(query)


def attempts_of(order_id: int) -> list[Shipment]:
    """Every try to have the order carried, the last one first."""
    query = select(Shipment).where(Shipment.order_id == order_id).order_by(Shipment.attempt.desc())
    return list(db.session.scalars(query))


def change_courier(last: Shipment, rate: Rate) -> Shipment:
    """Have another courier carry it: in the same try while nobody was called, else in a new one.

    What the customer was told to pay stays; the store bears the difference.
    """
    shipment = next_attempt(last) if is_over(last) else last
    shipment.company, shipment.service, shipment.name = rate.company, rate.service, rate.name[:80]
    return shipment


def next_attempt(last: Shipment) -> Shipment:
    """Try again with the same courier, under a reference of its own."""
    attempt = last.attempt + 1
    again = Shipment(
        order_id=last.order_id,
        attempt=attempt,
        reference=f"{last.reference.partition('/')[0]}/{attempt}",
        provider=last.provider,
        company=last.company,
        service=last.service,
        name=last.name,
        currency=last.currency,
        quoted_minor=last.quoted_minor,
        weight_g=last.weight_g,
        status=ShipmentStatus.chosen,
        status_at=clock.now(),
    )
    db.session.add(again)
    db.session.flush()
    return again


def set_status(shipment: Shipment, status: ShipmentStatus, error: str = "") -> None:
    """A step of our own. Steps of the provider come by `apply_report`."""
    shipment.error = error[:300]
    if status is not shipment.status:
        shipment.status, shipment.status_at = status, clock.now()
        tell(shipment)


def apply_report(shipment: Shipment, report: Report) -> bool:
    """Take over what the provider says; whether the status moved. What comes late or twice moves nothing."""
    shipment.asked_at = clock.now()
    shipment.provider_id = report.provider_id
    shipment.waybill = report.waybill or shipment.waybill
    shipment.tracking_url = report.tracking_url or shipment.tracking_url
    shipment.driver_name = report.driver_name or shipment.driver_name
    shipment.driver_phone = report.driver_phone or shipment.driver_phone
    if report.price_minor is not None:
        shipment.price_minor = report.price_minor
    if len(report.history) > len(shipment.history):
        shipment.history = [
            {"status": status, "at": at.isoformat(), "note": note} for status, at, note in report.history
        ]
    if not comes_after(report.status, shipment.status):
        return False
    shipment.status, shipment.status_at, shipment.error = report.status, clock.now(), ""
    tell(shipment)
    return True


def tell(shipment: Shipment) -> None:
    """Pages that show the order look again."""
    code = shipment.reference.partition("/")[0]
    moved = ShipmentMoved(
        order_id=shipment.order_id, code=code, shipment_id=shipment.id, status=shipment.status.value
    )
    emit(moved, actor=SYSTEM)


def told_history(shipment: Shipment) -> list[tuple[ShipmentStatus, datetime]]:
    """What the courier told, oldest first, each status once."""
    told: dict[ShipmentStatus, datetime] = {}
    for row in shipment.history:
        told.setdefault(ShipmentStatus(row["status"]), datetime.fromisoformat(row["at"]))
    return sorted(told.items(), key=lambda pair: pair[1])


def is_over(shipment: Shipment) -> bool:
    """Whether nothing more can happen to it."""
    return shipment.status in FINAL
