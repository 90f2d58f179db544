"""What the store shows: categories, products, their photos, and the variants that are sold."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Minor, Texts, UtcDateTime
from app.core.i18n import pick
from app.core.tenancy import TenantScoped, tenant_fk
from app.identity.models import Customer, Person


class Category(TenantScoped, Base):
    """A drawer of the cabinet; a tree by `parent_id`."""

    __tablename__ = "category"
    __tenant__ = (UniqueConstraint("store_id", "slug"), tenant_fk("parent_id", "category"))

    parent_id: Mapped[int | None] = mapped_column(BigInteger)
    slug: Mapped[str] = mapped_column(String(64))
    name: Mapped[Texts]
    description: Mapped[Texts] = mapped_column(server_default="{}")
    icon: Mapped[str] = mapped_column(String(32), default="")
    hue: Mapped[int] = mapped_column(SmallInteger, default=150)
    position: Mapped[int] = mapped_column(SmallInteger, default=0)
    min_age: Mapped[int] = mapped_column(SmallInteger, default=0)
    active: Mapped[bool] = mapped_column(default=True)
    parent: Mapped["Category | None"] = relationship(
        foreign_keys=[parent_id], remote_side="Category.id", back_populates="children"
    )
    children: Mapped[list["Category"]] = relationship(
        foreign_keys=[parent_id], order_by="Category.position", back_populates="parent"
    )

    def __str__(self) -> str:
        return pick(self.name)


class Product(TenantScoped, Base):
    """One remedy as the customer knows it; a product has at least one variant, which is what is sold."""

    __tablename__ = "product"
    __tenant__ = (
        UniqueConstraint("store_id", "slug"),
        tenant_fk("category_id", "category"),
        Index("ix_product_category", "store_id", "category_id", "active"),
        CheckConstraint("max_per_order IS NULL OR max_per_order > 0", name="max_per_order"),
    )

    category_id: Mapped[int] = mapped_column(BigInteger)
    slug: Mapped[str] = mapped_column(String(80))
    brand: Mapped[str] = mapped_column(String(80), default="")
    name: Mapped[Texts]
    subtitle: Mapped[Texts] = mapped_column(server_default="{}")
    description: Mapped[Texts] = mapped_column(server_default="{}")
    tags: Mapped[list[str]] = mapped_column(ARRAY(String(40)), server_default="{}")
    hue: Mapped[int] = mapped_column(SmallInteger, default=150)
    rx_required: Mapped[bool] = mapped_column(default=False)
    min_age: Mapped[int] = mapped_column(SmallInteger, default=0)
    max_per_order: Mapped[int | None] = mapped_column(SmallInteger)
    rating_centi: Mapped[int] = mapped_column(SmallInteger, default=0)  # average × 100
    rating_count: Mapped[int] = mapped_column(Integer, default=0)
    sold_count: Mapped[int] = mapped_column(Integer, default=0)
    active: Mapped[bool] = mapped_column(default=True)
    published_from: Mapped[UtcDateTime | None]
    published_until: Mapped[UtcDateTime | None]
    created_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    changed_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now(), onupdate=func.now())
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    category: Mapped[Category] = relationship(foreign_keys=[category_id])
    variants: Mapped[list["Variant"]] = relationship(
        foreign_keys="Variant.product_id", order_by="Variant.position", back_populates="product"
    )
    photos: Mapped[list["ProductPhoto"]] = relationship(
        foreign_keys="ProductPhoto.product_id", order_by="ProductPhoto.position", back_populates="product"
    )

    def __str__(self) -> str:
        return pick(self.name)


class ProductPhoto(TenantScoped, Base):
    """A picture; `path` is relative to the media root, the first by position is the cover."""

    __tablename__ = "product_photo"
    __tenant__ = (
        tenant_fk("product_id", "product"),
        Index("ix_product_photo_product", "store_id", "product_id", "position"),
    )

    product_id: Mapped[int] = mapped_column(BigInteger)
    path: Mapped[str] = mapped_column(String(200))
    alt: Mapped[Texts] = mapped_column(server_default="{}")
    position: Mapped[int] = mapped_column(SmallInteger, default=0)
    width: Mapped[int] = mapped_column(SmallInteger, default=240)
    height: Mapped[int] = mapped_column(SmallInteger, default=300)
    product: Mapped[Product] = relationship(foreign_keys=[product_id], back_populates="photos")

    def __str__(self) -> str:
        return self.path


class Variant(TenantScoped, Base):
    """What is sold: a SKU with its price."""

    __tablename__ = "variant"
    __tenant__ = (
        UniqueConstraint("store_id", "sku"),
        tenant_fk("product_id", "product"),
        Index("ix_variant_product", "store_id", "product_id"),
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint("cost_minor >= 0", name="cost"),
    )

    product_id: Mapped[int] = mapped_column(BigInteger)
    sku: Mapped[str] = mapped_column(String(40))
    label: Mapped[Texts] = mapped_column(server_default="{}")
    barcode: Mapped[str] = mapped_column(String(14), default="")
    price_minor: Mapped[Minor]
    compare_at_minor: Mapped[Minor | None]
    cost_minor: Mapped[Minor] = mapped_column(default=0)
    tax_class: Mapped[str] = mapped_column(String(16), default="standard")
    weight_g: Mapped[int] = mapped_column(Integer, default=0)
    position: Mapped[int] = mapped_column(SmallInteger, default=0)
    active: Mapped[bool] = mapped_column(default=True)
    product: Mapped[Product] = relationship(foreign_keys=[product_id], back_populates="variants")

    def __str__(self) -> str:
        return self.sku


class PriceOverride(TenantScoped, Base):
    """Another price of a variant for one customer, a doctor's customers, a tier, or everybody for a time."""

    __tablename__ = "price_override"
    __tenant__ = (
        tenant_fk("variant_id", "variant", ondelete="CASCADE"),
        tenant_fk("customer_id", "customer"),
        Index("ix_price_override_variant", "store_id", "variant_id"),
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint("ends_at > starts_at", name="period"),
        CheckConstraint("num_nonnulls(customer_id, doctor_id, nullif(tier, '')) <= 1", name="one_buyer"),
        ExcludeConstraint(
            ("store_id", "="),
            ("variant_id", "="),
            (text("coalesce(customer_id, 0)"), "="),
            (text("coalesce(doctor_id, 0)"), "="),
            ("tier", "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            name="ex_price_override_overlap",
        ),
    )

    variant_id: Mapped[int] = mapped_column(BigInteger)
    price_minor: Mapped[Minor]
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    doctor_id: Mapped[int | None] = mapped_column(
        ForeignKey("ab_user.id")
    )  # a person with the role in the store
    tier: Mapped[str] = mapped_column(String(24), default="", server_default="")
    starts_at: Mapped[UtcDateTime | None]
    ends_at: Mapped[UtcDateTime | None]
    reason: Mapped[str] = mapped_column(String(160))
    created_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    created_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    variant: Mapped[Variant] = relationship(foreign_keys=[variant_id])
    customer: Mapped[Customer | None] = relationship(foreign_keys=[customer_id])
    doctor: Mapped[Person | None] = relationship(foreign_keys=[doctor_id])

    def __str__(self) -> str:
        return self.variant.sku
