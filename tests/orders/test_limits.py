"""Purchase limits: the arithmetic of refills, and one judge at cart, placing and door."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from app import orders
from app.catalog.models import Category
from app.core import clock
from app.core.db import db
from app.orders.cart_view import fit_items
from app.orders.errors import OverPurchaseLimit
from app.orders.limit_rules import Caps, Refill, left_on, most_now, next_refill
from app.orders.limits import PurchaseLimit
from app.orders.models import Order
from tests.factories import (
    make_branch,
    make_category,
    make_customer,
    make_driver,
    make_staff,
    make_variant,
    make_zone,
    place,
    request_for,
)

DAY = date(2026, 11, 20)
D = orders.Details


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("caps", "bought", "most", "refill"),
    [
        pytest.param(Caps(), [], None, None, id="no limit"),
        pytest.param(Caps(per_order=2), [(DAY, 9)], 2, None, id="an order's size never refills"),
        pytest.param(Caps(per_day=3), [(DAY, 1)], 2, Refill(DAY + timedelta(1), 3), id="the rest of the day"),
        pytest.param(Caps(per_day=3), [(ago(1), 3)], 3, None, id="yesterday is over"),
        pytest.param(
            Caps(per_month=4), [(ago(17), 2), (ago(3), 2)], 0, Refill(date(2026, 12, 3), 2), id="2 on 3 Dec"
        ),
        pytest.param(Caps(per_month=4), [(ago(30), 4)], 4, None, id="thirty days later they are back"),
        pytest.param(
            Caps(per_month=4), [(ago(29), 4)], 0, Refill(DAY + timedelta(1), 4), id="not a day before"
        ),
        pytest.param(
            Caps(per_order=1, per_month=4),
            [(ago(17), 4)],
            0,
            Refill(date(2026, 12, 3), 1),
            id="one by one then",
        ),
        pytest.param(
            Caps(per_day=2, per_month=3), [(DAY, 2), (ago(5), 1)], 0, Refill(date(2026, 12, 15), 1), id="both"
        ),
        pytest.param(
            Caps(per_month=2), [(ago(1), 9)], 0, Refill(DAY + timedelta(29), 2), id="lowered meanwhile"
        ),
    ],
)
def test_what_may_be_bought_and_when_more(caps, bought, most, refill):
    assert most_now(caps, bought, DAY) == most
    assert next_refill(caps, bought, DAY) == refill


def test_later_purchases_do_not_count_for_earlier_days():
    assert left_on(Caps(per_month=4), [(DAY, 3)], ago(1)) == 4


@pytest.fixture
def shop(store):
    branch = make_branch()
    make_zone(branch)
    return branch


def limit(**columns) -> PurchaseLimit:
    row = PurchaseLimit(**columns)
    db.session.add(row)
    db.session.commit()
    return row


def test_the_cart_clips_and_says_when(shop):
    variant = make_variant(shop, "A", on_hand=50)
    ana = make_customer("Ana")
    limit(product_id=variant.product_id, per_month=4)
    with clock.frozen(datetime(2026, 11, 3, 18, tzinfo=UTC)):
        place(("A", 2), actor=ana)
    with clock.frozen(datetime(2026, 11, 20, 18, tzinfo=UTC)):
        fit = fit_items([("A", 9)], customer_id=ana.customer_id)
        assert fit.items == [("A", 2)] and fit.limits[variant.id] == 2
        assert "2 more" in fit.messages[0] and "December 3" in fit.messages[0]
        assert fit_items([("A", 9)]).items == [("A", 4)]  # a stranger has bought nothing yet
        place(("A", 2), actor=ana)
        fit = fit_items([("A", 1)], customer_id=ana.customer_id)
        assert fit.items == [] and "You can buy 2 more on December 3" in fit.messages[0]


def test_a_category_counts_all_below_it_in_the_order_of_the_lines(shop):
    drawer = make_category("pain")
    below = make_category("migraine", parent_id=drawer.id)
    make_variant(shop, "A", on_hand=9, category=drawer)
    make_variant(shop, "B", on_hand=9, category=below)
    make_variant(shop, "C", on_hand=9)
    limit(category_id=drawer.id, per_order=3)
    assert fit_items([("A", 2), ("B", 2), ("C", 2)]).items == [("A", 2), ("B", 1), ("C", 2)]
    with pytest.raises(OverPurchaseLimit) as refused:
        place(("A", 2), ("B", 2), actor=make_customer())
    assert refused.value.data["items"] == [{"sku": "B", "requested": 2, "allowed": 1}]
    assert db.session.query(Category).count() == 3


def test_placing_refuses_and_keeps_nothing(shop):
    variant = make_variant(shop, "A", on_hand=50)
    limit(product_id=variant.product_id, per_day=3)
    ana, felix = make_customer("Ana"), make_customer("Felix")
    place(("A", 3), actor=ana)
    with pytest.raises(OverPurchaseLimit, match="You can buy 3 more on"):
        orders.place_order(request_for(("A", 1)), key="again", actor=ana)
    place(("A", 3), actor=felix)  # each person has an allowance of their own
    assert db.session.query(Order).count() == 2


@pytest.mark.parametrize("status", ["CANCELLED", "RETURNED"])
def test_what_was_given_back_does_not_count(shop, status):
    variant = make_variant(shop, "A", on_hand=50)
    limit(product_id=variant.product_id, per_day=3)
    ana = make_customer("Ana")
    first = place(("A", 3), actor=ana)
    db.session.execute(update(Order).where(Order.id == first.id).values(status=status))
    place(("A", 3), actor=ana)


def test_a_limit_that_is_off_limits_nothing(shop):
    variant = make_variant(shop, "A", on_hand=50)
    limit(product_id=variant.product_id, per_day=1, active=False)
    place(("A", 9), actor=make_customer())


def test_the_door_judges_by_the_limit_as_it_stands_now(shop):
    variant = make_variant(shop, "A", on_hand=50)
    row = limit(product_id=variant.product_id, per_day=3)
    ana, carla, boris = make_customer("Ana"), make_staff("Carla"), make_driver("Boris")
    order = place(("A", 3), actor=ana)
    for action, actor, details in (
        (orders.Action.confirm, carla, D()),
        (orders.Action.ready, carla, D()),
        (orders.Action.assign, carla, D(driver_id=boris.driver_id)),
        (orders.Action.pick_up, boris, D()),
    ):
        orders.act(order.code, action, actor=actor, details=details)
    handing = {"actor": boris, "details": D(cash_received_minor=order.due_minor, id_checked=True)}
    row.per_day = 2
    db.session.commit()
    with pytest.raises(OverPurchaseLimit):
        orders.act(order.code, orders.Action.deliver, **handing)
    row.per_day = 3
    db.session.commit()
    assert orders.act(order.code, orders.Action.deliver, **handing).status is orders.Status.DELIVERED
