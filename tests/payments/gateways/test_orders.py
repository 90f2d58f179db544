"""From an order to its money by a real adapter: paid, declined and paid again, of another amount, refunded."""

import pytest
from flask import Flask
from sqlalchemy import text

from app import ledger, orders
from app.core.db import db
from app.demo import accounts
from app.ledger import AccountKind
from app.orders import paying
from app.orders.states import Action, PaymentStatus
from app.payments import attempts, methods, receipts, refunds
from app.payments.gateways import gateway
from app.payments.models import AttemptStatus, ReceiptStatus, RefundStatus
from app.payments.ports import NewsStatus
from tests.factories import make_branch, make_customer, make_variant, make_zone, place
from tests.payments.gateways.conftest import short
from tests.sandbox.conftest import Sandbox

A = AccountKind
CARD = "authorizenet"


@pytest.fixture
def ana(app: Flask, store, desk: Sandbox, monkeypatch: pytest.MonkeyPatch):
    """A customer of a shop that takes cards by the sandbox's Authorize.Net."""
    addresses = {"AUTHORIZENET_URL": "/authorizenet", "AUTHORIZENET_FORM_URL": "/authorizenet"}
    for name, path in addresses.items():
        monkeypatch.setitem(app.config, name, desk.url + path)
    monkeypatch.setitem(app.config, "SANDBOX_URL", desk.url)
    monkeypatch.setattr("app.core.settings._values", app.config)
    branch = make_branch()
    make_zone(branch)
    make_variant(branch, "VITC", price_minor=1250, on_hand=100)
    accounts.open_methods("USD")
    return make_customer("Ana")


def begin(order):
    """The order's attempt, which the customer can pay now."""
    attempt = attempts.attempts_of(order.id)[-1]
    paying.start(attempt, gateway(CARD), methods.credentials(CARD))
    return attempt


def act(desk: Sandbox, attempt, action: str) -> None:
    rows = desk.http.get("/money/payments.json", params={"reference": short(attempt.reference)}).json()
    url = f"/money/payments/{CARD}/{rows[0]['id']}"
    desk.http.post(url, json={"action": action}).raise_for_status()


def hear(attempt, external_id: str = ""):
    news = gateway(CARD).ask(methods.credentials(CARD), attempt.reference, external_id or attempt.external_id)
    assert news is not None
    paying.accept_news(attempt.id, news, source="poller")
    return news


def balanced() -> None:
    db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    db.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))


def test_an_order_is_paid_once_however_often_it_is_told(ana, desk: Sandbox):
    order = place(("VITC", 2), actor=ana, payment_method=CARD)
    attempt = begin(order)
    assert attempt.shown["form"]["token"] and attempt.shown["url"].endswith("/payment/payment")
    act(desk, attempt, "pay")
    for _time in range(3):
        hear(attempt)
    assert order.payment_status is PaymentStatus.PAID
    [receipt] = receipts.receipts_of(order.id)
    assert (receipt.applied_minor, receipt.wallet_minor) == (order.total_minor, 0)
    assert ledger.balance(A.clearing, "USD", CARD) == order.total_minor
    balanced()


def test_a_declined_card_leaves_the_order_and_a_late_one_pays_it(ana, desk: Sandbox):
    order = place(("VITC", 2), actor=ana, payment_method=CARD)
    first = begin(order)
    act(desk, first, "decline")
    assert hear(first).status is NewsStatus.failed
    assert (first.status, order.payment_status) == (AttemptStatus.failed, PaymentStatus.AWAITING)
    paying.next_attempt(order.code, actor=ana)
    second = begin(order)
    act(desk, first, "pay")  # in the tab that was left open
    hear(first)
    assert order.payment_status is PaymentStatus.PAID
    act(desk, second, "pay")
    hear(second)
    kept = [(one.status, one.amount_minor) for one in receipts.receipts_of(order.id)]
    total = order.total_minor
    assert kept == [(ReceiptStatus.applied, total), (ReceiptStatus.to_wallet, total)]
    balanced()


@pytest.mark.parametrize(("fault", "reason"), [("wrong_amount", "amount"), ("wrong_currency", "currency")])
def test_money_that_does_not_fit_pays_nothing(ana, desk: Sandbox, fault: str, reason: str):
    order = place(("VITC", 2), actor=ana, payment_method=CARD)
    attempt = begin(order)
    desk.chaos(CARD, fault, times=1)
    act(desk, attempt, "pay")
    hear(attempt)
    [receipt] = receipts.receipts_of(order.id)
    assert (receipt.status, receipt.reason) == (ReceiptStatus.review, reason)
    assert order.payment_status is PaymentStatus.AWAITING


def test_a_cancelled_order_gives_its_money_back_along_the_same_way(ana, desk: Sandbox):
    order = place(("VITC", 2), actor=ana, payment_method=CARD)
    attempt = begin(order)
    act(desk, attempt, "pay")
    hear(attempt)
    orders.act(order.code, Action.cancel, actor=ana, details=orders.Details(reason="Changed my mind"))
    [refund] = [one for one in refunds.refunds_of(order.id) if one.method == CARD]
    asked = refunds.begin_sending(refund.id)
    assert asked is not None
    answer = gateway(CARD).refund(methods.credentials(CARD), asked)
    assert (answer.done, answer.voided) == (True, True)
    refunds.record_answer(refund.id, answer)
    assert refund.status is RefundStatus.done
    assert ledger.balance(A.clearing, "USD", CARD) == 0
    balanced()
