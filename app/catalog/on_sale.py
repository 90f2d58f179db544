"""Variants that are on sale now, by SKU: as rows of the running transaction, or as copies for whoever only asks.

Copies belong to no session: they are read, never changed, and never given to a row. They live for at most PAGE_TTL
seconds and are good only while the store's word of freshness stands (app/core/freshness.py), as shared pages are.
"""

import time as clock_time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.catalog.models import Category, Product, Variant
from app.catalog.shelf import is_published
from app.catalog.tree import open_categories
from app.core import clock, freshness
from app.core.db import aside, db
from app.core.settings import setting
from app.core.tenancy import current_store_id

MOST_KEPT = 5_000
"""Copies of one store that a process keeps before it begins anew."""


@dataclass
class _Kept:
    """Copies of one store, as of a word of freshness."""

    word: str
    since: float
    by_sku: dict[str, Variant] = field(default_factory=dict)


_kept: dict[int, _Kept] = {}


def sellable_variants(skus: Sequence[str]) -> dict[str, Variant]:
    """SKU → variant for those that are active and published now, with product and category; one query."""
    return {variant.sku: variant for variant in db.session.scalars(_on_sale(skus))}


def copies_on_sale(skus: Sequence[str]) -> dict[str, Variant]:
    """SKU → a copy of each that is active and published now, with product and categories. No query for kept ones.

    Inside a transaction nothing is kept and nothing kept is used: then it is sellable_variants.
    """
    kept = _keep()
    if kept is None:
        return sellable_variants(skus)
    if missing := [sku for sku in skus if sku not in kept.by_sku]:
        if len(kept.by_sku) > MOST_KEPT:
            kept.by_sku.clear()
        kept.by_sku.update(_read_copies(missing))
    found = {sku: kept.by_sku[sku] for sku in skus if sku in kept.by_sku}
    now = clock.now()
    return {sku: copy for sku, copy in found.items() if not _is_over(copy.product, now)}


def _keep() -> _Kept | None:
    """What this process keeps of the store; None where it may keep nothing or nobody can tell whether it is fresh."""
    store_id, ttl = current_store_id(), setting("PAGE_TTL")
    if store_id is None or not ttl or db.session().info.get("in_transaction"):
        return None
    if (word := freshness.word(store_id)) is None:
        return None
    kept, now = _kept.get(store_id), clock_time.monotonic()
    if kept is None or kept.word != word or now - kept.since > ttl:
        kept = _kept[store_id] = _Kept(word, now)
    return kept


def _read_copies(skus: Sequence[str]) -> dict[str, Variant]:
    with aside() as session:
        found = {variant.sku: variant for variant in session.scalars(_on_sale(skus))}
        for variant in found.values():
            drawer: Category | None = variant.product.category
            while drawer is not None:
                drawer = drawer.parent
        session.expunge_all()
    return found


def _is_over(product: Product, now: datetime) -> bool:
    """Whether it has left the shelf since it was read; it cannot have come onto it."""
    return product.published_until is not None and product.published_until <= now


def _on_sale(skus: Sequence[str]) -> Select[Variant]:
    product = joinedload(Variant.product).defer(Product.description)
    category = product.joinedload(Product.category).defer(Category.description)
    return (
        select(Variant)
        .join(Product, Product.id == Variant.product_id)
        .join(opened := open_categories(), opened.c.id == Product.category_id)
        .where(Variant.sku.in_(skus), Variant.active, is_published(clock.now()))
        .options(category.joinedload(Category.parent).defer(Category.description))
    )
