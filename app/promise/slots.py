"""What managers do with a range of slots: set how much it takes, close it, open it again. Audited, and never over
somebody else's change: the caller tells what it has seen, and is refused when that is not what there is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app import stores
from app.core import audit, clock
from app.core.actor import MANAGERS, Actor
from app.core.db import db, for_update, transaction
from app.core.errors import DomainError, ErrorKind, Forbidden, InvalidInput, NotFound
from app.core.i18n import _, _l
from app.promise.grid import Grid, GridCell, Range, grid_of, without
from app.promise.models import DeliverySlot, SlotClosure
from app.promise.queries import load_world
from app.promise.reasons import show_start
from app.promise.types import Booking, Closure, Counts
from app.stores.models import Branch

MOST_DAYS = 31
LARGEST = {Counts.orders: 500, Counts.items: 10_000, Counts.value: 10_000_000}
LONGEST_NOTE = 160


class SlotsChanged(DomainError):
    """Another manager changed a capacity or a closure of the range since the page was drawn."""

    kind = ErrorKind.conflict
    message = _l("Somebody changed these times since you opened the page. Look at them as they are now.")


class Act(StrEnum):
    """What to do with the range."""

    set = "set"
    usual = "usual"
    close = "close"
    open = "open"


@dataclass(frozen=True)
class Change:
    """An act with what it needs: a capacity to set, a note (per locale) to close."""

    act: Act
    capacity: int | None = None
    note: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """How many slots were changed, and how much is booked in them and stays."""

    slots: int
    booked: int


def load_grid(branch_id: int, first: date, days: int, now: datetime) -> Grid:
    """The days of an active branch from the tables as they are. NotFound for any other branch."""
    world = load_world(now)
    place = next((one for one in world.places if one.id == branch_id), None)
    if place is None:
        raise NotFound
    since = datetime.combine(first, time(), tzinfo=world.timezone).astimezone(UTC)
    until = since + timedelta(days=days, hours=2)
    return grid_of(
        world,
        place,
        first=first,
        days=days,
        now=now,
        booked=_booked(branch_id, since, until),
        closures=_closures(branch_id, since, until),
    )


def _booked(branch_id: int, since: datetime, until: datetime) -> dict[datetime, Booking]:
    query = select(
        DeliverySlot.starts_at, DeliverySlot.capacity, DeliverySlot.booked, DeliverySlot.counts
    ).where(DeliverySlot.branch_id == branch_id, DeliverySlot.starts_at.between(since, until))
    return {
        start: Booking(capacity, booked, counts)
        for start, capacity, booked, counts in db.session.execute(query)
    }


def _closures(branch_id: int, since: datetime, until: datetime) -> list[Closure]:
    query = (
        select(SlotClosure)
        .where(SlotClosure.branch_id == branch_id, SlotClosure.starts_at < until, SlotClosure.ends_at > since)
        .order_by(SlotClosure.starts_at)
    )
    return [Closure(row.branch_id, row.starts_at, row.ends_at, row.note) for row in db.session.scalars(query)]


@transaction()
def change_slots(
    branch_id: int, span: Range, change: Change, *, seen: Mapping[str, str], actor: Actor
) -> Done:
    """Change every slot of the range that has not begun.

    `seen` are the stamps (Grid.stamps) of the hours as the caller saw them. Raises Forbidden, NotFound, SlotsChanged,
    InvalidInput on `last`, `until`, `capacity` or `note`.
    """
    if not actor.has(*MANAGERS):
        raise Forbidden
    days = (span.last - span.first).days + 1
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput({"last": _("Between 1 and %(count)s days, please.", count=MOST_DAYS)})
    # One manager at a time changes a branch; customers who book do not wait for this row.
    if db.session.scalar(for_update(select(Branch.id).where(Branch.id == branch_id))) is None:
        raise NotFound
    now = clock.now()
    grid = load_grid(branch_id, span.first, days + 1, now)
    cells = [cell for cell in grid.inside(span) if not cell.past]
    if not cells:
        raise InvalidInput({"until": _("No delivery time of this range is still to come.")})
    if any(seen.get(hour) != grid.stamps[hour] for hour in {cell.hour for cell in cells}):
        raise SlotsChanged
    _ACTS[change.act](branch_id, span, change, cells)
    audit.record(
        "slots_changed",
        actor=actor,
        subject=f"branch:{branch_id}",
        act=change.act.value,
        first=f"{span.first} {span.start:%H:%M}",
        last=f"{span.last} {span.until:%H:%M}",
        slots=len(cells),
        **({"capacity": change.capacity} if change.act is Act.set else {}),
        **({"note": dict(change.note)} if change.act is Act.close else {}),
        before=_told(cells),
    )
    db.session.flush()
    return Done(len(cells), sum(cell.booked for cell in cells))


def _told(cells: Sequence[GridCell]) -> dict[str, int]:
    """How many slots had which capacity before, closed ones by that word."""
    told: dict[str, int] = {}
    for cell in cells:
        name = "closed" if cell.closed else str(cell.capacity)
        told[name] = told.get(name, 0) + 1
    return told


def _set(branch_id: int, span: Range, change: Change, cells: Sequence[GridCell]) -> None:
    wanted = change.capacity
    most = min(LARGEST[cell.counts] for cell in cells)
    if wanted is None or not 0 <= wanted <= most:
        raise InvalidInput({"capacity": _("A whole number from 0 to %(most)s.", most=most)})
    rows = _locked_rows(branch_id, cells)
    worst = max(rows, key=lambda row: row.booked)
    if worst.booked > wanted:
        local = worst.starts_at.astimezone(stores.current_store().zone)
        raise InvalidInput(
            {
                "capacity": _(
                    "%(booked)s are booked for %(when)s already: this cannot take less.",
                    booked=worst.booked,
                    when=show_start(local),
                )
            }
        )
    for row in rows:
        row.capacity, row.edited = wanted, True


def _usual(branch_id: int, span: Range, change: Change, cells: Sequence[GridCell]) -> None:
    usual = {cell.starts_at.astimezone(UTC): cell.usual for cell in cells}
    for row in _locked_rows(branch_id, cells):
        row.capacity, row.edited = max(usual[row.starts_at], row.booked), False


def _locked_rows(branch_id: int, cells: Sequence[GridCell]) -> Sequence[DeliverySlot]:
    """The slots' rows, made where there are none yet, locked in the order of time."""
    starts = [cell.starts_at.astimezone(UTC) for cell in cells]
    db.session.execute(
        insert(DeliverySlot)
        .values(
            [
                {
                    "branch_id": branch_id,
                    "starts_at": at,
                    "capacity": c.capacity,
                    "booked": 0,
                    "counts": c.counts,
                }
                for at, c in zip(starts, cells, strict=True)
            ]
        )
        .on_conflict_do_nothing(index_elements=["store_id", "branch_id", "starts_at"])
    )
    query = select(DeliverySlot).where(
        DeliverySlot.branch_id == branch_id, DeliverySlot.starts_at.in_(starts)
    )
    return db.session.scalars(for_update(query.order_by(DeliverySlot.starts_at))).all()


