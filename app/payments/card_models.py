"""Cards that a provider keeps for a customer."""

from sqlalchemy import BigInteger, CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime
from app.core.tenancy import TenantScoped, tenant_fk


class SavedCard(TenantScoped, Base):
    """A customer's card as it is kept by a provider: its two numbers there, and what a person knows it by.

    `expires` is `2028-12`, or empty. Removed it is gone for its customer; `forgotten_at` when the provider said so too.
    """

    __tablename__ = "saved_card"
    __tenant__ = (
        UniqueConstraint("store_id", "method", "profile_id", "payment_profile_id"),
        tenant_fk("customer_id", "customer"),
        CheckConstraint("last_four ~ '^[0-9]{4}$'", name="last_four"),
        CheckConstraint("expires ~ '^([0-9]{4}-[0-9]{2})?$'", name="expires"),
        Index("ix_saved_card_customer", "store_id", "customer_id", postgresql_where="removed_at IS NULL"),
    )

    customer_id: Mapped[int] = mapped_column(BigInteger)
    method: Mapped[str] = mapped_column(String(16))
    profile_id: Mapped[str] = mapped_column(String(40))
    payment_profile_id: Mapped[str] = mapped_column(String(40))
    brand: Mapped[str] = mapped_column(String(20), default="", server_default="")
    last_four: Mapped[str] = mapped_column(String(4))
    expires: Mapped[str] = mapped_column(String(7), default="", server_default="")
    kept_at: Mapped[UtcDateTime]
    used_at: Mapped[UtcDateTime | None]
    removed_at: Mapped[UtcDateTime | None]
    forgotten_at: Mapped[UtcDateTime | None]

    def __str__(self) -> str:
        return f"{self.brand} {self.last_four}".strip()
