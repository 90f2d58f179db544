"""Cards and product pages at the buyer's own prices: every question of the catalogue ends here.

What comes in carries the shelf's prices, what goes out those of the buyer.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from app.catalog.prices import Buyer, UnitPrice, price_skus
from app.catalog.views import ProductCard, ProductView, VariantView

Shown = TypeVar("Shown", ProductCard, VariantView)


def price_cards(cards: Iterable[ProductCard], buyer: Buyer | None = None) -> tuple[ProductCard, ...]:
    """The cards at the buyer's prices (by default those of whoever is asking); one query."""
    shown = tuple(cards)
    prices = price_skus({card.sku: (card.price_minor, card.compare_at_minor) for card in shown}, buyer)
    return tuple(_priced(card, prices.get(card.sku)) for card in shown)


def price_variants(variants: Iterable[VariantView], buyer: Buyer | None = None) -> tuple[VariantView, ...]:
    """The variants at the buyer's prices; one query."""
    shown = tuple(variants)
    prices = price_skus({one.sku: (one.price_minor, one.compare_at_minor) for one in shown}, buyer)
    return tuple(_priced(one, prices.get(one.sku)) for one in shown)


def price_product(view: ProductView, buyer: Buyer | None = None) -> ProductView:
    """The product, its variants and its neighbours at the buyer's prices; one query."""
    shelf = {one.sku: (one.price_minor, one.compare_at_minor) for one in view.variants}
    shelf |= {card.sku: (card.price_minor, card.compare_at_minor) for card in view.related}
    prices = price_skus(shelf, buyer)
    if not prices:
        return view
    return replace(
        view,
        variants=tuple(_priced(one, prices.get(one.sku)) for one in view.variants),
        related=tuple(_priced(card, prices.get(card.sku)) for card in view.related),
    )


def _priced(shown: Shown, price: UnitPrice | None) -> Shown:
    if price is None:
        return shown
    return replace(shown, price_minor=price.unit_minor, compare_at_minor=price.compare_at_minor)
