"""Drivers, their shifts and where they are."""

from sqlalchemy import BigInteger, ForeignKey, Index, Numeric, SmallInteger, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, UtcDateTime
from app.core.tenancy import TenantScoped, tenant_fk
from app.identity.models import Person

Degrees = Numeric(9, 6, asdecimal=False)


class Driver(TenantScoped, Base):
    """A person who carries orders for a store, and the last fix of where they are."""

    __tablename__ = "driver"
    __tenant__ = (UniqueConstraint("store_id", "user_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    vehicle: Mapped[str] = mapped_column(String(60), default="")
    capacity: Mapped[int] = mapped_column(SmallInteger, default=4)
    active: Mapped[bool] = mapped_column(default=True)
    on_shift: Mapped[bool] = mapped_column(default=False)
    lat: Mapped[float | None] = mapped_column(Degrees)
    lng: Mapped[float | None] = mapped_column(Degrees)
    fix_at: Mapped[UtcDateTime | None]  # by the device's clock
    seen_at: Mapped[UtcDateTime | None]  # by the server's
    last_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    user: Mapped[Person] = relationship()

    def __str__(self) -> str:
        return str(self.user)


class Shift(TenantScoped, Base):
    """From start to end of a driver's work; open while `ended_at` is null, one open shift a driver."""

    __tablename__ = "shift"
    __tenant__ = (
        tenant_fk("driver_id", "driver"),
        Index("uq_shift_open", "store_id", "driver_id", unique=True, postgresql_where="ended_at IS NULL"),
    )

    driver_id: Mapped[int] = mapped_column(BigInteger)
    started_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    ended_at: Mapped[UtcDateTime | None]


class Position(TenantScoped, Base):
    """One fix of a driver on a delivery. (driver, seq) is unique: sent twice, kept once."""

    __tablename__ = "position"
    __tenant__ = (
        tenant_fk("driver_id", "driver"),
        UniqueConstraint("store_id", "driver_id", "seq"),
        Index("ix_position_at", "store_id", "driver_id", "at"),
    )

    driver_id: Mapped[int] = mapped_column(BigInteger)
    seq: Mapped[int] = mapped_column(BigInteger)
    lat: Mapped[float] = mapped_column(Degrees)
    lng: Mapped[float] = mapped_column(Degrees)
    at: Mapped[UtcDateTime]
    received_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
