"""Where the store delivers and when: zones with their ZIPs, slots with their counts, traffic windows."""

from datetime import date, time
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    Float,
    Index,
    Integer,
    SmallInteger,
    String,
    Time,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Minor, Texts, UtcDateTime, str_enum
from app.core.tenancy import TenantScoped, tenant_fk
from app.promise.types import Counts
from app.stores.models import Branch


class Zone(TenantScoped, Base):
    """An area one branch delivers to, with its terms. `polygon`: a GeoJSON Polygon or MultiPolygon, longitude first."""

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
    polygon: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    branch: Mapped[Branch] = relationship(foreign_keys=[branch_id])
    bands: Mapped[list["ZoneBand"]] = relationship(
        foreign_keys="ZoneBand.zone_id", order_by="ZoneBand.from_metres", cascade="all, delete-orphan"
    )
    reaches: Mapped[list["ZoneReach"]] = relationship(
        foreign_keys="ZoneReach.zone_id", order_by="ZoneReach.zip", cascade="all, delete-orphan"
    )
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


class ZoneBand(TenantScoped, Base):
    """From so far away from the branch on, delivery costs so much more; the farthest band reached counts alone."""

    __tablename__ = "zone_band"
    __tenant__ = (
        UniqueConstraint("store_id", "zone_id", "from_metres"),
        tenant_fk("zone_id", "zone", ondelete="CASCADE"),
        CheckConstraint("from_metres > 0", name="from_metres"),
        CheckConstraint("extra_minor >= 0", name="extra_minor"),
    )

    zone_id: Mapped[int] = mapped_column(BigInteger)
    from_metres: Mapped[int] = mapped_column(Integer)
    extra_minor: Mapped[Minor]


class ZoneReach(TenantScoped, Base):
    """A ZIP beyond a zone that only a tier's perk reaches, for a fee of its own instead of the zone's."""

    __tablename__ = "zone_reach"
    __tenant__ = (
        UniqueConstraint("store_id", "zip"),
        tenant_fk("zone_id", "zone", ondelete="CASCADE"),
        CheckConstraint("fee_minor >= 0", name="fee_minor"),
    )

    zone_id: Mapped[int] = mapped_column(BigInteger)
    zip: Mapped[str] = mapped_column(String(10))
    fee_minor: Mapped[Minor]


class DeliveryPolicy(TenantScoped, Base):
    """How the store cuts its day into slots: one row a store, the defaults of SlotPolicy without one."""

    __tablename__ = "delivery_policy"
    __tenant__ = (
        Index("uq_delivery_policy_store", "store_id", unique=True),
        CheckConstraint("slot_minutes IN (10, 12, 15, 20, 30, 60)", name="slot_minutes"),
        CheckConstraint("horizon_days BETWEEN 1 AND 14", name="horizon_days"),
        CheckConstraint("lead_minutes BETWEEN 0 AND 1440", name="lead_minutes"),
        CheckConstraint("express_share_bp BETWEEN 0 AND 10000", name="express_share_bp"),
    )

    slot_minutes: Mapped[int] = mapped_column(SmallInteger, default=15)
    horizon_days: Mapped[int] = mapped_column(SmallInteger, default=3)
    lead_minutes: Mapped[int] = mapped_column(SmallInteger, default=30)
    express_share_bp: Mapped[int] = mapped_column(SmallInteger, default=10000)
    counts: Mapped[Counts] = mapped_column(str_enum(Counts), default=Counts.orders)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")


class HourCapacity(TenantScoped, Base):
    """What a slot that begins in this hour of this weekday (0 = Monday) takes; without a row, what the branch says."""

    __tablename__ = "hour_capacity"
    __tenant__ = (
        UniqueConstraint("store_id", "branch_id", "weekday", "hour"),
        tenant_fk("branch_id", "branch"),
        CheckConstraint("weekday BETWEEN 0 AND 6 AND hour BETWEEN 0 AND 23", name="when"),
        CheckConstraint("capacity >= 0", name="capacity"),
    )

    branch_id: Mapped[int] = mapped_column(BigInteger)
    weekday: Mapped[int] = mapped_column(SmallInteger)
    hour: Mapped[int] = mapped_column(SmallInteger)
    capacity: Mapped[int] = mapped_column(Integer)


