"""Stock per branch and variant, and the movements it is the sum of."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from app.catalog.models import Variant
from app.core.db import Base, Minor, UtcDateTime, str_enum
from app.core.tenancy import TenantScoped, tenant_fk
from app.stores.models import Branch


class MovementKind(StrEnum):
    """Why stock changed."""

    receipt = "receipt"
    sale = "sale"
    returned = "returned"
    adjustment = "adjustment"
    transfer = "transfer"
    expiry = "expiry"


class Stock(TenantScoped, Base):
    """What a branch has of a variant. available = on_hand − reserved; both bounded by the database."""

    __tablename__ = "stock"
    __tenant__ = (
        UniqueConstraint("store_id", "branch_id", "variant_id"),
        tenant_fk("branch_id", "branch"),
        tenant_fk("variant_id", "variant"),
        CheckConstraint("on_hand >= 0", name="on_hand"),
        CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="reserved"),
        Index("ix_stock_variant", "store_id", "variant_id"),
    )

    branch_id: Mapped[int] = mapped_column(BigInteger)
    variant_id: Mapped[int] = mapped_column(BigInteger)
    on_hand: Mapped[int] = mapped_column(Integer, default=0)
    reserved: Mapped[int] = mapped_column(Integer, default=0)
    low_at: Mapped[int] = mapped_column(Integer, default=5)
    branch: Mapped[Branch] = relationship(foreign_keys=[branch_id])
    variant: Mapped[Variant] = relationship(foreign_keys=[variant_id])
    available = column_property(on_hand - reserved)

    def __str__(self) -> str:
        return f"{self.variant} @ {self.branch}"


class StockMovement(TenantScoped, Base):
    """One change of on_hand, with its reason. Append-only: a mistake is a movement back."""

    __tablename__ = "stock_movement"
    __tenant__ = (
        tenant_fk("stock_id", "stock"),
        Index("ix_stock_movement_stock", "store_id", "stock_id", "at"),
        CheckConstraint("quantity <> 0", name="quantity"),
    )

    stock_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[MovementKind] = mapped_column(str_enum(MovementKind))
    quantity: Mapped[int] = mapped_column(Integer)
    unit_cost_minor: Mapped[Minor | None]
    reason: Mapped[str] = mapped_column(String(160), default="")
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    stock: Mapped[Stock] = relationship(foreign_keys=[stock_id])
