"""From what services give to what the API answers: names and URLs, no rules."""

from collections.abc import Mapping
from typing import Any

from app import catalog, orders, promise, shipping, stores
from app.catalog import CategoryView, ProductCard, ProductView, VariantView
from app.core.actor import Actor
from app.core.i18n import LOCALES, pick
from app.core.money import exponent
from app.orders import Details, Kind, Order
from app.orders.settling import open_minor
from app.orders.states import allowed
from app.payments import attempts, methods
from app.promise import Options, Place, Reason
from app.web.pictures import picture_url


def image_url(path: str) -> str | None:
    """The absolute address of a picture below the static folder."""
    return picture_url(path, absolute=True) or None


def store_shape(world: promise.World) -> dict[str, Any]:
    """The store of the request with its branches."""
    store = stores.current_store()
    return {
        **{name: getattr(store, name) for name in store.__dataclass_fields__},
        "tagline": pick(store.tagline, default=store.default_locale),
        "currency_exponent": exponent(store.currency),
        "locales": list(LOCALES),
        "payment_methods": methods.open_codes(),
        "branches": [_branch(place) for place in world.places],
    }


def _branch(place: Place) -> dict[str, Any]:
    hours = [
        {"weekday": day, "opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}"}
        for day, spans in sorted(place.weekly.items())
        for opens, closes in spans
    ]
    return {
        "code": place.code,
        "name": place.name,
        "lat": place.lat,
        "lng": place.lng,
        "kinds": sorted(place.kinds),
        "hours": hours,
    }


def category_shape(view: CategoryView) -> dict[str, Any]:
    """A category with what is inside it."""
    return {
        "slug": view.slug,
        "name": view.name,
        "description": view.description,
        "min_age": view.min_age,
        "count": view.count,
        "children": [category_shape(child) for child in view.children],
    }


def listing_shape(
    page: catalog.Page, variants: Mapping[int, tuple[VariantView, ...]]
) -> list[dict[str, Any]]:
    """The products of a page."""
    return [_product(card, card.category_slug, variants.get(card.id, ())) for card in page.items]


def product_shape(view: ProductView) -> dict[str, Any]:
    """A product's own page."""
    return _product(view, view.category.slug, view.variants) | {
        "description": view.description,
        "tags": list(view.tags),
        "images": [image_url(photo.path) for photo in view.photos],
    }


def _product(
    view: ProductCard | ProductView, category: str, variants: tuple[VariantView, ...]
) -> dict[str, Any]:
    return {
        "slug": view.slug,
        "name": view.name,
        "subtitle": view.subtitle,
        "brand": view.brand,
        "category": category,
        "image_url": image_url(view.image_path),
        "rating": view.rating_centi / 100 if view.rating_count else None,
        "rating_count": view.rating_count,
        "rx_required": view.rx_required,
        "age_min": view.age_min,
        "max_per_order": view.max_per_order,
        "variants": [
            {
                "sku": variant.sku,
                "name": variant.label or view.name,
                "price_minor": variant.price_minor,
                "compare_at_minor": variant.compare_at_minor,
                "available": variant.available,
            }
            for variant in variants
        ],
    }


def zone_shape(area: promise.Area | None) -> dict[str, Any] | None:
    """A zone's terms."""
    if area is None:
        return None
    return {
        "name": area.name,
        "minimum_minor": area.minimum_minor,
        "fee_minor": area.fee_minor,
        "free_from_minor": area.free_from_minor,
        "eta_minutes": list(area.eta_minutes),
    }


def fee_shape(fee: promise.Fee | None) -> dict[str, Any] | None:
    """How the delivery fee comes about."""
    if fee is None:
        return None
    return {
        "base_minor": fee.base_minor,
        "extra_minor": fee.band.extra_minor if fee.band else 0,
        "total_minor": fee.total_minor,
        "metres": fee.metres,
        "from_metres": fee.band.from_metres if fee.band else None,
        "free_from_minor": fee.free_from_minor,
    }


def why_shape(why: promise.Why) -> dict[str, Any]:
    """One fact behind the answer."""
    return {
        "about": why.about,
        "offered": why.offered,
        "reason": why.code or None,
        "message": why.message,
        "count": why.count,
    }


