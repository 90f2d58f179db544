"""The SQL of the shelf: what can be seen now, which variant stands in front of it, how many there are."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.sql.selectable import TableValuedAlias

from app.catalog.models import Product, Variant
from app.catalog.units import STOCK, UNITS
from app.catalog.views import Filters
from app.core.money import Minor
from app.stores.models import Branch


def is_published(now: datetime) -> ColumnElement[bool]:
    """Whether a product is switched on and inside its dates."""
    return and_(
        Product.active,
        or_(Product.published_from.is_(None), Product.published_from <= now),
        or_(Product.published_until.is_(None), Product.published_until > now),
    )


def select_shelf(
    now: datetime,
    category_ids: Collection[int],
    found: CTE | None = None,
    asked: Mapping[int, Minor] | None = None,
) -> CTE:
    """What these categories show now, one row a product, with the variant in front: price, units, sort keys.

    `asked` are the prices (by variant) that are others than the shelf's for whoever is looking: `asked_minor` is what
    to sort and filter by, `price_minor` what the shelf says.

    `found` (product_id, rank) narrows it to what a search found. Each join has a key of the joined table to go by, so
    that the plan is sound also while PostgreSQL knows nothing of the rows, as after an import.
    """
    lead = _lead_variants()
    rank = found.c.rank if found is not None else literal(0)
    shown = (
        select(
            Product.id,
            Product.category_id,
            Product.brand,
            Product.tags,
            Product.rating_centi,
            Product.rating_count,
            Product.sold_count,
            Product.rx_required,
            func.coalesce(Product.published_from, Product.created_at).label("since"),
        )
        .where(Product.id == lead.c.product_id, is_published(now), Product.category_id.in_(category_ids))
        .offset(0)  # kept as it stands: looked up by key, never walked once for every variant
        .lateral("shown")
    )
    joined, price = lead.join(shown, true()), lead.c.price_minor.expression
    if asked:
        own = _price_table(asked)
        joined = joined.outerjoin(own, own.c.variant_id == lead.c.variant_id)
        price = func.coalesce(own.c.minor, lead.c.price_minor)
    query = select(
        shown,
        rank.label("rank"),
        *(column for column in lead.c if column.name not in {"product_id", "variant_id"}),
        price.label("asked_minor"),
    ).select_from(joined)
    if found is not None:
        query = query.join(found, found.c.product_id == lead.c.product_id)
    return query.cte("shelf")


def _price_table(prices: Mapping[int, Minor]) -> TableValuedAlias:
    """The prices as rows (variant_id, minor)."""
    columns = (cast(list(part), ARRAY(BigInteger)) for part in (prices.keys(), prices.values()))
    return func.unnest(*columns).table_valued("variant_id", "minor", name="own").render_derived()


def chosen(filters: Filters, shelf: CTE, *, without: Collection[str] = ()) -> list[ColumnElement[bool]]:
    """The filters over a shelf, but for those named: brands, tags, low, high, in_stock, rating."""
    row = shelf.c
    tests: dict[str, ColumnElement[bool] | None] = {
        "brands": row.brand.in_(filters.brands) if filters.brands else None,
        "tags": row.tags.contains(list(filters.tags)) if filters.tags else None,
        "low": row.asked_minor >= filters.price_low_minor if filters.price_low_minor is not None else None,
        "high": row.asked_minor <= filters.price_high_minor if filters.price_high_minor is not None else None,
        "in_stock": row.units > 0 if filters.in_stock else None,
        "rating": row.rating_centi >= filters.min_rating_centi if filters.min_rating_centi else None,
    }
    return [test for name, test in tests.items() if test is not None and name not in without]


def _lead_variants() -> Subquery:
    """One variant of each product: the first in staff's order that can be bought, else the first."""
    variant = _stocked_variants().c
    first = func.first_value(variant.id).over(
        partition_by=variant.product_id, order_by=(variant.position, variant.id)
    )
    return (
        select(
            variant.product_id,
            variant.id.label("variant_id"),
            variant.sku,
            variant.label,
            variant.price_minor,
            variant.compare_at_minor,
            variant.units,
            (first == variant.id).label("is_first"),
        )
        .ext(distinct_on(variant.product_id))
        .order_by(variant.product_id, (variant.units > 0).desc(), variant.position, variant.id)
        .subquery("lead")
    )


def _stocked_variants() -> Subquery:
    """The active variants with the units of the best-stocked active branch."""
    best = func.max(case((Branch.active, UNITS)))
    return (
        select(
            Variant.id,
            Variant.product_id,
            Variant.sku,
            Variant.label,
            Variant.price_minor,
            Variant.compare_at_minor,
            Variant.position,
            func.coalesce(best, 0).label("units"),
        )
        .outerjoin(STOCK, STOCK.c.variant_id == Variant.id)
        .outerjoin(Branch, Branch.id == STOCK.c.branch_id)
        .where(Variant.active)
        .group_by(Variant.store_id, Variant.id)
        .subquery("stocked")
    )
