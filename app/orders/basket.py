"""What somebody wants to buy, priced: the one way from (SKU, quantity) to a quote, for pages, API and placing."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app import pricing, promise, stores
from app.catalog.models import Category, Product, Variant
from app.core import clock
from app.core.db import db
from app.core.i18n import pick
from app.orders.errors import EmptyCart, OverLimit, PrescriptionNeeded, UnknownItem

Items = Sequence[tuple[str, int]]
"""(SKU, quantity) pairs as a client names them."""


@dataclass(frozen=True)
class Basket:
    """Sellable variants with their quantities, in the order they were named."""

    lines: tuple[tuple[Variant, int], ...]

    @property
    def quantities(self) -> dict[int, int]:
        """Variant id → units."""
        return {variant.id: quantity for variant, quantity in self.lines}

    @property
    def goods_minor(self) -> int:
        """What the goods cost before anything else; only for asking the promise about thresholds."""
        return sum(variant.price_minor * quantity for variant, quantity in self.lines)

    @property
    def item_count(self) -> int:
        """Units of all lines together."""
        return sum(quantity for _variant, quantity in self.lines)

    @property
    def min_age(self) -> int:
        """The highest age asked for by the store, a category or a product."""
        ages = [stores.current_store().min_age]
        for variant, _quantity in self.lines:
            ages += [variant.product.min_age, variant.product.category.min_age]
        return max(ages)


def sellable_variants(skus: Sequence[str]) -> dict[str, Variant]:
    """SKU → variant for those that are active and published now, with product and category; one query."""
    now = clock.now()
    query = (
        select(Variant)
        .join(Product, Product.id == Variant.product_id)
        .join(Category, Category.id == Product.category_id)
        .where(Variant.sku.in_(skus), Variant.active, Product.active, Category.active)
        .where(or_(Product.published_from.is_(None), Product.published_from <= now))
        .where(or_(Product.published_until.is_(None), Product.published_until > now))
        .options(joinedload(Variant.product).joinedload(Product.category))
    )
    return {variant.sku: variant for variant in db.session.scalars(query)}


def most_allowed(variant: Variant) -> int | None:
    """How many of it one order may hold; None when only the shelf sets a limit. The one place of purchase limits."""
    return variant.product.max_per_order


def fill_basket(items: Items) -> Basket:
    """The items as something that may be ordered.

    Raises EmptyCart, UnknownItem, PrescriptionNeeded, OverLimit: the first thing that is wrong.
    """
    wanted: dict[str, int] = {}
    for sku, quantity in items:
        wanted[sku] = wanted.get(sku, 0) + quantity
    if not wanted or any(quantity < 1 for quantity in wanted.values()):
        raise EmptyCart
    found = sellable_variants(list(wanted))
    for sku, quantity in wanted.items():
        if (variant := found.get(sku)) is None:
            raise UnknownItem(sku=sku)
        product = variant.product
        if product.rx_required:
            raise PrescriptionNeeded(sku=sku, name=pick(product.name))
        if (most := most_allowed(variant)) is not None and quantity > most:
            raise OverLimit(sku=sku, name=pick(product.name), limit=most)
    return Basket(tuple((found[sku], quantity) for sku, quantity in wanted.items()))


def price_basket(
    basket: Basket,
    area: promise.Area | None,
    *,
    wallet_minor: int = 0,
    courier: promise.Courier | None = None,
) -> pricing.Quote:
    """The quote for these goods brought to this area, or by this courier; with neither nothing is brought."""
    store = stores.current_store()
    terms = None
    if courier is not None:
        terms = pricing.DeliveryTerms(courier.fee_minor or 0, label=courier.name)
    elif area is not None:
        terms = pricing.DeliveryTerms(area.fee_minor, area.free_from_minor, area.minimum_minor, area.name)
    lines = [
        pricing.LineInput(
            sku=variant.sku,
            variant_id=variant.id,
            qty=quantity,
            unit_minor=variant.price_minor,
            tax_class=variant.tax_class,
            compare_at_minor=variant.compare_at_minor,
        )
        for variant, quantity in basket.lines
    ]
    context = pricing.Context(
        currency=store.currency,
        tax_rates_bp=store.tax_rates_bp,
        tax_inclusive=store.tax_inclusive,
        delivery=terms,
        wallet_minor=wallet_minor,
    )
    return pricing.quote(lines, context)
