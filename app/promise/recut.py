"""The length of a slot changes: coming slots nobody booked are made anew, booked orders keep their times and places.

The rows of the old grid that begin inside a new slot become that slot: what is booked in them counts there, so nothing
is offered twice over the same minutes. What a manager set by hand stays, the smallest number where several meet.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from app import stores
from app.core import clock
from app.core.db import db, for_update
from app.promise.hours import grid_floor
from app.promise.models import DeliverySlot, HourCapacity
from app.promise.types import Counts
from app.stores.models import Branch

HOUR = timedelta(hours=1)
Key = tuple[int, datetime]
"""Branch id and start in UTC."""

Locker = Callable[[Collection[int]], None]
Mover = Callable[[Mapping[int, tuple[int, Counts, Counts]]], dict[int, int]]
_orders: list[tuple[Locker, Mover]] = []


def learn_mover(lock: Locker, move: Mover) -> None:
    """Let the domain that keeps orders lock those of some slots, and move them.

    `move` is told {old slot id: (new slot id, what the old one counts, what the new one counts)} and gives what the
    orders weigh now, by new slot id.
    """
    _orders[:] = [(lock, move)]


@dataclass
class _New:
    """A slot of the new grid: the old rows that become it, and the numbers that managers had set."""

    rows: list[DeliverySlot] = field(default_factory=list)
    set_by_hand: list[int] = field(default_factory=list)


def recut_slots(before_minutes: int, after_minutes: int) -> int:
    """Bring the coming rows to the new length, in the caller's transaction, which holds the policy's row; how many
    booked rows there were. Orders are locked before slots, as whoever cancels one does."""
    since = grid_floor(clock.now(), stores.current_store().zone, HOUR)
    coming = select(DeliverySlot).where(DeliverySlot.starts_at >= since)
    if _orders:
        _orders[0][0](list(db.session.scalars(coming.with_only_columns(DeliverySlot.id))))
    rows = list(
        db.session.scalars(for_update(coming.order_by(DeliverySlot.branch_id, DeliverySlot.starts_at)))
    )
    booked = [row for row in rows if row.booked]
    slots = _sorted_into(rows, timedelta(minutes=before_minutes), timedelta(minutes=after_minutes))
    usual = _usual_numbers({branch_id for branch_id, _start in slots})
    moves: dict[int, tuple[int, Counts, Counts]] = {}
    kept = {key: _keep(key, new, moves) for key, new in slots.items()}
    db.session.flush()
    weights = _orders[0][1](moves) if _orders and moves else {}
    for (branch_id, start), row in kept.items():
        if row is not None:
            hand = slots[branch_id, start].set_by_hand
            row.booked += weights.get(row.id, 0)
            row.capacity = max(row.booked, min(hand) if hand else usual(branch_id, start))
            row.edited = bool(hand)
    db.session.flush()
    staying = {row.id for row in kept.values() if row is not None}
    _drop(row for row in rows if row.id not in staying)
    return len(booked)


def _sorted_into(rows: Iterable[DeliverySlot], before: timedelta, after: timedelta) -> dict[Key, _New]:
    zone = stores.current_store().zone
    slots: dict[Key, _New] = defaultdict(_New)
    for row in rows:
        first = grid_floor(row.starts_at, zone, after)
        slots[row.branch_id, first].rows.append(row)
        at = first
        while row.edited and at < row.starts_at + before:
            slots[row.branch_id, at].set_by_hand.append(row.capacity)
            at += after
    return slots


def _keep(key: Key, new: _New, moves: dict[int, tuple[int, Counts, Counts]]) -> DeliverySlot | None:
    """The row that stands for the new slot; None when it needs none."""
    branch_id, start = key
    booked = [row for row in new.rows if row.booked]
    if not booked and not new.set_by_hand:
        return None
    row = next((one for one in new.rows if one.starts_at == start), None)
    if row is None:
        row = DeliverySlot(branch_id=branch_id, starts_at=start, capacity=0, booked=0)
        row.counts = (booked or new.rows or [row])[0].counts or Counts.orders
        row.capacity = max((one.capacity for one in new.rows), default=0)
        db.session.add(row)
        db.session.flush()
    if not row.booked and booked:
        row.counts = booked[0].counts
    moves |= {one.id: (row.id, one.counts, row.counts) for one in booked if one is not row}
    return row


def _drop(rows: Iterable[DeliverySlot]) -> None:
    for row in rows:
        db.session.delete(row)
    db.session.flush()


def _usual_numbers(branch_ids: Collection[int]) -> Callable[[int, datetime], int]:
    zone = stores.current_store().zone
    plain = dict(
        db.session.execute(select(Branch.id, Branch.slot_capacity).where(Branch.id.in_(branch_ids))).all()
    )
    hourly = {
        (row.branch_id, row.weekday, row.hour): row.capacity
        for row in db.session.scalars(select(HourCapacity).where(HourCapacity.branch_id.in_(branch_ids)))
    }

    def usual(branch_id: int, start: datetime) -> int:
        local = start.astimezone(zone)
        return hourly.get((branch_id, local.weekday(), local.hour), plain[branch_id])

    return usual
