"""Money that does not fit its attempt: staff decide once, with a reason."""

import pytest

from app import ledger, notifications, orders
from app.core.db import db
from app.core.errors import Forbidden, InvalidInput
from app.ledger import AccountKind
from app.notifications.models import Delivery
from app.orders import Details, errors, paying, reviewing
from app.orders.expiry import expire_unpaid
from app.orders.pay_view import PayState, load_pay_view
from app.orders.states import Action, PaymentStatus
from app.payments import receipts, refunds
from app.payments.errors import RefundMoved
from app.payments.models import ReceiptStatus
from jobs.notifications import notify
from tests.payments.bank import CODE
from tests.payments.conftest import buy, hear
from tests.payments.steps import called, later, proved, wallet

A = AccountKind


@pytest.fixture
def odd(cast, bank):
    """A dollar less came than was asked for."""
    order = buy(cast)
    paying.begin(order.code, actor=cast["ana"])
    bank.pay(f"{order.code}_pay1", order.due_minor - 100)
    called(f"{order.code}_pay1")
    (receipt,) = receipts.in_review()
    return order, receipt


def test_another_amount_waits_for_staff_and_is_told(cast, odd):
    order, receipt = odd
    assert (order.payment_status, receipt.reason) == (PaymentStatus.AWAITING, "amount")
    assert ledger.balance(A.clearing, "USD", CODE) == 0
    assert load_pay_view(order).state is PayState.review
    notifications.ensure_defaults()
    hear(notify, "PaymentInReview")
    (told,) = db.session.query(Delivery).filter_by(audience="managers")
    assert order.code in told.title and "$" in told.body


def test_accepted_it_pays_as_far_as_it_goes(cast, odd):
    order, receipt = odd
    reviewing.accept(receipt.id, reason="The bank took a fee", actor=cast["dmitri"])
    assert order.payment_status is PaymentStatus.PARTIAL
    assert load_pay_view(order).open_minor == 100
    with pytest.raises(errors.PaymentOpen):
        orders.act(order.code, Action.confirm, actor=cast["carla"])
    with pytest.raises(RefundMoved):
        reviewing.put_into_wallet(receipt.id, reason="The bank took a fee", actor=cast["dmitri"])
    assert proved() == {}


def test_it_can_go_to_the_wallet(cast, odd):
    order, receipt = odd
    reviewing.put_into_wallet(receipt.id, reason="Asked by the customer", actor=cast["dmitri"])
    assert (wallet(cast), receipt.status) == (order.due_minor - 100, ReceiptStatus.to_wallet)
    assert order.payment_status is PaymentStatus.AWAITING
    assert proved() == {}


def test_it_can_go_back_and_come_again_when_that_fails(cast, odd):
    order, receipt = odd
    reviewing.send_back(receipt.id, reason="Asked by the customer", actor=cast["dmitri"])
    (refund,) = refunds.refunds_of(order.id)
    assert (receipt.status, refund.amount_minor) == (ReceiptStatus.returned, order.due_minor - 100)
    assert (ledger.balance(A.clearing, "USD", CODE), refunds.gone_back(order.id)) == (
        order.due_minor - 100,
        0,
    )
    assert refunds.begin_sending(refund.id).paid_minor == order.due_minor - 100
    refunds.record_refusal(refund.id, "card closed")
    refunds.drop(refund, cast["dmitri"])
    assert receipt.status is ReceiptStatus.review
    assert ledger.balance(A.clearing, "USD", CODE) == ledger.balance(A.refunds_due, "USD", CODE) == 0
    assert proved() == {}


def test_money_of_another_currency_only_goes_back(cast, bank):
    order = buy(cast)
    paying.begin(order.code, actor=cast["ana"])
    bank.pay(f"{order.code}_pay1", order.due_minor, "EUR")
    called(f"{order.code}_pay1")
    (receipt,) = receipts.in_review()
    for decide in (reviewing.accept, reviewing.put_into_wallet):
        with pytest.raises(reviewing.OtherCurrency):
            decide(receipt.id, reason="Looks right to me", actor=cast["dmitri"])
    reviewing.send_back(receipt.id, reason="We take dollars", actor=cast["dmitri"])
    assert proved() == {}


def test_only_managers_decide_and_say_why(cast, odd):
    _order, receipt = odd
    with pytest.raises(Forbidden):
        reviewing.accept(receipt.id, reason="Looks right to me", actor=cast["carla"])
    with pytest.raises(InvalidInput):
        reviewing.accept(receipt.id, reason=" ok ", actor=cast["dmitri"])


def test_a_review_keeps_the_order_alive(cast, odd, monkeypatch):
    later(monkeypatch, 600)
    assert expire_unpaid() == []


def test_a_paid_order_that_is_cancelled_gives_it_back(cast, bank):
    order = buy(cast)
    paying.begin(order.code, actor=cast["ana"])
    bank.pay(f"{order.code}_pay1", order.due_minor)
    called(f"{order.code}_pay1")
    orders.act(order.code, Action.cancel, actor=cast["ana"], details=Details(reason="Changed my mind"))
    assert order.payment_status is PaymentStatus.REFUNDED
    assert load_pay_view(order).state is PayState.over
    assert proved() == {}
