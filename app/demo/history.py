"""Ninety days of orders before today, written so that every proof of `flask verify` holds.

Amounts come from the same `quote` as real orders, rows are the fold of their events. The events are born published:
nobody is told today about what happened in September.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import pricing, promise, stores
from app.catalog.models import Product, Variant
from app.core import clock
from app.core.crypto import UNAMBIGUOUS
from app.core.db import db, transaction
from app.core.events import EventRecord
from app.demo import ratings, shelves
from app.demo.lives import Life, choose_life
from app.demo.people import Address, list_addresses, list_customers
from app.demo.people import Customer as CustomerSpec
from app.dispatch.models import Driver
from app.identity.models import Customer, Person
from app.orders import projection
from app.orders.basket import Basket, price_basket
from app.orders.models import Order
from app.orders.placing import adjustments_of, line_of
from app.orders.states import Kind, PaymentStatus, Status
from app.promise.models import DeliverySlot
from app.shipping import Shipment, ShipmentStatus
from app.stores.models import Branch

COURIERS = (
    promise.Courier("gojek-instant", "GoSend Instant", 22_500, (60, 120)),
    promise.Courier("jne-reg", "JNE Reguler", 11_500, (1440, 2880)),
    promise.Courier("sicepat-reg", "SiCepat Reguler", 10_500, (1440, 2880)),
)
"""Whom the orders of a store without drivers of its own went by, at about their prices."""
ORDERS_A_DAY = {"miami": 9, "jakarta": 4}


@dataclass
class _Scene:
    """What the history is played with."""

    slug: str
    random: Random
    now: datetime
    variants: list[Variant]
    customers: list[tuple[Customer, CustomerSpec]]
    addresses: tuple[Address, ...]
    branches: dict[int, Branch]
    drivers: list[Driver]
    world: promise.World
    slots: Counter[tuple[int, datetime]] = field(default_factory=Counter)
    codes: set[str] = field(default_factory=set)
    couriers: dict[str, promise.Courier] = field(default_factory=dict)

    @property
    def brought_by(self) -> Kind:
        """Who carries what is not collected here."""
        return Kind.driver if "delivery" in stores.current_store().capabilities else Kind.courier


@transaction()
def write_history(slug: str, days: int) -> None:
    """Write the orders of the last `days` days for the current store, once."""
    if db.session.scalar(select(Order.id).limit(1)) is not None:
        return
    scene = _scene(slug)
    lives = [life for day in range(days, 0, -1) for life in _day(scene, day)] + _open_now(scene)
    made = [_order(scene, life) for life in lives]
    slots = _write_slots(scene)
    for order, life, basket, _quote in made:
        order.slot_id = slots[order.branch_id, life.slot_start] if life.keeps_slot else None
        order.lines = [
            line_of(variant, line, variant.cost_minor)
            for (variant, _n), line in zip(basket.lines, _quote.lines, strict=True)
        ]
    db.session.add_all(order for order, *_rest in made)
    db.session.flush()
    for order, life, _basket, quote in made:
        _write_events(order, life)
        db.session.add_all(adjustments_of(order, quote))
        if courier := scene.couriers.get(order.code):
            db.session.add(_shipment(order, courier))
    _count_sold(shelves.write_sales((order, life) for order, life, *_rest in made))
    ratings.write_reviews(scene.random, [order for order, *_rest in made])


def _scene(slug: str) -> _Scene:
    now = clock.now().replace(second=0, microsecond=0)
    query = (
        select(Variant)
        .join(Product, Product.id == Variant.product_id)
        .where(~Product.rx_required)
        .options(joinedload(Variant.product).joinedload(Product.category))
        .order_by(Variant.id)
    )
    return _Scene(
        slug=slug,
        random=Random(f"theriac-{slug}"),
        now=now,
        variants=list(db.session.scalars(query)),
        customers=_customers(slug),
        addresses=list_addresses(slug),
        branches={branch.id: branch for branch in db.session.scalars(select(Branch))},
        drivers=list(db.session.scalars(select(Driver).options(joinedload(Driver.user)).order_by(Driver.id))),
        world=promise.load_world(now),
    )


def _customers(slug: str) -> list[tuple[Customer, CustomerSpec]]:
    specs = list_customers(slug)
    people = [
        Person(
            first_name=spec.first_name,
            last_name=spec.last_name,
            username=spec.phone,
            email=f"{spec.phone.lstrip('+')}@people.invalid",
            phone=spec.phone,
            locale=spec.locale,
            active=True,
        )
        for spec in specs
    ]
    db.session.add_all(people)
    db.session.flush()
    profiles = [Customer(user_id=person.id) for person in people]
    db.session.add_all(profiles)
    db.session.flush()
    return list(zip(profiles, specs, strict=True))


def _day(scene: _Scene, days_ago: int) -> list[Life]:
    zone = stores.current_store().zone
    morning = (scene.now.astimezone(zone) - timedelta(days=days_ago)).replace(hour=9, minute=5, second=0)
    count = max(
        1, ORDERS_A_DAY[scene.slug] + scene.random.randint(-3, 4) + (2 if morning.weekday() >= 4 else 0)
    )
    times = sorted(scene.random.randrange(0, 11 * 60) for _ in range(count))
    return [
        choose_life(scene.random, morning + timedelta(minutes=minute), kind=scene.brought_by)
        for minute in times
    ]


def _open_now(scene: _Scene) -> list[Life]:
    """A few orders that are under way as the demo begins, so that the board is not empty."""
    states = [Status.CONFIRMED, Status.CONFIRMED, Status.READY, Status.ASSIGNED, Status.PICKED_UP]
    if scene.slug != "miami":
        states = states[:3]
    return [
        choose_life(
            scene.random, scene.now - timedelta(minutes=34 - 5 * place), until=state, kind=scene.brought_by
        )
        for place, state in enumerate(states)
    ]


def _order(scene: _Scene, life: Life) -> tuple[Order, Life, Basket, pricing.Quote]:
    buyer = scene.random.choice(scene.customers)
    address = scene.random.choice(scene.addresses)
    area = next(a for a in scene.world.areas if address.postcode in a.zips)
    basket = _basket(scene, area.minimum_minor)
    brought = area if life.kind is Kind.driver else None
    courier = scene.random.choice(COURIERS) if life.kind is Kind.courier else None
    quote = price_basket(basket, brought, courier=courier)
    if life.keeps_slot:
        scene.slots[area.branch_id, life.slot_start] += 1
    row = _placed_row(scene, life, buyer, address, area, quote)
    if courier is not None:
        scene.couriers[row["code"]] = courier
    driver = scene.random.choice(scene.drivers[:4]) if life.kind is Kind.driver else None
    life.fill(row, driver.id if driver else None, driver.user.full_name if driver else "", quote.due_minor)
    order = Order(
        **{column: projection.decode(column, value) for column, value in life.final_row(row).items()}
    )
    return order, life, basket, quote


def _shipment(order: Order, courier: promise.Courier) -> Shipment:
    """The parcel of an order, as far as the order is."""
    S = ShipmentStatus
    at_courier = {Status.DELIVERED: S.delivered, Status.RETURNED: S.returned, Status.CANCELLED: S.cancelled}
    status = at_courier.get(order.status, S.chosen)
    company, _dash, service = courier.key.partition("-")
    return Shipment(
        order_id=order.id,
        reference=order.code,
        provider="biteship",
        company=company,
        service=service,
        name=courier.name,
        currency=order.currency,
        quoted_minor=courier.fee_minor or 0,
        price_minor=courier.fee_minor if status in {S.delivered, S.returned} else None,
        weight_g=400 * order.item_count,
        status=status,
        waybill=f"{company[:4].upper()}{order.id:012d}" if status in {S.delivered, S.returned} else "",
        status_at=order.status_at,
    )


def _basket(scene: _Scene, minimum_minor: int) -> Basket:
    """One to four things, and more of them until the zone's minimum is reached."""
    chosen = Counter(scene.random.choices(scene.variants, k=scene.random.randint(1, 4)))
    while sum(v.price_minor * n for v, n in chosen.items()) < minimum_minor:
        chosen[scene.random.choice(scene.variants)] += 1
    return Basket(tuple(chosen.items()))


