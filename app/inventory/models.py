"""Stock per branch and variant, the lots it lies in, and the movements it is the sum of."""

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from app.catalog.models import Variant
from app.catalog.units import sellable
from app.core.db import Base, Minor, UtcDateTime, str_enum
from app.core.tenancy import TenantScoped, tenant_fk
from app.stores.models import Branch


class MovementKind(StrEnum):
    """Why stock changed."""

    receipt = "receipt"
    sale = "sale"
    returned = "returned"
    taken_back = "taken_back"  # by a customer who had it
    adjustment = "adjustment"
    transfer = "transfer"
    expiry = "expiry"


class Cause(StrEnum):
    """What an adjustment is put down to."""

    counted = "counted"
    damaged = "damaged"
    lost = "lost"
    found = "found"
    recalled = "recalled"
    own_use = "own_use"
    supplier = "supplier"
    transfer = "transfer"
    other = "other"


class Stock(TenantScoped, Base):
    """What a branch has of a variant, and what that cost; bounded by the database.

    `available` is what may be sold: on_hand − reserved − units past their date. `value_minor` is the cost of all of
    on_hand, so the moving average is value ÷ on_hand. `lotted` units lie in lots, the rest has no lot.
    """

    __tablename__ = "stock"
    __tenant__ = (
        UniqueConstraint("store_id", "branch_id", "variant_id"),
        tenant_fk("branch_id", "branch"),
        tenant_fk("variant_id", "variant"),
        CheckConstraint("on_hand >= 0", name="on_hand"),
        CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="reserved"),
        CheckConstraint("lotted >= 0 AND lotted <= on_hand", name="lotted"),
        CheckConstraint("value_minor >= 0", name="value"),
        Index("ix_stock_variant", "store_id", "variant_id"),
    )

    branch_id: Mapped[int] = mapped_column(BigInteger)
    variant_id: Mapped[int] = mapped_column(BigInteger)
    on_hand: Mapped[int] = mapped_column(Integer, default=0)
    reserved: Mapped[int] = mapped_column(Integer, default=0)
    lotted: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    value_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")
    low_at: Mapped[int] = mapped_column(Integer, default=5)
    low_since: Mapped[UtcDateTime | None]  # managers were told then, and are again once it was refilled
    branch: Mapped[Branch] = relationship(foreign_keys=[branch_id])
    variant: Mapped[Variant] = relationship(foreign_keys=[variant_id])
    if TYPE_CHECKING:
        available: Mapped[int]

    def __str__(self) -> str:
        return f"{self.variant} @ {self.branch}"

    @property
    def unlotted(self) -> int:
        """Units of which nobody wrote down a lot."""
        return self.on_hand - self.lotted


Stock.available = column_property(sellable(Stock))  # needs the id, which a mixin gives


class StockLot(TenantScoped, Base):
    """Units of one delivery that expire together. `expires_on` is their last good day; None: they keep."""

    __tablename__ = "stock_lot"
    __tenant__ = (
        UniqueConstraint("store_id", "stock_id", "code"),
        tenant_fk("stock_id", "stock"),
        CheckConstraint("remaining >= 0", name="remaining"),
        Index("ix_stock_lot_expiry", "store_id", "expires_on", postgresql_where="remaining > 0"),
    )

    stock_id: Mapped[int] = mapped_column(BigInteger)
    code: Mapped[str] = mapped_column(String(40))
    expires_on: Mapped[date | None] = mapped_column(Date)
    remaining: Mapped[int] = mapped_column(Integer, default=0)
    unit_cost_minor: Mapped[Minor] = mapped_column(default=0)
    received_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    stock: Mapped[Stock] = relationship(foreign_keys=[stock_id])

    def __str__(self) -> str:
        return self.code


