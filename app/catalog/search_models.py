"""What the search reads: a document of every product in every language, and what people looked for in vain."""

from sqlalchemy import BigInteger, Index, Integer, String, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime
from app.core.tenancy import TenantScoped, tenant_fk


class ProductSearch(TenantScoped, Base):
    """A product's words in one language. Written by triggers of `product` and `category`, never by this program.

    No inverted index: row-level security keeps `@@` out of index conditions (it is not leakproof), so a store's own
    rows are read, which the key finds.
    """

    __tablename__ = "product_search"
    __tenant__ = (
        UniqueConstraint("store_id", "locale", "product_id"),
        tenant_fk("product_id", "product", ondelete="CASCADE"),
        Index("ix_product_search_product", "store_id", "product_id"),
    )

    product_id: Mapped[int] = mapped_column(BigInteger)
    locale: Mapped[str] = mapped_column(String(8))
    document: Mapped[str] = mapped_column(TSVECTOR)
    words: Mapped[list[str]] = mapped_column(ARRAY(Text))


class SearchMiss(TenantScoped, Base):
    """Words that found nothing, and how often: what the shelf lacks, or what it calls by another name."""

    __tablename__ = "search_miss"
    __tenant__ = (
        UniqueConstraint("store_id", "locale", "words"),
        Index("ix_search_miss_count", "store_id", "count"),
    )

    words: Mapped[str] = mapped_column(String(60))
    locale: Mapped[str] = mapped_column(String(8))
    count: Mapped[int] = mapped_column(Integer, server_default="1")
    last_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())

    def __str__(self) -> str:
        return self.words