def _placed_row(
    scene: _Scene,
    life: Life,
    buyer: tuple[Customer, CustomerSpec],
    address: Address,
    area: promise.Area,
    quote: pricing.Quote,
) -> dict[str, Any]:
    """Every column as it was when the order was placed, as JSON."""
    profile, person = buyer
    branch = scene.branches[area.branch_id]
    brought = life.kind is not Kind.pickup
    row: dict[str, Any] = dict.fromkeys(projection.COLUMNS)
    row |= quote.totals() | {
        "code": _code(scene, life.placed_at),
        "branch_id": branch.id,
        "customer_id": profile.id,
        "kind": life.kind.value,
        "status": Status.PENDING.value,
        "event_seq": 1,
        "currency": quote.currency,
        "tax_included_minor": quote.tax_included_minor,
        "payment_method": "cash",
        "payment_status": PaymentStatus.DUE.value,
        "contact_name": f"{person.first_name} {person.last_name}",
        "contact_phone": person.phone,
        "locale": person.locale,
        "address": _address(address) if brought else {},
        "zone_id": area.id if life.kind is Kind.driver else None,
        "mode": life.mode,
        "slot_id": None,
        "promised_from": projection.encode(life.promised_from),
        "promised_until": projection.encode(life.promised_until),
        "pickup_code": None if brought else "".join(scene.random.choices("0123456789", k=6)),
        "placed_at": projection.encode(life.placed_at),
        "status_at": projection.encode(life.placed_at),
    }
    return row | _age_facts()


