"""A store is a tenant; a branch is a place that holds stock and hands goods over."""

from datetime import date, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Identity,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Text,
    Time,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Json, Texts, UtcDateTime, str_enum
from app.core.tenancy import TenantScoped, tenant_fk


class StoreStatus(StrEnum):
    """Whether the store answers its customers."""

    open = "open"
    suspended = "suspended"


LARGE_MINOR = {"IDR": 7_500_000}
"""What a new store takes for a large amount, by currency; elsewhere 500 units of two decimals."""


def _large(context: DefaultExecutionContext) -> int:
    return LARGE_MINOR.get(context.get_current_parameters()["currency"], 50_000)


class Store(Base):
    """A tenant: its name, hosts, money, clock and rules. Read by every role, written by its own store alone."""

    __tablename__ = "store"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    slug: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    tagline: Mapped[Texts] = mapped_column(server_default="{}")
    prefix: Mapped[str] = mapped_column(String(4), unique=True)
    currency: Mapped[str] = mapped_column(String(3))
    country: Mapped[str] = mapped_column(String(2))
    timezone: Mapped[str] = mapped_column(String(64))
    default_locale: Mapped[str] = mapped_column(String(5), default="en")
    min_age: Mapped[int] = mapped_column(SmallInteger, default=0)
    tax_inclusive: Mapped[bool] = mapped_column(default=False)
    tax_rates_bp: Mapped[Json] = mapped_column(server_default="{}")
    capabilities: Mapped[list[str]] = mapped_column(ARRAY(String(16)), server_default="{}")
    status: Mapped[StoreStatus] = mapped_column(str_enum(StoreStatus), default=StoreStatus.open)
    brand: Mapped[Json] = mapped_column(server_default="{}")
    support_phone: Mapped[str] = mapped_column(String(20), default="")
    support_email: Mapped[str] = mapped_column(String(254), default="")
    review_delay_minutes: Mapped[int] = mapped_column(SmallInteger, default=10)
    cart_reminder_hours: Mapped[int] = mapped_column(SmallInteger, default=4, server_default="4")  # 0: never
    unpaid_minutes: Mapped[int] = mapped_column(SmallInteger, default=30, server_default="30")
    refund_limit_minor: Mapped[int | None] = mapped_column(BigInteger)  # of a manager, at a time; None: none
    transfer_unique_cents: Mapped[bool] = mapped_column(default=True, server_default="true")
    transfer_reminder_minutes: Mapped[int] = mapped_column(SmallInteger, default=10, server_default="10")
    transfer_minutes: Mapped[int] = mapped_column(SmallInteger, default=60, server_default="60")
    transfer_second_from_minor: Mapped[int] = mapped_column(
        BigInteger, default=_large, server_default="50000"
    )
    created_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())

    @property
    def zone(self) -> ZoneInfo:
        """The clock its hours, slots and order codes follow."""
        return ZoneInfo(self.timezone)

    def __str__(self) -> str:
        return self.name


class StoreHost(Base):
    """A host name and whose it is: the directory by which a request finds its store."""

    __tablename__ = "store_host"

    hostname: Mapped[str] = mapped_column(String(253), primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("store.id"))
    position: Mapped[int] = mapped_column(SmallInteger, default=0)  # the first is the one links name


class Branch(TenantScoped, Base):
    """A place that holds stock and hands goods over."""

    __tablename__ = "branch"
    __tenant__ = (UniqueConstraint("store_id", "code"),)

    code: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(120))
    line1: Mapped[str] = mapped_column(String(160))
    city: Mapped[str] = mapped_column(String(80))
    zip: Mapped[str] = mapped_column(String(10))
    lat: Mapped[float] = mapped_column(Numeric(9, 6, asdecimal=False))
    lng: Mapped[float] = mapped_column(Numeric(9, 6, asdecimal=False))
    phone: Mapped[str] = mapped_column(String(20), default="")
    telegram_chat: Mapped[str] = mapped_column(String(32), default="")
    slot_capacity: Mapped[int] = mapped_column(Integer, default=6)
    active: Mapped[bool] = mapped_column(default=True)
    hours: Mapped[list["OpeningHours"]] = relationship(
        foreign_keys="OpeningHours.branch_id", order_by="OpeningHours.weekday, OpeningHours.opens"
    )

    def __str__(self) -> str:
        return self.name


class OpeningHours(TenantScoped, Base):
    """One interval of a weekday (0 = Monday); `closes` at or before `opens` means after midnight."""

    __tablename__ = "opening_hours"
    __tenant__ = (
        tenant_fk("branch_id", "branch"),
        UniqueConstraint("store_id", "branch_id", "weekday", "opens"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
    )

    branch_id: Mapped[int] = mapped_column(BigInteger)
    weekday: Mapped[int] = mapped_column(SmallInteger)
    opens: Mapped[time] = mapped_column(Time)
    closes: Mapped[time] = mapped_column(Time)
    branch: Mapped[Branch] = relationship(foreign_keys=[branch_id], overlaps="hours")

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens:%H:%M}-{self.closes:%H:%M}"


class HoursException(TenantScoped, Base):
    """A dated exception; without hours the branch is closed that day."""

    __tablename__ = "hours_exception"
    __tenant__ = (
        tenant_fk("branch_id", "branch"),
        CheckConstraint("(opens IS NULL) = (closes IS NULL)", name="both_or_none"),
    )

    branch_id: Mapped[int] = mapped_column(BigInteger)
    day: Mapped[date] = mapped_column(Date)
    opens: Mapped[time | None] = mapped_column(Time)
    closes: Mapped[time | None] = mapped_column(Time)
    note: Mapped[str] = mapped_column(Text, server_default=text("''"))
    branch: Mapped[Branch] = relationship(foreign_keys=[branch_id])


__all__ = ["Branch", "HoursException", "OpeningHours", "Store", "StoreHost", "StoreStatus"]
