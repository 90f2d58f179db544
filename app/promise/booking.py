"""Places in slots: taken and given back inside the transaction of the order that needs them."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, String, case, cast, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.db import db
from app.core.errors import DomainError, ErrorKind
from app.core.i18n import _l
from app.core.money import BP
from app.promise.models import DeliveryPolicy, DeliverySlot, SlotClosure
from app.promise.queries import forget_world
from app.promise.rules import booking_of
from app.promise.types import Counts, Mode, Place, World
from app.promise.weights import ONE_ORDER, Load


class SlotTaken(DomainError):
    """Somebody booked the last place, or a manager closed the slot, between the page and this moment."""

    kind, message = ErrorKind.conflict, _l("This time is fully booked. Pick another one.")


class Held(NamedTuple):
    """A slot and how many of its places an order has."""

    slot_id: int
    weight: int


def book_slot(world: World, place: Place, starts_at: datetime, mode: Mode, load: Load = ONE_ORDER) -> Held:
    """Take the places this order weighs, in one conditional UPDATE. SlotTaken when they are not there (for express:
    not within its share) or the slot has been closed; `weights.has_room` is the same rule before the fact."""
    _require_length(world)
    default = booking_of(world, place, starts_at)
    db.session.execute(
        insert(DeliverySlot)
        .values(
            branch_id=place.id,
            starts_at=starts_at,
            capacity=default.capacity,
            booked=0,
            counts=default.counts,
        )
        .on_conflict_do_nothing(index_elements=["store_id", "branch_id", "starts_at"])
    )
    limit: ColumnElement[int] = DeliverySlot.capacity.expression
    if mode is Mode.asap:
        limit = (cast(DeliverySlot.capacity, BigInteger) * world.policy.express_share_bp + (BP - 1)) // BP
    weighed = case({kind.value: load.of(kind) for kind in Counts}, value=cast(DeliverySlot.counts, String))
    weight = func.least(weighed, limit)
    ends_at = starts_at + timedelta(minutes=world.policy.length_minutes)
    held = db.session.execute(
        update(DeliverySlot)
        .where(
            DeliverySlot.branch_id == place.id,
            DeliverySlot.starts_at == starts_at,
            DeliverySlot.booked < limit,
            DeliverySlot.booked + weight <= limit,
            ~_closed(place.id, starts_at, ends_at),
        )
        .values(booked=DeliverySlot.booked + weight)
        .returning(DeliverySlot.id, weight)
    ).one_or_none()
    if held is None:
        raise SlotTaken(slot=starts_at.isoformat())
    return Held(*held)


def _require_length(world: World) -> None:
    """SlotTaken when the store cuts its days otherwise by now; until the order is in, nobody cuts them anew."""
    length = db.session.scalar(select(DeliveryPolicy.slot_minutes).with_for_update(read=True))
    if length is not None and length != world.policy.length_minutes:
        forget_world()
        raise SlotTaken(slot="")


def _closed(branch_id: int, starts_at: datetime, ends_at: datetime) -> ColumnElement[bool]:
    return exists().where(
        SlotClosure.branch_id == branch_id, SlotClosure.starts_at < ends_at, SlotClosure.ends_at > starts_at
    )


def release_slot(slot_id: int, weight: int = 1) -> None:
    """Give places back. The CHECK keeps the count from going below zero."""
    db.session.execute(
        update(DeliverySlot).where(DeliverySlot.id == slot_id).values(booked=DeliverySlot.booked - weight)
    )