def _close(branch_id: int, span: Range, change: Change, cells: Sequence[GridCell]) -> None:
    note = {locale: text.strip() for locale, text in change.note.items() if text.strip()}
    if any(len(text) > LONGEST_NOTE for text in note.values()):
        raise InvalidInput({"note": _("At most %(count)s characters, please.", count=LONGEST_NOTE)})
    _open(branch_id, span, change, cells)  # what was closed for another reason is closed for this one now
    db.session.add_all(
        SlotClosure(branch_id=branch_id, starts_at=start, ends_at=end, note=note)
        for start, end in span.spans(stores.current_store().zone)
        if end > clock.now()
    )


def _open(branch_id: int, span: Range, change: Change, cells: Sequence[GridCell]) -> None:
    for hole in span.spans(stores.current_store().zone):
        query = select(SlotClosure).where(
            SlotClosure.branch_id == branch_id, SlotClosure.starts_at < hole[1], SlotClosure.ends_at > hole[0]
        )
        for row in db.session.scalars(query).all():
            db.session.add_all(
                SlotClosure(branch_id=branch_id, starts_at=start, ends_at=end, note=row.note)
                for start, end in without((row.starts_at, row.ends_at), hole)
            )
            db.session.delete(row)
        db.session.flush()


_ACTS = {Act.set: _set, Act.usual: _usual, Act.close: _close, Act.open: _open}