def options_shape(world: promise.World, options: Options, *, knows_cart: bool) -> dict[str, Any]:
    """delivery-options. What is missing to a minimum order is said only to those who told what is in the cart."""
    said = options.message if knows_cart else (options.reason.message if options.reason else "")
    return {
        "zone": zone_shape(options.area),
        "fee": fee_shape(options.fee),
        "express": {
            **_offered(options.express.offered, options.express.reason),
            "eta_minutes": list(options.express.eta_minutes) if options.express.eta_minutes else None,
        },
        "slots": [
            {
                "slot": slot.starts_at.isoformat(),
                "until": slot.ends_at.isoformat(),
                "left": slot.left,
                **_offered(slot.offered, slot.reason),
            }
            for slot in options.slots
        ],
        "pickup": [
            {
                "branch": counter.place.code,
                "name": counter.place.name,
                "ready_at": counter.ready_at.isoformat() if counter.ready_at else None,
                **_offered(counter.offered, counter.reason),
            }
            for counter in options.pickup
        ],
        "couriers": [courier_shape(offer) for offer in options.couriers],
        "message": said,
        "why": [why_shape(why) for why in promise.explain(world, options)],
    }


def courier_shape(offer: promise.CourierOffer) -> dict[str, Any]:
    """One courier, with its price or why there is none."""
    arrives = offer.arrives
    return {
        "courier": offer.courier.reference,
        "name": offer.courier.name,
        "fee_minor": offer.courier.fee_minor,
        "arrives_from": arrives[0].isoformat() if arrives else None,
        "arrives_until": arrives[1].isoformat() if arrives else None,
        "takes_cash": offer.courier.takes_cash,
        **_offered(offer.offered, offer.reason),
    }


def _offered(offered: bool, reason: Reason | None) -> dict[str, Any]:
    return {
        "offered": offered,
        "reason": reason.code.value if reason else None,
        "message": reason.message if reason else "",
    }


def handed(asked: dict[str, Any]) -> Details:
    """What a driver or the counter says of a handing over."""
    return Details(
        cash_received_minor=asked["cash_received_minor"],
        change_to_wallet_minor=asked["change_to_wallet_minor"] or 0,
        id_checked=bool(asked["id_checked"]),
        birth_date=asked["birth_date"],
        pickup_code=asked.get("pickup_code") or "",
    )


TOTALS = (
    "goods_minor",
    "discount_minor",
    "delivery_minor",
    "tax_minor",
    "wallet_minor",
    "total_minor",
    "due_minor",
)


def summary_shape(order: Order) -> dict[str, Any]:
    """An order in a list."""
    return {
        "code": order.code,
        "kind": order.kind.value,
        "status": order.status.value,
        "payment_status": order.payment_status.value,
        "currency": order.currency,
        "total_minor": order.total_minor,
        "due_minor": order.due_minor,
        "item_count": order.item_count,
        "placed_at": order.placed_at,
        "tracking_url": orders.tracking_url(order.code),
    }


def order_shape(order: Order, actor: Actor) -> dict[str, Any]:
    """An order whole, as one who may see it sees it."""
    columns = {column.key: getattr(order, column.key) for column in Order.__table__.columns}
    return columns | {
        "kind": order.kind.value,
        "status": order.status.value,
        "payment_status": order.payment_status.value,
        "totals": {name: columns[name] for name in TOTALS},
        "tracking_url": orders.tracking_url(order.code),
        "pickup_code": order.pickup_code if order.customer_id == actor.customer_id else None,
        "promised": {"from_": order.promised_from, "until": order.promised_until},
        "branch": order.branch.code,
        "address": {"lat": None, "lng": None, **order.address} if order.address else None,
        "parcel": _parcel(order),
        "payment": payment_shape(order),
        "lines": [_line(line) for line in order.lines],
        "allowed": [action.value for action in allowed(order.kind, order.status, actor.roles)],
    }


def payment_shape(order: Order) -> dict[str, Any] | None:
    """The last try to pay the order, and where to go for it; None for one that is paid in cash."""
    tried = attempts.attempts_of(order.id)
    if not tried:
        return None
    last = tried[-1]
    names = ("method", "amount_minor", "currency", "expires_at")
    return {name: getattr(last, name) for name in names} | {
        "attempt": last.number,
        "status": last.status.value,
        "open_minor": open_minor(order),
        "url": orders.payment_url(order.code),
    }


def _parcel(order: Order) -> dict[str, Any] | None:
    if order.kind is not Kind.courier or (shipment := shipping.shipment_of(order.id)) is None:
        return None
    return {
        "courier": shipment.name,
        "status": shipment.status.value,
        "title": str(shipping.WORDS[shipment.status]),
        "waybill": shipment.waybill,
        "tracking_url": shipment.tracking_url,
    }


def _line(line: orders.OrderLine) -> dict[str, Any]:
    default = stores.current_store().default_locale
    amounts = {
        name: getattr(line, name)
        for name in ("sku", "quantity", "unit_minor", "discount_minor", "net_minor", "tax_minor")
    }
    return amounts | {"name": pick(line.name, default=default), "label": pick(line.label, default=default)}
