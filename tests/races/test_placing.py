"""Buyers at once: never over, nothing lost, every loser told why. Each race first shows itself without the guard."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, text

from app import orders
from app.core.actor import Actor
from app.core.db import db, transaction
from app.core.errors import DomainError
from app.core.tenancy import store_scope
from app.inventory.models import Stock
from app.orders.models import Order
from app.promise.models import DeliverySlot
from app.verify import verify_store
from tests.factories import (
    MIAMI,
    make_branch,
    make_customer,
    make_staff,
    make_variant,
    make_zone,
    place,
    request_for,
    soon,
)

pytestmark = pytest.mark.race


def at_once(app, *calls: Callable[[], object]) -> list[object]:
    """Run every call in a thread and session of its own, released together; results, or the refusals raised."""
    barrier = Barrier(len(calls))

    def run(call):
        with app.app_context(), store_scope(MIAMI):
            barrier.wait(timeout=30)
            try:
                return call()
            except DomainError as refusal:
                return refusal

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def outcomes(results: list[object]) -> Counter[str]:
    return Counter("order" if isinstance(r, str) else type(r).__name__ for r in results)


@pytest.fixture
def shop(committed):
    branch = make_branch(slot_capacity=1000)
    make_zone(branch)
    return branch


def buy(sku: str, actor: Actor, key: str, **changes) -> Callable[[], str]:
    return lambda: orders.place_order(request_for((sku, 1), **changes), key=key, actor=actor)[0].code


def test_sixty_four_buyers_for_ten_units(committed, shop):
    make_variant(shop, "LAST", on_hand=10)
    buyers = [make_customer(f"Buyer{n}") for n in range(64)]

    results = at_once(committed, *(buy("LAST", buyer, f"k{n}") for n, buyer in enumerate(buyers)))

    assert outcomes(results) == {"order": 10, "OutOfStock": 54}
    assert all(r.data["items"][0]["sku"] == "LAST" for r in results if isinstance(r, DomainError))
    stock = db.session.scalar(select(Stock))
    assert stock.on_hand - stock.reserved == 0
    assert not any(verify_store().values())


def test_the_same_race_without_the_guard_sells_too_much(committed, shop):
    """The race is real: read, then write, oversells."""
    make_variant(shop, "LAST", on_hand=3)
    sold = []

    @transaction()
    def careless() -> str:
        left = db.session.scalar(select(Stock.on_hand - Stock.reserved))
        db.session.execute(text("SELECT pg_sleep(0.05)"))
        if left and left > 0:
            sold.append(1)
        return "sold"

    at_once(committed, *[careless] * 12)
    assert len(sold) > 3


def test_forty_buyers_for_a_slot_of_five(committed, shop):
    make_variant(shop, "PLENTY", on_hand=100)
    at = soon()
    with transaction():
        db.session.add(DeliverySlot(branch_id=shop.id, starts_at=at, capacity=5, booked=0))
    buyers = [make_customer(f"Buyer{n}") for n in range(40)]

    results = at_once(
        committed, *(buy("PLENTY", buyer, f"k{n}", mode="slot", slot=at) for n, buyer in enumerate(buyers))
    )

    counted = outcomes(results)
    assert counted["order"] == 5
    assert counted["SlotTaken"] + counted["SlotUnavailable"] == 35
    assert db.session.scalar(select(DeliverySlot.booked).where(DeliverySlot.starts_at == at)) == 5
    assert db.session.scalar(select(Stock.reserved)) == 5
    assert not any(verify_store().values())


def test_one_key_fifty_times(committed, shop):
    make_variant(shop, "PLENTY", on_hand=100)
    ana = make_customer("Ana")

    results = at_once(committed, *[buy("PLENTY", ana, "the-same")] * 50)

    assert len({r for r in results if isinstance(r, str)}) == 1
    assert set(outcomes(results)) <= {"order", "StillRunning"}
    assert len(db.session.scalars(select(Order)).all()) == 1
    assert db.session.scalar(select(Stock.reserved)) == 1


def test_carts_of_the_same_goods_in_other_orders_do_not_deadlock(committed, shop):
    skus = [f"SKU{n}" for n in range(3)]
    for sku in skus:
        make_variant(shop, sku, on_hand=100)
    buyers = [make_customer(f"Buyer{n}") for n in range(24)]

    def cart(n: int, actor: Actor) -> Callable[[], str]:
        items = [(sku, 1) for sku in (skus if n % 2 else reversed(skus))]
        return lambda: orders.place_order(request_for(*items), key=f"k{n}", actor=actor)[0].code

    results = at_once(committed, *(cart(n, buyer) for n, buyer in enumerate(buyers)))

    assert outcomes(results) == {"order": 24}


def test_two_dispatchers_confirm_at_once(committed, shop):
    make_variant(shop, "VITC", on_hand=5)
    code = place(("VITC", 1), actor=make_customer()).code
    carla, dmitri = make_staff("Carla"), make_staff("Dmitri", "manager")

    results = at_once(
        committed,
        lambda: orders.act(code, orders.Action.confirm, actor=carla).code,
        lambda: orders.act(code, orders.Action.confirm, actor=dmitri).code,
    )

    assert outcomes(results) == {"order": 1, "IllegalTransition": 1}
    loser = next(r for r in results if isinstance(r, DomainError))
    assert loser.data["by"] in {carla.name, dmitri.name}
    assert loser.data["allowed"] == ["ready", "cancel"]