class DeliverySlot(TenantScoped, Base):
    """The count of one branch's slot; the row is made when the first order books or a manager edits it.

    `counts` says what `capacity` and `booked` count; a store that changes its mind changes slots to come alone.
    `edited`: a manager has set this capacity, so a new weekly default leaves it alone.
    """

    __tablename__ = "delivery_slot"
    __tenant__ = (
        UniqueConstraint("store_id", "branch_id", "starts_at"),
        tenant_fk("branch_id", "branch"),
        CheckConstraint("booked >= 0", name="booked"),
        CheckConstraint("booked <= capacity", name="capacity"),
    )

    branch_id: Mapped[int] = mapped_column(BigInteger)
    starts_at: Mapped[UtcDateTime]
    capacity: Mapped[int] = mapped_column(Integer)
    booked: Mapped[int] = mapped_column(Integer, default=0)
    counts: Mapped[Counts] = mapped_column(str_enum(Counts), default=Counts.orders, server_default="orders")
    edited: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    branch: Mapped[Branch] = relationship(foreign_keys=[branch_id])


class SlotClosure(TenantScoped, Base):
    """A stretch in which a branch delivers nothing, whatever its capacities: a storm. `note`: per locale, shown."""

    __tablename__ = "slot_closure"
    __tenant__ = (
        tenant_fk("branch_id", "branch"),
        CheckConstraint("starts_at < ends_at", name="order"),
        Index("ix_slot_closure_ends", "store_id", "branch_id", "ends_at"),
    )

    branch_id: Mapped[int] = mapped_column(BigInteger)
    starts_at: Mapped[UtcDateTime]
    ends_at: Mapped[UtcDateTime]
    note: Mapped[Texts] = mapped_column(server_default="{}")
    created_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
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


class ExpansionWish(TenantScoped, Base):
    """Somebody who wants to hear when a ZIP is delivered to. It counts once the letter's link was followed."""

    __tablename__ = "expansion_wish"
    __tenant__ = (
        UniqueConstraint("store_id", "email", "zip"),
        UniqueConstraint("store_id", "token"),
        Index("ix_expansion_wish_zip", "store_id", "zip"),
    )

    email: Mapped[str] = mapped_column(String(254))
    zip: Mapped[str] = mapped_column(String(10))
    locale: Mapped[str] = mapped_column(String(5))
    token: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[UtcDateTime]
    confirmed_at: Mapped[UtcDateTime | None]
    told_at: Mapped[UtcDateTime | None]  # the letter that the wish came true


class GeocodeAnswer(TenantScoped, Base):
    """What the geocoder said about an address, so that it is asked once. `asked` is a hash, not the address."""

    __tablename__ = "geocode_answer"
    __tenant__ = (UniqueConstraint("store_id", "asked"),)

    asked: Mapped[str] = mapped_column(String(64))
    lat: Mapped[float] = mapped_column(Float)
    lng: Mapped[float] = mapped_column(Float)
    answered_at: Mapped[UtcDateTime]


class RoadAnswer(TenantScoped, Base):
    """How far a branch is from an address, asked once. `asked` is a hash of both.

    Not `by_road`: nobody knew a way, and the straight line counts for a while.
    """

    __tablename__ = "road_answer"
    __tenant__ = (UniqueConstraint("store_id", "asked"), CheckConstraint("metres >= 0", name="metres"))

    asked: Mapped[str] = mapped_column(String(64))
    metres: Mapped[int] = mapped_column(Integer)
    by_road: Mapped[bool] = mapped_column(Boolean)
    answered_at: Mapped[UtcDateTime]
