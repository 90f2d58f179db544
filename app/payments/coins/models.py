"""Addresses that were given out, what was asked at which rate, and every transfer that was seen."""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Identity,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Minor, UtcDateTime, str_enum
from app.core.tenancy import TenantScoped, tenant_fk

UNITS = Numeric(38, 0, asdecimal=True)
"""Smallest units of a coin: a hundred ether do not fit into a bigint."""


class CoinCounter(Base):
    """The next address of an account key. Of the platform, not of a store: two stores with one key would otherwise give
    one address to two orders. It knows the key by its fingerprint alone, and only counts up."""

    __tablename__ = "coin_counter"
    __table_args__ = (CheckConstraint("next_index >= 0", name="next_index"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    next_index: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


class CoinAddress(TenantScoped, Base):
    """An address that one order alone was given for one coin. `look_at`: when it is looked at next; empty: no more."""

    __tablename__ = "coin_address"
    __tenant__ = (
        UniqueConstraint("store_id", "order_id", "method", "fingerprint"),
        UniqueConstraint("store_id", "address"),
        tenant_fk("order_id", "orders"),
        Index("ix_coin_address_look", "look_at", postgresql_where="look_at IS NOT NULL"),
    )

    order_id: Mapped[int] = mapped_column(BigInteger)
    method: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    key_index: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[UtcDateTime]
    look_at: Mapped[UtcDateTime | None]
    looked_at: Mapped[UtcDateTime | None]

    def __str__(self) -> str:
        return self.address


class CoinQuote(TenantScoped, Base):
    """What one attempt asks for: so many units of the coin, at a rate that holds until `until`. Never changed."""

    __tablename__ = "coin_quote"
    __tenant__ = (
        UniqueConstraint("store_id", "attempt_id"),
        tenant_fk("attempt_id", "payment_attempt"),
        tenant_fk("address_id", "coin_address"),
        CheckConstraint("rate_minor > 0 AND units > 0", name="amounts"),
        Index("ix_coin_quote_address", "store_id", "address_id", "id"),
    )

    attempt_id: Mapped[int] = mapped_column(BigInteger)
    address_id: Mapped[int] = mapped_column(BigInteger)
    rate_minor: Mapped[Minor]  # of one coin, in the order's currency
    units: Mapped[int] = mapped_column(UNITS)
    quoted_at: Mapped[UtcDateTime]
    until: Mapped[UtcDateTime]
    address: Mapped[CoinAddress] = relationship(foreign_keys=[address_id])


class TransferStatus(StrEnum):
    """How a transfer stands."""

    seen = "seen"  # on its way: not final enough to count
    counted = "counted"  # it has paid
    vanished = "vanished"  # replaced, double-spent or reorganised away


class CoinTransfer(TenantScoped, Base):
    """One transfer to one of our addresses, once per place in its transaction. Its worth is fixed when it is first
    seen: by the quote of that time, else by the rate of that time."""

    __tablename__ = "coin_transfer"
    __tenant__ = (
        UniqueConstraint("store_id", "address_id", "txid", "position"),
        tenant_fk("address_id", "coin_address"),
        tenant_fk("quote_id", "coin_quote"),
        tenant_fk("receipt_id", "payment_receipt"),
        CheckConstraint("units > 0 AND rate_minor > 0", name="amounts"),
    )

    address_id: Mapped[int] = mapped_column(BigInteger)
    txid: Mapped[str] = mapped_column(String(80))
    position: Mapped[int] = mapped_column(Integer)
    units: Mapped[int] = mapped_column(UNITS)
    confirmations: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    replaceable: Mapped[bool] = mapped_column(default=False, server_default="false")
    status: Mapped[TransferStatus] = mapped_column(str_enum(TransferStatus), default=TransferStatus.seen)
    missed: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")  # looks without it
    quote_id: Mapped[int | None] = mapped_column(BigInteger)  # empty: it came late
    rate_minor: Mapped[Minor]
    amount_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")  # what it has counted as
    receipt_id: Mapped[int | None] = mapped_column(BigInteger)
    seen_at: Mapped[UtcDateTime]
    counted_at: Mapped[UtcDateTime | None]

    def __str__(self) -> str:
        return f"{self.txid}:{self.position}"
