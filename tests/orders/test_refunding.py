"""Refunds of what was handed over: by line, by amount, whole; along the payment, into the wallet, out of the till."""

import pytest
from sqlalchemy import select, text

from app import ledger, loyalty, orders
from app.core.db import db
from app.core.errors import Forbidden, InvalidInput, KeyReused
from app.core.events import history
from app.inventory.models import Stock
from app.ledger import AccountKind
from app.orders import refunding
from app.orders.errors import NotRefundable, RefundAboveLimit, TillShort
from app.orders.refunding import RefundWish, What
from app.orders.states import Action, PaymentStatus
from app.payments import chargebacks, receipts, refunds
from app.payments.chargebacks import Dispute
from app.payments.errors import RefundMoved, RefundTooLarge
from app.payments.models import PaymentReceipt, RefundStatus, RefundTo
from app.payments.ports import RefundAnswer
from tests.factories import (
    make_branch,
    make_cast,
    make_variant,
    make_zone,
    place,
)
from tests.orders.test_books import proved, put_in
from tests.payments.money import CARD, deliver, open_method, paid_order

A, To = AccountKind, RefundTo


@pytest.fixture
def shop(store):
    branch = make_branch()
    make_zone(branch)
    make_variant(branch, "VITC", price_minor=1250, on_hand=100)
    make_variant(branch, "ZINC", price_minor=799, on_hand=100)
    open_method()
    open_method("zelle")
    return branch


@pytest.fixture
def cast(shop):
    return make_cast()


def bring(order, cast, **door):
    return deliver(order, carla=cast["carla"], boris=cast["boris"], **door)


def by_card(cast, *items):
    return bring(paid_order(*(items or (("VITC", 3),)), actor=cast["ana"]), cast)


def wish(what=What.all, to=To.wallet, **more) -> RefundWish:
    return RefundWish(what=what, to=to, reason="Two bottles were broken", **more)


def give(order, cast, wanted=None, *, key="k1", who="dmitri"):
    return refunding.refund_order(order.code, wanted or wish(), key=key, actor=cast[who])


def balance(kind, subject="") -> int:
    return ledger.balance(kind, "USD", subject)


def test_all_of_a_card_order_goes_back_along_the_card(cast):
    order = by_card(cast)
    (refund,) = give(order, cast, wish(to=To.source))
    assert (refund.status, refund.method, refund.amount_minor) == (
        RefundStatus.requested,
        CARD,
        order.total_minor,
    )
    assert order.payment_status is PaymentStatus.REFUNDED
    assert balance(A.refunds_due, CARD) == -order.total_minor
    assert balance(A.customers) == 0
    assert proved() == {}
    refunds.record_answer(refund.id, RefundAnswer("re-1"))
    assert balance(A.clearing, CARD) == balance(A.refunds_due, CARD) == 0
    assert -balance(A.sales) - balance(A.sales_returns) == 0
    assert balance(A.tax_payable) == balance(A.delivery_fees) == 0
    assert proved() == {}


def test_a_line_goes_back_unit_by_unit_and_sums_to_the_line(cast):
    order = by_card(cast, ("VITC", 3), ("ZINC", 1))
    line = next(line for line in order.lines if line.sku == "VITC")
    amounts = [
        give(order, cast, wish(What.lines, units={line.id: 1}), key=f"k{number}")[0].amount_minor
        for number in range(3)
    ]
    assert sum(amounts) == line.net_minor + line.tax_minor
    assert max(amounts) - min(amounts) <= 2
    assert loyalty.balance_of(cast["ana"].customer_id) == sum(amounts)
    assert order.payment_status is PaymentStatus.PAID
    with pytest.raises(InvalidInput) as refused:
        give(order, cast, wish(What.lines, units={line.id: 1}), key="k9")
    assert f"units-{line.id}" in refused.value.errors
    give(order, cast, key="rest")
    assert loyalty.balance_of(cast["ana"].customer_id) == order.total_minor
    assert order.payment_status is PaymentStatus.REFUNDED
    assert proved() == {}


