"""A store changes the length of its slots: what is booked keeps its time and its place, the rest is made anew."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from app import promise
from app.core import clock
from app.core.db import db, transaction
from app.promise import SlotTaken
from app.promise.grid import Range
from app.promise.models import DeliverySlot
from app.promise.slots import Act, Change, change_slots, load_grid
from app.promise.usual import load_policy, set_policy
from app.verify import verify_store
from tests.factories import make_branch, make_customer, make_staff, make_variant, make_zone, place

NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)  # in Miami
LATER = NOON + timedelta(days=1)


@pytest.fixture
def shop(store):
    branch = make_branch()
    make_zone(branch)
    make_variant(branch, "A", on_hand=99)
    promise.forget_world()
    with clock.frozen(NOON):
        yield branch
        assert all(not wrong for wrong in verify_store().values()), verify_store()


def cut(minutes):
    row = load_policy()
    values = {"slot_minutes": minutes, "horizon_days": 3, "lead_minutes": 30, "express_share_bp": 10_000}
    set_policy(values | {"counts": row.counts}, seen=row.version, actor=make_staff("Dmitri", "manager"))
    promise.forget_world()


def book(minutes):
    return place(("A", 1), actor=make_customer(), mode="slot", slot=LATER + timedelta(minutes=minutes))


def rows():
    query = select(DeliverySlot).order_by(DeliverySlot.starts_at).execution_options(populate_existing=True)
    return {minutes_of(row): (row.booked, row.capacity) for row in db.session.scalars(query)}


def minutes_of(slot) -> int:
    return int((slot.starts_at - LATER).total_seconds() // 60)


def offered():
    found = promise.options(promise.load_world(NOON), promise.Ask(now=NOON, zip="33129"))
    slots = [slot for slot in found.slots if slot.starts_at >= LATER]
    assert all(a.ends_at <= b.starts_at for a, b in pairwise(slots))
    return {minutes_of(slot): slot.left for slot in slots}


@pytest.mark.parametrize(
    ("before", "booked", "after", "left"),
    [
        pytest.param(15, [0, 15, 15, 30], 30, {0: (3, 6), 30: (1, 6)}, id="longer"),
        pytest.param(30, [0, 0, 30], 15, {0: (2, 6), 30: (1, 6)}, id="shorter"),
        pytest.param(
            15, [15, 30, 45], 20, {0: (1, 6), 20: (1, 6), 40: (1, 6)}, id="neither divides the other"
        ),
        pytest.param(15, [0] * 5 + [15] * 4, 30, {0: (9, 9)}, id="more than a slot takes keep their places"),
        pytest.param(15, [15], 60, {0: (1, 6)}, id="off the new grid"),
    ],
)
def test_booked_orders_keep_time_and_place(shop, before, booked, after, left):
    cut(before)
    orders = [book(minutes) for minutes in booked]
    times = [(order.promised_from, order.promised_until) for order in orders]
    cut(after)
    assert rows() == left
    found = offered()
    for minutes, (taken, capacity) in left.items():
        assert found[minutes] == capacity - taken
    for order, kept in zip(orders, times, strict=True):
        db.session.refresh(order)
        assert (order.promised_from, order.promised_until) == kept


def test_a_place_is_given_back_after_the_change(shop):
    from app import orders

    order = book(15)
    cut(30)
    orders.act(order.code, orders.Action.cancel, actor=make_staff(), details=orders.Details(reason="Called"))
    assert rows() == {0: (0, 6)}


def test_what_a_manager_set_stays_and_what_nobody_touched_is_made_anew(shop):
    cut(30)
    manager = make_staff("Dmitri", "manager")
    local = LATER.astimezone(promise.load_world(NOON).timezone)
    grid = load_grid(shop.id, local.date(), 2, NOON)
    span = Range(local.date(), local.date(), local.time(), (local + timedelta(minutes=30)).time())
    change_slots(shop.id, span, Change(Act.set, capacity=0), seen=grid.stamps, actor=manager)
    cancelled = book(60)
    with transaction():
        db.session.add(
            DeliverySlot(branch_id=shop.id, starts_at=LATER + timedelta(minutes=90), capacity=2, booked=0)
        )
    cut(15)
    assert rows() == {0: (0, 0), 15: (0, 0), 60: (1, 6)} and cancelled.slot_id
    assert (offered()[0], offered()[15], offered()[90]) == (0, 0, 6)


def test_a_page_of_the_old_length_is_told_to_choose_again(shop):
    world = promise.load_world(NOON)
    cut(30)
    with pytest.raises(SlotTaken), transaction():
        promise.book_slot(world, world.places[0], LATER + timedelta(minutes=15), promise.Mode.slot)
    assert rows() == {}
