"""What staff saw becomes money: exactly once, by two people when it is much, and the books agree."""

import pytest
from sqlalchemy import select

from app import loyalty, orders
from app.core.audit import AuditEntry
from app.core.db import db
from app.core.errors import Forbidden, InvalidInput
from app.desk import confirming, lapsing, queue
from app.desk.errors import AwaitsSecond, SamePerson, TransferSettled
from app.desk.models import ConfirmationStatus, TransferConfirmation
from app.notifications import build_context
from app.orders.states import Action, PaymentStatus
from app.payments import receipts
from app.payments.models import AttemptStatus, ReceiptStatus
from tests.desk.conftest import events_of, newest, proved, set_store
from tests.factories import place

P, S = PaymentStatus, AttemptStatus


def test_exact_pays(cast, asked):
    order, attempt = asked
    made = confirming.confirm(attempt.id, attempt.amount_minor, actor=cast["dmitri"], note="Chase 8841")
    receipt = receipts.receipts_of(order.id)[0]
    assert (made.status, made.receipt_id) == (ConfirmationStatus.done, receipt.id)
    assert (receipt.external_id, receipt.settled_by) == (f"desk:{made.id}", "Dmitri Test")
    assert (order.payment_status, attempt.status) == (P.PAID, S.paid)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "transfer_confirmed")).one()
    assert (entry.actor_name, entry.subject, entry.detail["note"]) == (
        "Dmitri Test",
        order.code,
        "Chase 8841",
    )
    assert queue.transfers() == [] and proved() == {}


def test_less_asks_for_the_rest(cast, asked):
    order, attempt = asked
    confirming.confirm(attempt.id, attempt.amount_minor - 500, actor=cast["dmitri"])
    assert order.payment_status is P.PARTIAL
    rest = newest(order)
    assert (rest.number, rest.amount_minor, rest.status) == (2, 500, S.pending)
    assert rest.shown["memo"] == attempt.shown["memo"]
    context = build_context(events_of("TopUpAsked")[0])
    assert context.words_for("customer", "en")["amount"] == "$5.00"
    assert context.links["customer"].url.split("?")[0].endswith(f"/pay/{order.code}")
    confirming.confirm(rest.id, 500, actor=cast["olga"])
    assert order.payment_status is P.PAID and proved() == {}


def test_more_goes_to_the_wallet(cast, asked):
    order, attempt = asked
    confirming.confirm(attempt.id, attempt.amount_minor + 1234, actor=cast["dmitri"])
    assert order.payment_status is P.PAID
    assert loyalty.balance_of(order.customer_id) == 1234
    assert proved() == {}


def test_extra_cents_go_to_the_wallet(cast, asked):
    second = place(("VITC", 1), actor=cast["felix"], payment_method="zelle")
    attempt = newest(second)
    confirming.confirm(attempt.id, attempt.amount_minor, actor=cast["dmitri"])
    assert second.payment_status is P.PAID and loyalty.balance_of(second.customer_id) == 1


def test_late_money_still_pays(cast, asked):
    order, attempt = asked
    lapsing.lapse(attempt.id)
    assert [one.order.id for one in queue.transfers(ended=True)] == [order.id]
    confirming.confirm(attempt.id, attempt.amount_minor, actor=cast["dmitri"])
    assert (order.payment_status, attempt.status) == (P.PAID, S.paid)
    assert proved() == {}


def test_money_for_a_cancelled_order_goes_to_the_wallet(cast, asked):
    order, attempt = asked
    lapsing.lapse(attempt.id)
    orders.act(order.code, Action.cancel, actor=cast["carla"], details=orders.Details(reason="Late"))
    confirming.confirm(attempt.id, attempt.amount_minor, actor=cast["dmitri"])
    assert receipts.receipts_of(order.id)[0].status is ReceiptStatus.to_wallet
    assert loyalty.balance_of(order.customer_id) == attempt.amount_minor
    assert len(events_of("PaidTwice")) == 1 and proved() == {}


