"""Whatever happens to orders, every amount is in the ledger: random lives, and `verify` after each."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app import ledger, loyalty, orders
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import DomainError, Forbidden, InvalidInput
from app.ledger import AccountKind
from app.loyalty import WalletLot, WalletShort
from app.orders import errors, refunding, settling
from app.orders.refunding import RefundWish, What
from app.orders.states import Action, PaymentStatus, Status
from app.payments import attempts, chargebacks, receipts, refunds
from app.payments.chargebacks import Dispute
from app.payments.models import RefundStatus, RefundTo
from app.payments.ports import RefundAnswer
from app.payments.receipts import Arrived
from app.verify import verify_store
from tests.factories import (
    make_branch,
    make_cast,
    make_variant,
    make_zone,
    place,
)
from tests.payments.money import CARD, open_method, pay

A = AccountKind
D = orders.Details


@pytest.fixture
def shop(store):
    branch = make_branch()
    make_zone(branch)
    make_variant(branch, "VITC", price_minor=1250, on_hand=5000)
    make_variant(branch, "ZINC", price_minor=799, on_hand=5000)
    open_method()
    return branch


@pytest.fixture
def cast(shop):
    return make_cast()


def put_in(customer: Actor, amount: int, owner: Actor, *, days: int = 0, key: str = "") -> None:
    until = clock.now() + timedelta(days=days) if days else None
    assert customer.customer_id is not None
    loyalty.correct(
        customer.customer_id,
        amount,
        reason="Sorry for the wait",
        key=key or f"k{amount}{days}",
        actor=owner,
        expires_at=until,
    )


def proved() -> dict[str, list[str]]:
    db.session.flush()
    db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    db.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    return {name: rows for name, rows in verify_store().items() if rows}


STEPS = (
    "place",
    "place_by_card",
    "pay",
    "pay_part",
    "refund",
    "refund_line",
    "refund_amount",
    "refund_answered",
    "dispute",
    "wallet",
    "confirm",
    "ready",
    "assign",
    "unassign",
    "pick_up",
    "deliver",
    "fail",
    "take_back",
    "retry",
    "cancel",
)


def step(name: str, number: int, made: list[str], cast: dict[str, Actor]) -> None:
    """One deed on the order that the number picks; what the rules refuse is refused."""
    if name == "place":
        items = [("VITC", 1 + number % 3)] + ([("ZINC", 1)] if number % 2 else [])
        made.append(place(*items, actor=cast["ana"], wallet_minor=(number % 4) * 700).code)
        return
    if name == "wallet":
        put_in(cast["ana"], 500 + number, cast["owner"], key=f"w{number}{len(made)}")
        return
    if name == "place_by_card":
        card = {"payment_method": CARD, "wallet_minor": (number % 3) * 500}
        made.append(place(("VITC", 1 + number % 4), actor=cast["ana"], **card).code)
        return
    code = made[number % len(made)] if made else "MIA-NONE"
    if name in MONEY:
        order = orders.get_order(code, actor=cast["owner"])
        if attempts.attempts_of(order.id) or name.startswith("refund"):
            MONEY[name](order, number, cast)
        return
    boris = cast["boris"]
    details = {
        "assign": D(driver_id=boris.driver_id),
        "unassign": D(reason="Busy"),
        "fail": D(reason="Nobody at the door"),
        "cancel": D(reason="Changed my mind"),
        "deliver": D(cash_received_minor=20_000, change_to_wallet_minor=(number % 2) * 300, id_checked=True),
    }.get(name, D())
    actor = boris if name in {"pick_up", "deliver", "fail"} else cast["carla"]
    orders.act(code, Action(name), actor=actor, details=details)


def receive(order, number, _cast):
    pay(order, external_id=f"tx{number}{order.code}")


def receive_part(order, number, _cast):
    attempt = attempts.attempts_of(order.id)[-1]
    arrived = Arrived(f"part{number}{order.code}", 1 + order.due_minor * (number % 3) // 2, order.currency)
    settling.receive(order, attempt, arrived, exact=False)


def give_back(order, number, cast):
    to = tuple(RefundTo)[number % 3]
    wish = RefundWish(What.all, to, "Broken bottles")
    refunding.refund_order(order.code, wish, key=f"a{number}", actor=cast["owner"])


def give_line_back(order, number, cast):
    line = order.lines[number % len(order.lines)]
    shelved = {line.id: number % 2}
    wish = RefundWish(
        What.lines, tuple(RefundTo)[number % 2], "One too many", {line.id: 1}, shelved, number > 6
    )
    refunding.refund_order(order.code, wish, key=f"l{number}", actor=cast["owner"])


def give_amount_back(order, number, cast):
    wish = RefundWish(What.amount, tuple(RefundTo)[number % 2], "Came late", amount_minor=100 + number * 97)
    refunding.refund_order(order.code, wish, key=f"m{number}", actor=cast["owner"])


def answer_refunds(order, number, cast):
    """The provider sends them, refuses them, or says nothing yet; a refused one goes into the wallet."""
    for refund in refunds.refunds_of(order.id):
        refunds.begin_sending(refund.id)
        if number % 3 == 0:
            refunds.record_answer(refund.id, RefundAnswer(f"re{refund.id}"))
        elif number % 3 == 1:
            refunds.record_refusal(refund.id, "no")
            if refund.status is RefundStatus.failed:
                refunding.to_wallet_instead(refund.id, actor=cast["owner"])


def dispute(order, number, cast):
    for receipt in receipts.receipts_of(order.id):
        case = Dispute(f"cb{number}", 1 + receipt.amount_minor * (number % 2) // 2, fee_minor=number)
        made = chargebacks.record(receipt.id, case, actor=cast["owner"])
        if number > 5:
            chargebacks.decide(made.id, won=number % 2 == 0, actor=cast["owner"])


MONEY = {
    "pay": receive,
    "pay_part": receive_part,
    "refund": give_back,
    "refund_line": give_line_back,
    "refund_amount": give_amount_back,
    "refund_answered": answer_refunds,
    "dispute": dispute,
}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 9)), min_size=8, max_size=40))
def test_any_life_is_in_the_books(cast, lives):
    made: list[str] = []
    for name, number in [("wallet", 3), ("place", 2), *lives]:
        try:
            step(name, number, made, cast)
        except DomainError:
            continue
    assert proved() == {}
    assert loyalty.balance_of(cast["ana"].customer_id) >= 0


def bring(code: str, cast: dict[str, Actor], **door) -> None:
    boris = cast["boris"]
    orders.act(code, Action.confirm, actor=cast["carla"])
    orders.act(code, Action.ready, actor=cast["carla"])
    orders.act(code, Action.assign, actor=cast["carla"], details=D(driver_id=boris.driver_id))
    orders.act(code, Action.pick_up, actor=boris)
    orders.act(code, Action.deliver, actor=boris, details=D(id_checked=True, **door))


def balance(kind: AccountKind, subject: str | int = "") -> int:
    return ledger.balance(kind, "USD", subject)


def test_a_cash_order_ends_in_the_envelope(cast):
    order = place(("VITC", 2), actor=cast["ana"])
    assert balance(A.customers) == 0
    bring(order.code, cast, cash_received_minor=order.due_minor + 500)
    assert balance(A.driver_cash, cast["boris"].driver_id) == order.total_minor
    assert -balance(A.sales) == order.goods_minor
    assert -balance(A.tax_payable) == order.tax_minor
    assert balance(A.cost_of_goods) == 2 * 625
    assert balance(A.customers) == balance(A.goods_out) == 0
    assert (order.change_minor, order.change_to_wallet_minor) == (500, None)
    assert proved() == {}


def test_change_can_stay_in_the_wallet(cast):
    order = place(("VITC", 2), actor=cast["ana"])
    bring(order.code, cast, cash_received_minor=order.due_minor + 500, change_to_wallet_minor=300)
    assert loyalty.balance_of(cast["ana"].customer_id) == 300
    assert balance(A.driver_cash, cast["boris"].driver_id) == order.total_minor + 300
    assert (order.change_minor, order.change_to_wallet_minor) == (200, 300)
    assert proved() == {}


def test_no_more_change_than_there_is_goes_to_the_wallet(cast):
    order = place(("VITC", 2), actor=cast["ana"])
    with pytest.raises(errors.ChangeTooLarge):
        bring(order.code, cast, cash_received_minor=order.due_minor + 500, change_to_wallet_minor=501)


def test_a_wallet_pays_a_part_and_gets_it_back(cast):
    put_in(cast["ana"], 1000, cast["owner"])
    order = place(("VITC", 2), actor=cast["ana"], wallet_minor=1000)
    assert (order.wallet_minor, order.due_minor) == (1000, order.total_minor - 1000)
    assert loyalty.balance_of(cast["ana"].customer_id) == 0
    orders.act(order.code, Action.cancel, actor=cast["ana"], details=D(reason="Changed my mind"))
    assert loyalty.balance_of(cast["ana"].customer_id) == 1000
    assert proved() == {}


def test_a_wallet_pays_it_all(cast):
    put_in(cast["ana"], 9000, cast["owner"])
    order = place(("VITC", 2), actor=cast["ana"], wallet_minor=9000)
    assert (order.due_minor, order.payment_status) == (0, PaymentStatus.PAID)
    bring(order.code, cast)
    assert order.status is Status.DELIVERED
    assert balance(A.driver_cash, cast["boris"].driver_id) == 0
    assert loyalty.balance_of(cast["ana"].customer_id) == 9000 - order.total_minor
    assert proved() == {}


def test_more_than_there_is_places_nothing(cast):
    put_in(cast["ana"], 100, cast["owner"])
    with pytest.raises(WalletShort) as refused:
        place(("VITC", 2), actor=cast["ana"], wallet_minor=1000)
    assert refused.value.data["available_minor"] == 100
    assert "$1.00" in str(refused.value)


def test_money_that_ends_soonest_goes_first_and_comes_back(cast):
    ana = cast["ana"].customer_id
    put_in(cast["ana"], 300, cast["owner"], days=30)
    put_in(cast["ana"], 400, cast["owner"], days=5)
    put_in(cast["ana"], 500, cast["owner"])
    order = place(("VITC", 2), actor=cast["ana"], wallet_minor=600)
    assert [lot.left_minor for lot in loyalty.ending_soon(ana)] == [100]
    orders.act(order.code, Action.cancel, actor=cast["ana"], details=D(reason="Changed my mind"))
    assert [lot.left_minor for lot in loyalty.ending_soon(ana)] == [400, 300]
    assert loyalty.balance_of(ana) == 1200
    assert proved() == {}


def test_money_whose_day_is_over_leaves_once(cast, monkeypatch):
    ana = cast["ana"].customer_id
    put_in(cast["ana"], 400, cast["owner"], days=5)
    put_in(cast["ana"], 500, cast["owner"])
    later = clock.now() + timedelta(days=6)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert loyalty.expire_lots() == 1
    assert loyalty.expire_lots() == 0
    assert loyalty.balance_of(ana) == 500
    assert proved() == {}


@pytest.mark.parametrize(
    ("amount", "reason", "field"),
    [
        (0, "A good reason", "amount"),
        (10**12, "A good reason", "amount"),
        (5, " x ", "reason"),
        (5, "y" * 201, "reason"),
    ],
)
def test_a_correction_says_what_and_why(cast, amount, reason, field):
    with pytest.raises(InvalidInput) as refused:
        loyalty.correct(cast["ana"].customer_id, amount, reason=reason, key="k", actor=cast["owner"])
    assert list(refused.value.errors) == [field]


def test_only_who_owns_the_store_corrects(cast):
    with pytest.raises(Forbidden):
        loyalty.correct(cast["ana"].customer_id, 5, reason="A good reason", key="k", actor=cast["carla"])
    with pytest.raises(WalletShort):
        loyalty.correct(cast["ana"].customer_id, -5, reason="A good reason", key="k", actor=cast["owner"])


def test_a_correction_sent_twice_is_one(cast):
    for _again in range(2):
        put_in(cast["ana"], 250, cast["owner"], key="once")
    history = loyalty.operations(cast["ana"].customer_id)
    assert [(one.amount_minor, one.balance_minor, one.note) for one in history] == [
        (250, 250, "Sorry for the wait")
    ]


def test_the_history_counts_up_and_pages(cast):
    for amount in (100, 200, 300):
        put_in(cast["ana"], amount, cast["owner"])
    newest, middle = loyalty.operations(cast["ana"].customer_id, limit=2)
    assert [(one.amount_minor, one.balance_minor) for one in (newest, middle)] == [(300, 600), (200, 300)]
    (oldest,) = loyalty.operations(cast["ana"].customer_id, before_id=middle.entry_id)
    assert (oldest.amount_minor, oldest.balance_minor) == (100, 100)


def test_a_lot_that_outgrew_its_wallet_is_named(cast):
    put_in(cast["ana"], 400, cast["owner"], days=5)
    (lot,) = loyalty.ending_soon(cast["ana"].customer_id)
    spare = WalletLot(
        customer_id=lot.customer_id,
        entry_id=lot.entry_id,
        amount_minor=1,
        left_minor=1,
        expires_at=lot.expires_at,
    )
    db.session.add(spare)
    assert list(proved()) == ["wallet lots = wallets"]


def test_an_order_that_the_ledger_does_not_know_is_named(cast):
    order = place(("VITC", 2), actor=cast["ana"])
    db.session.execute(text("UPDATE orders SET status = 'DELIVERED' WHERE id = :id"), {"id": order.id})
    db.session.expire_all()
    (line,) = proved()["orders = entries"]
    assert line == f"order {order.code}: earned {order.total_minor}, entries say 0"


def test_a_shelf_that_is_worth_something_else_is_named(cast, shop):
    db.session.execute(text("UPDATE stock SET value_minor = value_minor + 1"))
    db.session.expire_all()
    assert len(proved()["shelves = entries"]) == 1