def _age_facts() -> dict[str, Any]:
    min_age = stores.current_store().min_age
    born = "1984-03-09" if min_age else None
    return {"min_age": min_age, "birth_date": born, "id_checked": False, "reason": "", "customer_note": ""}


def _address(address: Address) -> dict[str, Any]:
    place = promise.locate(address.postcode, stores.current_store().country)
    point = {"lat": place.lat, "lng": place.lng} if place else {}
    return {
        "line1": address.line1,
        "line2": address.line2,
        "city": address.city,
        "zip": address.postcode,
        **point,
    }


def _code(scene: _Scene, at: datetime) -> str:
    store = stores.current_store()
    while True:
        tail = "".join(scene.random.choices(UNAMBIGUOUS, k=4))
        code = f"{store.prefix}-{at.astimezone(store.zone):%Y%m%d}-{tail}"
        if code not in scene.codes:
            scene.codes.add(code)
            return code


def _write_slots(scene: _Scene) -> dict[tuple[int, datetime], int]:
    rows = [
        DeliverySlot(
            branch_id=branch_id,
            starts_at=starts_at,
            booked=booked,
            capacity=max(booked, scene.branches[branch_id].slot_capacity),
        )
        for (branch_id, starts_at), booked in sorted(scene.slots.items())
    ]
    db.session.add_all(rows)
    db.session.flush()
    return {(row.branch_id, row.starts_at): row.id for row in rows}


def _write_events(order: Order, life: Life) -> None:
    for seq, fact in enumerate(life.facts, start=1):
        payload = {"order_id": order.id, "code": order.code, **fact.payload}
        if seq == 1:
            payload["row"]["slot_id"] = order.slot_id
        db.session.add(
            EventRecord(
                type=fact.type,
                aggregate="order",
                aggregate_id=order.id,
                seq=seq,
                payload=payload,
                actor_role=fact.role,
                actor_name=fact.by,
                source="cli",
                occurred_at=fact.at,
                due_at=fact.at,
                published_at=fact.at,
            )
        )


def _count_sold(sold: dict[int, int]) -> None:
    for variant in db.session.scalars(
        select(Variant).where(Variant.id.in_(sold)).options(joinedload(Variant.product))
    ):
        variant.product.sold_count += sold[variant.id]
