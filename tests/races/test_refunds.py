"""Clerks at once: never more goes back than was paid; money and goods that move together never wait in a circle."""

import pytest

from app import loyalty, orders
from app.core.db import db, transaction
from app.orders import refunding
from app.orders.refunding import RefundWish, What
from app.orders.states import Action
from app.payments import refunds
from app.payments.errors import RefundTooLarge
from app.payments.models import Refund, RefundTo
from app.verify import verify_store
from tests.factories import (
    make_branch,
    make_cast,
    make_customer,
    make_variant,
    make_zone,
    place,
)
from tests.payments.money import deliver, open_method, paid_order
from tests.races.test_placing import at_once

pytestmark = pytest.mark.race
D = orders.Details


@pytest.fixture
def shop(committed):
    branch = make_branch(slot_capacity=1000)
    make_zone(branch)
    make_variant(branch, "VITC", price_minor=1250, on_hand=500)
    open_method()
    return branch


@pytest.fixture
def cast(shop):
    return make_cast()


def test_clerks_at_once_give_back_no_more_than_was_paid(committed, cast):
    with transaction():
        order = paid_order(("VITC", 2), actor=cast["ana"])
        deliver(order, carla=cast["carla"], boris=cast["boris"])
        code, total, customer = order.code, order.total_minor, cast["ana"].customer_id
    part = total // 3 + 1  # two of them fit, a third does not

    def clerk(number: int):
        wish = RefundWish(What.amount, RefundTo.wallet, "Came too late", amount_minor=part)
        return lambda: (
            refunding.refund_order(code, wish, key=f"c{number}", actor=cast["dmitri"])[0].amount_minor
        )

    results = at_once(committed, *(clerk(number) for number in range(8)))
    assert sorted(map(str, (type(one).__name__ for one in results))).count("RefundTooLarge") == 6
    assert all(isinstance(one, int | RefundTooLarge) for one in results)
    assert loyalty.balance_of(customer) == 2 * part <= total
    assert {name: rows for name, rows in verify_store().items() if rows} == {}


def test_one_key_pressed_at_once_gives_back_once(committed, cast):
    with transaction():
        order = paid_order(("VITC", 2), actor=cast["ana"])
        code = deliver(order, carla=cast["carla"], boris=cast["boris"]).code
    wish = RefundWish(What.all, RefundTo.source, "Broken bottles")

    def press() -> int:
        return refunding.refund_order(code, wish, key="once", actor=cast["dmitri"])[0].id

    assert len(set(at_once(committed, *[press] * 6))) == 1
    assert db.session.query(Refund).count() == 1


def test_collecting_delivering_and_refunding_never_wait_in_a_circle(committed, cast, shop):
    """Each posts several entries in one transaction, over the same accounts in another order."""
    with transaction():
        made = [paid_order(("VITC", 1), actor=make_customer(f"Buyer{n}")) for n in range(8)]
        for order in made[:2]:
            deliver(order, carla=cast["carla"], boris=cast["boris"])
        on_road, waiting = (
            made[2:4],
            [place(("VITC", 1), actor=cast["ana"], kind="pickup", branch=shop.code) for _ in range(2)],
        )
        for order in on_road:
            orders.act(order.code, Action.confirm, actor=cast["carla"])
            orders.act(order.code, Action.ready, actor=cast["carla"])
            give = D(driver_id=cast["boris"].driver_id)
            orders.act(order.code, Action.assign, actor=cast["carla"], details=give)
            orders.act(order.code, Action.pick_up, actor=cast["boris"])
        for order in waiting:
            orders.act(order.code, Action.confirm, actor=cast["carla"])
            orders.act(order.code, Action.ready, actor=cast["carla"])
        calls = [_refund(order, cast) for order in made[:2]]
        calls += [_deliver(order.code, cast) for order in on_road]
        calls += [_collect(order.code, order.pickup_code, order.due_minor, cast) for order in waiting]
        calls += [_cancel(order.code, cast) for order in made[4:6]]
    results = at_once(committed, *calls)
    assert all(isinstance(one, str) for one in results), results
    assert {name: rows for name, rows in verify_store().items() if rows} == {}
    assert refunds.due() == []


def _refund(order, cast):
    code, line = order.code, order.lines[0].id
    wish = RefundWish(What.all, RefundTo.wallet, "Broken", shelved={line: 1})
    return lambda: refunding.refund_order(code, wish, key=code, actor=cast["dmitri"])[0].reference


def _deliver(code, cast):
    return lambda: orders.act(code, Action.deliver, actor=cast["boris"], details=D(id_checked=True)).code


def _collect(code, pickup_code, due, cast):
    details = D(pickup_code=pickup_code, cash_received_minor=due, id_checked=True)
    return lambda: orders.act(code, Action.collect, actor=cast["carla"], details=details).code


def _cancel(code, cast):
    return lambda: orders.act(code, Action.cancel, actor=cast["carla"], details=D(reason="Sold out")).code
