"""Periodic work runs once a period, however many schedulers ask for it: the row is the right to run."""

from datetime import datetime

from sqlalchemy import Identity, String, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime, db


class PeriodicRun(Base):
    """One period of one job was taken by a worker. Global: the jobs go through the stores themselves."""

    __tablename__ = "periodic_run"
    __table_args__ = (UniqueConstraint("name", "period_start"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(String(48))
    period_start: Mapped[UtcDateTime]
    started_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())


def take_period(name: str, period_start: datetime) -> bool:
    """Take the right to run this period in the running transaction; False when it was taken before."""
    taken = db.session.scalar(
        insert(PeriodicRun)
        .values(name=name, period_start=period_start)
        .on_conflict_do_nothing(index_elements=["name", "period_start"])
        .returning(PeriodicRun.id)
    )
    return taken is not None
