"""Promised goods that pass their date: found ahead, told once a day, shown with the orders and a way out."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app import inventory
from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db, transaction
from app.core.events import EventRecord
from app.inventory import LotLabel
from app.inventory.rules import LotUnits, Need, unserved
from app.notifications.contexts import build_context
from app.orders.expiring import find_at_risk, warn_of_expiring
from tests.factories import make_branch, make_customer, make_variant, make_zone, place
from tests.queries import counted

EVENING = datetime(2026, 11, 20, 23, tzinfo=UTC)  # six o'clock in Miami
TODAY, DAY = date(2026, 11, 20), timedelta(days=1)


@pytest.mark.parametrize(
    ("lots", "unlotted", "needs", "short"),
    [
        pytest.param([(5, TODAY)], 0, [(1, 3, TODAY)], [], id="good today"),
        pytest.param([(5, TODAY)], 0, [(1, 3, TODAY + DAY)], [1], id="not tomorrow"),
        pytest.param([(5, TODAY)], 3, [(1, 3, TODAY + DAY)], [], id="others without a date"),
        pytest.param([(5, TODAY), (3, TODAY + 9 * DAY)], 0, [(1, 3, TODAY + DAY)], [], id="another lot"),
        pytest.param(
            [(2, TODAY), (2, None)], 0, [(1, 2, TODAY), (2, 2, TODAY + DAY)], [], id="each in its day"
        ),
        pytest.param(
            [(2, TODAY), (2, None)], 0, [(1, 3, TODAY), (2, 2, TODAY + DAY)], [2], id="who came later"
        ),
        pytest.param([(9, TODAY - DAY)], 0, [(1, 1, TODAY)], [1], id="past already"),
        pytest.param([], 0, [(1, 1, TODAY)], [1], id="an empty shelf"),
    ],
)
def test_who_is_not_served_in_time(lots, unlotted, needs, short):
    units = [LotUnits(number, count, until) for number, (count, until) in enumerate(lots)]
    assert [need.key for need in unserved(units, unlotted, [Need(*need) for need in needs])] == short


@pytest.fixture
def shop(store):
    branch = make_branch()
    make_zone(branch)
    return branch


@transaction()
def put(branch, variant, units, code, expires_on):
    inventory.receive(branch.id, variant.id, units, actor=SYSTEM, lot=LotLabel(code, expires_on))


def told():
    query = select(EventRecord).where(EventRecord.type == "PromisedGoodsExpire").order_by(EventRecord.id)
    return list(db.session.scalars(query))


def collect(*items, actor, branch):
    return place(*items, actor=actor, kind="pickup", branch=branch.code)


def test_goods_for_the_counter_are_found_the_evening_before(shop):
    make_variant(shop, "B", on_hand=9)
    variant = make_variant(shop, "A", on_hand=0)
    other = make_branch("gables")
    with clock.frozen(EVENING):
        put(shop, variant, 3, "L1", TODAY)
        put(other, variant, 7, "L9", TODAY + 90 * DAY)
        order = collect(("A", 2), ("B", 1), actor=make_customer("Ana"), branch=shop)
        (risk,) = find_at_risk()
        assert (risk.units, risk.expires_on, risk.elsewhere) == (2, TODAY, {other.id: 7})
        assert [(one.code, one.units, one.day) for one in risk.orders] == [(order.code, 2, TODAY + DAY)]
        put(shop, variant, 2, "L2", TODAY + 30 * DAY)  # a good lot is picked by itself
        assert find_at_risk() == []


def test_what_leaves_in_time_is_no_risk(shop):
    variant = make_variant(shop, "A", on_hand=0)
    with clock.frozen(EVENING - timedelta(hours=6)):
        put(shop, variant, 3, "L1", TODAY)
        place(("A", 2), actor=make_customer("Ana"))
        assert find_at_risk() == []
    with clock.frozen(EVENING + timedelta(hours=7)):  # nobody packed it, and the day is over
        assert [risk.units for risk in find_at_risk()] == [2]


def test_managers_are_told_once_a_day_and_when_another_order_joins(shop):
    variant = make_variant(shop, "A", on_hand=0)
    with clock.frozen(EVENING):
        put(shop, variant, 3, "L1", TODAY)
        first = collect(("A", 1), actor=make_customer("Ana"), branch=shop)
        assert (warn_of_expiring(), warn_of_expiring()) == (1, 0)
        second = collect(("A", 1), actor=make_customer("Felix"), branch=shop)
        assert (warn_of_expiring(), warn_of_expiring()) == (1, 0)
    with clock.frozen(EVENING + DAY):
        assert (warn_of_expiring(), warn_of_expiring()) == (1, 0)
    assert [record.payload["codes"] for record in told()] == [
        [first.code],
        [first.code, second.code],
        [first.code, second.code],
    ]
    words = build_context(told()[1]).words("en")
    assert words["codes"] == f"{first.code}, {second.code}" and words["day"] == "November 20, 2026"


def test_looking_is_cheap(shop):
    variant = make_variant(shop, "A", on_hand=50)
    for _number in range(3):
        place(("A", 1), actor=make_customer())
    find_at_risk()
    with counted() as seen:
        assert find_at_risk() == []
    assert len(seen) <= 4 and variant.id
