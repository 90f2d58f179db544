"""Accounts, entries, postings. Entries are append-only; the database sums them, and refuses what does not balance."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Minor, UtcDateTime, str_enum
from app.core.tenancy import TenantScoped, tenant_fk
from app.ledger.chart import NEVER_ABOVE_ZERO, NEVER_BELOW_ZERO, AccountKind


def _kinds(kinds: frozenset[AccountKind]) -> str:
    return ", ".join(f"'{kind}'" for kind in sorted(kinds))


class LedgerAccount(TenantScoped, Base):
    """One account of a store in one currency: of its kind, and (`subject`) of one customer, driver, branch or method.

    `balance_minor` is the sum of its postings, debit above zero. The database keeps it: nobody else may write it.
    """

    __tablename__ = "ledger_account"
    __tenant__ = (
        UniqueConstraint("store_id", "kind", "currency", "subject"),
        UniqueConstraint("store_id", "id", "currency"),
        CheckConstraint(
            f"kind NOT IN ({_kinds(NEVER_ABOVE_ZERO)}) OR balance_minor <= 0", name="never_above_zero"
        ),
        CheckConstraint(
            f"kind NOT IN ({_kinds(NEVER_BELOW_ZERO)}) OR balance_minor >= 0", name="never_below_zero"
        ),
    )

    kind: Mapped[AccountKind] = mapped_column(str_enum(AccountKind))
    subject: Mapped[str] = mapped_column(String(40), default="", server_default="")
    currency: Mapped[str] = mapped_column(String(3))
    balance_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")

    def __str__(self) -> str:
        return f"{self.kind}:{self.subject}" if self.subject else str(self.kind)


class LedgerEntry(TenantScoped, Base):
    """One fact about money: what happened (`moment`, a name of ledger/rules.py), to which document, once.

    `reference` is unique in the store, so a job that runs twice writes once. Append-only: a mistake is undone by an
    entry that `reverses` it.
    """

    __tablename__ = "ledger_entry"
    __tenant__ = (
        UniqueConstraint("store_id", "reference"),
        UniqueConstraint("store_id", "id", "currency"),
        UniqueConstraint("store_id", "reverses_id"),
        tenant_fk("reverses_id", "ledger_entry"),
        Index("ix_ledger_entry_document", "store_id", "document", "document_id"),
        Index("ix_ledger_entry_at", "store_id", "occurred_at"),
    )

    reference: Mapped[str] = mapped_column(String(96))
    moment: Mapped[str] = mapped_column(String(32))
    currency: Mapped[str] = mapped_column(String(3))
    document: Mapped[str] = mapped_column(String(16), default="", server_default="")
    document_id: Mapped[int | None] = mapped_column(BigInteger)
    reverses_id: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(String(200), default="", server_default="")
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    actor_name: Mapped[str] = mapped_column(String(128), default="", server_default="")
    occurred_at: Mapped[UtcDateTime]
    recorded_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    postings: Mapped[list["LedgerPosting"]] = relationship(
        foreign_keys="LedgerPosting.entry_id", order_by="LedgerPosting.id", back_populates="entry"
    )

    def __str__(self) -> str:
        return self.reference


class LedgerPosting(TenantScoped, Base):
    """One side of an entry: an amount on an account of the entry's currency, debit above zero, credit below."""

    __tablename__ = "ledger_posting"
    __tenant__ = (
        ForeignKeyConstraint(
            ["store_id", "entry_id", "currency"],
            ["ledger_entry.store_id", "ledger_entry.id", "ledger_entry.currency"],
        ),
        ForeignKeyConstraint(
            ["store_id", "account_id", "currency"],
            ["ledger_account.store_id", "ledger_account.id", "ledger_account.currency"],
        ),
        UniqueConstraint("store_id", "entry_id", "account_id"),
        Index("ix_ledger_posting_account", "store_id", "account_id", "id"),
        CheckConstraint("amount_minor <> 0", name="amount"),
    )

    entry_id: Mapped[int] = mapped_column(BigInteger)
    account_id: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[Minor]
    entry: Mapped[LedgerEntry] = relationship(foreign_keys=[entry_id], back_populates="postings")
    account: Mapped[LedgerAccount] = relationship(foreign_keys=[account_id])
