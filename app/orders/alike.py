"""What might do instead of something that cannot be had: of the same drawer, on the same shelf, at about that price."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select

from app import inventory
from app.catalog.models import Product, Variant
from app.catalog.on_sale import sellable_variants
from app.catalog.prices import buyer_of, load_prices
from app.core.db import db
from app.core.i18n import pick
from app.orders.models import Order, OrderLine

SHOWN, LOOKED_AT = 12, 40
"""For each line: so many are shown, the nearest of so many."""


@dataclass(frozen=True)
class Alike:
    """Something that is on the branch's shelf. `left` units are free."""

    sku: str
    name: str
    unit_minor: int
    left: int


def find_alike(order: Order) -> dict[str, list[Alike]]:
    """For the SKU of each line what staff may offer, the nearest in price first. Four queries."""
    categories = {line.sku: line.variant.product.category_id for line in order.lines}
    candidates = _candidates(set(categories.values()), [line.variant_id for line in order.lines])
    found = sellable_variants(candidates)
    left = inventory.available(order.branch_id, [variant.id for variant in found.values()])
    prices = load_prices(found.values(), buyer_of(order.customer_id))
    shelf: dict[int, list[Alike]] = defaultdict(list)
    for variant in found.values():
        if left.get(variant.id, 0) > 0:
            shelf[variant.product.category_id].append(
                _alike(variant, prices[variant.id].unit_minor, left[variant.id])
            )
    return {line.sku: _nearest(line, shelf[categories[line.sku]]) for line in order.lines}


def _candidates(category_ids: set[int], not_ids: list[int]) -> list[str]:
    """SKUs of these categories, not of the order itself; so many of each category at most."""
    rank = func.row_number().over(partition_by=Product.category_id, order_by=Variant.id)
    each = (
        select(Variant.sku, rank.label("place"))
        .join(Product, Product.id == Variant.product_id)
        .where(Product.category_id.in_(category_ids), Product.rx_required.is_(False))
        .where(Variant.active, Variant.id.not_in(not_ids))
        .subquery()
    )
    return list(db.session.scalars(select(each.c.sku).where(each.c.place <= LOOKED_AT)))


def _alike(variant: Variant, unit_minor: int, left: int) -> Alike:
    name = " ".join(part for part in (pick(variant.product.name), pick(variant.label)) if part)
    return Alike(variant.sku, name, unit_minor, left)


def _nearest(line: OrderLine, shelf: list[Alike]) -> list[Alike]:
    return sorted(shelf, key=lambda one: (abs(one.unit_minor - line.unit_minor), one.sku))[:SHOWN]