def test_the_delivery_fee_and_goods_that_go_to_the_shelf(cast, shop):
    order = by_card(cast)
    line = order.lines[0]
    stock = db.session.scalars(select(Stock).where(Stock.variant_id == line.variant_id)).one()
    value, on_hand = stock.value_minor, stock.on_hand
    (refund,) = give(order, cast, wish(What.lines, units={line.id: 2}, shelved={line.id: 2}, delivery=True))
    db.session.refresh(stock)
    assert (stock.on_hand, stock.value_minor) == (on_hand + 2, value + 2 * 625)
    assert balance(A.cost_of_goods) == 625
    assert balance(A.delivery_fees) == 0
    assert [one["units"] for one in refund.lines] == [2]
    assert proved() == {}


def test_an_amount_lies_on_goods_delivery_and_tax(cast):
    order = by_card(cast)
    give(order, cast, wish(What.amount, amount_minor=1000))
    left = refunding.refundable(order)
    assert left.most_minor == order.total_minor - 1000
    assert 0 < left.left.tax < order.tax_minor
    with pytest.raises(RefundTooLarge):
        give(order, cast, wish(What.amount, amount_minor=left.most_minor + 1), key="k2")
    give(order, cast, wish(What.amount, amount_minor=left.most_minor), key="k3")
    assert order.payment_status is PaymentStatus.REFUNDED
    with pytest.raises(InvalidInput):
        give(order, cast, key="k4")
    assert proved() == {}


def test_a_split_order_gives_the_card_and_the_wallet_their_parts(cast):
    put_in(cast["ana"], 1000, cast["owner"])
    order = by_card_and_wallet(cast, 1000)
    made = give(order, cast, wish(to=To.source))
    assert [(one.to, one.amount_minor) for one in made] == [
        (To.source, order.total_minor - 1000),
        (To.wallet, 1000),
    ]
    assert loyalty.balance_of(cast["ana"].customer_id) == 1000
    assert proved() == {}


def by_card_and_wallet(cast, minor):
    order = paid_order(("VITC", 3), actor=cast["ana"], wallet_minor=minor)
    return bring(order, cast)


def test_a_cash_order_goes_back_into_the_wallet_or_out_of_the_till(cast, shop):
    order = place(("VITC", 2), actor=cast["ana"])
    bring(order, cast, cash_received_minor=order.due_minor)
    with pytest.raises(RefundTooLarge):
        give(order, cast, wish(to=To.source))
    with pytest.raises(TillShort):
        give(order, cast, wish(to=To.cash))
    give(order, cast)
    assert loyalty.balance_of(cast["ana"].customer_id) == order.total_minor
    assert proved() == {}


def test_the_till_gives_what_it_has(cast, shop):
    order = place(("VITC", 2), actor=cast["ana"], kind="pickup", branch=shop.code)
    orders.act(order.code, Action.confirm, actor=cast["carla"])
    orders.act(order.code, Action.ready, actor=cast["carla"])
    details = orders.Details(
        pickup_code=order.pickup_code, cash_received_minor=order.due_minor, id_checked=True
    )
    orders.act(order.code, Action.collect, actor=cast["carla"], details=details)
    assert balance(A.till, shop.id) == order.total_minor
    (refund,) = give(order, cast, wish(to=To.cash))
    assert (refund.status, balance(A.till, shop.id)) == (RefundStatus.done, 0)
    assert proved() == {}


def test_the_same_key_gives_back_once(cast):
    order = by_card(cast)
    wanted = wish(What.amount, amount_minor=500)
    first, again = give(order, cast, wanted), give(order, cast, wanted)
    assert [one.id for one in first] == [one.id for one in again]
    assert loyalty.balance_of(cast["ana"].customer_id) == 500
    with pytest.raises(KeyReused):
        give(order, cast, wish(What.amount, amount_minor=501))


