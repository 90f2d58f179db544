"""The variants of several products at once."""

from collections.abc import Collection

from sqlalchemy import func, select

from app.catalog.models import Variant
from app.catalog.shelf import STOCK, UNITS
from app.catalog.tree import say
from app.catalog.views import BranchStock, VariantView
from app.catalog.windows import price_variants
from app.core.db import db
from app.stores.models import Branch


def variants_of(product_ids: Collection[int]) -> dict[int, tuple[VariantView, ...]]:
    """`shelf_variants` at the prices of whoever is asking; two queries."""
    shown = shelf_variants(product_ids)
    priced = {one.id: one for one in price_variants(view for views in shown.values() for view in views)}
    return {key: tuple(priced[view.id] for view in views) for key, views in shown.items()}


def shelf_variants(product_ids: Collection[int]) -> dict[int, tuple[VariantView, ...]]:
    """Product id → its active variants in staff's order, at the shelf's price, with the stock of every active
    branch; one query."""
    query = (
        select(Variant, Branch.id, Branch.name, func.coalesce(UNITS, 0))
        .select_from(Variant)
        .outerjoin(Branch, Branch.active.is_(True))
        .outerjoin(STOCK, (STOCK.c.variant_id == Variant.id) & (STOCK.c.branch_id == Branch.id))
        .where(Variant.product_id.in_(product_ids), Variant.active)
        .order_by(Variant.product_id, Variant.position, Variant.id, Branch.id)
    )
    shelves: dict[Variant, list[BranchStock]] = {}
    for variant, branch_id, branch, units in db.session.execute(query):
        shelf = shelves.setdefault(variant, [])
        if branch_id is not None:
            shelf.append(BranchStock(branch_id, branch, max(units, 0)))
    found: dict[int, tuple[VariantView, ...]] = {}
    for variant, shelf in shelves.items():
        found[variant.product_id] = (*found.get(variant.product_id, ()), _view(variant, shelf))
    return found


def _view(variant: Variant, shelf: list[BranchStock]) -> VariantView:
    return VariantView(
        id=variant.id,
        sku=variant.sku,
        label=say(variant.label),
        price_minor=variant.price_minor,
        compare_at_minor=variant.compare_at_minor,
        tax_class=variant.tax_class,
        available=max((branch.available for branch in shelf), default=0),
        stock=tuple(shelf),
    )
