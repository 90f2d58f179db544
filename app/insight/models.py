"""What-ifs that were asked, with their answers."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Json, UtcDateTime, str_enum
from app.core.tenancy import TenantScoped


class RunStatus(StrEnum):
    """Whether the replay has been reckoned."""

    waiting = "waiting"
    done = "done"


class WhatIf(TenantScoped, Base):
    """One scenario, who asked, and what the replay said. Applied at most once."""

    __tablename__ = "what_if"
    __tenant__ = (Index("ix_what_if_asked", "store_id", "asked_at"),)

    name: Mapped[str] = mapped_column(String(80), default="")
    scenario: Mapped[Json]
    status: Mapped[RunStatus] = mapped_column(str_enum(RunStatus), default=RunStatus.waiting)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    asked_at: Mapped[UtcDateTime]
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    asked_name: Mapped[str] = mapped_column(String(128), default="")
    done_at: Mapped[UtcDateTime | None]
    applied_at: Mapped[UtcDateTime | None]
    applied_name: Mapped[str] = mapped_column(String(128), default="")

    def __str__(self) -> str:
        return self.name