def test_only_managers_and_up_to_their_limit(cast, monkeypatch):
    order = by_card(cast)
    for who in ("carla", "boris", "ana"):
        with pytest.raises(Forbidden):
            give(order, cast, who=who)
    from dataclasses import replace

    from app import stores

    limited = replace(stores.current_store(), refund_limit_minor=1000)
    monkeypatch.setattr(stores, "current_store", lambda: limited)
    with pytest.raises(RefundAboveLimit):
        give(order, cast, wish(What.amount, amount_minor=1001))
    give(order, cast, wish(What.amount, amount_minor=1000))
    give(order, cast, who="owner", key="k2")


def test_what_nobody_has_yet_is_cancelled_not_refunded(cast):
    order = paid_order(("VITC", 1), actor=cast["ana"])
    with pytest.raises(NotRefundable):
        give(order, cast)


@pytest.mark.parametrize("reason", ["", "  x ", "y" * 201])
def test_a_reason_is_needed(cast, reason):
    order = by_card(cast)
    with pytest.raises(InvalidInput) as refused:
        give(order, cast, RefundWish(What.all, To.wallet, reason))
    assert "reason" in refused.value.errors


def test_more_to_the_shelf_than_comes_back_is_refused(cast):
    order = by_card(cast)
    line = order.lines[0]
    with pytest.raises(InvalidInput) as refused:
        give(order, cast, wish(What.lines, units={line.id: 1}, shelved={line.id: 2}))
    assert f"shelved-{line.id}" in refused.value.errors


def test_the_order_remembers_it(cast):
    order = by_card(cast)
    give(order, cast, wish(What.amount, amount_minor=700))
    fact = history("order", order.id)[-1]
    assert (fact.type, fact.payload["amount_minor"], fact.payload["to"]) == ("OrderRefunded", 700, "wallet")
    assert fact.payload["left_minor"] == order.total_minor - 700


def test_a_refused_refund_goes_into_the_wallet_instead(cast):
    order = by_card(cast)
    (refund,) = give(order, cast, wish(to=To.source))
    with pytest.raises(RefundMoved):
        refunding.to_wallet_instead(refund.id, actor=cast["dmitri"])
    refunds.record_refusal(refund.id, "card closed")
    assert proved() == {}
    made = refunding.to_wallet_instead(refund.id, actor=cast["dmitri"])
    assert (made.to, made.amount_minor, refund.status) == (To.wallet, order.total_minor, RefundStatus.dropped)
    assert loyalty.balance_of(cast["ana"].customer_id) == order.total_minor
    assert refunding.refundable(order).most_minor == 0
    with pytest.raises(RefundMoved):
        refunding.to_wallet_instead(refund.id, actor=cast["dmitri"])
    assert proved() == {}


def test_what_staff_send_by_hand_is_done_when_they_say_so(cast):
    order = bring(paid_order(("VITC", 2), actor=cast["ana"], method="zelle"), cast)
    (refund,) = give(order, cast, wish(to=To.source))
    assert (refund.status, refund.method) == (RefundStatus.requested, "zelle")
    with pytest.raises(InvalidInput):
        refunding.note_sent(refund.id, " ", actor=cast["dmitri"])
    refunding.note_sent(refund.id, "JPM-991", actor=cast["dmitri"])
    assert (refund.status, refund.external_id) == (RefundStatus.done, "JPM-991")
    assert balance(A.clearing, "zelle") == 0
    assert proved() == {}


def test_cancelling_gives_back_and_says_why(cast):
    put_in(cast["ana"], 500, cast["owner"])
    order = paid_order(("VITC", 2), actor=cast["ana"], wallet_minor=500)
    orders.act(order.code, Action.cancel, actor=cast["ana"], details=orders.Details(reason="Changed my mind"))
    (refund,) = refunds.refunds_of(order.id)
    assert (refund.to, refund.reason) == (To.source, "Changed my mind")
    assert (order.payment_status, loyalty.balance_of(cast["ana"].customer_id)) == (
        PaymentStatus.REFUNDED,
        500,
    )
    assert proved() == {}


