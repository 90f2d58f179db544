"""The server's cart, the order, and its lines. An order's row is a projection of its events."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.catalog.models import Variant
from app.core.db import Base, Json, Minor, Texts, UtcDateTime, str_enum
from app.core.tenancy import TenantScoped, tenant_fk
from app.identity.models import Customer
from app.orders.states import Kind, PaymentStatus, Status
from app.promise.models import DeliverySlot, Zone
from app.shipping.status import say_reason
from app.stores.models import Branch


class Cart(TenantScoped, Base):
    """A cart on the server: of a browser (by its token's hash) until somebody signs in, then of the customer."""

    __tablename__ = "cart"
    __tenant__ = (
        UniqueConstraint("store_id", "token_hash"),
        tenant_fk("customer_id", "customer"),
        Index("uq_cart_customer", "store_id", "customer_id", unique=True),
    )

    token_hash: Mapped[str | None] = mapped_column(String(64))
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    checkout: Mapped[Json] = mapped_column(server_default="{}")  # what was typed so far, by step
    remind: Mapped[bool] = mapped_column(
        server_default="false"
    )  # "remind me of this cart": asked for, never assumed
    reminded_at: Mapped[UtcDateTime | None]
    changed_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now(), onupdate=func.now())
    lines: Mapped[list["CartLine"]] = relationship(
        foreign_keys="CartLine.cart_id",
        order_by="CartLine.id",
        cascade="all, delete-orphan",
        back_populates="cart",
    )


class CartLine(TenantScoped, Base):
    """So many of one variant."""

    __tablename__ = "cart_line"
    __tenant__ = (
        UniqueConstraint("store_id", "cart_id", "variant_id"),
        tenant_fk("cart_id", "cart", ondelete="CASCADE"),
        tenant_fk("variant_id", "variant"),
        CheckConstraint("quantity > 0", name="quantity"),
    )

    cart_id: Mapped[int] = mapped_column(BigInteger)
    variant_id: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int] = mapped_column(SmallInteger)
    cart: Mapped[Cart] = relationship(foreign_keys=[cart_id], back_populates="lines")
    variant: Mapped[Variant] = relationship(foreign_keys=[variant_id])


class Order(TenantScoped, Base):
    """What one customer bought from one branch. Its status moves only through orders.advance()."""

    __tablename__ = "orders"
    __tenant__ = (
        UniqueConstraint("store_id", "code"),
        tenant_fk("branch_id", "branch"),
        tenant_fk("customer_id", "customer"),
        tenant_fk("zone_id", "zone"),
        tenant_fk("slot_id", "delivery_slot"),
        tenant_fk("driver_id", "driver"),
        CheckConstraint("total_minor >= 0 AND due_minor >= 0", name="total"),
        CheckConstraint(
            "goods_minor - discount_minor + delivery_minor + tax_minor = total_minor", name="adds_up"
        ),
        Index("ix_orders_board", "store_id", "status", "placed_at"),
        Index("ix_orders_customer", "store_id", "customer_id", "placed_at"),
        Index("ix_orders_driver", "store_id", "driver_id", "status"),
        Index("ix_orders_slot", "store_id", "slot_id"),
    )

    code: Mapped[str] = mapped_column(String(24))
    branch_id: Mapped[int] = mapped_column(BigInteger)
    customer_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[Kind] = mapped_column(str_enum(Kind))
    status: Mapped[Status] = mapped_column(str_enum(Status), default=Status.PENDING)
    event_seq: Mapped[int] = mapped_column(Integer, default=0)

    currency: Mapped[str] = mapped_column(String(3))
    goods_minor: Mapped[Minor]
    discount_minor: Mapped[Minor] = mapped_column(default=0)
    delivery_minor: Mapped[Minor] = mapped_column(default=0)
    tax_minor: Mapped[Minor] = mapped_column(
        default=0
    )  # zero-sum when prices include tax: see tax_included_minor
    tax_included_minor: Mapped[Minor] = mapped_column(default=0)
    wallet_minor: Mapped[Minor] = mapped_column(default=0)
    total_minor: Mapped[Minor]
    due_minor: Mapped[Minor]
    payment_method: Mapped[str] = mapped_column(String(24))
    payment_status: Mapped[PaymentStatus] = mapped_column(str_enum(PaymentStatus))
    cash_received_minor: Mapped[Minor | None]
    change_minor: Mapped[Minor | None]  # in coins
    change_to_wallet_minor: Mapped[Minor | None]

    contact_name: Mapped[str] = mapped_column(String(120))
    contact_phone: Mapped[str] = mapped_column(String(16))
    locale: Mapped[str] = mapped_column(String(5))
    address: Mapped[Json] = mapped_column(server_default="{}")  # line1, line2, city, zip, lat, lng
    zone_id: Mapped[int | None] = mapped_column(BigInteger)
    mode: Mapped[str] = mapped_column(String(8))  # asap | slot
    slot_id: Mapped[int | None] = mapped_column(BigInteger)
    slot_weight: Mapped[int | None] = mapped_column(Integer)  # places taken in the slot; None: one
    promised_from: Mapped[UtcDateTime | None]
    promised_until: Mapped[UtcDateTime | None]
    pickup_code: Mapped[str | None] = mapped_column(String(8))
    customer_note: Mapped[str] = mapped_column(String(500), default="")
    min_age: Mapped[int] = mapped_column(SmallInteger, default=0)
    birth_date: Mapped[date | None] = mapped_column(Date)
    id_checked: Mapped[bool] = mapped_column(default=False)

    driver_id: Mapped[int | None] = mapped_column(BigInteger)
    placed_at: Mapped[UtcDateTime]
    status_at: Mapped[UtcDateTime]
    acknowledged_at: Mapped[UtcDateTime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    reason: Mapped[str] = mapped_column(String(200), default="")  # of the last cancel, failure or unassign

    branch: Mapped[Branch] = relationship(foreign_keys=[branch_id])
    customer: Mapped[Customer] = relationship(foreign_keys=[customer_id])
    zone: Mapped[Zone | None] = relationship(foreign_keys=[zone_id])
    slot: Mapped[DeliverySlot | None] = relationship(foreign_keys=[slot_id])
    lines: Mapped[list["OrderLine"]] = relationship(
        foreign_keys="OrderLine.order_id", order_by="OrderLine.id", back_populates="order"
    )

    @property
    def why(self) -> str:
        """The reason of its last move in the reader's language."""
        return say_reason(self.reason)

    def __str__(self) -> str:
        return self.code

    @property
    def item_count(self) -> int:
        return sum(line.quantity for line in self.lines)


class OrderLine(TenantScoped, Base):
    """One variant of an order with everything frozen at the moment of sale."""

    __tablename__ = "order_line"
    __tenant__ = (
        tenant_fk("order_id", "orders"),
        tenant_fk("variant_id", "variant"),
        Index("ix_order_line_order", "store_id", "order_id"),
        Index("ix_order_line_variant", "store_id", "variant_id"),
        CheckConstraint("quantity > 0", name="quantity"),
    )

    order_id: Mapped[int] = mapped_column(BigInteger)
    variant_id: Mapped[int] = mapped_column(BigInteger)
    sku: Mapped[str] = mapped_column(String(40))
    name: Mapped[Texts]
    label: Mapped[Texts] = mapped_column(server_default="{}")
    quantity: Mapped[int] = mapped_column(SmallInteger)
    unit_minor: Mapped[Minor]
    discount_minor: Mapped[Minor] = mapped_column(default=0)
    net_minor: Mapped[Minor]
    tax_minor: Mapped[Minor] = mapped_column(default=0)
    tax_rate_bp: Mapped[int] = mapped_column(SmallInteger, default=0)
    unit_cost_minor: Mapped[Minor] = mapped_column(default=0)  # the moving average when it was placed
    cost_minor: Mapped[Minor | None]  # of all units, as they left the shelf
    list_minor: Mapped[Minor | None]  # the shelf's price, when the buyer had another one
    price_kind: Mapped[str] = mapped_column(String(8), default="", server_default="")
    price_note: Mapped[str] = mapped_column(String(160), default="", server_default="")
    order: Mapped[Order] = relationship(foreign_keys=[order_id], back_populates="lines")
    variant: Mapped[Variant] = relationship(foreign_keys=[variant_id])


class OrderNote(TenantScoped, Base):
    """What staff write to each other about an order; customers never see it."""

    __tablename__ = "order_note"
    __tenant__ = (tenant_fk("order_id", "orders"),)

    order_id: Mapped[int] = mapped_column(BigInteger)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    author_name: Mapped[str] = mapped_column(String(128), default="")
    body: Mapped[str] = mapped_column(String(1000))
    created_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())


