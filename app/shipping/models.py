"""What couriers answered, and the parcels they carry."""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Minor, UtcDateTime, str_enum
from app.core.tenancy import TenantScoped, tenant_fk
from app.shipping.status import WORDS, ShipmentStatus, say_reason


class CourierInquiry(TenantScoped, Base):
    """One answer of the aggregator for one parcel: the prices it was given, or why there was none.

    `rates` is a list of Rate as JSON; `trouble` is empty when somebody answered.
    """

    __tablename__ = "courier_inquiry"
    __tenant__ = (
        UniqueConstraint("store_id", "token"),
        Index("ix_courier_inquiry_parcel", "store_id", "parcel", "asked_at"),
    )

    token: Mapped[str] = mapped_column(String(43))
    parcel: Mapped[str] = mapped_column(String(32))
    rates: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    trouble: Mapped[str] = mapped_column(String(200), default="")
    asked_at: Mapped[UtcDateTime]
    expires_at: Mapped[UtcDateTime]


class Shipment(TenantScoped, Base):
    """One try to have an order carried: `attempt` counts them, the last one is the order's.

    `quoted_minor` is what the customer was told, `price_minor` what the courier asks in the end. `history` holds
    {status, at, note} as the provider told it.
    """

    __tablename__ = "shipment"
    __tenant__ = (
        tenant_fk("order_id", "orders"),
        UniqueConstraint("store_id", "order_id", "attempt"),
        UniqueConstraint("store_id", "reference"),
        Index("ix_shipment_provider", "store_id", "provider", "provider_id"),
        Index("ix_shipment_open", "store_id", "status", "asked_at"),
        CheckConstraint("attempt > 0", name="attempt"),
    )

    order_id: Mapped[int] = mapped_column(BigInteger)
    attempt: Mapped[int] = mapped_column(SmallInteger, default=1)
    reference: Mapped[str] = mapped_column(String(40))
    provider: Mapped[str] = mapped_column(String(16))
    company: Mapped[str] = mapped_column(String(32))
    service: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(80))
    currency: Mapped[str] = mapped_column(String(3))
    quoted_minor: Mapped[Minor]
    price_minor: Mapped[Minor | None]
    weight_g: Mapped[int]
    status: Mapped[ShipmentStatus] = mapped_column(str_enum(ShipmentStatus), default=ShipmentStatus.chosen)
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    error: Mapped[str] = mapped_column(String(300), default="")
    provider_id: Mapped[str] = mapped_column(String(64), default="")
    waybill: Mapped[str] = mapped_column(String(64), default="")
    tracking_url: Mapped[str] = mapped_column(String(300), default="")
    driver_name: Mapped[str] = mapped_column(String(80), default="")
    driver_phone: Mapped[str] = mapped_column(String(24), default="")
    history: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    asked_at: Mapped[UtcDateTime | None]
    status_at: Mapped[UtcDateTime]

    @property
    def title(self) -> str:
        """How far it is, in the reader's language."""
        return str(WORDS[self.status])

    @property
    def trouble(self) -> str:
        """What went wrong last, in the reader's language; empty when nothing did."""
        return say_reason(self.error)

    def __str__(self) -> str:
        return f"{self.name} {self.waybill}".strip()
