"""What customers say of their transfers, what staff saw in the bank, and the bank's own lines."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Json, Minor, UtcDateTime, str_enum
from app.core.tenancy import TenantScoped, tenant_fk
from app.identity.models import Person
from app.payments.models import PaymentAttempt


class TransferClaim(TenantScoped, Base):
    """A customer's word that the money is sent: who paid, the bank's number for it, a picture. It proves nothing.

    `doubts` lists other orders of which the same was said: [{kind, code}], kind is `same` (picture), `alike` or
    `reference`.
    """

    __tablename__ = "transfer_claim"
    __tenant__ = (
        tenant_fk("attempt_id", "payment_attempt"),
        Index("ix_transfer_claim_attempt", "store_id", "attempt_id"),
        Index("ix_transfer_claim_at", "store_id", "at"),
    )

    attempt_id: Mapped[int] = mapped_column(BigInteger)
    payer: Mapped[str] = mapped_column(String(120), default="", server_default="")
    reference: Mapped[str] = mapped_column(String(60), default="", server_default="")
    picture: Mapped[str] = mapped_column(String(120), default="", server_default="")
    picture_digest: Mapped[str] = mapped_column(String(64), default="", server_default="")
    picture_look: Mapped[str] = mapped_column(String(1024), default="", server_default="")
    doubts: Mapped[list[dict[str, str]]] = mapped_column(JSONB, server_default="[]")
    at: Mapped[UtcDateTime]
    attempt: Mapped[PaymentAttempt] = relationship(foreign_keys=[attempt_id])


class ConfirmationStatus(StrEnum):
    """Whether the money counts."""

    waiting = "waiting"  # for a second person
    done = "done"
    dropped = "dropped"


class TransferConfirmation(TenantScoped, Base):
    """Staff saw this amount in the bank; from the store's limit on, two of them did."""

    __tablename__ = "transfer_confirmation"
    __tenant__ = (
        tenant_fk("attempt_id", "payment_attempt"),
        tenant_fk("receipt_id", "payment_receipt"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("second_by IS NULL OR second_by <> first_by", name="two_people"),
        CheckConstraint("(status = 'done') = (receipt_id IS NOT NULL)", name="receipt"),
        UniqueConstraint("store_id", "receipt_id"),
        Index(
            "uq_transfer_confirmation_waiting",
            "store_id",
            "attempt_id",
            unique=True,
            postgresql_where="status = 'waiting'",
        ),
        Index("ix_transfer_confirmation_attempt", "store_id", "attempt_id"),
    )

    attempt_id: Mapped[int] = mapped_column(BigInteger)
    amount_minor: Mapped[Minor]
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[ConfirmationStatus] = mapped_column(str_enum(ConfirmationStatus))
    note: Mapped[str] = mapped_column(String(200), default="", server_default="")
    first_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    first_at: Mapped[UtcDateTime]
    second_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    second_at: Mapped[UtcDateTime | None]
    receipt_id: Mapped[int | None] = mapped_column(BigInteger)
    attempt: Mapped[PaymentAttempt] = relationship(foreign_keys=[attempt_id])
    first: Mapped[Person | None] = relationship(foreign_keys=[first_by])
    second: Mapped[Person | None] = relationship(foreign_keys=[second_by])


class StatementStatus(StrEnum):
    """Where a bank's list stands."""

    checked = "checked"  # read; nothing is counted yet
    applied = "applied"
    discarded = "discarded"


class BankStatement(TenantScoped, Base):
    """A list from a bank or an app, as it was uploaded. `columns` maps our five names to places in `rows`."""

    __tablename__ = "bank_statement"
    __tenant__ = (Index("ix_bank_statement_at", "store_id", "uploaded_at"),)

    method: Mapped[str] = mapped_column(String(16))
    filename: Mapped[str] = mapped_column(String(120))
    told: Mapped[Json] = mapped_column(server_default="{}")
    header: Mapped[list[str]] = mapped_column(JSONB)
    rows: Mapped[list[list[Any]]] = mapped_column(JSONB)  # [number in the file, cells]
    columns: Mapped[Json] = mapped_column(server_default="{}")
    status: Mapped[StatementStatus] = mapped_column(
        str_enum(StatementStatus), default=StatementStatus.checked
    )
    uploaded_at: Mapped[UtcDateTime]
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    author: Mapped[Person | None] = relationship(foreign_keys=[uploaded_by])

    def __str__(self) -> str:
        return self.filename


class LineStatus(StrEnum):
    """What became of a line of a bank."""

    open = "open"  # matched by nothing yet
    waiting = "waiting"  # for a second person
    matched = "matched"
    ignored = "ignored"  # no payment of an order


class BankLine(TenantScoped, Base):
    """Money in, as a bank says it: once per the bank's own number for it, however often it is uploaded.

    `how` it was matched: memo | cents | name | hand. The confirmation it belongs to may be older than the line.
    """

    __tablename__ = "bank_line"
    __tenant__ = (
        tenant_fk("statement_id", "bank_statement"),
        tenant_fk("confirmation_id", "transfer_confirmation"),
        UniqueConstraint("store_id", "method", "line_id"),
        UniqueConstraint("store_id", "confirmation_id"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(
            "(status IN ('waiting', 'matched')) = (confirmation_id IS NOT NULL)", name="confirmation"
        ),
        Index("ix_bank_line_open", "store_id", "method", "id", postgresql_where="status = 'open'"),
        Index("ix_bank_line_statement", "store_id", "statement_id", "number"),
    )

    statement_id: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(SmallInteger)  # its row in the file
    method: Mapped[str] = mapped_column(String(16))
    line_id: Mapped[str] = mapped_column(String(100))
    day: Mapped[date] = mapped_column(Date)
    amount_minor: Mapped[Minor]
    currency: Mapped[str] = mapped_column(String(3))
    memo: Mapped[str] = mapped_column(String(300), default="", server_default="")
    name: Mapped[str] = mapped_column(String(120), default="", server_default="")
    status: Mapped[LineStatus] = mapped_column(str_enum(LineStatus), default=LineStatus.open)
    how: Mapped[str] = mapped_column(String(8), default="", server_default="")
    note: Mapped[str] = mapped_column(String(200), default="", server_default="")
    confirmation_id: Mapped[int | None] = mapped_column(BigInteger)
    confirmation: Mapped[TransferConfirmation | None] = relationship(foreign_keys=[confirmation_id])
