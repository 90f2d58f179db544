"""The trail of who did what that is not an order's history: sign-ins, roles, prices, settings."""

from typing import Any

from sqlalchemy import ForeignKey, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.actor import Actor
from app.core.db import Base, Json, UtcDateTime, db
from app.core.tenancy import TenantScoped


class AuditEntry(TenantScoped, Base):
    """One audited act. Append-only: the application role may not update or delete it."""

    __tablename__ = "audit_entry"
    __tenant__ = (Index("ix_audit_entry_at", "store_id", "at"),)

    at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    actor_name: Mapped[str] = mapped_column(String(128), default="")
    source: Mapped[str] = mapped_column(String(16), default="")
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(128), default="")
    detail: Mapped[Json]


def record(action: str, *, actor: Actor, subject: str = "", **detail: Any) -> None:
    """Write one entry in the caller's transaction. Give no secret and no health detail."""
    db.session.add(
        AuditEntry(
            at=clock.now(),
            actor_id=actor.user_id,
            actor_name=actor.name,
            source=actor.source,
            action=action,
            subject=subject,
            detail=detail,
        )
    )
