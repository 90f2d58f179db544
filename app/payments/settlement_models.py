"""What providers and banks say they have paid out or taken back, and where that is not what we have written."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Minor, UtcDateTime, str_enum
from app.core.tenancy import TenantScoped, tenant_fk
from app.payments.models import PaymentReceipt, Refund


class ChargebackStatus(StrEnum):
    """How a dispute stands; won and lost are final."""

    taken = "taken"  # the bank has the money and has not decided
    won = "won"  # it gave it again
    lost = "lost"


class Chargeback(TenantScoped, Base):
    """A payment that a bank took back over the customer's dispute; `case` is the bank's name for it."""

    __tablename__ = "chargeback"
    __tenant__ = (
        UniqueConstraint("store_id", "method", "case"),
        tenant_fk("order_id", "orders"),
        tenant_fk("receipt_id", "payment_receipt"),
        CheckConstraint("amount_minor > 0 AND fee_minor >= 0", name="amounts"),
        Index("ix_chargeback_order", "store_id", "order_id"),
    )

    order_id: Mapped[int] = mapped_column(BigInteger)
    receipt_id: Mapped[int] = mapped_column(BigInteger)
    method: Mapped[str] = mapped_column(String(16))
    case: Mapped[str] = mapped_column(String(120))
    amount_minor: Mapped[Minor]
    fee_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[ChargebackStatus] = mapped_column(str_enum(ChargebackStatus))
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    taken_at: Mapped[UtcDateTime]
    decided_at: Mapped[UtcDateTime | None]
    recorded_by: Mapped[str] = mapped_column(String(128), default="", server_default="")
    receipt: Mapped[PaymentReceipt] = relationship(foreign_keys=[receipt_id])

    def __str__(self) -> str:
        return self.case


class LineKind(StrEnum):
    """What a line of a settlement list is about."""

    payment = "payment"
    refund = "refund"
    chargeback = "chargeback"


class SettlementLine(TenantScoped, Base):
    """One line of a provider's list, kept once. `amount_minor` is below zero for what was taken from us.

    `booked_at`: it is in the ledger, as `booked_minor` on the method's clearing account.
    """

    __tablename__ = "settlement_line"
    __tenant__ = (
        UniqueConstraint("store_id", "method", "kind", "external_id"),
        tenant_fk("receipt_id", "payment_receipt"),
        tenant_fk("refund_id", "refund"),
        tenant_fk("chargeback_id", "chargeback"),
        CheckConstraint("fee_minor >= 0", name="fee"),
        Index("ix_settlement_line_receipt", "store_id", "receipt_id"),
        Index("ix_settlement_line_refund", "store_id", "refund_id"),
        Index("ix_settlement_line_unbooked", "store_id", "method", postgresql_where="booked_at IS NULL"),
    )

    method: Mapped[str] = mapped_column(String(16))
    kind: Mapped[LineKind] = mapped_column(str_enum(LineKind))
    external_id: Mapped[str] = mapped_column(String(120))
    reference: Mapped[str] = mapped_column(String(80), default="", server_default="")
    amount_minor: Mapped[Minor]
    fee_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")
    currency: Mapped[str] = mapped_column(String(3))
    at: Mapped[UtcDateTime]
    receipt_id: Mapped[int | None] = mapped_column(BigInteger)
    refund_id: Mapped[int | None] = mapped_column(BigInteger)
    chargeback_id: Mapped[int | None] = mapped_column(BigInteger)
    booked_at: Mapped[UtcDateTime | None]
    booked_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")

    def __str__(self) -> str:
        return self.external_id


class RunStatus(StrEnum):
    """How far a comparison is."""

    running = "running"
    done = "done"
    failed = "failed"  # the provider's list could not be had


class SettlementRun(TenantScoped, Base):
    """One comparison of a method's list with the ledger, over a span of time."""

    __tablename__ = "settlement_run"
    __tenant__ = (Index("ix_settlement_run_method", "store_id", "method", "id"),)

    method: Mapped[str] = mapped_column(String(16))
    since: Mapped[UtcDateTime]
    until: Mapped[UtcDateTime]
    status: Mapped[RunStatus] = mapped_column(str_enum(RunStatus))
    lines: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    matched: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    differences: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    problem: Mapped[str] = mapped_column(String(200), default="", server_default="")
    asked_by: Mapped[str] = mapped_column(String(128), default="", server_default="")
    asked_at: Mapped[UtcDateTime]
    ended_at: Mapped[UtcDateTime | None]

    def __str__(self) -> str:
        return f"{self.method} {self.id}"


class DifferenceSort(StrEnum):
    """In what a list and the ledger do not agree."""

    missing_here = "missing_here"  # they have it, we do not
    missing_there = "missing_there"  # we have it, they do not
    amount = "amount"
    currency = "currency"


class DifferenceStatus(StrEnum):
    """What became of a difference; all but `open` are final."""

    open = "open"
    settled = "settled"  # posted, booked or written off by staff
    explained = "explained"
    gone = "gone"  # a later list, or a later receipt, agrees


class SettlementDifference(TenantScoped, Base):
    """Something on which a list and the ledger do not agree; `key` names it, so it is found once.

    `ours_minor` and `theirs_minor` are signed as in the list; None on the side that does not have it.
    """

    __tablename__ = "settlement_difference"
    __tenant__ = (
        UniqueConstraint("store_id", "key"),
        tenant_fk("line_id", "settlement_line"),
        tenant_fk("receipt_id", "payment_receipt"),
        tenant_fk("refund_id", "refund"),
        Index(
            "ix_settlement_difference_open",
            "store_id",
            "method",
            "found_at",
            postgresql_where="status = 'open'",
        ),
    )

    method: Mapped[str] = mapped_column(String(16))
    sort: Mapped[DifferenceSort] = mapped_column(str_enum(DifferenceSort))
    kind: Mapped[LineKind] = mapped_column(str_enum(LineKind))
    key: Mapped[str] = mapped_column(String(40))
    line_id: Mapped[int | None] = mapped_column(BigInteger)
    receipt_id: Mapped[int | None] = mapped_column(BigInteger)
    refund_id: Mapped[int | None] = mapped_column(BigInteger)
    ours_minor: Mapped[Minor | None]
    theirs_minor: Mapped[Minor | None]
    ours_currency: Mapped[str] = mapped_column(String(3), default="", server_default="")
    theirs_currency: Mapped[str] = mapped_column(String(3), default="", server_default="")
    written_off_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")
    status: Mapped[DifferenceStatus] = mapped_column(
        str_enum(DifferenceStatus), default=DifferenceStatus.open, server_default="open"
    )
    how: Mapped[str] = mapped_column(String(16), default="", server_default="")
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    found_at: Mapped[UtcDateTime]
    ended_at: Mapped[UtcDateTime | None]
    ended_by: Mapped[str] = mapped_column(String(128), default="", server_default="")
    line: Mapped[SettlementLine | None] = relationship(foreign_keys=[line_id])
    receipt: Mapped[PaymentReceipt | None] = relationship(foreign_keys=[receipt_id])
    refund: Mapped[Refund | None] = relationship(foreign_keys=[refund_id])

    def __str__(self) -> str:
        return f"{self.method} {self.key}"
