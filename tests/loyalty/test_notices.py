"""What the owner of a wallet is told: corrections at once, change at once, the end of money a week ahead."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app import loyalty, notifications, orders
from app.core import clock
from app.core.db import db
from app.core.events import EventRecord
from app.loyalty.models import WalletLot
from app.notifications.models import Delivery
from app.orders import Action, Details
from app.orders.wallet_story import WORDS, view_wallet
from app.verify import verify_store
from tests.factories import (
    make_branch,
    make_cast,
    make_variant,
    make_zone,
    place,
)


@pytest.fixture
def cast(store):
    branch = make_branch()
    make_zone(branch, fee_minor=0)
    make_variant(branch, "VITC", price_minor=1250, on_hand=50)
    notifications.ensure_defaults()
    return make_cast()


def put_in(cast, amount: int, *, days: int = 0, reason: str = "Sorry for the wait.") -> None:
    until = clock.now() + timedelta(days=days) if days else None
    key = f"{amount}-{days}"
    ana = cast["ana"].customer_id
    loyalty.correct(ana, amount, reason=reason, key=key, actor=cast["owner"], expires_at=until)


def told(event: str) -> list[str]:
    """The words of what is sent for the events of this type."""
    query = select(EventRecord).where(EventRecord.type == event).order_by(EventRecord.id)
    for record in list(db.session.scalars(query)):
        notifications.plan(record)
    return [one.body for one in db.session.scalars(select(Delivery).order_by(Delivery.id))]


def test_a_correction_is_told_with_its_reason_and_last_day(cast):
    put_in(cast, 500, days=30)
    (said,) = told("WalletChanged")
    assert "$5.00" in said and "Sorry for the wait" in said and "until" in said and "/account/wallet" in said


def test_money_taken_out_is_told_too(cast):
    put_in(cast, 500)
    put_in(cast, -200, reason="Booked twice")
    assert "we took $2.00 out of your wallet: Booked twice" in told("WalletChanged")[-1]


def deliver(cast, change_to_wallet: int) -> orders.Order:
    order, boris = place(("VITC", 2), actor=cast["ana"]), cast["boris"]
    for action in (Action.confirm, Action.ready):
        orders.act(order.code, action, actor=cast["carla"])
    orders.act(order.code, Action.assign, actor=cast["carla"], details=Details(driver_id=boris.driver_id))
    orders.act(order.code, Action.pick_up, actor=boris)
    door = Details(
        cash_received_minor=order.due_minor + 534,
        change_to_wallet_minor=change_to_wallet,
        id_checked=True,
    )
    return orders.act(order.code, Action.deliver, actor=boris, details=door)


def test_change_that_goes_into_the_wallet_is_told_at_once(cast):
    order = deliver(cast, 34)
    (said,) = told("WalletChanged")
    assert f"$0.34 of change from order {order.code}" in said and "holds $0.34" in said
    (line,) = view_wallet(cast["ana"].customer_id).lines
    assert (line.title, line.order_code) == (f"Change from order {order.code}", order.code)


def test_without_change_nobody_is_told(cast):
    deliver(cast, 0)
    assert told("WalletChanged") == []


def test_the_end_is_told_once_a_week_ahead(cast):
    put_in(cast, 400, days=30)
    put_in(cast, 300, days=10)
    put_in(cast, 200)
    assert loyalty.warn_of_ending() == 0
    with clock.moved(timedelta(days=4)):
        assert loyalty.warn_of_ending() == 1
        assert loyalty.warn_of_ending() == 0
        (said,) = [one for one in told("WalletEnding") if "can be spent until" in one]
        assert "$3.00" in said
    with clock.moved(timedelta(days=24)):
        assert loyalty.warn_of_ending() == 1


def test_money_for_a_few_days_is_not_told_twice(cast):
    put_in(cast, 300, days=3)
    assert loyalty.warn_of_ending() == 0


def test_the_end_of_money_that_was_spent_is_not_told(cast):
    put_in(cast, 300, days=8)
    with clock.moved(timedelta(days=2)):
        assert loyalty.warn_of_ending() == 1
        place(("VITC", 1), actor=cast["ana"], wallet_minor=300)
        assert told("WalletEnding") == []


def test_the_story_names_the_order_and_pages(cast):
    put_in(cast, 900)
    order = place(("VITC", 1), actor=cast["ana"], wallet_minor=900)
    orders.act(order.code, Action.cancel, actor=cast["ana"], details=Details(reason="Changed my mind"))
    first = view_wallet(cast["ana"].customer_id, limit=2)
    assert [one.title for one in first.lines] == [
        f"Back from order {order.code}",
        f"Spent on order {order.code}",
    ]
    assert [one.operation.balance_minor for one in first.lines] == [900, 0]
    last = view_wallet(cast["ana"].customer_id, before_id=first.more, limit=2)
    assert [(one.title, one.why) for one in last.lines] == [("Added by the pharmacy", "Sorry for the wait.")]
    assert last.more is None


def test_every_moment_that_moves_a_wallet_has_words():
    from app.ledger import AccountKind
    from app.ledger.rules import RULES

    moments = {rule.moment for rule in RULES if AccountKind.wallet in {rule.debit, rule.credit}}
    assert moments <= WORDS.keys()


def test_a_lot_that_says_something_else_than_its_uses_is_named(cast):
    put_in(cast, 400, days=30)
    put_in(cast, 400)
    db.session.execute(text("UPDATE wallet_lot SET left_minor = left_minor - 1"))
    db.session.expire_all()
    lot_id = db.session.scalar(select(WalletLot.id))
    (line,) = verify_store()["wallet lots = uses"]
    assert line.startswith(f"wallet lot {lot_id} ") and "399 left, its uses say 400" in line
