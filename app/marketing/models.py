"""What buyers say afterwards."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger, String, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.catalog.models import Product
from app.core.db import Base, UtcDateTime, str_enum
from app.core.tenancy import TenantScoped, tenant_fk
from app.identity.models import Customer
from app.orders.models import Order


class ReviewStatus(StrEnum):
    """Reviews are read by staff before others see them."""

    pending = "pending"
    published = "published"
    rejected = "rejected"


class Review(TenantScoped, Base):
    """Stars and words of a buyer: on the order as a whole (no product) or on one product of it."""

    __tablename__ = "review"
    __tenant__ = (
        tenant_fk("order_id", "orders"),
        tenant_fk("product_id", "product"),
        tenant_fk("customer_id", "customer"),
        UniqueConstraint("store_id", "order_id", "product_id", postgresql_nulls_not_distinct=True),
        Index("ix_review_product", "store_id", "product_id", "status"),
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
    )

    order_id: Mapped[int] = mapped_column(BigInteger)
    product_id: Mapped[int | None] = mapped_column(BigInteger)
    customer_id: Mapped[int] = mapped_column(BigInteger)
    stars: Mapped[int] = mapped_column(SmallInteger)
    body: Mapped[str] = mapped_column(Text, default="")
    locale: Mapped[str] = mapped_column(String(5), default="en")
    status: Mapped[ReviewStatus] = mapped_column(str_enum(ReviewStatus), default=ReviewStatus.pending)
    reply: Mapped[str] = mapped_column(String(1000), default="")
    created_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    order: Mapped[Order] = relationship(foreign_keys=[order_id])
    product: Mapped[Product | None] = relationship(foreign_keys=[product_id])
    customer: Mapped[Customer] = relationship(foreign_keys=[customer_id])

    def __str__(self) -> str:
        return f"{self.stars} · {self.order}"
