"""Two hundred for a slot of five: never over, weights kept, every loser told; a manager and a buyer at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, text

from app import promise
from app.core.db import db, transaction
from app.core.errors import DomainError
from app.core.tenancy import store_scope
from app.promise import Counts, Load, Mode
from app.promise.models import DeliverySlot
from tests.factories import MIAMI, make_branch, make_zone, soon

pytestmark = pytest.mark.race
AT_ONCE = 16
"""As many as the machine has connections for; the others come right behind."""


def crowd(app, calls: list[Callable[[], object]]) -> list[object]:
    """Run all calls, AT_ONCE of them at any moment, each in a session of its own."""
    barrier = Barrier(AT_ONCE)

    def run(numbered: tuple[int, Callable[[], object]]):
        number, call = numbered
        with app.app_context(), store_scope(MIAMI):
            if number < AT_ONCE:
                barrier.wait(timeout=30)
            try:
                return call()
            except DomainError as refusal:
                return type(refusal).__name__
            finally:
                db.session.remove()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, enumerate(calls)))


@pytest.fixture
def slot(committed):
    branch, at = make_branch(), soon()
    make_zone(branch)
    return branch, at


def begin(branch, at, capacity: int, counts: Counts = Counts.orders) -> None:
    with transaction():
        db.session.add(
            DeliverySlot(branch_id=branch.id, starts_at=at, capacity=capacity, booked=0, counts=counts)
        )


def buyer(branch_id: int, at, load: Load, mode: Mode = Mode.slot) -> Callable[[], object]:
    @transaction()
    def take() -> object:
        world = promise.load_world(at)
        place = next(p for p in world.places if p.id == branch_id)
        return promise.book_slot(world, place, at, mode, load).weight

    return take


def booked() -> int:
    db.session.expire_all()
    return db.session.scalars(select(DeliverySlot)).one().booked


def test_two_hundred_buyers_for_a_slot_of_five(committed, slot):
    branch, at = slot
    begin(branch, at, 5)
    results = crowd(committed, [buyer(branch.id, at, Load(1, 3, 40))] * 200)
    assert Counter(results) == {1: 5, "SlotTaken": 195}
    assert booked() == 5


def test_two_hundred_for_a_slot_without_a_row(committed, slot):
    branch, at = slot
    results = crowd(committed, [buyer(branch.id, at, Load(1, 1, 1))] * 200)
    assert Counter(results)[1] == branch.slot_capacity == booked()


def test_two_hundred_baskets_for_twenty_items(committed, slot):
    branch, at = slot
    begin(branch, at, 20, Counts.items)
    loads = [Load(1, 1 + n % 7, 10) for n in range(200)]
    results = crowd(committed, [buyer(branch.id, at, load) for load in loads])
    won = [weight for weight in results if isinstance(weight, int)]
    assert sum(won) == booked() == 20
    assert Counter(results)["SlotTaken"] == 200 - len(won)


def test_the_same_race_without_the_condition_overbooks(committed, slot):
    """The race is real: read, then write, takes more places than there are."""
    branch, at = slot
    begin(branch, at, 2)
    taken = []

    @transaction()
    def careless() -> None:
        row = db.session.scalars(select(DeliverySlot)).one()
        free = row.booked < row.capacity
        db.session.execute(text("SELECT pg_sleep(0.05)"))
        if free:
            taken.append(1)

    crowd(committed, [careless] * AT_ONCE)
    assert len(taken) > 2


def test_express_and_slots_share_the_places(committed, slot):
    branch, at = slot
    begin(branch, at, 10)
    calls = [buyer(branch.id, at, Load(1, 1, 1), Mode.asap if n % 2 else Mode.slot) for n in range(60)]
    results = crowd(committed, calls)
    assert Counter(results) == {1: 10, "SlotTaken": 50}
