"""Places in slots: taken and given back inside the transaction of the order that needs them."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.db import db
from app.core.errors import DomainError, ErrorKind
from app.core.i18n import _l
from app.promise.models import DeliverySlot
from app.promise.rules import express_limit
from app.promise.types import Mode, SlotPolicy


class SlotTaken(DomainError):
    """Somebody booked the last place between the page and this moment."""

    kind, message = ErrorKind.conflict, _l("This time is fully booked. Pick another one.")


def book_slot(branch_id: int, starts_at: datetime, capacity: int, policy: SlotPolicy, mode: Mode) -> int:
    """Take one place; gives the slot's id. SlotTaken when none is left (for express: none of its share).

    `capacity` is the branch's default, for a slot that has no row yet.
    """
    db.session.execute(
        insert(DeliverySlot)
        .values(branch_id=branch_id, starts_at=starts_at, capacity=capacity, booked=0)
        .on_conflict_do_nothing(index_elements=["store_id", "branch_id", "starts_at"])
    )
    where = (DeliverySlot.branch_id == branch_id, DeliverySlot.starts_at == starts_at)
    query = update(DeliverySlot).where(*where, DeliverySlot.booked < DeliverySlot.capacity)
    if mode is Mode.asap:
        limits = db.session.scalar(select(DeliverySlot.capacity).where(*where)) or 0
        query = query.where(DeliverySlot.booked < express_limit(policy, limits))
    booked = db.session.scalar(query.values(booked=DeliverySlot.booked + 1).returning(DeliverySlot.id))
    if booked is None:
        raise SlotTaken(slot=starts_at.isoformat())
    return booked


def release_slot(slot_id: int) -> None:
    """Give one place back. The CHECK keeps the count from going below zero."""
    db.session.execute(
        update(DeliverySlot).where(DeliverySlot.id == slot_id).values(booked=DeliverySlot.booked - 1)
    )
