"""Questions that pages and API ask of the promise and the price, put together for one call."""

from dataclasses import dataclass, replace
from typing import Any

from app import orders, pricing, promise
from app.core import clock, freshness
from app.core.errors import DomainError, InvalidInput
from app.core.i18n import _, pick
from app.orders import PlaceRequest
from app.orders.basket import Basket
from app.orders.cart_view import MOST_UNITS
from app.orders.errors import QuoteChanged, SlotUnavailable
from app.promise import ReasonCode, SlotTaken
from blueprints.api.problems import refuse_field
from blueprints.api.shapes import options_shape, zone_shape


@dataclass(frozen=True)
class Want:
    """Where to, how, from which branch, with how much in the cart (None: not told)."""

    zip: str = ""
    kind: str = "driver"
    branch: str = ""
    goods_minor: int | None = None
    items: orders.basket.Items = ()
    line1: str = ""
    city: str = ""

    @property
    def units(self) -> int:
        """How many pieces are in the cart, as far as it was told; never less than one."""
        return max(1, sum(quantity for _sku, quantity in self.items))


def read_items(text: str) -> list[tuple[str, int]]:
    """`SKU:2,SKU:1` of a query; InvalidInput on `items` for anything else."""
    found = []
    for part in filter(None, text.split(",")):
        sku, _colon, quantity = part.strip().rpartition(":")
        if not sku or not quantity.isdecimal() or not 1 <= int(quantity[:4]) <= MOST_UNITS:
            refuse_field("items", _("Write them as SKU:quantity, separated by commas."))
        found.append((sku, int(quantity)))
    return found


def options_for(want: Want) -> tuple[promise.World, promise.Options]:
    """All that can be had now, and the world it was asked in. InvalidInput on `branch` for one that is not there.

    For couriers it asks them first, unless their answer is fresh: never inside a transaction.
    """
    if want.kind == promise.HandOver.courier:
        return _courier_options(want)
    spot = promise.learn_spot(want.zip, want.line1, want.city)
    now = clock.now()
    world = promise.load_world(now)
    branch = next((place for place in world.places if place.code == want.branch), None)
    if want.branch and branch is None:
        refuse_field("branch", promise.Reason(ReasonCode.branch_unknown).message)
    return world, promise.options(
        world,
        promise.Ask(
            now=now,
            zip=want.zip,
            kind=promise.HandOver(want.kind),
            branch_id=branch.id if branch else None,
            goods_minor=want.goods_minor or 0,
            spot=spot,
            items=want.units,
        ),
    )


def _courier_options(want: Want) -> tuple[promise.World, promise.Options]:
    if not want.items:
        refuse_field("items", _("Name the goods: couriers ask what they weigh."))
    orders.ask_couriers_for(want.items, want.zip)
    now = clock.now()
    world = promise.load_world(now)
    return world, promise.options(world, orders.courier_ask(world, now, want.items, want.zip, cash=True))


def say_options(want: Want) -> dict[str, Any]:
    """The answer of delivery-options."""
    world, options = options_for(want)
    return options_shape(world, options, knows_cart=want.goods_minor is not None)


@freshness.one_moment()
def quote_for(items: orders.basket.Items, *, to: Want, courier: str = "") -> dict[str, Any]:
    """The price of now, with delivery once a ZIP is known. InvalidInput on `zip` when it is none."""
    offers = None
    if courier and to.kind == promise.HandOver.courier:
        _world, offers = options_for(replace(to, items=items))
    basket = orders.fill_basket(items)
    chosen = orders.chosen_courier(offers, courier)
    area, said, notice = None, offers.message if offers else "", None
    if to.kind == promise.HandOver.driver and to.zip:
        area, notice, said = _delivery_terms(to, basket)
    quote = orders.price_basket(basket, area, courier=chosen.courier if chosen else None)
    missing = None
    if notice is not None and area is not None:
        missing = {
            "missing_minor": quote.below_minimum_minor,
            "minimum_minor": area.minimum_minor,
            "message": notice.message,
        }
    return _say_quote(basket, quote) | {"zone": zone_shape(area), "below_minimum": missing, "message": said}


def _delivery_terms(to: Want, basket: Basket) -> tuple[promise.Area | None, promise.Reason | None, str]:
    """Zone, what is missing to its minimum, and what there is to say. What is free when is for delivery-options."""
    ask = promise.Ask(
        now=clock.now(),
        zip=to.zip,
        goods_minor=basket.goods_minor,
        spot=promise.learn_spot(to.zip, to.line1, to.city),
        items=basket.item_count,
    )
    found = promise.terms(promise.standing_world(), ask)
    if isinstance(found, promise.Terms):
        return found.area, found.notice, found.notice.message if found.notice else ""
    if found.code is ReasonCode.zip_malformed:
        raise InvalidInput({"zip": found.message})
    return None, None, found.message


def _say_quote(basket: Basket, quote: pricing.Quote) -> dict[str, Any]:
    names = {variant.sku: pick(variant.product.name) for variant, _quantity in basket.lines}
    lines = [
        {**{name: getattr(line, name) for name in line.__dataclass_fields__}, "name": names[line.sku]}
        for line in quote.lines
    ]
    adjustments = [
        {
            "stage": adjustment.stage.value,
            "reason": adjustment.reason.value,
            "label": adjustment.label,
            "amount_minor": adjustment.amount_minor,
            "sku": adjustment.sku,
        }
        for adjustment in quote.adjustments
    ]
    return {
        "currency": quote.currency,
        "lines": lines,
        "adjustments": adjustments,
        "totals": quote.totals(),
        "tax_included_minor": quote.tax_included_minor,
        "fingerprint": quote.fingerprint,
    }


def slot_refusal(refused: DomainError, wanted: PlaceRequest) -> SlotUnavailable:
    """The refusal of a promise with what can be had instead, read after the refusal."""
    basket = orders.fill_basket(wanted.items)
    address = wanted.address
    want = Want(
        address.zip,
        wanted.kind,
        wanted.branch,
        basket.goods_minor,
        wanted.items,
        address.line1,
        address.city,
    )
    reason = ReasonCode.slot_full.value if isinstance(refused, SlotTaken) else refused.data.get("reason")
    return SlotUnavailable(why=str(refused), reason=reason, options=say_options(want))


def courier_refusal(refused: QuoteChanged, wanted: PlaceRequest) -> QuoteChanged:
    """The refusal of a price with what the couriers ask now."""
    want = Want(wanted.address.zip, wanted.kind, items=wanted.items)
    return QuoteChanged(**refused.data, couriers=say_options(want)["couriers"])
