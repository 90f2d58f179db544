"""A small event of the tests' own, whose subscribers leave a countable trace."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import func, select

from app.core import audit
from app.core.actor import SYSTEM
from app.core.db import db, transaction
from app.core.errors import NotFound
from app.core.events import Event, EventRecord, consume, emit
from jobs.base import Subscriber, subscriber
from jobs.queues import BULK, CRITICAL


@dataclass(frozen=True, kw_only=True)
class BellRung(Event):
    """Somebody rang."""

    aggregate: ClassVar[str] = "bell"
    bell_id: int


crashes: list[Exception] = []
"""What the next runs of `count_bell` raise after their effect, one each."""


@subscriber(queue=CRITICAL)
def count_bell(record: EventRecord) -> None:
    """Transactional: one row of the audit trail."""
    audit.record("bell.counted", actor=SYSTEM, subject=str(record.aggregate_id))
    if crashes:
        raise crashes.pop()


@subscriber(queue=BULK)
def refuse_bell(record: EventRecord) -> None:
    """Writes, then refuses: its writing must not stay, its refusal is final."""
    audit.record("bell.refused", actor=SYSTEM, subject=str(record.aggregate_id))
    raise NotFound


@subscriber(external=True)
def call_out(record: EventRecord) -> None:
    """External: takes the event in its last transaction."""
    event_id = record.id
    with transaction():
        audit.record("bell.called", actor=SYSTEM, subject=str(event_id))
        consume(event_id, "call_out")


LISTENERS: tuple[Subscriber, ...] = (count_bell, refuse_bell, call_out)


def listeners(name: str) -> Sequence[Subscriber]:
    """Who hears a bell."""
    return LISTENERS if name == "BellRung" else ()


@transaction()
def ring(bell_id: int = 1) -> int:
    """Emit a bell; the event's id."""
    record = emit(BellRung(bell_id=bell_id), actor=SYSTEM)
    db.session.flush()
    return int(record.id)


def traces(action: str) -> int:
    """How many effects there are."""
    db.session.rollback()
    query = select(func.count()).select_from(audit.AuditEntry).where(audit.AuditEntry.action == action)
    return int(db.session.scalar(query) or 0)