def test_a_wallet_order_that_is_cancelled_is_refunded(cast):
    put_in(cast["ana"], 9000, cast["owner"])
    order = place(("VITC", 2), actor=cast["ana"], wallet_minor=9000)
    orders.act(order.code, Action.cancel, actor=cast["ana"], details=orders.Details(reason="Changed my mind"))
    assert order.payment_status is PaymentStatus.REFUNDED


def test_goods_that_come_back_undelivered_give_the_money_back(cast):
    order = paid_order(("VITC", 2), actor=cast["ana"], method="zelle")
    carla, boris = cast["carla"], cast["boris"]
    orders.act(order.code, Action.confirm, actor=carla)
    orders.act(order.code, Action.ready, actor=carla)
    orders.act(order.code, Action.assign, actor=carla, details=orders.Details(driver_id=boris.driver_id))
    orders.act(order.code, Action.pick_up, actor=boris)
    orders.act(order.code, Action.fail, actor=boris, details=orders.Details(reason="Nobody at the door"))
    orders.act(order.code, Action.take_back, actor=carla)
    assert order.payment_status is PaymentStatus.REFUNDED
    assert loyalty.balance_of(cast["ana"].customer_id) == order.total_minor
    (receipt,) = receipts.receipts_of(order.id)
    assert receipt.refunded_minor == receipt.applied_minor
    assert proved() == {}


def receipt_of(order) -> PaymentReceipt:
    return receipts.receipts_of(order.id)[0]


def test_a_chargeback_takes_the_money_and_leaves_nothing_to_refund(cast):
    order = by_card(cast)
    dispute = Dispute("cb-77", order.total_minor, fee_minor=1500)
    with pytest.raises(Forbidden):
        chargebacks.record(receipt_of(order).id, dispute, actor=cast["carla"])
    made = chargebacks.record(receipt_of(order).id, dispute, actor=cast["dmitri"])
    assert chargebacks.record(receipt_of(order).id, dispute, actor=cast["dmitri"]).id == made.id
    assert (balance(A.chargebacks, CARD), balance(A.gateway_fees, CARD)) == (order.total_minor, 1500)
    assert refunding.refundable(order).most_minor == 0
    with pytest.raises(InvalidInput):
        give(order, cast)
    assert proved() == {}
    chargebacks.decide(made.id, won=True, actor=cast["dmitri"])
    assert balance(A.chargebacks, CARD) == 0
    assert refunding.refundable(order).most_minor == order.total_minor
    with pytest.raises(RefundMoved):
        chargebacks.decide(made.id, won=False, actor=cast["dmitri"])
    assert proved() == {}


def test_a_bank_cannot_take_more_than_was_paid(cast):
    order = by_card(cast)
    with pytest.raises(RefundTooLarge):
        chargebacks.record(receipt_of(order).id, Dispute("cb-1", order.total_minor + 1), actor=cast["dmitri"])
    with pytest.raises(InvalidInput) as refused:
        chargebacks.record(receipt_of(order).id, Dispute(" ", 0, -1), actor=cast["dmitri"])
    assert set(refused.value.errors) == {"case", "amount", "fee"}


def test_a_refund_that_was_changed_by_hand_is_named(cast):
    order = by_card(cast)
    (refund,) = give(order, cast, wish(to=To.source))
    db.session.execute(text("UPDATE refund SET amount_minor = amount_minor + 1"))
    db.session.expire_all()
    found = proved()
    assert refund.reference in found["refunds = entries"][0]
    assert "receipts = entries" in found


def test_a_payment_that_was_changed_by_hand_is_named(cast):
    by_card(cast)
    db.session.execute(text("UPDATE payment_receipt SET amount_minor = amount_minor + 1"))
    db.session.expire_all()
    assert {"receipts = entries", "clearing = receipts − refunds − settled"} <= proved().keys()
