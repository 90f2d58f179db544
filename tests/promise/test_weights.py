"""What an order weighs: the same answer for offering a place and for taking it in the database."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from app import promise
from app.core.db import db
from app.promise import Booking, Counts, Mode, ReasonCode, SlotPolicy, SlotTaken, load_of, options
from app.promise.models import DeliverySlot, SlotClosure
from app.promise.weights import express_limit, has_room
from app.stores.models import Branch
from tests.factories import make_branch, make_zone, soon
from tests.promise.cast import MIAMI, ask, booked, code, slot_of


def test_loads():
    assert load_of(3, 5001, "USD") == (1, 3, 51)
    assert load_of(0, 0, "USD") == (1, 1, 1)
    assert load_of(2, 125_000, "IDR") == (1, 2, 125_000)


@pytest.mark.parametrize(
    ("counts", "items", "reason"),
    [
        (Counts.orders, 50, None),
        (Counts.items, 4, None),
        (Counts.items, 5, ReasonCode.slot_no_room),
        (Counts.value, 1, ReasonCode.slot_no_room),
    ],
)
def test_room_for_an_order(counts, items, reason):
    world = booked(MIAMI, d20_1100=Booking(10, 6, counts))
    assert code(slot_of(options(world, ask(items=items)), "2026-11-20 11:00").reason) is reason


def test_an_order_larger_than_a_slot_takes_an_empty_one_whole():
    world = replace(MIAMI, policy=SlotPolicy(counts=Counts.items))
    assert slot_of(options(world, ask(items=900)), "2026-11-20 11:00").offered
    begun = booked(world, d20_1100=Booking(6, 1, Counts.items))
    assert code(slot_of(options(begun, ask(items=900)), "2026-11-20 11:00").reason) is ReasonCode.slot_no_room


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    capacity=st.integers(0, 12),
    taken=st.integers(0, 12),
    counts=st.sampled_from(Counts),
    items=st.integers(1, 15),
    goods=st.integers(0, 2000),
    share=st.sampled_from([0, 3333, 5000, 10_000]),
    mode=st.sampled_from(Mode),
)
def test_the_database_takes_exactly_what_is_offered(
    store, capacity, taken, counts, items, goods, share, mode
):
    taken = min(taken, capacity)
    db.session.execute(delete(DeliverySlot))
    branch = db.session.scalar(select(Branch)) or make_branch()
    at = soon()
    db.session.add(
        DeliverySlot(branch_id=branch.id, starts_at=at, capacity=capacity, booked=taken, counts=counts)
    )
    db.session.flush()
    world = promise.load_world(at)
    world = replace(world, policy=replace(world.policy, express_share_bp=share))
    place = next(p for p in world.places if p.id == branch.id)
    load, booking = load_of(items, goods, "USD"), Booking(capacity, taken, counts)
    limit = express_limit(world.policy, capacity) if mode is Mode.asap else capacity
    if not has_room(booking, load, limit):
        with pytest.raises(SlotTaken):
            promise.book_slot(world, place, at, mode, load)
        return
    held = promise.book_slot(world, place, at, mode, load)
    assert held.weight == min(load.of(counts), limit)
    kept = select(DeliverySlot.booked).where(DeliverySlot.id == held.slot_id)
    assert db.session.scalar(kept) == taken + held.weight
    promise.release_slot(held.slot_id, held.weight)
    assert db.session.scalar(kept) == taken


def test_a_closed_slot_cannot_be_taken_whatever_the_page_said(store):
    branch = make_branch()
    make_zone(branch)
    at = soon()
    world = promise.load_world(at)
    db.session.add(SlotClosure(branch_id=branch.id, starts_at=at, ends_at=at.replace(minute=at.minute + 5)))
    db.session.flush()
    with pytest.raises(SlotTaken):
        promise.book_slot(world, world.places[0], at, Mode.slot)