class OrderAdjustment(TenantScoped, Base):
    """A line of the quote that is not goods: what, why, how much; the trace behind "why this price"."""

    __tablename__ = "order_adjustment"
    __tenant__ = (tenant_fk("order_id", "orders"), Index("ix_order_adjustment_order", "store_id", "order_id"))

    order_id: Mapped[int] = mapped_column(BigInteger)
    stage: Mapped[str] = mapped_column(String(24))
    source: Mapped[str] = mapped_column(String(64), default="")
    reason: Mapped[str] = mapped_column(String(64), default="")
    amount_minor: Mapped[Minor]
    sku: Mapped[str | None] = mapped_column(String(40))
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")


class SubstitutionStatus(StrEnum):
    """How an offer of something else stands; all but `proposed` are final."""

    proposed = "proposed"
    accepted = "accepted"
    declined = "declined"
    expired = "expired"
    withdrawn = "withdrawn"


class Substitution(TenantScoped, Base):
    """Staff's offer to send something else for units that cannot be had. While it is open, its goods are held."""

    __tablename__ = "substitution"
    __tenant__ = (
        tenant_fk("order_id", "orders"),
        tenant_fk("old_variant_id", "variant"),
        tenant_fk("variant_id", "variant"),
        Index("ix_substitution_order", "store_id", "order_id"),
        Index(
            "uq_substitution_open",
            "store_id",
            "order_id",
            "old_variant_id",
            unique=True,
            postgresql_where="status = 'proposed'",
        ),
        CheckConstraint("old_quantity > 0 AND quantity > 0", name="quantity"),
        CheckConstraint("old_variant_id <> variant_id", name="another"),
    )

    order_id: Mapped[int] = mapped_column(BigInteger)
    old_variant_id: Mapped[int] = mapped_column(BigInteger)
    old_quantity: Mapped[int] = mapped_column(SmallInteger)  # so many of the short line leave the order
    variant_id: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int] = mapped_column(SmallInteger)
    unit_minor: Mapped[Minor]  # the price that was offered holds until the answer
    status: Mapped[SubstitutionStatus] = mapped_column(
        str_enum(SubstitutionStatus), default=SubstitutionStatus.proposed
    )
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    proposed_at: Mapped[UtcDateTime]
    expires_at: Mapped[UtcDateTime]
    answered_at: Mapped[UtcDateTime | None]
    order: Mapped[Order] = relationship(foreign_keys=[order_id])
    old_variant: Mapped[Variant] = relationship(foreign_keys=[old_variant_id])
    variant: Mapped[Variant] = relationship(foreign_keys=[variant_id])
