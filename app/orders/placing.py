"""Placing: one transaction that validates, books, reserves and writes, or leaves everything as it was.

Lock order: idempotency row → customer (where something is limited) → slot → wallet → stock by variant, last; only the
ledger's accounts come after it. The same key gives the same order.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app import inventory, loyalty, pricing, promise, shipping, stores
from app.catalog.models import Variant
from app.catalog.prices import buyer_of
from app.core import clock, crypto, idempotency
from app.core.actor import Actor
from app.core.db import db, transaction
from app.core.errors import InvalidInput, SignInRequired
from app.core.events import emit
from app.core.i18n import _, active_locale
from app.identity.models import Customer
from app.orders import books, carriage, limits, paying, projection
from app.orders.basket import Basket, fill_basket, price_basket
from app.orders.errors import (
    BelowMinimum,
    CustomerBlocked,
    MethodUnavailable,
    QuoteChanged,
    SlotUnavailable,
)
from app.orders.events import OrderPlaced
from app.orders.models import Order, OrderAdjustment, OrderLine
from app.orders.request import PlaceRequest, check_age, check_fields, normalize_phone
from app.orders.states import Kind, PaymentStatus, Status
from app.payments import attempts, methods
from app.payments.catalogue import METHODS, Flow

CODE_LENGTH = 4
PICKUP_CODE_LENGTH = 6


@dataclass(frozen=True)
class _Promise:
    """What was promised: who serves, when it comes."""

    place: promise.Place
    area: promise.Area | None
    starts_at: datetime | None
    until: datetime | None
    courier: promise.Courier | None = None


@transaction()
def place_order(wanted: PlaceRequest, *, key: str, actor: Actor) -> tuple[Order, bool]:
    """The order for this request and whether it was made now (False: the key had made it before).

    Raises what is wrong: SignInRequired, InvalidInput, EmptyCart, UnknownItem, OverLimit, OverPurchaseLimit,
    TooYoung, BelowMinimum, SlotUnavailable, SlotTaken, QuoteChanged, MethodUnavailable, WalletShort, OutOfStock,
    KeyReused, StillRunning. Nothing is kept then.
    """
    if actor.user_id is None or actor.customer_id is None:
        raise SignInRequired
    answer, fresh = idempotency.once(
        "order",
        key,
        actor_key=f"user:{actor.user_id}",
        body=asdict(wanted),
        effect=lambda: {"order_id": _place(wanted, actor).id},
    )
    order = db.session.get(Order, answer["order_id"])
    assert order is not None  # written by this key, and orders are never deleted
    return order, fresh


def _place(wanted: PlaceRequest, actor: Actor) -> Order:
    customer = db.session.get(Customer, actor.customer_id)
    if customer is None or customer.blocked:
        raise CustomerBlocked
    check_fields(wanted, customer)
    basket = fill_basket(wanted.items, buyer_of(customer.id))
    birth_date = wanted.birth_date or customer.user.birth_date
    check_age(basket.min_age, birth_date)
    limits.require_within(basket.lines, customer.id)
    now = clock.now()
    promised, world = _check_promise(wanted, basket, now)
    quote = price_basket(basket, promised.area, courier=promised.courier, wallet_minor=wanted.wallet_minor)
    changed = wanted.quote_fingerprint and wanted.quote_fingerprint != quote.fingerprint
    if changed or not carriage.costs_what_was_seen(wanted.courier, promised.courier):
        raise QuoteChanged(totals=quote.totals(), fingerprint=quote.fingerprint)
    _check_method(wanted, quote)
    held = None
    if promised.starts_at is not None:
        load = promise.load_of(basket.item_count, basket.goods_minor, world.currency)
        mode = promise.Mode(wanted.mode)
        held = promise.book_slot(world, promised.place, promised.starts_at, mode, load)
    if quote.wallet_minor:
        loyalty.hold(customer.id, quote.wallet_minor)
    inventory.reserve(promised.place.id, basket.quantities)
    row = _order_row(wanted, customer, promised, quote, now) | {
        "slot_id": held.slot_id if held else None,
        "slot_weight": held.weight if held else None,
        "min_age": basket.min_age,
        "birth_date": birth_date,
    }
    order = _write(row, basket, quote, actor)
    books.post_wallet_spent(order, actor)
    if order.payment_status is PaymentStatus.AWAITING:
        owed = attempts.Owed(order.id, order.code, order.due_minor, order.currency)
        until = paying.valid_until(order, order.payment_method)
        attempts.open_attempt(owed, order.payment_method, source="customer", until=until)
    if promised.courier is not None:
        carriage.send_by(order, promised.courier, basket)
    return order


def _check_method(wanted: PlaceRequest, quote: pricing.Quote) -> None:
    """MethodUnavailable unless the store offers the method for what the wallet leaves to be paid."""
    purchase = methods.Purchase(quote.due_minor, quote.currency, wanted.kind)
    if quote.due_minor and not methods.is_offered(wanted.payment_method, purchase):
        raise MethodUnavailable(method=wanted.payment_method)


def _payment_status(method: str, due_minor: int) -> PaymentStatus:
    if not due_minor:
        return PaymentStatus.PAID
    return PaymentStatus.DUE if METHODS[method].flow is Flow.cash else PaymentStatus.AWAITING


def _check_promise(wanted: PlaceRequest, basket: Basket, now: datetime) -> tuple[_Promise, promise.World]:
    """Ask the promise about the choice once more; gives what is promised and the world it was asked in."""
    world = promise.load_world(now)
    branch = next((place for place in world.places if place.code == wanted.branch), None)
    if wanted.branch and branch is None:
        raise InvalidInput({"branch": _("We don't know this branch. Pick one of those shown.")})
    if wanted.kind == Kind.courier:
        return _by_courier(wanted, world, now), world
    ask = promise.Ask(
        now=now,
        zip=wanted.address.zip,
        kind=promise.HandOver(wanted.kind),
        branch_id=branch.id if branch else None,
        goods_minor=basket.goods_minor,
        items=basket.item_count,
        spot=promise.known_spot(wanted.address.zip, wanted.address.line1, wanted.address.city),
    )
    offered, mode = promise.options(world, ask), promise.Mode(wanted.mode)
    if (reason := promise.check_choice(offered, mode, wanted.slot, now=now)) is not None:
        if reason.code is promise.ReasonCode.below_minimum:
            raise BelowMinimum(why=reason.message)
        raise SlotUnavailable(why=reason.message, reason=reason.code.value)
    promised = (
        _pickup(offered, branch) if wanted.kind == Kind.pickup else _delivery(world, offered, wanted, now)
    )
    return promised, world


def _delivery(
    world: promise.World, offered: promise.Options, wanted: PlaceRequest, now: datetime
) -> _Promise:
    assert offered.place is not None  # check_choice has passed
    assert offered.area is not None
    if wanted.mode == promise.Mode.asap:
        _low, high = offered.express.eta_minutes or offered.area.eta_minutes
        return _Promise(
            offered.place, offered.area, promise.slot_at(world, now), now + timedelta(minutes=high)
        )
    slot = promise.find_slot(offered, wanted.slot) if wanted.slot is not None else None
    assert slot is not None  # check_choice has passed
    until = slot.ends_at + timedelta(minutes=slot.delay_minutes)
    return _Promise(offered.place, offered.area, slot.starts_at, until)


def _by_courier(wanted: PlaceRequest, world: promise.World, now: datetime) -> _Promise:
    """The courier of the choice among those that have answered. QuoteChanged when their prices are too old."""
    cash = wanted.payment_method == "cash"
    ask = carriage.courier_ask(world, now, wanted.items, wanted.address.zip, cash=cash)
    offered = promise.options(world, ask)
    if ask.couriers is None and offered.place is not None:
        raise QuoteChanged(totals=None, fingerprint=None)
    key = shipping.key_of(wanted.courier)
    if (reason := promise.check_courier(offered, key)) is not None:
        raise SlotUnavailable(why=reason.message, reason=reason.code.value, field="courier")
    offer = next(one for one in offered.couriers if one.courier.key == key)
    assert offered.place is not None  # somebody offered
    assert offer.arrives is not None  # and is free
    return _Promise(offered.place, None, None, offer.arrives[1], courier=offer.courier)


def _pickup(offered: promise.Options, branch: promise.Place | None) -> _Promise:
    counter = next(c for c in offered.pickup if c.offered and (branch is None or c.place.id == branch.id))
    return _Promise(counter.place, None, None, counter.ready_at)


def _order_row(
    wanted: PlaceRequest, customer: Customer, promised: _Promise, quote: pricing.Quote, now: datetime
) -> dict[str, Any]:
    store = stores.current_store()
    person = customer.user
    return {
        "code": _free_code(store.prefix, now.astimezone(store.zone).date()),
        "branch_id": promised.place.id,
        "customer_id": customer.id,
        "kind": Kind(wanted.kind),
        "status": Status.PENDING,
        "event_seq": 1,
        "currency": quote.currency,
        **quote.totals(),
        "tax_included_minor": quote.tax_included_minor,
        "payment_method": wanted.payment_method,
        "payment_status": _payment_status(wanted.payment_method, quote.due_minor),
        "contact_name": wanted.contact_name.strip() or person.full_name or person.phone or "",
        "contact_phone": normalize_phone(wanted.contact_phone) or person.phone,
        "locale": active_locale(),
        "address": _address(wanted),
        "zone_id": promised.area.id if promised.area else None,
        "mode": wanted.mode,
        "promised_from": promised.starts_at if wanted.mode == promise.Mode.slot else now,
        "promised_until": promised.until,
        "pickup_code": crypto.random_code(PICKUP_CODE_LENGTH, "0123456789")
        if wanted.kind == Kind.pickup
        else None,
        "customer_note": wanted.customer_note.strip(),
        "placed_at": now,
        "status_at": now,
    }


def _address(wanted: PlaceRequest) -> dict[str, Any]:
    """The address with its point: the geocoder's, else the middle of its ZIP where the bundled table has one."""
    if wanted.kind not in {Kind.driver, Kind.courier}:
        return {}
    country = stores.current_store().country
    zip_code = promise.normalize_zip(wanted.address.zip, country) or ""
    place = promise.locate(zip_code, country)
    spot = promise.known_spot(zip_code, wanted.address.line1, wanted.address.city)
    return {
        "line1": wanted.address.line1.strip(),
        "line2": wanted.address.line2.strip(),
        "city": wanted.address.city.strip() or (place.city if place else ""),
        "zip": zip_code,
        **({"lat": spot.lat, "lng": spot.lng} if spot else {}),
    }


