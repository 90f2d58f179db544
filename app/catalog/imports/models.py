"""A run of an import, and what it found in each row."""

from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Json, UtcDateTime, str_enum
from app.core.tenancy import TenantScoped, tenant_fk
from app.identity.models import Person


class ImportStatus(StrEnum):
    """Where a run stands. checking → checked | refused; checked → applying | discarded; applying → applied | refused.

    Either work ends as failed when it breaks off. Nothing but `applied` has changed the catalogue.
    """

    checking = "checking"
    checked = "checked"
    refused = "refused"
    applying = "applying"
    applied = "applied"
    failed = "failed"
    discarded = "discarded"


WORKING = frozenset({ImportStatus.checking, ImportStatus.applying})


class Verdict(StrEnum):
    """What a row does to the catalogue. Rows that change nothing are counted and not kept."""

    new = "new"
    changed = "changed"
    wrong = "wrong"


class ImportRun(TenantScoped, Base):
    """One file on its way into the catalogue. `told` says how it was read: format, encoding, delimiter."""

    __tablename__ = "import_run"

    filename: Mapped[str] = mapped_column(String(120))
    file_key: Mapped[str] = mapped_column(String(120))
    locale: Mapped[str] = mapped_column(String(5))
    status: Mapped[ImportStatus] = mapped_column(str_enum(ImportStatus), default=ImportStatus.checking)
    told: Mapped[Json] = mapped_column(server_default="{}")
    message: Mapped[str] = mapped_column(String(500), default="", server_default="")
    total_rows: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    done_rows: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    new_rows: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    changed_rows: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    same_rows: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    wrong_rows: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    created_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    created_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    finished_at: Mapped[UtcDateTime | None]
    author: Mapped[Person | None] = relationship(foreign_keys=[created_by])

    @property
    def is_working(self) -> bool:
        """Whether a job is at it."""
        return self.status in WORKING

    def __str__(self) -> str:
        return self.filename


class ImportRow(TenantScoped, Base):
    """What a row of the file does: `changes` maps a column to [before, after], `errors` lists [column, message]."""

    __tablename__ = "import_row"
    __tenant__ = (
        tenant_fk("run_id", "import_run", ondelete="CASCADE"),
        Index("ix_import_row_run", "store_id", "run_id", "number"),
    )

    run_id: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(Integer)  # as a spreadsheet counts: the header is row 1
    sku: Mapped[str] = mapped_column(String(64), default="")
    verdict: Mapped[Verdict] = mapped_column(str_enum(Verdict))
    changes: Mapped[Json] = mapped_column(server_default="{}")
    errors: Mapped[list[list[str]]] = mapped_column(JSONB, server_default="[]")

    def __str__(self) -> str:
        return f"{self.number}: {self.sku}"