def test_who_may_not(cast, asked):
    _order, attempt = asked
    for actor in (cast["carla"], cast["ana"]):
        with pytest.raises(Forbidden):
            confirming.confirm(attempt.id, 100, actor=actor)
        with pytest.raises(Forbidden):
            confirming.refuse(attempt.id, "No", actor=actor)


def test_nothing_is_no_amount(cast, asked):
    with pytest.raises(InvalidInput):
        confirming.confirm(asked[1].id, 0, actor=cast["dmitri"])


def test_twice_is_once(cast, asked):
    order, attempt = asked
    confirming.confirm(attempt.id, attempt.amount_minor, actor=cast["dmitri"])
    with pytest.raises(TransferSettled) as refused:
        confirming.confirm(attempt.id, attempt.amount_minor, actor=cast["olga"])
    assert "Dmitri Test" in str(refused.value)
    assert len(receipts.receipts_of(order.id)) == 1


@pytest.fixture
def large(cast):
    order = place(("GOLD", 1), actor=cast["ana"], payment_method="zelle")
    return order, newest(order)


def test_much_needs_a_second_person(cast, large):
    order, attempt = large
    made = confirming.confirm(attempt.id, attempt.amount_minor, actor=cast["dmitri"])
    assert (made.status, attempt.status) == (ConfirmationStatus.waiting, S.held)
    assert order.payment_status is P.AWAITING and receipts.receipts_of(order.id) == []
    assert build_context(events_of("SecondPersonAsked")[0]).words_for("managers", "en")["by"] == "Dmitri Test"
    with pytest.raises(SamePerson):
        confirming.confirm_second(made.id, actor=cast["dmitri"])
    with pytest.raises(AwaitsSecond):
        confirming.confirm(attempt.id, 100, actor=cast["olga"])
    with pytest.raises(AwaitsSecond):
        confirming.refuse(attempt.id, "Nothing there", actor=cast["olga"])
    confirming.confirm_second(made.id, actor=cast["olga"])
    assert order.payment_status is P.PAID
    assert (made.first_by, made.second_by) == (cast["dmitri"].user_id, cast["olga"].user_id)
    with pytest.raises(TransferSettled):
        confirming.confirm_second(made.id, actor=cast["olga"])
    assert proved() == {}


def test_below_the_limit_and_without_one(cast, large):
    order, attempt = large
    set_store(transfer_second_from_minor=attempt.amount_minor + 1)
    assert confirming.confirm(attempt.id, 100, actor=cast["dmitri"]).status is ConfirmationStatus.done
    set_store(transfer_second_from_minor=0)
    made = confirming.confirm(newest(order).id, 90_000, actor=cast["dmitri"])
    assert made.status is ConfirmationStatus.done and order.payment_status is P.PAID


def test_an_amount_taken_back(cast, large):
    _order, attempt = large
    made = confirming.confirm(attempt.id, 70_000, actor=cast["dmitri"])
    confirming.drop(made.id, actor=cast["dmitri"])
    again = confirming.confirm(attempt.id, attempt.amount_minor, actor=cast["dmitri"])
    confirming.confirm_second(again.id, actor=cast["olga"])
    assert [one.status.value for one in db.session.scalars(select(TransferConfirmation))] == [
        "dropped",
        "done",
    ]


def test_nothing_found_is_told_with_its_reason(cast, asked):
    order, attempt = asked
    with pytest.raises(InvalidInput):
        confirming.refuse(attempt.id, " ", actor=cast["dmitri"])
    confirming.refuse(attempt.id, "No such number in our account.", actor=cast["dmitri"])
    assert attempt.status is S.failed
    words = build_context(events_of("TransferNotFound")[0]).words_for("customer", "en")
    assert words["reason"] == "No such number in our account"
    with pytest.raises(TransferSettled):
        confirming.refuse(attempt.id, "Again", actor=cast["olga"])
    confirming.confirm(attempt.id, attempt.amount_minor, actor=cast["dmitri"])  # it came after all
    assert order.payment_status is P.PAID and proved() == {}
