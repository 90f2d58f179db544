"""Ninety days of orders before today, written so that every proof of `flask verify` holds.

Amounts come from the same `quote` as real orders, rows are the fold of their events. The events are born published:
nobody is told today about what happened in September. What is paid in cash and done with is written as it ended; every
other order is played (app/demo/money).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import inventory, pricing, promise, stores
from app.catalog.models import Product, Variant
from app.core import clock
from app.core.crypto import UNAMBIGUOUS
from app.core.db import db, refresh_statistics, transaction
from app.core.events import EventRecord
from app.demo import parcels, ratings, shelves
from app.demo.lives import Life, choose_life
from app.demo.money import (
    Deck,
    Ending,
    Plan,
    Played,
    Stage,
    patience,
    plain,
    play_all,
    purses,
    set_stage,
    today,
)
from app.demo.people import Address, list_addresses, list_customers
from app.demo.people import Customer as CustomerSpec
from app.dispatch.models import Driver
from app.identity.models import Customer, Person
from app.orders import books, projection
from app.orders.basket import Basket, price_basket
from app.orders.models import Order
from app.orders.placing import adjustments_of, line_of
from app.orders.states import Kind, PaymentStatus, Status
from app.payments import methods
from app.promise.models import DeliverySlot
from app.stores.models import Branch

CASH = "cash"
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
    stage: Stage
    deck: Deck
    slots: Counter[tuple[int, datetime]] = field(default_factory=Counter)
    codes: set[str] = field(default_factory=set)
    couriers: dict[str, promise.Courier] = field(default_factory=dict)

    @property
    def brought_by(self) -> Kind:
        """Who carries what is not collected here."""
        return Kind.driver if "delivery" in stores.current_store().capabilities else Kind.courier


@dataclass(frozen=True)
class Made:
    """An order as it ended, and what it was made of."""

    order: Order
    life: Life
    plan: Plan
    basket: Basket
    quote: pricing.Quote


@transaction()
def write_history(slug: str, days: int) -> Stage | None:
    """Write the orders of the last `days` days for the current store, once; what they were paid on."""
    if db.session.scalar(select(Order.id).limit(1)) is not None:
        return None
    scene = _scene(slug)
    lives = [one for day in range(days, 0, -1) for one in _day(scene, day)] + _open_now(scene)
    made = [_order(scene, life, plan) for life, plan in lives]
    _write_orders(scene, made)
    simple = [one for one in made if _is_simple(one)]
    paid = [(one.order, one.life, one.plan) for one in simple if one.plan.method != CASH]
    refresh_statistics()  # all that follows asks about these rows, and nothing is committed yet
    moments = [
        *inventory.past_moments(),
        *books.past_orders([one.order.id for one in simple]),
        *plain.write_paid(scene.stage, paid),
    ]
    played = [Played(one.order, one.life, one.plan) for one in made if not _is_simple(one)]
    play_all(scene.stage, played, moments)
    return scene.stage


def _is_simple(one: Made) -> bool:
    """Whether it is written as it ended: nothing of its money is worth a story."""
    return one.plan.is_plain_cash or plain.is_plain(one.plan, one.life)


def _write_orders(scene: _Scene, made: list[Made]) -> None:
    """Every order as it ended, with its goods, its events and its parcel."""
    slots = _write_slots(scene)
    for one in made:
        order, life = one.order, one.life
        order.slot_id = slots[order.branch_id, life.slot_start] if life.keeps_slot else None
        order.lines = [
            line_of(variant, line, variant.cost_minor)
            for (variant, _n), line in zip(one.basket.lines, one.quote.lines, strict=True)
        ]
    stories = shelves.play_sales((one.order, one.life) for one in made)
    db.session.add_all(one.order for one in made)
    db.session.flush()
    for one in made:
        one.life.facts[0].payload["row"]["slot_id"] = one.order.slot_id
        _write_events(one.order, one.life, only_first=not _is_simple(one))
        db.session.add_all(adjustments_of(one.order, one.quote))
        if courier := scene.couriers.get(one.order.code):
            db.session.add(parcels.parcel_of(one.order, courier))
    shelves.write_stories(stories)
    shelves.count_sold(one.order for one in made)
    ratings.write_reviews(scene.random, [one.order for one in made])


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
        stage=set_stage(slug, Random(f"theriac-money-{slug}"), now),
        deck=Deck(slug, Random(f"theriac-deck-{slug}"), methods.open_codes()),
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


def _day(scene: _Scene, days_ago: int) -> Iterator[tuple[Life, Plan]]:
    zone = stores.current_store().zone
    morning = (scene.now.astimezone(zone) - timedelta(days=days_ago)).replace(hour=9, minute=5, second=0)
    count = max(
        1, ORDERS_A_DAY[scene.slug] + scene.random.randint(-3, 4) + (2 if morning.weekday() >= 4 else 0)
    )
    times = sorted(scene.random.randrange(0, 11 * 60) for _ in range(count))
    for minute in times:
        yield _life(scene, morning + timedelta(minutes=minute), scene.deck.deal())


_ENDINGS = {
    Ending.done: Status.DELIVERED,
    Ending.collected: Status.COLLECTED,
    Ending.cancelled: Status.CANCELLED,
    Ending.unpaid: Status.CANCELLED,
    Ending.returned: Status.RETURNED,
}


def _life(scene: _Scene, placed_at: datetime, plan: Plan) -> tuple[Life, Plan]:
    life = choose_life(scene.random, placed_at, kind=scene.brought_by, ending=_ENDINGS.get(plan.ending))
    life.cash = plan.method == CASH
    if plan.ending is Ending.unpaid:
        life.unpaid_minutes = patience.until_given_up(plan)
    elif not life.cash:
        life.paid_after = scene.stage.minutes(*patience.until_paid(plan))
    return life, plan


def _open_now(scene: _Scene) -> list[tuple[Life, Plan]]:
    """A few orders that are under way as the demo begins, so that the board is not empty."""
    states = [Status.CONFIRMED, Status.CONFIRMED, Status.READY, Status.ASSIGNED, Status.PICKED_UP]
    if scene.slug != "miami":
        states = states[:3]
    under_way = [(_begun(scene, 34 - 5 * place, state), Plan()) for place, state in enumerate(states)]
    open_codes = methods.open_codes()
    waiting = [(ago, plan) for ago, plan in today.WAITING[scene.slug] if plan.method in open_codes]
    return under_way + [(_to_pay(scene, ago), plan) for ago, plan in waiting]


def _begun(scene: _Scene, minutes_ago: int, state: Status) -> Life:
    at = scene.now - timedelta(minutes=minutes_ago)
    return choose_life(scene.random, at, until=state, kind=scene.brought_by)


def _to_pay(scene: _Scene, minutes_ago: int) -> Life:
    """An order that waits for its money."""
    life = _begun(scene, minutes_ago, Status.PENDING)
    life.cash = False
    return life


def _order(scene: _Scene, life: Life, plan: Plan) -> Made:
    buyer = scene.random.choice(scene.customers)
    address = scene.random.choice(scene.addresses)
    area = next(a for a in scene.world.areas if address.postcode in a.zips)
    basket = _basket(scene, area.minimum_minor)
    brought = area if life.kind is Kind.driver else None
    courier = scene.random.choice(parcels.COURIERS) if life.kind is Kind.courier else None
    quote = price_basket(basket, brought, courier=courier)
    if plan.wallet:
        quote = price_basket(
            basket, brought, courier=courier, wallet_minor=_from_wallet(scene, life, buyer, quote)
        )
    if life.keeps_slot:
        scene.slots[area.branch_id, life.slot_start] += 1
    row = _placed_row(scene, life, buyer, address, area, quote) | _to_be_paid(plan, quote)
    if courier is not None:
        scene.couriers[row["code"]] = courier
    if plain.is_plain(plan, life):
        life.paid_minor = quote.due_minor
    driver = scene.random.choice(scene.drivers[:4]) if life.kind is Kind.driver else None
    life.fill(row, driver.id if driver else None, driver.user.full_name if driver else "", quote.due_minor)
    order = Order(
        **{column: projection.decode(column, value) for column, value in life.final_row(row).items()}
    )
    return Made(order, life, plan, basket, quote)


def _from_wallet(
    scene: _Scene, life: Life, buyer: tuple[Customer, CustomerSpec], quote: pricing.Quote
) -> int:
    """A third of the order, which the store has put there the day before."""
    stage, amount = scene.stage, quote.due_minor // 3
    before = stage.in_office(life.placed_at - timedelta(hours=26))
    stage.plan(before, partial(purses.give, stage, buyer[0].id, amount, purses.WAITED))
    return amount


def _to_be_paid(plan: Plan, quote: pricing.Quote) -> dict[str, str]:
    """How and whether it was to be paid as it was placed."""
    status = PaymentStatus.DUE if plan.method == CASH else PaymentStatus.AWAITING
    return {
        "payment_method": plan.method,
        "payment_status": (status if quote.due_minor else PaymentStatus.PAID).value,
    }


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


def _write_events(order: Order, life: Life, *, only_first: bool) -> None:
    for seq, fact in enumerate(life.facts[:1] if only_first else life.facts, start=1):
        payload = {"order_id": order.id, "code": order.code, **fact.payload}
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
