"""What a store takes, every try to pay an order, the money that came, what went back, and the provider's own words."""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Json, Minor, UtcDateTime, str_enum
from app.core.tenancy import TenantScoped, tenant_fk


class PaymentMethod(TenantScoped, Base):
    """One way to pay in a store: whether and for whom it is offered, and the store's account with the provider.

    `secrets` is sealed (payments/vault.py) and never shown again.
    """

    __tablename__ = "payment_method"
    __tenant__ = (
        UniqueConstraint("store_id", "code"),
        CheckConstraint("min_minor >= 0 AND (max_minor IS NULL OR max_minor >= min_minor)", name="amounts"),
    )

    code: Mapped[str] = mapped_column(String(16))
    active: Mapped[bool] = mapped_column(default=False, server_default="false")
    position: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    settings: Mapped[Json] = mapped_column(server_default="{}")
    secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    kinds: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")  # of handing over; empty: all
    tiers: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")  # of customers; empty: all
    min_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")
    max_minor: Mapped[Minor | None]

    def __str__(self) -> str:
        return self.code


class AttemptStatus(StrEnum):
    """How one try to pay stands. It only moves forward: payments/states.py has the table."""

    started = "started"  # written down, the provider not asked yet
    pending = "pending"  # the customer can pay
    held = "held"  # taken, and looked at by the provider
    paid = "paid"
    failed = "failed"
    expired = "expired"
    cancelled = "cancelled"


