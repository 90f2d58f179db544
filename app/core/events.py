"""What happened: one append-only table that is the history of orders and the outbox at once.

`emit` writes in the caller's transaction; the relay (jobs/relay.py) hands each event to its subscribers, and a
subscriber records (event, subscriber) in its own transaction first: run twice, effect once. The application role
can neither update nor delete an event; the relay's role may write its delivery marks alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.actor import Actor
from app.core.db import Base, Json, UtcDateTime, db
from app.core.tenancy import TenantScoped, tenant_fk

_TYPES: dict[str, type["Event"]] = {}
_untold: ContextVar[datetime | None] = ContextVar("untold", default=None)


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact. Subclasses are frozen dataclasses of JSON values, named NounVerbed, keyed by their aggregate."""

    aggregate: ClassVar[str] = ""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        _TYPES[cls.__name__] = cls

    @property
    def aggregate_id(self) -> int:
        """The id of the row it speaks of: the field `<aggregate>_id`."""
        return int(getattr(self, f"{self.aggregate}_id"))

    @classmethod
    def load(cls, payload: dict[str, Any]) -> Self:
        """The event of a stored payload; fields that this version does not know are left out."""
        known = {f.name for f in fields(cls)}
        return cls(**{k: v for k, v in payload.items() if k in known})


class EventRecord(TenantScoped, Base):
    """One fact, and how far the relay has come with it."""

    __tablename__ = "event"
    __tenant__ = (
        UniqueConstraint("store_id", "aggregate", "aggregate_id", "seq"),
        Index(
            "ix_event_pending",
            "due_at",
            postgresql_where="published_at IS NULL AND dead_at IS NULL",
        ),
    )

    type: Mapped[str] = mapped_column(String(64))
    aggregate: Mapped[str] = mapped_column(String(24))
    aggregate_id: Mapped[int] = mapped_column(BigInteger)
    seq: Mapped[int | None]
    payload: Mapped[Json]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    actor_role: Mapped[str] = mapped_column(String(32), default="")
    actor_name: Mapped[str] = mapped_column(String(128), default="")
    source: Mapped[str] = mapped_column(String(16), default="")
    occurred_at: Mapped[UtcDateTime]
    due_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    leased_until: Mapped[UtcDateTime | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    published_at: Mapped[UtcDateTime | None]
    dead_at: Mapped[UtcDateTime | None]

    def event(self) -> Event:
        """The typed fact."""
        return _TYPES[self.type].load(self.payload)


class EventConsumption(TenantScoped, Base):
    """A subscriber has had this event: its effect is in the same commit as this row."""

    __tablename__ = "event_consumption"
    __tenant__ = (
        UniqueConstraint("store_id", "event_id", "subscriber"),
        tenant_fk("event_id", "event"),
    )

    event_id: Mapped[int] = mapped_column(BigInteger)
    subscriber: Mapped[str] = mapped_column(String(96))
    consumed_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())


def event_type(name: str) -> type[Event]:
    """The class of a stored type name; KeyError when this version does not know it."""
    return _TYPES[name]


@contextmanager
def untold(until: datetime) -> Iterator[None]:
    """Inside the block facts that fell due by then are born published: nobody is told today of what happened long
    ago."""
    before = _untold.set(until)
    try:
        yield
    finally:
        _untold.reset(before)


def emit(
    event: Event,
    *,
    actor: Actor,
    seq: int | None = None,
    occurred_at: datetime | None = None,
    due_in: timedelta | None = None,
) -> EventRecord:
    """Write the fact in the caller's transaction. `due_in` holds its subscribers back for that long."""
    at = occurred_at or clock.now()
    record = EventRecord(
        type=type(event).__name__,
        aggregate=event.aggregate,
        aggregate_id=event.aggregate_id,
        seq=seq,
        payload=asdict(event),
        actor_id=actor.user_id,
        actor_role=",".join(sorted(actor.roles))[:32],
        actor_name=actor.name[:128],
        source=actor.source,
        occurred_at=at,
    )
    if due_in is not None:
        record.due_at = at + due_in
    until, due = _untold.get(), at + (due_in or timedelta())
    if until is not None and due <= until:
        record.due_at = record.published_at = due
    db.session.add(record)
    return record


def consume(event_id: int, subscriber: str) -> bool:
    """Take the event for this subscriber in the running transaction; False when it was taken before."""
    taken = db.session.scalar(
        insert(EventConsumption)
        .values(event_id=event_id, subscriber=subscriber)
        .on_conflict_do_nothing(index_elements=["store_id", "event_id", "subscriber"])
        .returning(EventConsumption.id)
    )
    return taken is not None


def was_consumed(event_id: int, subscriber: str) -> bool:
    """Whether the subscriber has had this event."""
    query = select(EventConsumption.id).where(
        EventConsumption.event_id == event_id, EventConsumption.subscriber == subscriber
    )
    return db.session.scalar(query) is not None


def history(aggregate: str, aggregate_id: int) -> list[EventRecord]:
    """All numbered facts of one thing, oldest first."""
    query = (
        select(EventRecord)
        .where(EventRecord.aggregate == aggregate, EventRecord.aggregate_id == aggregate_id)
        .where(EventRecord.seq.is_not(None))
        .order_by(EventRecord.seq)
    )
    return list(db.session.scalars(query))
