"""The notification matrix, its templates, who can be reached where, and each message handed to a provider."""

from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Json, UtcDateTime, str_enum
from app.core.tenancy import TenantScoped, tenant_fk
from app.identity.models import Person


class DeliveryStatus(StrEnum):
    """How far one message has come. `unknown`: the provider may or may not have it, and cannot be asked."""

    queued = "queued"
    sending = "sending"
    sent = "sent"
    delivered = "delivered"
    read = "read"
    failed = "failed"
    unknown = "unknown"
    skipped = "skipped"


class NotificationRule(TenantScoped, Base):
    """One cell of the matrix: for this event this audience hears through these channels, in this order."""

    __tablename__ = "notification_rule"
    __tenant__ = (UniqueConstraint("store_id", "event", "audience", "position"),)

    event: Mapped[str] = mapped_column(String(48))
    audience: Mapped[str] = mapped_column(String(24))  # customer, dispatchers, driver, managers
    channels: Mapped[list[str]] = mapped_column(ARRAY(String(16)))  # the first, then its fallbacks
    priority: Mapped[int] = mapped_column(SmallInteger, default=0)  # Pushover's scale, −2 … 2
    position: Mapped[int] = mapped_column(SmallInteger, default=0)  # several rows go out side by side
    active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return f"{self.event} → {self.audience}"


class NotificationTemplate(TenantScoped, Base):
    """The words of one event for one audience, channel and language, with %(named)s placeholders."""

    __tablename__ = "notification_template"
    __tenant__ = (UniqueConstraint("store_id", "event", "audience", "channel", "locale"),)

    event: Mapped[str] = mapped_column(String(48))
    audience: Mapped[str] = mapped_column(String(24))
    channel: Mapped[str] = mapped_column(String(16))
    locale: Mapped[str] = mapped_column(String(5))
    title: Mapped[str] = mapped_column(String(160), default="")
    body: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(SmallInteger, default=1)
    changed_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now(), onupdate=func.now())

    def __str__(self) -> str:
        return f"{self.event}/{self.audience}/{self.channel}/{self.locale}"


class ContactPoint(TenantScoped, Base):
    """Where a person (or a branch's group) is reached by a team channel: Pushover key, Telegram chat."""

    __tablename__ = "contact_point"
    __tenant__ = (
        UniqueConstraint("store_id", "user_id", "channel"),
        Index("ix_contact_point_user", "user_id"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(120))
    active: Mapped[bool] = mapped_column(default=True)
    user: Mapped[Person] = relationship()

    def __str__(self) -> str:
        return f"{self.channel}: {self.address}"


class Delivery(TenantScoped, Base):
    """One message: unique by (event, recipient, channel), so that a repeated job never sends twice."""

    __tablename__ = "delivery"
    __tenant__ = (
        UniqueConstraint("store_id", "event_id", "audience", "recipient", "channel"),
        tenant_fk("event_id", "event"),
        tenant_fk("order_id", "orders"),
        Index("ix_delivery_status", "store_id", "status", "created_at"),
        Index("ix_delivery_provider", "store_id", "provider", "provider_id"),
        Index("ix_delivery_order", "store_id", "order_id"),
    )

    event_id: Mapped[int] = mapped_column(BigInteger)
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    audience: Mapped[str] = mapped_column(String(24))
    recipient: Mapped[str] = mapped_column(String(120))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    channel: Mapped[str] = mapped_column(String(16))
    fallbacks: Mapped[list[str]] = mapped_column(ARRAY(String(16)), server_default="{}")
    provider: Mapped[str] = mapped_column(String(24), default="")
    provider_id: Mapped[str] = mapped_column(String(80), default="")
    receipt: Mapped[str] = mapped_column(String(40), default="")  # Pushover's, for priority 2
    status: Mapped[DeliveryStatus] = mapped_column(str_enum(DeliveryStatus), default=DeliveryStatus.queued)
    priority: Mapped[int] = mapped_column(SmallInteger, default=0)
    locale: Mapped[str] = mapped_column(String(5), default="en")
    title: Mapped[str] = mapped_column(String(250), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(String(500), default="")
    extra: Mapped[Json] = mapped_column(server_default="{}")
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    leased_until: Mapped[UtcDateTime | None]
    error: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    sent_at: Mapped[UtcDateTime | None]
    acknowledged_at: Mapped[UtcDateTime | None]

    def __str__(self) -> str:
        return f"{self.channel} → {self.recipient}"
