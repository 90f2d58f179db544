"""What somebody wants to buy, priced: the one way from (SKU, quantity) to a quote, for pages, API and placing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from app import pricing, promise, stores
from app.catalog.models import Category, Variant
from app.catalog.on_sale import copies_on_sale, sellable_variants
from app.catalog.prices import Buyer, UnitPrice, load_prices
from app.core.i18n import pick
from app.orders.errors import EmptyCart, OverLimit, PrescriptionNeeded, UnknownItem

Items = Sequence[tuple[str, int]]
"""(SKU, quantity) pairs as a client names them."""


@dataclass(frozen=True)
class Basket:
    """Sellable variants with their quantities, in the order they were named, and who buys them.

    `buyer` None is whoever is asking at the moment.
    """

    lines: tuple[tuple[Variant, int], ...]
    buyer: Buyer | None = None

    @property
    def quantities(self) -> dict[int, int]:
        """Variant id → units."""
        return {variant.id: quantity for variant, quantity in self.lines}

    @cached_property
    def prices(self) -> dict[int, UnitPrice]:
        """Variant id → what one unit costs the buyer; asked for once."""
        return load_prices([variant for variant, _quantity in self.lines], self.buyer)

    @property
    def goods_minor(self) -> int:
        """What the goods cost before anything else; only for asking the promise about thresholds."""
        return sum(self.prices[variant.id].unit_minor * quantity for variant, quantity in self.lines)

    @property
    def item_count(self) -> int:
        """Units of all lines together."""
        return sum(quantity for _variant, quantity in self.lines)

    @cached_property
    def min_age(self) -> int:
        """The highest age asked for by the store, a product, its category or one above that."""
        goods = [variant.product for variant, _quantity in self.lines]
        drawers = [age for product in goods for age in _ages_above(product.category)]
        return max(stores.current_store().min_age, *drawers, *(product.min_age for product in goods), 0)


def _ages_above(category: Category | None) -> Iterator[int]:
    """The ages that a category and those above it ask for; the first two levels are there already."""
    while category is not None:
        yield category.min_age
        category = category.parent


def most_allowed(variant: Variant) -> int | None:
    """How many of it one order may hold; None when only the shelf sets a limit. The one place of purchase limits."""
    return variant.product.max_per_order


def fill_basket(items: Items, buyer: Buyer | None = None) -> Basket:
    """The items as something that the buyer may order.

    For a named buyer the database is asked: so are orders placed. Without one it is for whoever is looking, and then
    what this process keeps will do.

    Raises EmptyCart, UnknownItem, PrescriptionNeeded, OverLimit: the first thing that is wrong.
    """
    wanted: dict[str, int] = {}
    for sku, quantity in items:
        wanted[sku] = wanted.get(sku, 0) + quantity
    if not wanted or any(quantity < 1 for quantity in wanted.values()):
        raise EmptyCart
    found = (sellable_variants if buyer else copies_on_sale)(list(wanted))
    for sku, quantity in wanted.items():
        if (variant := found.get(sku)) is None:
            raise UnknownItem(sku=sku)
        product = variant.product
        if product.rx_required:
            raise PrescriptionNeeded(sku=sku, name=pick(product.name))
        if (most := most_allowed(variant)) is not None and quantity > most:
            raise OverLimit(sku=sku, name=pick(product.name), limit=most)
    return Basket(tuple((found[sku], quantity) for sku, quantity in wanted.items()), buyer)


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
    lines = [_line(variant, quantity, basket.prices[variant.id]) for variant, quantity in basket.lines]
    context = pricing.Context(
        currency=store.currency,
        tax_rates_bp=store.tax_rates_bp,
        tax_inclusive=store.tax_inclusive,
        delivery=terms,
        wallet_minor=wallet_minor,
    )
    return pricing.quote(lines, context)


def _line(variant: Variant, quantity: int, price: UnitPrice) -> pricing.LineInput:
    return pricing.LineInput(
        sku=variant.sku,
        variant_id=variant.id,
        qty=quantity,
        unit_minor=price.unit_minor,
        tax_class=variant.tax_class,
        compare_at_minor=price.compare_at_minor,
        list_minor=price.list_minor,
        price_kind=price.kind.value if price.kind else "",
        price_note=price.note,
    )