class StockMovement(TenantScoped, Base):
    """One change of on_hand and its cost, with the reason. Append-only: a mistake is a movement back."""

    __tablename__ = "stock_movement"
    __tenant__ = (
        tenant_fk("stock_id", "stock"),
        tenant_fk("lot_id", "stock_lot"),
        tenant_fk("transfer_id", "stock_transfer"),
        Index("ix_stock_movement_stock", "store_id", "stock_id", "at"),
        Index("ix_stock_movement_order", "store_id", "order_id", postgresql_where="order_id IS NOT NULL"),
        Index(
            "ix_stock_movement_transfer",
            "store_id",
            "transfer_id",
            postgresql_where="transfer_id IS NOT NULL",
        ),
        CheckConstraint("quantity <> 0", name="quantity"),
    )

    stock_id: Mapped[int] = mapped_column(BigInteger)
    lot_id: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[MovementKind] = mapped_column(str_enum(MovementKind))
    quantity: Mapped[int] = mapped_column(Integer)
    value_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")
    unit_cost_minor: Mapped[Minor | None]
    cause: Mapped[Cause | None] = mapped_column(str_enum(Cause))
    reason: Mapped[str] = mapped_column(String(160), default="")
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    transfer_id: Mapped[int | None] = mapped_column(BigInteger)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    stock: Mapped[Stock] = relationship(foreign_keys=[stock_id])
    lot: Mapped[StockLot | None] = relationship(foreign_keys=[lot_id])


class TransferStatus(StrEnum):
    """Where a transfer stands."""

    draft = "draft"
    sent = "sent"
    received = "received"
    cancelled = "cancelled"


class StockTransfer(TenantScoped, Base):
    """Goods going from one branch to another; on their way they belong to neither. Moves by transfers.move()."""

    __tablename__ = "stock_transfer"
    __tenant__ = (
        tenant_fk("from_branch_id", "branch"),
        tenant_fk("to_branch_id", "branch"),
        CheckConstraint("from_branch_id <> to_branch_id", name="branches"),
        Index("ix_stock_transfer_status", "store_id", "status"),
    )

    from_branch_id: Mapped[int] = mapped_column(BigInteger)
    to_branch_id: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[TransferStatus] = mapped_column(str_enum(TransferStatus), default=TransferStatus.draft)
    note: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    created_by: Mapped[str] = mapped_column(String(128), default="")
    sent_at: Mapped[UtcDateTime | None]
    sent_by: Mapped[str] = mapped_column(String(128), default="")
    closed_at: Mapped[UtcDateTime | None]  # received, or cancelled
    closed_by: Mapped[str] = mapped_column(String(128), default="")
    from_branch: Mapped[Branch] = relationship(foreign_keys=[from_branch_id])
    to_branch: Mapped[Branch] = relationship(foreign_keys=[to_branch_id])
    lines: Mapped[list["StockTransferLine"]] = relationship(
        foreign_keys="StockTransferLine.transfer_id",
        order_by="StockTransferLine.id",
        cascade="all, delete-orphan",
        back_populates="transfer",
    )

    def __str__(self) -> str:
        return f"T-{self.id}"


class StockTransferLine(TenantScoped, Base):
    """So many of one variant; `received` is what was counted on arrival."""

    __tablename__ = "stock_transfer_line"
    __tenant__ = (
        UniqueConstraint("store_id", "transfer_id", "variant_id"),
        tenant_fk("transfer_id", "stock_transfer", ondelete="CASCADE"),
        tenant_fk("variant_id", "variant"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("received >= 0", name="received"),
    )

    transfer_id: Mapped[int] = mapped_column(BigInteger)
    variant_id: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int] = mapped_column(Integer)
    received: Mapped[int | None] = mapped_column(Integer)
    value_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")  # what was sent had cost
    transfer: Mapped[StockTransfer] = relationship(foreign_keys=[transfer_id], back_populates="lines")
    variant: Mapped[Variant] = relationship(foreign_keys=[variant_id])


class StockWatch(TenantScoped, Base):
    """Somebody who wants to know when a variant is back: told once. `contact` is an e-mail address or a phone."""

    __tablename__ = "stock_watch"
    __tenant__ = (
        tenant_fk("variant_id", "variant"),
        Index(
            "uq_stock_watch_waiting",
            "store_id",
            "variant_id",
            "contact",
            unique=True,
            postgresql_where="ended_at IS NULL",
        ),
        Index("ix_stock_watch_contact", "store_id", "asked_from", "created_at"),
    )

    variant_id: Mapped[int] = mapped_column(BigInteger)
    channel: Mapped[str] = mapped_column(String(8))  # email | phone
    contact: Mapped[str] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(5))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    asked_from: Mapped[str] = mapped_column(String(64), default="")  # keyed hash of the address it came from
    created_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    noticed_at: Mapped[UtcDateTime | None]
    ended_at: Mapped[UtcDateTime | None]  # told, or does not want to know any more
    variant: Mapped[Variant] = relationship(foreign_keys=[variant_id])
