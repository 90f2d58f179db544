"""Where the store delivers and when: zones with their ZIPs, slots with their counts, traffic windows."""

from datetime import date, time
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Date, Index, SmallInteger, String, Time, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Minor, Texts, UtcDateTime, str_enum
from app.core.tenancy import TenantScoped, tenant_fk
from app.stores.models import Branch


class Zone(TenantScoped, Base):
    """An area one branch delivers to, with its terms."""

    __tablename__ = "zone"
    __tenant__ = (
        UniqueConstraint("store_id", "name"),
        tenant_fk("branch_id", "branch"),
        CheckConstraint("eta_low <= eta_high", name="eta"),
    )

    name: Mapped[str] = mapped_column(String(80))
    branch_id: Mapped[int] = mapped_column(BigInteger)
    minimum_minor: Mapped[Minor] = mapped_column(default=0)
    fee_minor: Mapped[Minor] = mapped_column(default=0)
    free_from_minor: Mapped[Minor | None]
    eta_low: Mapped[int] = mapped_column(SmallInteger, default=30)
    eta_high: Mapped[int] = mapped_column(SmallInteger, default=60)
    express: Mapped[bool] = mapped_column(default=True)
    slots: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(SmallInteger, default=0)
    branch: Mapped[Branch] = relationship(foreign_keys=[branch_id])
    zips: Mapped[list["ZoneZip"]] = relationship(
        foreign_keys="ZoneZip.zone_id", back_populates="zone", order_by="ZoneZip.zip"
    )

    def __str__(self) -> str:
        return self.name


class ZoneZip(TenantScoped, Base):
    """A ZIP belongs to one zone of a store at most."""

    __tablename__ = "zone_zip"
    __tenant__ = (UniqueConstraint("store_id", "zip"), tenant_fk("zone_id", "zone"))

    zone_id: Mapped[int] = mapped_column(BigInteger)
    zip: Mapped[str] = mapped_column(String(10))
    zone: Mapped[Zone] = relationship(foreign_keys=[zone_id], back_populates="zips")

    def __str__(self) -> str:
        return self.zip


class DeliverySlot(TenantScoped, Base):
    """The count of one branch's 15 minutes; the row is made when the first order books or a manager edits it."""

    __tablename__ = "delivery_slot"
    __tenant__ = (
        UniqueConstraint("store_id", "branch_id", "starts_at"),
        tenant_fk("branch_id", "branch"),
        CheckConstraint("booked >= 0", name="booked"),
        CheckConstraint("booked <= capacity", name="capacity"),
    )

    branch_id: Mapped[int] = mapped_column(BigInteger)
    starts_at: Mapped[UtcDateTime]
    capacity: Mapped[int] = mapped_column(SmallInteger)
    booked: Mapped[int] = mapped_column(SmallInteger, default=0)
    branch: Mapped[Branch] = relationship(foreign_keys=[branch_id])


class WindowEffect(StrEnum):
    """What a traffic window does to the slots it overlaps."""

    closed = "closed"
    longer = "longer"


class TrafficWindow(TenantScoped, Base):
    """Hours in which an area cannot be reached, or only more slowly."""

    __tablename__ = "traffic_window"
    __tenant__ = (
        Index("ix_traffic_window_valid", "store_id", "valid_until"),
        CheckConstraint("effect = 'closed' OR extra_minutes > 0", name="extra_minutes"),
    )

    zips: Mapped[list[str]] = mapped_column(ARRAY(String(10)), server_default="{}")
    zone_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), server_default="{}")
    from_time: Mapped[time] = mapped_column(Time)
    to_time: Mapped[time] = mapped_column(Time)
    effect: Mapped[WindowEffect] = mapped_column(str_enum(WindowEffect), default=WindowEffect.closed)
    extra_minutes: Mapped[int] = mapped_column(SmallInteger, default=0)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    note: Mapped[Texts] = mapped_column(server_default="{}")
    active: Mapped[bool] = mapped_column(default=True)