class PaymentAttempt(TenantScoped, Base):
    """One try to pay an order: `reference` is `<order code>_pay<number>`, the provider's name for it is `external_id`.

    What it asks for never changes. A later try leaves it as it is: money that still arrives on it pays the order.
    """

    __tablename__ = "payment_attempt"
    __tenant__ = (
        UniqueConstraint("store_id", "reference"),
        UniqueConstraint("store_id", "order_id", "number"),
        tenant_fk("order_id", "orders"),
        tenant_fk("card_id", "saved_card"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index("ix_payment_attempt_external", "store_id", "method", "external_id"),
        Index(
            "ix_payment_attempt_open",
            "store_id",
            "expires_at",
            postgresql_where="status IN ('started', 'pending', 'held')",
        ),
    )

    order_id: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(SmallInteger)
    reference: Mapped[str] = mapped_column(String(40))
    method: Mapped[str] = mapped_column(String(16))
    amount_minor: Mapped[Minor]
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[AttemptStatus] = mapped_column(str_enum(AttemptStatus), default=AttemptStatus.started)
    external_id: Mapped[str] = mapped_column(String(120), default="", server_default="")
    shown: Mapped[Json] = mapped_column(server_default="{}")  # what the customer needs to pay
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    created_at: Mapped[UtcDateTime]
    status_at: Mapped[UtcDateTime]
    expires_at: Mapped[UtcDateTime]
    asked_at: Mapped[UtcDateTime | None]  # when the provider was asked last
    card_id: Mapped[int | None] = mapped_column(BigInteger)  # paid by this kept card
    keep_card: Mapped[bool] = mapped_column(default=False, server_default="false")  # once it has paid

    @property
    def is_charged(self) -> bool:
        """Whether a card is charged for it by us, kept or just entered: the customer has nothing left to do."""
        return self.card_id is not None or self.shown.get("show") == "card"

    @property
    def covers_minor(self) -> int:
        """What of the order it asks for; cents that tell equal transfers apart are on top of that."""
        return self.amount_minor - int(self.shown.get("extra_minor", 0))

    def __str__(self) -> str:
        return self.reference


class AttemptEvent(TenantScoped, Base):
    """One step of an attempt, and who said so. Append-only."""

    __tablename__ = "payment_attempt_event"
    __tenant__ = (
        tenant_fk("attempt_id", "payment_attempt"),
        Index("ix_payment_attempt_event_attempt", "store_id", "attempt_id", "id"),
    )

    attempt_id: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[AttemptStatus] = mapped_column(str_enum(AttemptStatus))
    source: Mapped[str] = mapped_column(String(16))  # customer | webhook | poller | staff | system
    note: Mapped[str] = mapped_column(String(200), default="", server_default="")
    at: Mapped[UtcDateTime]


class ReceiptStatus(StrEnum):
    """What became of money that came in."""

    applied = "applied"  # pays the order; what was too much went to the wallet
    to_wallet = "to_wallet"  # the order needed it no more
    review = "review"  # does not fit: staff decide
    returned = "returned"  # staff sent it back


class PaymentReceipt(TenantScoped, Base):
    """Money that came in, once per name the provider has for it. In review nothing of it is posted yet."""

    __tablename__ = "payment_receipt"
    __tenant__ = (
        UniqueConstraint("store_id", "method", "external_id"),
        tenant_fk("order_id", "orders"),
        tenant_fk("attempt_id", "payment_attempt"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(
            "applied_minor >= 0 AND wallet_minor >= 0 AND refunded_minor >= 0 "
            "AND applied_minor + wallet_minor <= amount_minor AND refunded_minor <= applied_minor",
            name="parts",
        ),
        Index("ix_payment_receipt_order", "store_id", "order_id"),
        Index("ix_payment_receipt_review", "store_id", "received_at", postgresql_where="status = 'review'"),
    )

    order_id: Mapped[int] = mapped_column(BigInteger)
    attempt_id: Mapped[int | None] = mapped_column(BigInteger)
    method: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str] = mapped_column(String(120))
    amount_minor: Mapped[Minor]
    currency: Mapped[str] = mapped_column(String(3))
    applied_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")
    wallet_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")
    refunded_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")
    status: Mapped[ReceiptStatus] = mapped_column(str_enum(ReceiptStatus))
    reason: Mapped[str] = mapped_column(String(24), default="", server_default="")
    received_at: Mapped[UtcDateTime]
    settled_by: Mapped[str] = mapped_column(String(128), default="", server_default="")
    attempt: Mapped[PaymentAttempt | None] = relationship(foreign_keys=[attempt_id])

    def __str__(self) -> str:
        return f"{self.method} {self.external_id}"


class RefundStatus(StrEnum):
    """How a refund stands; done and dropped are final."""

    requested = "requested"
    sending = "sending"  # with the provider; asked again after a crash, under the same reference
    done = "done"
    failed = "failed"  # refused: staff choose another way
    dropped = "dropped"  # given back in another way, or not at all


class RefundTo(StrEnum):
    """Where the money goes back to."""

    source = "source"
    wallet = "wallet"
    cash = "cash"


class Refund(TenantScoped, Base):
    """An amount of an order that goes back. `lines` freeze what for: it is never worked out again at new rates."""

    __tablename__ = "refund"
    __tenant__ = (
        UniqueConstraint("store_id", "reference"),
        tenant_fk("order_id", "orders"),
        tenant_fk("receipt_id", "payment_receipt"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index("ix_refund_order", "store_id", "order_id"),
        Index(
            "ix_refund_open",
            "store_id",
            "requested_at",
            postgresql_where="status IN ('requested', 'sending')",
        ),
    )

    order_id: Mapped[int] = mapped_column(BigInteger)
    receipt_id: Mapped[int | None] = mapped_column(BigInteger)
    reference: Mapped[str] = mapped_column(String(40))
    method: Mapped[str] = mapped_column(String(16), default="", server_default="")
    to: Mapped[RefundTo] = mapped_column(str_enum(RefundTo))
    amount_minor: Mapped[Minor]
    currency: Mapped[str] = mapped_column(String(3))
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    status: Mapped[RefundStatus] = mapped_column(str_enum(RefundStatus), default=RefundStatus.requested)
    external_id: Mapped[str] = mapped_column(String(120), default="", server_default="")
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    problem: Mapped[str] = mapped_column(String(200), default="", server_default="")  # the provider's words
    requested_at: Mapped[UtcDateTime]
    requested_by: Mapped[str] = mapped_column(String(128), default="", server_default="")
    ended_at: Mapped[UtcDateTime | None]
    tries: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    asked_at: Mapped[UtcDateTime | None]  # when the provider was asked last
    voided: Mapped[bool] = mapped_column(
        default=False, server_default="false"
    )  # undone before it was settled
    receipt: Mapped[PaymentReceipt | None] = relationship(foreign_keys=[receipt_id])

    def __str__(self) -> str:
        return self.reference


class MessageStatus(StrEnum):
    """How far we are with a webhook."""

    new = "new"
    done = "done"
    ignored = "ignored"  # of no payment of ours
    forged = "forged"
    failed = "failed"


class WebhookMessage(TenantScoped, Base):
    """A webhook exactly as it came, kept before it is looked at; unique by the provider's name for it."""

    __tablename__ = "webhook_message"
    __tenant__ = (
        UniqueConstraint("store_id", "provider", "event_id"),
        Index("ix_webhook_message_at", "store_id", "received_at"),
        Index("ix_webhook_message_new", "store_id", "id", postgresql_where="status = 'new'"),
    )

    provider: Mapped[str] = mapped_column(String(16))
    event_id: Mapped[str] = mapped_column(String(160))
    headers: Mapped[Json]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[MessageStatus] = mapped_column(str_enum(MessageStatus), default=MessageStatus.new)
    about: Mapped[str] = mapped_column(String(80), default="", server_default="")
    reference: Mapped[str] = mapped_column(String(40), default="", server_default="")
    external_id: Mapped[str] = mapped_column(String(120), default="", server_default="")
    problem: Mapped[str] = mapped_column(String(200), default="", server_default="")
    times: Mapped[int] = mapped_column(Integer, default=1, server_default="1")  # how often it came
    received_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    processed_at: Mapped[UtcDateTime | None]
    replayed_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
