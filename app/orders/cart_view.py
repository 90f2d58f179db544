"""A cart as pages show it: what of it is sold and left, at today's price, and what had to be changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from app import inventory, pricing, promise, stores
from app.catalog.models import Product, ProductPhoto, Variant
from app.catalog.on_sale import sellable_variants
from app.core.db import db
from app.core.i18n import _, _n, pick
from app.orders.basket import Basket, Items, most_allowed, price_basket
from app.orders.limits import find_overruns
from app.orders.models import Order

MOST_LINES, MOST_UNITS = 100, 99
FEW = 5
"""From here on down the shelf says how many are left."""


@dataclass(frozen=True)
class Fit:
    """The part of a wish that can be ordered. `messages` says each change; `limits` is by variant id."""

    lines: tuple[tuple[Variant, int], ...]
    limits: dict[int, int]
    left: dict[int, int]
    messages: tuple[str, ...] = ()

    @property
    def items(self) -> list[tuple[str, int]]:
        return [(variant.sku, quantity) for variant, quantity in self.lines]


@dataclass(frozen=True)
class CartLineView:
    """One line; amounts in minor units. `max_qty` is what may be ordered, `note` what there is to say about it."""

    sku: str
    name: str
    subtitle: str
    slug: str
    image_path: str
    hue: int
    qty: int
    unit_minor: int
    line_total_minor: int
    available: int
    max_qty: int
    note: str


@dataclass(frozen=True)
class CartView:
    """The cart with its quote (None when it is empty). `area` is where it would go, as far as that is known."""

    lines: tuple[CartLineView, ...]
    quote: pricing.Quote | None
    area: promise.Area | None
    messages: tuple[str, ...]
    min_age: int

    @property
    def count(self) -> int:
        return sum(line.qty for line in self.lines)

    @property
    def total_minor(self) -> int:
        return self.quote.total_minor if self.quote else 0

    @property
    def goods_minor(self) -> int:
        return self.quote.goods_minor if self.quote else 0

    @property
    def items(self) -> list[tuple[str, int]]:
        return [(line.sku, line.qty) for line in self.lines]


def merge_items(items: Iterable[tuple[str, int]]) -> dict[str, int]:
    """SKU → units in first-seen order; what is below one or beyond MOST_LINES falls away."""
    wanted: dict[str, int] = {}
    for sku, quantity in items:
        if quantity > 0 and (sku in wanted or len(wanted) < MOST_LINES):
            wanted[sku] = min(wanted.get(sku, 0) + quantity, MOST_UNITS)
    return wanted


def fit_items(
    items: Items,
    branch_id: int | None = None,
    customer_id: int | None = None,
    known: Mapping[str, Variant] | None = None,
) -> Fit:
    """Clip the wish to what is sold, left (at the branch, or the best-stocked one) and allowed to this person.

    `known` are the goods on sale among the items when somebody has just read them.
    """
    wanted = merge_items(items)
    if known is None:
        known = sellable_variants(list(wanted)) if wanted else {}
    found = dict(known)
    left = inventory.available(branch_id, [variant.id for variant in found.values()]) if found else {}
    lines: list[tuple[Variant, int]] = []
    messages: list[str] = []
    limits: dict[int, int] = {}
    gone = _names_of([sku for sku in wanted if sku not in found])
    for sku, quantity in wanted.items():
        variant = found.get(sku)
        most, why = _limit(gone.get(sku, sku), variant, left)
        if quantity > most:
            messages.append(why)
        if variant is not None and (kept := min(quantity, most)):
            lines.append((variant, kept))
            limits[variant.id] = most
    for overrun in find_overruns(lines, customer_id):
        messages.append(overrun.why)
        limits[overrun.variant_id] = overrun.allowed
    lines = [(variant, kept) for variant, n in lines if (kept := min(n, limits[variant.id]))]
    return Fit(tuple(lines), limits, left, tuple(dict.fromkeys(messages)))


def _names_of(skus: list[str]) -> dict[str, str]:
    """SKU → name, of goods that are not sold any more; asked for only when there are such."""
    if not skus:
        return {}
    query = select(Variant.sku, Product.name).join(Product, Product.id == Variant.product_id)
    return {sku: pick(name) for sku, name in db.session.execute(query.where(Variant.sku.in_(skus)))}


def _limit(called: str, variant: Variant | None, left: dict[int, int]) -> tuple[int, str]:
    """How many may be ordered, and what to say to whoever wanted more."""
    if variant is None:
        return 0, _("%(sku)s is no longer sold, so we took it out of your cart.", sku=called)
    product, units = variant.product, max(0, left.get(variant.id, 0))
    name = pick(product.name)
    if product.rx_required:
        return 0, _("%(name)s is sold by prescription only, so we took it out of your cart.", name=name)
    if not units:
        return 0, _("%(name)s is out of stock, so we took it out of your cart.", name=name)
    if (most := most_allowed(variant)) is not None and most <= units:
        return most, _("You can order at most %(limit)s of %(name)s.", limit=most, name=name)
    return min(units, MOST_UNITS), _n(
        "Only %(num)d of %(name)s is left, so we changed the quantity.",
        "Only %(num)d of %(name)s are left, so we changed the quantity.",
        units,
        name=name,
    )


def view_cart(
    items: Items,
    *,
    area: promise.Area | None = None,
    branch_id: int | None = None,
    customer_id: int | None = None,
    courier: promise.Courier | None = None,
    known: Mapping[str, Variant] | None = None,
    wallet_minor: int = 0,
) -> CartView:
    """The cart for a page: clipped lines at today's prices, quoted with the area's delivery when it is known.

    Three queries. Never raises for what is in the cart: it says what had to go.
    """
    fit = fit_items(items, branch_id, customer_id, known)
    basket = Basket(fit.lines)
    quote = price_basket(basket, area, courier=courier, wallet_minor=wallet_minor) if fit.lines else None
    covers = _covers([variant.product_id for variant, _quantity in fit.lines])
    priced = {line.variant_id: line for line in quote.lines} if quote else {}
    lines = tuple(
        CartLineView(
            sku=variant.sku,
            name=pick(variant.product.name),
            subtitle=pick(variant.label) or pick(variant.product.subtitle),
            slug=variant.product.slug,
            image_path=covers.get(variant.product_id, ""),
            hue=variant.product.hue,
            qty=quantity,
            unit_minor=priced[variant.id].unit_minor,
            line_total_minor=priced[variant.id].net_minor,
            available=fit.left.get(variant.id, 0),
            max_qty=fit.limits[variant.id],
            note=_note(variant, quantity, fit),
        )
        for variant, quantity in fit.lines
    )
    return CartView(lines, quote, area, fit.messages, basket.min_age if fit.lines else 0)


def _note(variant: Variant, quantity: int, fit: Fit) -> str:
    left, limit = fit.left.get(variant.id, 0), most_allowed(variant)
    if limit is not None and quantity >= limit:
        return _("At most %(limit)s in one order", limit=limit)
    return _n("Last %(num)d on the shelf", "Last %(num)d on the shelf", left) if left <= FEW else ""


@dataclass(frozen=True)
class Cover:
    """How a product looks today."""

    path: str
    hue: int
    slug: str


def order_covers(order: Order) -> dict[int, Cover]:
    """Variant id → how its product looks today, for the lines of an order; two queries."""
    return variant_covers([line.variant_id for line in order.lines])


def variant_covers(variant_ids: list[int]) -> dict[int, Cover]:
    """Variant id → how its product looks today; two queries."""
    query = (
        select(Variant.id, Product.id, Product.hue, Product.slug)
        .join(Product, Product.id == Variant.product_id)
        .where(Variant.id.in_(variant_ids))
    )
    rows = db.session.execute(query).all()
    paths = _covers([product_id for _variant_id, product_id, _hue, _slug in rows])
    return {
        variant_id: Cover(paths.get(product_id, ""), hue, slug) for variant_id, product_id, hue, slug in rows
    }


def _covers(product_ids: list[int]) -> dict[int, str]:
    if not product_ids:
        return {}
    photo = ProductPhoto
    query = select(photo.product_id, photo.path).where(photo.product_id.in_(product_ids))
    last_first = query.order_by(photo.position.desc(), photo.id.desc())
    return {row.product_id: row.path for row in db.session.execute(last_first)}


def store_has(capability: str) -> bool:
    """Whether the current store hands goods over this way."""
    return capability in stores.current_store().capabilities
