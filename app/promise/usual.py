"""What managers set for every week to come: the usual capacity by weekday and hour, and how days are cut into slots."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

from sqlalchemy import delete, select

from app import stores
from app.core import audit, clock
from app.core.actor import MANAGERS, Actor
from app.core.db import db, for_update, transaction
from app.core.errors import DomainError, ErrorKind, Forbidden, InvalidInput, NotFound
from app.core.i18n import _, _l
from app.promise.models import DeliveryPolicy, DeliverySlot, HourCapacity
from app.promise.recut import recut_slots
from app.promise.slots import LARGEST
from app.promise.types import Counts, SlotPolicy
from app.stores.models import Branch

Usual = Mapping[tuple[int, int], int]
"""(weekday, hour) → what each slot that begins then takes; hours that are missing take the branch's own number."""

POLICY_COLUMNS = ("slot_minutes", "horizon_days", "lead_minutes", "express_share_bp", "counts")
SLOT_LENGTHS = (10, 12, 15, 20, 30, 60)


class SettingsChanged(DomainError):
    """Another manager saved between the page and this moment."""

    kind = ErrorKind.conflict
    message = _l("Somebody changed these settings while you were editing. Compare, then save again.")


def load_usual(branch_id: int) -> dict[tuple[int, int], int]:
    """The usual week of a branch."""
    rows = db.session.scalars(select(HourCapacity).where(HourCapacity.branch_id == branch_id))
    return {(row.weekday, row.hour): row.capacity for row in rows}


def stamp_of(usual: Usual, otherwise: int) -> str:
    """A short word that is another one when the numbers are others."""
    return f"{crc32(repr((otherwise, sorted(usual.items()))).encode()):08x}"


@transaction()
def set_usual(branch_id: int, usual: Usual, otherwise: int, *, seen: str, actor: Actor) -> int:
    """Give the branch this usual week and `otherwise` for all other hours; answers how many coming slots follow it.

    Slots to come that no manager has edited follow at once, never below what is booked in them. Raises Forbidden,
    NotFound, SettingsChanged, InvalidInput on `otherwise` or `h<weekday>-<hour>`.
    """
    if not actor.has(*MANAGERS):
        raise Forbidden
    branch = db.session.scalar(for_update(select(Branch).where(Branch.id == branch_id)))
    if branch is None:
        raise NotFound
    old, old_otherwise = load_usual(branch_id), branch.slot_capacity
    if seen != stamp_of(old, old_otherwise):
        raise SettingsChanged
    _check(usual, otherwise)
    kept = {hour: number for hour, number in usual.items() if number != otherwise}
    if (kept, otherwise) == (old, old_otherwise):
        return 0
    db.session.execute(delete(HourCapacity).where(HourCapacity.branch_id == branch_id))
    db.session.add_all(
        HourCapacity(branch_id=branch_id, weekday=day, hour=hour, capacity=number)
        for (day, hour), number in sorted(kept.items())
    )
    branch.slot_capacity = otherwise
    db.session.flush()
    followed = _follow(branch_id, kept, otherwise)
    hours = sorted({*old, *kept})
    audit.record(
        "usual_capacity_changed",
        actor=actor,
        subject=f"branch:{branch_id}",
        otherwise=[old_otherwise, otherwise],
        hours={
            f"{day}-{hour:02}": [old.get((day, hour)), kept.get((day, hour))]
            for day, hour in hours
            if old.get((day, hour)) != kept.get((day, hour))
        },
        slots=followed,
    )
    return followed


def _check(usual: Usual, otherwise: int) -> None:
    most = LARGEST[read_counts()]
    errors = {
        f"h{day}-{hour}": _("A whole number from 0 to %(most)s.", most=most)
        for (day, hour), number in usual.items()
        if not 0 <= number <= most
    }
    if not 1 <= otherwise <= most:
        errors["otherwise"] = _("A whole number from %(least)s to %(most)s.", least=1, most=most)
    if errors:
        raise InvalidInput(errors)


def _follow(branch_id: int, usual: Usual, otherwise: int) -> int:
    """Bring the coming slots that nobody has edited to the new numbers."""
    query = select(DeliverySlot).where(
        DeliverySlot.branch_id == branch_id,
        DeliverySlot.starts_at > clock.now(),
        ~DeliverySlot.edited,
    )
    followed = 0
    for row in db.session.scalars(for_update(query.order_by(DeliverySlot.starts_at))):
        wanted = max(row.booked, _number_at(row.starts_at, usual, otherwise))
        followed += row.capacity != wanted
        row.capacity = wanted
    return followed


def _number_at(starts_at: datetime, usual: Usual, otherwise: int) -> int:
    local = starts_at.astimezone(UTC).astimezone(stores.current_store().zone)
    return usual.get((local.weekday(), local.hour), otherwise)


def read_counts() -> Counts:
    """What the slots of the store count."""
    row = db.session.scalar(select(DeliveryPolicy))
    return row.counts if row else Counts.orders


def load_policy() -> DeliveryPolicy:
    """The store's row; without one yet, a fresh one with the defaults that is not saved."""
    row = db.session.scalar(select(DeliveryPolicy))
    if row is not None:
        return row
    usual = SlotPolicy()
    return DeliveryPolicy(
        slot_minutes=usual.length_minutes,
        horizon_days=usual.horizon_days,
        lead_minutes=usual.lead_minutes,
        express_share_bp=usual.express_share_bp,
        counts=usual.counts,
        version=0,
    )


@transaction()
def set_policy(values: Mapping[str, Any], *, seen: int, actor: Actor) -> DeliveryPolicy:
    """Change how the store cuts its days into slots; `seen` is the version that was edited (0: none yet).

    Slots that are booked keep what they count; with another length orders keep their times (recut.py).
    Raises Forbidden, SettingsChanged, InvalidInput by column.
    """
    if not actor.has(*MANAGERS):
        raise Forbidden
    if unknown := set(values) - set(POLICY_COLUMNS):
        raise KeyError(unknown)
    _check_policy(values)
    store = stores.current_store()
    row = db.session.scalar(for_update(select(DeliveryPolicy)))
    if (row.version if row else 0) != seen:
        raise SettingsChanged
    row = row or load_policy()
    changes: dict[str, Any] = {
        k: [_plain(getattr(row, k)), _plain(v)] for k, v in values.items() if getattr(row, k) != v
    }
    if not changes and row.version:
        return row
    length = row.slot_minutes
    for name, value in values.items():
        setattr(row, name, value)
    row.version = seen + 1
    db.session.add(row)
    db.session.flush()
    if row.slot_minutes != length:
        changes["booked_slots"] = recut_slots(length, row.slot_minutes)
    audit.record("delivery_policy_changed", actor=actor, subject=f"store:{store.id}", changes=changes)
    return row


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Counts) else value


def _check_policy(values: Mapping[str, Any]) -> None:
    errors = {}
    if values.get("slot_minutes", 15) not in SLOT_LENGTHS:
        errors["slot_minutes"] = _("Choose one of the lengths shown: a slot divides an hour.")
    bounds = {"horizon_days": (1, 14), "lead_minutes": (0, 1440), "express_share_bp": (0, 10_000)}
    for name, (least, most) in bounds.items():
        if not least <= values.get(name, least) <= most:
            errors[name] = _("A whole number from %(least)s to %(most)s.", least=least, most=most)
    if errors:
        raise InvalidInput(errors)
