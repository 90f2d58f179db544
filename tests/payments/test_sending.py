"""Refunds on their way to the provider: killed at each step, refused, unanswered; each goes back once."""

from datetime import timedelta

import pytest

from app.core import clock
from app.core.db import db
from app.orders import refunding
from app.orders.refunding import RefundWish, What
from app.payments import refunds, sending
from app.payments.gateways import GATEWAYS
from app.payments.models import Refund, RefundStatus, RefundTo
from app.payments.ports import OutcomeUnknown, Refused, TryLater
from tests.factories import make_branch, make_customer, make_driver, make_staff, make_variant, make_zone
from tests.orders.test_books import proved
from tests.payments.money import CARD, TestGateway, deliver, open_method, paid_order


class Killed(BaseException):
    """The worker is gone: nothing after it runs."""


@pytest.fixture
def gateway(monkeypatch):
    made = TestGateway()
    monkeypatch.setitem(GATEWAYS, CARD, made)
    return made


@pytest.fixture
def refund(store, gateway):
    branch = make_branch()
    make_zone(branch)
    make_variant(branch, "VITC", price_minor=1250, on_hand=100)
    open_method()
    order = paid_order(("VITC", 2), actor=make_customer("Ana"))
    deliver(order, carla=make_staff("Carla"), boris=make_driver("Boris"))
    wish = RefundWish(What.all, RefundTo.source, "Two bottles were broken")
    (made,) = refunding.refund_order(order.code, wish, key="k", actor=make_staff("Dmitri", "manager"))
    return made.id


def state(refund: int) -> Refund:
    db.session.expire_all()
    return db.session.get_one(Refund, refund)


@pytest.fixture
def later(monkeypatch):
    """Let time pass."""
    base, passed = clock.now, [timedelta(0)]
    monkeypatch.setattr(clock, "now", lambda: base() + passed[0])

    def wait(minutes: float) -> None:
        passed[0] += timedelta(minutes=minutes)

    return wait


def test_sent_once_and_done(refund, gateway):
    for _again in range(3):
        sending.send_refund(refund)
    assert (state(refund).status, len(gateway.sent), gateway.asked) == (RefundStatus.done, 1, 1)
    assert gateway.sent[state(refund).reference].amount_minor == state(refund).amount_minor
    assert proved() == {}


@pytest.mark.parametrize("where", ["begin_sending", "record_answer"])
def test_killed_after_a_step_it_goes_on(refund, gateway, later, monkeypatch, where):
    real = getattr(refunds, where)

    def then_killed(*given):
        if where == "record_answer":
            raise Killed  # the provider has it, nobody wrote that down
        real(*given)
        raise Killed

    monkeypatch.setattr(refunds, where, then_killed)
    with pytest.raises(Killed):
        sending.send_refund(refund)
    db.session.rollback()
    monkeypatch.setattr(refunds, where, real)
    assert state(refund).status is RefundStatus.sending
    sending.send_refund(refund)  # too early: the first may still be at it
    assert state(refund).status is RefundStatus.sending
    later(3)
    assert sending.send_due() == 1
    assert (state(refund).status, len(gateway.sent)) == (RefundStatus.done, 1)
    assert sending.send_due() == 0
    assert proved() == {}


@pytest.mark.parametrize("trouble", [TryLater("503 busy"), OutcomeUnknown("ReadTimeout")])
def test_no_answer_is_asked_again_until_there_is_one(refund, gateway, later, trouble):
    gateway.trouble = lambda: trouble
    sending.send_refund(refund)
    found = state(refund)
    assert (found.status, str(trouble) in found.problem) == (RefundStatus.sending, True)
    for minutes in (1, 2):
        later(minutes)
        sending.send_due()
    assert gateway.asked == 2
    gateway.trouble = lambda: None
    later(10)
    sending.send_due()
    assert (state(refund).status, state(refund).problem) == (RefundStatus.done, "")
    assert proved() == {}


def test_not_done_yet_is_asked_about(refund, gateway, later):
    gateway.done = False
    sending.send_refund(refund)
    assert state(refund).status is RefundStatus.sending
    gateway.done = True
    later(3)
    sending.send_due()
    assert state(refund).status is RefundStatus.done
    assert proved() == {}


def test_a_refusal_waits_for_staff(refund, gateway, later):
    gateway.trouble = lambda: Refused("54 The referenced transaction does not meet the criteria")
    sending.send_refund(refund)
    later(600)
    assert sending.send_due() == 0
    assert (state(refund).status, state(refund).problem[:2]) == (RefundStatus.failed, "54")
    assert proved() == {}


def test_a_store_without_an_account_is_told_so(refund, gateway, monkeypatch):
    from app.core.errors import NotFound
    from app.payments import methods

    def none(_code: str):
        raise NotFound

    monkeypatch.setattr(methods, "credentials", none)
    sending.send_refund(refund)
    assert (state(refund).status, state(refund).problem) == (RefundStatus.failed, sending.NO_ACCOUNT)
    assert gateway.asked == 0
