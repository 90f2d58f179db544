"""Shelves with lots on a real database: dates, cost, alerts, and the proofs with something wrong."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from app import inventory, orders
from app.catalog import list_products
from app.catalog.views import Filters, Sort
from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db
from app.core.errors import InvalidInput
from app.core.events import EventRecord
from app.inventory import LotLabel, MovementKind, OutOfStock, PastItsDate, Stock, StockLot, StockMovement
from app.inventory.models import Cause
from app.inventory.service import set_low_at
from app.orders import Action
from app.stores import local_today
from app.verify import verify_store
from tests.factories import make_branch, make_customer, make_staff, make_variant, make_zone, place

NIGHT = datetime(2026, 11, 21, 4, 59, 59, tzinfo=UTC)
"""The last second of 20 November in Miami."""
D = orders.Details


@pytest.fixture
def branch(store):
    branch = make_branch()
    make_zone(branch)
    return branch


def put(branch, variant, units, code, expires_on, cost=100):
    label = LotLabel(code, expires_on)
    inventory.receive(branch.id, variant.id, units, actor=SYSTEM, unit_cost_minor=cost, lot=label)
    db.session.commit()


def shelf() -> Stock:
    return db.session.scalars(select(Stock).execution_options(populate_existing=True)).one()


def events(kind: str) -> int:
    return len(db.session.scalars(select(EventRecord.id).where(EventRecord.type == kind)).all())


def assert_proved():
    db.session.flush()
    assert not any(verify_store().values())


def test_a_lot_is_sold_to_the_last_minute_of_its_day_and_not_one_longer(branch):
    variant = make_variant(branch, "A", on_hand=0)
    with clock.frozen(NIGHT):
        put(branch, variant, 5, "L1", date(2026, 11, 20))
        assert inventory.available(branch.id, [variant.id]) == {variant.id: 5}
        inventory.reserve(branch.id, {variant.id: 1})
        assert list_products(Filters(), Sort.popular).items[0].available == 4
    with clock.frozen(NIGHT + timedelta(seconds=1)):
        assert inventory.available(branch.id, [variant.id]) == {variant.id: 0}
        assert list_products(Filters(), Sort.popular).items[0].available == 0
        with pytest.raises(OutOfStock) as refused:
            inventory.reserve(branch.id, {variant.id: 1})
    assert refused.value.data["items"][0]["available"] == 0
    assert shelf().reserved == 1


def test_first_expired_first_out_and_back_into_the_lots_it_left(branch):
    variant = make_variant(branch, "A", on_hand=0)
    put(branch, variant, 2, "LATE", local_today() + timedelta(days=90), 100)
    put(branch, variant, 2, "SOON", local_today() + timedelta(days=9), 101)
    inventory.reserve(branch.id, {variant.id: 3})
    cost = inventory.take(branch.id, {variant.id: 3}, order_id=7, actor=SYSTEM)
    db.session.commit()
    assert cost == {variant.id: 302}  # 402 × 3 ÷ 4 = 301.5
    assert {lot.code: lot.remaining for lot in db.session.scalars(select(StockLot))} == {"LATE": 1, "SOON": 0}
    left = db.session.scalars(select(StockMovement).where(StockMovement.kind == MovementKind.sale)).all()
    assert [(m.lot.code, m.quantity, m.order_id) for m in left] == [("SOON", -2, 7), ("LATE", -1, 7)]
    inventory.take_back(branch.id, {variant.id: 3}, order_id=7, actor=SYSTEM)
    db.session.commit()
    assert {lot.code: lot.remaining for lot in db.session.scalars(select(StockLot))} == {"LATE": 2, "SOON": 2}
    assert (shelf().on_hand, shelf().value_minor, shelf().lotted) == (4, 402, 4)
    assert_proved()


def test_the_last_unit_takes_what_is_left_of_the_value(branch):
    variant = make_variant(branch, "A", on_hand=0)
    put(branch, variant, 2, "A", None, 100)
    put(branch, variant, 1, "B", None, 101)
    costs = []
    for n in range(3):
        inventory.reserve(branch.id, {variant.id: 1})
        costs.append(inventory.take(branch.id, {variant.id: 1}, order_id=n, actor=SYSTEM)[variant.id])
    db.session.commit()
    assert costs == [100, 101, 100] and shelf().value_minor == 0
    assert_proved()


def test_an_order_line_keeps_the_cost_of_its_goods(branch):
    variant = make_variant(branch, "A", on_hand=4, price_minor=1000)  # at 500
    put(branch, variant, 4, "L", None, 603)
    ana, carla = make_customer(), make_staff("Carla")
    order = place(("A", 3), actor=ana, kind="pickup", branch=branch.code, mode="asap")
    assert (order.lines[0].unit_cost_minor, order.lines[0].cost_minor) == (552, None)
    put(branch, variant, 8, "M", None, 700)
    orders.act(order.code, Action.confirm, actor=carla)
    orders.act(order.code, Action.ready, actor=carla)
    paid = D(cash_received_minor=order.due_minor, id_checked=True, pickup_code=order.pickup_code or "")
    orders.act(order.code, Action.collect, actor=carla, details=paid)
    assert order.lines[0].cost_minor == round((2000 + 2412 + 5600) * 3 / 16)
    assert_proved()


def test_goods_past_their_date_do_not_leave_with_an_order(branch):
    variant = make_variant(branch, "A", on_hand=0)
    with clock.frozen(NIGHT):
        put(branch, variant, 2, "L1", date(2026, 11, 20))
        inventory.reserve(branch.id, {variant.id: 1})
    with clock.frozen(NIGHT + timedelta(seconds=1)), pytest.raises(PastItsDate):
        inventory.take(branch.id, {variant.id: 1}, order_id=1, actor=SYSTEM)


def test_expired_goods_are_written_off_once_but_for_what_is_promised(branch):
    variant = make_variant(branch, "A", on_hand=1)
    with clock.frozen(NIGHT):
        put(branch, variant, 5, "L1", date(2026, 11, 20))
        put(branch, variant, 5, "L2", date(2026, 11, 21))
        inventory.reserve(branch.id, {variant.id: 8})
        db.session.commit()
        assert inventory.write_off_expired() == 0
    with clock.frozen(NIGHT + timedelta(hours=5)):
        assert inventory.write_off_expired() == 3
        assert inventory.write_off_expired() == 0
        inventory.release(branch.id, {variant.id: 8})
        db.session.commit()
        assert inventory.write_off_expired() == 2
    assert (shelf().on_hand, shelf().lotted) == (6, 5)
    kinds = db.session.scalars(
        select(StockMovement.quantity).where(StockMovement.kind == MovementKind.expiry)
    )
    assert list(kinds) == [-3, -2]
    assert_proved()


def test_what_comes_back_past_its_date_is_written_off_at_once(branch):
    variant = make_variant(branch, "A", on_hand=0)
    with clock.frozen(NIGHT):
        put(branch, variant, 2, "L1", date(2026, 11, 20))
        inventory.reserve(branch.id, {variant.id: 2})
        inventory.take(branch.id, {variant.id: 2}, order_id=1, actor=SYSTEM)
    with clock.frozen(NIGHT + timedelta(hours=1)):
        inventory.take_back(branch.id, {variant.id: 2}, order_id=1, actor=SYSTEM)
        db.session.commit()
    assert (shelf().on_hand, shelf().value_minor) == (0, 0)
    assert_proved()


@pytest.mark.parametrize(
    ("label", "field"),
    [
        pytest.param(LotLabel("NEW", date(2020, 1, 1)), "expires_on", id="past its date"),
        pytest.param(LotLabel("L1", date(2090, 1, 1)), "expires_on", id="known with another date"),
    ],
)
def test_deliveries_that_are_refused(branch, label, field):
    variant = make_variant(branch, "A", on_hand=0)
    put(branch, variant, 2, "L1", date(2089, 1, 1))
    with pytest.raises(InvalidInput) as refused:
        inventory.receive(branch.id, variant.id, 1, actor=SYSTEM, lot=label)
    assert field in refused.value.errors


def test_the_same_lot_grows(branch):
    variant = make_variant(branch, "A", on_hand=0)
    for _time in range(2):
        put(branch, variant, 2, "L1", date(2089, 1, 1))
    assert db.session.scalars(select(StockLot.remaining)).all() == [4]


@pytest.mark.parametrize(
    ("counted", "lot", "units", "lots"),
    [
        pytest.param(9, False, 9, {"L1": 5}, id="more"),
        pytest.param(5, False, 5, {"L1": 5}, id="less: what has no lot first"),
        pytest.param(3, False, 3, {"L1": 3}, id="less: then out of the lot"),
        pytest.param(2, True, 4, {"L1": 2}, id="one lot"),
        pytest.param(7, True, 9, {"L1": 7}, id="one lot grows"),
    ],
)
def test_counting(branch, counted, lot, units, lots):
    variant = make_variant(branch, "A", on_hand=2)
    put(branch, variant, 5, "L1", date(2089, 1, 1))
    lot_id = db.session.scalar(select(StockLot.id)) if lot else None
    inventory.adjust(shelf().id, counted, actor=SYSTEM, reason="x", cause=Cause.damaged, lot_id=lot_id)
    db.session.commit()
    assert shelf().on_hand == units
    assert {row.code: row.remaining for row in db.session.scalars(select(StockLot))} == lots
    assert_proved()


def test_managers_hear_of_a_low_shelf_once_until_goods_arrive(branch):
    variant = make_variant(branch, "A", on_hand=8)  # low at 5
    inventory.reserve(branch.id, {variant.id: 2})
    assert events("StockRanLow") == 0
    inventory.reserve(branch.id, {variant.id: 1})
    assert events("StockRanLow") == 1
    inventory.release(branch.id, {variant.id: 3})
    inventory.reserve(branch.id, {variant.id: 4})
    assert events("StockRanLow") == 1  # a cancelled order is no delivery
    inventory.receive(branch.id, variant.id, 10, actor=SYSTEM)
    db.session.commit()
    assert shelf().low_since is None
    inventory.adjust(shelf().id, 6, actor=SYSTEM, reason="counted")
    assert events("StockRanLow") == 2


def test_a_threshold_that_is_raised_tells_at_once(branch):
    make_variant(branch, "A", on_hand=8)
    set_low_at(shelf().id, 8)
    assert events("StockRanLow") == 1


@pytest.mark.parametrize(
    ("check", "spoil"),
    [
        pytest.param(
            "stock = movements", update(Stock).values(on_hand=Stock.on_hand + 1), id="a unit too many"
        ),
        pytest.param(
            "lots = movements", update(StockLot).values(remaining=StockLot.remaining - 1), id="a lot short"
        ),
        pytest.param("lots = movements", update(Stock).values(lotted=0), id="lots forgotten"),
        pytest.param(
            "value = movements", update(Stock).values(value_minor=Stock.value_minor + 1), id="one cent"
        ),
    ],
)
def test_verify_names_the_spoilt_row(branch, check, spoil):
    variant = make_variant(branch, "A", on_hand=2)
    put(branch, variant, 5, "L1", date(2089, 1, 1))
    assert_proved()
    db.session.execute(spoil)
    assert any(str(shelf().id) in line or "lot" in line for line in verify_store()[check])


def test_movements_cannot_be_rewritten(branch):
    make_variant(branch, "A", on_hand=2)
    with pytest.raises(Exception, match="permission denied"):
        db.session.execute(text("UPDATE stock_movement SET quantity = 3"))