def _free_code(prefix: str, day: date) -> str:
    """PREFIX-YYYYMMDD-XXXX that no order has; the unique key stands behind it."""
    while True:
        code = f"{prefix}-{day:%Y%m%d}-{crypto.random_code(CODE_LENGTH)}"
        if db.session.scalar(select(Order.id).where(Order.code == code)) is None:
            return code


def _write(row: dict[str, Any], basket: Basket, quote: pricing.Quote, actor: Actor) -> Order:
    order = Order(**row)
    priced = {line.variant_id: line for line in quote.lines}
    costs = inventory.moving_average(order.branch_id, [variant for variant, _quantity in basket.lines])
    order.lines = [
        line_of(variant, priced[variant.id], costs[variant.id]) for variant, _quantity in basket.lines
    ]
    db.session.add(order)
    db.session.flush()  # the event carries order.id and what the database filled in
    db.session.add_all(adjustments_of(order, quote))
    emit(
        OrderPlaced(
            order_id=order.id,
            code=order.code,
            row=projection.snapshot(order),
            lines=[{"sku": line.sku, "qty": line.qty, "net_minor": line.net_minor} for line in quote.lines],
        ),
        actor=actor,
        seq=1,
        occurred_at=order.placed_at,
    )
    return order


def adjustments_of(order: Order, quote: pricing.Quote) -> list[OrderAdjustment]:
    """The quote's trace as rows of the order, which has its id."""
    return [
        OrderAdjustment(
            order_id=order.id,
            stage=adjustment.stage.value,
            source=adjustment.source,
            reason=adjustment.reason.value,
            amount_minor=adjustment.amount_minor,
            sku=adjustment.sku,
        )
        for adjustment in quote.adjustments
    ]


def line_of(variant: Variant, priced: pricing.QuoteLine, unit_cost_minor: int) -> OrderLine:
    """A line with everything frozen at the moment of sale."""
    return OrderLine(
        variant_id=variant.id,
        sku=variant.sku,
        name=variant.product.name,
        label=variant.label,
        quantity=priced.qty,
        unit_minor=priced.unit_minor,
        discount_minor=priced.discount_minor,
        net_minor=priced.net_minor,
        tax_minor=priced.tax_minor,
        tax_rate_bp=priced.tax_rate_bp,
        unit_cost_minor=unit_cost_minor,
        list_minor=priced.list_minor if priced.price_kind else None,
        price_kind=priced.price_kind,
        price_note=priced.price_note,
    )
