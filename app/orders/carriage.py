"""By courier: which branch sends, what the parcel is, who would carry it for how much.

The couriers are asked before anything is decided and outside any transaction (`ask_couriers_for`); pages, API and
the placing itself then read the same kept answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app import inventory, promise, shipping
from app.catalog.models import Variant
from app.catalog.on_sale import sellable_variants
from app.core import clock
from app.core.geo import distance_m
from app.orders.basket import Basket
from app.orders.cart_view import merge_items
from app.orders.models import Order
from app.promise import Reason, ReasonCode
from app.shipping import Carriage, Door, Parcel

LIGHT_G = 200
"""What a product weighs whose weight nobody wrote down."""
NAMES = {
    "jne": "JNE",
    "jnt": "J&T",
    "sicepat": "SiCepat",
    "anteraja": "AnterAja",
    "gojek": "GoSend",
    "grab": "GrabExpress",
}
"""How couriers are called that answered nothing."""
Lines = Sequence[tuple[Variant, int]]


@dataclass(frozen=True)
class Sending:
    """What would be carried from where to where."""

    place: promise.Place
    parcel: Parcel


@dataclass(frozen=True)
class Asked:
    """What was read while the couriers were asked, for whoever looks at the same cart in the same request."""

    items: Sequence[tuple[str, int]]
    world: promise.World
    lines: Lines
    sending: Sending
    answer: shipping.Answer


def ask_couriers_for(items: Sequence[tuple[str, int]], zip_code: str) -> Asked | None:
    """Have fresh prices for these goods to this postal code. Must not run inside a transaction (RuntimeError).

    Does nothing where no courier could come; a provider that does not answer is kept as such. None, too, when
    somebody had to be asked: the transaction of what was read before has ended then.
    """
    lines, world = _lines(items), promise.load_world(clock.now())
    sending = _sending(world, lines, zip_code)
    if sending is None or not shipping.currency_is_carried():
        return None
    if (kept := shipping.find_answer(sending.parcel)) is not None:
        return Asked(items, world, lines, sending, kept)
    shipping.ask_couriers(sending.parcel)
    return None


def courier_ask(
    world: promise.World,
    now: datetime,
    items: Sequence[tuple[str, int]],
    zip_code: str,
    *,
    cash: bool,
    asked: Asked | None = None,
) -> promise.Ask:
    """The promise's question with all that the couriers have answered so far. Reads only; with `asked`, nothing."""
    lines = asked.lines if asked else _lines(items)
    sending = asked.sending if asked else _sending(world, lines, zip_code)
    return promise.Ask(
        now=now,
        zip=zip_code,
        kind=promise.HandOver.courier,
        branch_id=sending.place.id if sending else None,
        goods_minor=Basket(tuple(lines)).goods_minor,
        couriers=_couriers(sending, lines, asked.answer if asked else None),
        cash=cash,
    )


def chosen(offered: promise.Options | None, reference: str) -> promise.CourierOffer | None:
    """The offer of the courier that a reference names, at the price of now; None when it is not to be had."""
    key = shipping.key_of(reference)
    offers = offered.couriers if offered and key else ()
    return next((one for one in offers if one.courier.key == key and one.offered), None)


def costs_what_was_seen(reference: str, courier: promise.Courier | None) -> bool:
    """Whether the courier still asks what stood beside the reference; another parcel or another price does not."""
    return courier is None or shipping.price_at_choice(reference) == courier.fee_minor


def send_by(order: Order, courier: promise.Courier, basket: Basket) -> None:
    """Keep with the order who will carry it, in the transaction that places it."""
    choice = shipping.Choice(
        key=courier.key,
        name=courier.name,
        price_minor=courier.fee_minor or 0,
        currency=order.currency,
        weight_g=weight_of(basket.lines),
    )
    shipping.open_shipment(order.id, order.code, choice)


def weight_of(lines: Lines) -> int:
    """Grams of all of it."""
    return sum((variant.weight_g or LIGHT_G) * quantity for variant, quantity in lines)


def _couriers(
    sending: Sending | None, lines: Lines, known: shipping.Answer | None
) -> tuple[promise.Courier, ...] | Reason | None:
    if sending is None:
        return None
    if not shipping.currency_is_carried():
        return Reason(ReasonCode.courier_off)
    if lines and Basket(tuple(lines)).min_age:
        return Reason(ReasonCode.courier_no_id)
    answer = known or shipping.find_answer(sending.parcel)
    if answer is None:
        return None
    if answer.trouble:
        return Reason(ReasonCode.courier_silent)
    return _heard(answer)


def _heard(answer: shipping.Answer) -> tuple[promise.Courier, ...]:
    heard = [
        promise.Courier(
            key=quoted.key,
            name=quoted.rate.name,
            fee_minor=quoted.rate.price_minor,
            minutes=quoted.rate.minutes,
            instant=quoted.rate.instant,
            takes_cash=quoted.rate.takes_cash,
            reference=quoted.reference,
        )
        for quoted in answer.quotes
    ]
    answered = {quoted.rate.company for quoted in answer.quotes}
    silent = [company for company in shipping.couriers_of_store() if company not in answered]
    return (*heard, *(promise.Courier(company, NAMES.get(company, company)) for company in silent))


def _lines(items: Sequence[tuple[str, int]]) -> list[tuple[Variant, int]]:
    wanted = merge_items(items)
    found = sellable_variants(list(wanted)) if wanted else {}
    return [(found[sku], quantity) for sku, quantity in wanted.items() if sku in found]


def _sending(world: promise.World, lines: Lines, zip_code: str) -> Sending | None:
    """From the nearest branch that has all of it, else from the nearest; None where no parcel can be thought of."""
    code = promise.normalize_zip(zip_code, world.country)
    places = [place for place in world.places if promise.HandOver.courier in place.kinds]
    if code is None or not places or not lines:
        return None
    spot = promise.locate(code, world.country)
    lacking = _lacking(places, lines)
    place = min(
        places,
        key=lambda p: (lacking[p.id], distance_m((p.lat, p.lng), (spot.lat, spot.lng)) if spot else 0, p.id),
    )
    value = sum(variant.price_minor * quantity for variant, quantity in lines)
    carriage = Carriage(
        origin=Door(place.zip, place.lat, place.lng),
        destination=Door(code, spot.lat if spot else None, spot.lng if spot else None),
        weight_g=weight_of(lines),
        value_minor=value,
    )
    return Sending(place, Parcel(place.id, carriage))


def _lacking(places: Sequence[promise.Place], lines: Lines) -> dict[int, int]:
    """Branch id → how many of the lines it does not have."""
    left = inventory.available_per_branch([variant.id for variant, _quantity in lines])
    return {
        place.id: sum(left.get(place.id, {}).get(variant.id, 0) < quantity for variant, quantity in lines)
        for place in places
    }
