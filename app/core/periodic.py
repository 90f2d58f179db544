"""Periodic work runs once a period, however many schedulers ask for it: the row is the right to run.

The right lasts for LEASE: of a worker that died with it another one takes it over, so that a night's work is not lost
for a day.
"""

from datetime import datetime, timedelta

from sqlalchemy import Identity, String, UniqueConstraint, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime, db

LEASE = timedelta(minutes=5)
"""Longer than any job takes."""


class PeriodicRun(Base):
    """One period of one job was taken by a worker. Global: the jobs go through the stores themselves."""

    __tablename__ = "periodic_run"
    __table_args__ = (UniqueConstraint("name", "period_start"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(String(48))
    period_start: Mapped[UtcDateTime]
    started_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    ended_at: Mapped[UtcDateTime | None]


def take_period(name: str, period_start: datetime) -> bool:
    """Take the right to run this period in the running transaction; False while somebody has it, and once it ended."""
    taken = db.session.scalar(
        insert(PeriodicRun)
        .values(name=name, period_start=period_start)
        .on_conflict_do_update(
            index_elements=["name", "period_start"],
            set_={"started_at": func.now()},
            where=PeriodicRun.ended_at.is_(None) & (PeriodicRun.started_at < func.now() - LEASE),
        )
        .returning(PeriodicRun.id)
    )
    return taken is not None


def end_period(name: str, period_start: datetime) -> None:
    """All of it has been done; in the running transaction."""
    mine = update(PeriodicRun).where(PeriodicRun.name == name, PeriodicRun.period_start == period_start)
    db.session.execute(mine.values(ended_at=func.now()))
