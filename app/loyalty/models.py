"""Wallet money that ends on a day. Money without a lot never ends."""

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Minor, UtcDateTime
from app.core.tenancy import TenantScoped, tenant_fk


class WalletLot(TenantScoped, Base):
    """An amount given until a moment; `left_minor` of it is not spent yet. Spent before money that never ends."""

    __tablename__ = "wallet_lot"
    __tenant__ = (
        tenant_fk("customer_id", "customer"),
        tenant_fk("entry_id", "ledger_entry"),
        CheckConstraint("left_minor >= 0 AND left_minor <= amount_minor", name="left"),
        Index(
            "ix_wallet_lot_customer",
            "store_id",
            "customer_id",
            "expires_at",
            postgresql_where="left_minor > 0",
        ),
        Index("ix_wallet_lot_expiry", "store_id", "expires_at", postgresql_where="left_minor > 0"),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger)
    entry_id: Mapped[int] = mapped_column(BigInteger)
    amount_minor: Mapped[Minor]
    left_minor: Mapped[Minor]
    expires_at: Mapped[UtcDateTime]
    warned_at: Mapped[UtcDateTime | None]  # its owner was told that it ends


class WalletLotUse(TenantScoped, Base):
    """So much of a lot went with an entry; it comes back to the lot when the entry's money does."""

    __tablename__ = "wallet_lot_use"
    __tenant__ = (
        UniqueConstraint("store_id", "lot_id", "entry_id"),
        tenant_fk("lot_id", "wallet_lot"),
        tenant_fk("entry_id", "ledger_entry"),
        CheckConstraint("amount_minor > 0", name="amount"),
    )

    lot_id: Mapped[int] = mapped_column(BigInteger)
    entry_id: Mapped[int] = mapped_column(BigInteger)
    amount_minor: Mapped[Minor]
    returned_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")
