"""From an order that awaits its payment to one that is paid, whoever brings the news and in whatever order."""

import pytest

from app import ledger, notifications, orders
from app.core.db import db
from app.core.outside import OutcomeUnknown, Refused
from app.ledger import AccountKind
from app.notifications.models import Delivery
from app.orders import errors, hearing, paying
from app.orders.expiry import expire_unpaid
from app.orders.pay_view import PayState, load_pay_view
from app.orders.states import Action, PaymentStatus, Status
from app.payments import attempts, calls, inbox, receipts
from app.payments.errors import GatewayDown, MethodClosed, NothingToPay
from app.payments.models import AttemptStatus, MessageStatus, ReceiptStatus, WebhookMessage
from app.payments.ports import NewsStatus
from jobs.notifications import notify, watch_alarm
from jobs.payments import read_message
from tests.payments.bank import CODE, SIGNED, call_of
from tests.payments.conftest import buy, events, hear
from tests.payments.steps import called, later, proved, wallet

A, S = AccountKind, AttemptStatus


def test_an_order_waits_for_its_payment_and_nobody_is_woken(cast):
    notifications.ensure_defaults()
    order = buy(cast)
    assert order.payment_status is PaymentStatus.AWAITING
    hear(notify, "OrderPlaced")
    hear(watch_alarm, "OrderPlaced")
    assert db.session.query(Delivery).count() == 0
    assert events("AlarmDue") == []
    with pytest.raises(errors.PaymentOpen):
        orders.act(order.code, Action.confirm, actor=cast["carla"])


def test_when_it_is_paid_it_is_new_to_staff(cast, bank):
    notifications.ensure_defaults()
    order = buy(cast)
    paying.begin(order.code, actor=cast["ana"])
    bank.pay(f"{order.code}_pay1", order.due_minor)
    called(f"{order.code}_pay1")
    hear(notify, "OrderPaid")
    hear(watch_alarm, "OrderPaid")
    told = {delivery.audience for delivery in db.session.query(Delivery)}
    assert {"dispatchers", "customer"} <= told
    assert len(events("AlarmDue")) == 2
    assert orders.act(order.code, Action.confirm, actor=cast["carla"]).status is Status.CONFIRMED
    assert proved() == {}


def test_beginning_twice_is_one_try_and_again_is_another(cast, bank):
    order = buy(cast)
    first = paying.begin(order.code, actor=cast["ana"])
    assert (first.reference, first.status) == (f"{order.code}_pay1", S.pending)
    assert paying.begin(order.code, actor=cast["ana"]).id == first.id
    second = paying.begin(order.code, actor=cast["ana"], again=True)
    assert second.reference == f"{order.code}_pay2"
    assert bank.started == [first.reference, second.reference]
    assert load_pay_view(order).state is PayState.going


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        pytest.param(OutcomeUnknown("ReadTimeout"), GatewayDown, id="time-out"),
        pytest.param(Refused("E00027"), MethodClosed, id="refused"),
    ],
)
def test_a_provider_that_does_not_answer_leaves_the_order_standing(cast, bank, trouble, said):
    order = buy(cast)
    bank.away = trouble
    with pytest.raises(said):
        paying.begin(order.code, actor=cast["ana"])
    (tried,) = attempts.attempts_of(order.id)
    assert (tried.status, tried.reason) == (S.failed, str(trouble))
    view = load_pay_view(order)
    assert (view.state, view.open_minor) == (PayState.choose, order.due_minor)
    bank.away = None
    assert paying.begin(order.code, actor=cast["ana"]).number == 2


def test_a_call_pays_the_order_once_however_often_it_comes(cast, bank):
    order = buy(cast)
    paying.begin(order.code, actor=cast["ana"])
    reference = f"{order.code}_pay1"
    bank.pay(reference, order.due_minor)
    for number in ("call-1", "call-2", "call-1"):
        assert called(reference, number).status is MessageStatus.done
    assert order.payment_status is PaymentStatus.PAID
    assert [receipt.applied_minor for receipt in receipts.receipts_of(order.id)] == [order.due_minor]
    assert ledger.balance(A.clearing, "USD", CODE) == order.due_minor
    with pytest.raises(NothingToPay):
        paying.begin(order.code, actor=cast["ana"])
    assert proved() == {}


def test_a_late_pending_never_undoes_paid(cast, bank):
    order = buy(cast)
    paying.begin(order.code, actor=cast["ana"])
    reference = f"{order.code}_pay1"
    bank.pay(reference, order.due_minor)
    called(reference)
    bank.pay(reference, order.due_minor, status=NewsStatus.pending)
    called(reference, "late")
    (tried,) = attempts.attempts_of(order.id)
    assert (tried.status, order.payment_status) == (S.paid, PaymentStatus.PAID)
    assert [step.status for step in attempts.history_of(tried.id)] == [S.started, S.pending, S.paid]


def test_money_on_an_old_try_pays_and_the_next_goes_to_the_wallet(cast, bank):
    order = buy(cast)
    for again in (False, True):
        paying.begin(order.code, actor=cast["ana"], again=again)
    for number in (1, 2):
        reference = f"{order.code}_pay{number}"
        bank.pay(reference, order.due_minor)
        called(reference, f"call-{number}")
    assert order.payment_status is PaymentStatus.PAID
    assert wallet(cast) == order.due_minor
    assert [receipt.status for receipt in receipts.receipts_of(order.id)] == [
        ReceiptStatus.applied,
        ReceiptStatus.to_wallet,
    ]
    assert len(events("PaidTwice")) == 1
    assert proved() == {}


def test_money_after_the_order_is_gone_goes_to_the_wallet(cast, bank, monkeypatch):
    order = buy(cast)
    paying.begin(order.code, actor=cast["ana"])
    later(monkeypatch, 31)
    assert expire_unpaid() == [order.code]
    bank.pay(f"{order.code}_pay1", order.due_minor)
    called(f"{order.code}_pay1")
    assert (order.status, wallet(cast)) == (Status.CANCELLED, order.due_minor)
    assert load_pay_view(order).spare_minor == order.due_minor
    assert proved() == {}


def test_what_the_provider_checks_is_not_cancelled(cast, bank, monkeypatch):
    order = buy(cast)
    paying.begin(order.code, actor=cast["ana"])
    bank.pay(f"{order.code}_pay1", order.due_minor, status=NewsStatus.held)
    called(f"{order.code}_pay1")
    later(monkeypatch, 600)
    assert expire_unpaid() == []
    assert load_pay_view(order).state is PayState.held


# --- calls ---------------------------------------------------------------------------------------------------


def test_a_forged_call_is_counted_and_changes_nothing(cast, bank):
    order = buy(cast)
    body = call_of(f"{order.code}_pay1")
    assert [calls.take_call(CODE, {"X-Signature": "wrong"}, body) for _again in range(3)] == [False] * 3
    (message,) = inbox.messages()
    assert (message.status, message.times) == (MessageStatus.forged, 3)
    assert events("WebhookKept") == []
    assert calls.take_call(CODE, SIGNED, body)  # the genuine one is not kept out by it
    with pytest.raises(Exception, match="find"):
        inbox.replay(message.id, actor=cast["owner"])


def test_what_cannot_be_read_or_is_not_ours_is_kept_and_left(cast):
    assert calls.take_call(CODE, SIGNED, b'{"id": "cut')
    assert called("MIA-20200101-ZZZZ_pay1").status is MessageStatus.ignored
    unreadable = db.session.query(WebhookMessage).filter_by(about=calls.UNREADABLE).one()
    assert (unreadable.status, bytes(unreadable.body)) == (MessageStatus.ignored, b'{"id": "cut')


def test_no_secret_of_a_call_is_kept(cast):
    headers = SIGNED | {"X-Callback-Token": "secret", "Authorization": "Basic c2VjcmV0", "User-Agent": "bank"}
    assert calls.take_call(CODE, headers, call_of("MIA-1_pay1"))
    (message,) = inbox.messages()
    assert set(message.headers) == {"X-Signature", "User-Agent"}


def test_an_answer_about_another_payment_is_not_taken(cast, bank):
    order = buy(cast)
    paying.begin(order.code, actor=cast["ana"])
    reference = f"{order.code}_pay1"
    bank.pay("MIA-OTHER_pay1", order.due_minor)
    bank.knows[reference] = bank.knows["MIA-OTHER_pay1"]
    assert called(reference).status is MessageStatus.failed
    assert order.payment_status is PaymentStatus.AWAITING


def test_while_the_provider_is_away_a_call_waits_and_replay_helps(cast, bank):
    order = buy(cast)
    paying.begin(order.code, actor=cast["ana"])
    bank.away = OutcomeUnknown("ReadTimeout")
    message = called(f"{order.code}_pay1")
    assert (message.status, message.problem) == (MessageStatus.new, "ReadTimeout")
    waiting = events("WebhookKept")
    assert [record.payload["tries"] for record in waiting][:2] == [0, 1]
    assert waiting[1].due_at > waiting[1].occurred_at
    bank.away = None
    bank.pay(f"{order.code}_pay1", order.due_minor)
    inbox.replay(message.id, actor=cast["owner"])
    hear(read_message, "WebhookKept")
    assert order.payment_status is PaymentStatus.PAID


class Killed(BaseException):
    """The process ends here."""


STEPS = (
    (hearing, "_ask"),
    (paying, "receive"),
    (attempts, "hear"),
    (inbox, "end"),
    (receipts, "apply"),
)


@pytest.mark.parametrize(("where", "name"), STEPS, ids=[name for _where, name in STEPS])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_killed_at_any_step_has_one_effect(cast, bank, monkeypatch, where, name, when):
    order = buy(cast)
    paying.begin(order.code, actor=cast["ana"])
    reference = f"{order.code}_pay1"
    bank.pay(reference, order.due_minor)
    assert calls.take_call(CODE, SIGNED, call_of(reference))
    whole = getattr(where, name)

    def die(*given, **named):
        if when == "after":
            whole(*given, **named)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(where, name, die)
        with pytest.raises(Killed):
            hear(read_message, "WebhookKept")
    assert order.payment_status is PaymentStatus.AWAITING
    for _again in range(2):
        hear(read_message, "WebhookKept")
    assert order.payment_status is PaymentStatus.PAID
    assert len(receipts.receipts_of(order.id)) == 1
    assert inbox.messages()[0].status is MessageStatus.done
    assert proved() == {}


# --- asking --------------------------------------------------------------------------------------------------


def test_the_poller_finds_what_no_call_told(cast, bank, monkeypatch):
    order = buy(cast)
    paying.begin(order.code, actor=cast["ana"])
    bank.pay(f"{order.code}_pay1", order.due_minor)
    assert hearing.look_after_attempts() == 0  # nobody is asked again at once
    later(monkeypatch, 3)
    assert hearing.look_after_attempts() == 1
    assert order.payment_status is PaymentStatus.PAID
    later(monkeypatch, 3)
    assert hearing.look_after_attempts() == 0


def test_a_try_expires_only_when_the_provider_says_it_was_not_paid(cast, bank, monkeypatch):
    order = buy(cast)
    tried = paying.begin(order.code, actor=cast["ana"])
    later(monkeypatch, 40)
    bank.away = OutcomeUnknown("ReadTimeout")
    hearing.look_after_attempts()
    assert tried.status is S.pending
    bank.away = None
    later(monkeypatch, 40)
    hearing.look_after_attempts()
    assert tried.status is S.expired


def test_a_page_that_waits_asks_no_more_than_every_few_seconds(cast, bank, monkeypatch):
    order = buy(cast)
    tried = paying.begin(order.code, actor=cast["ana"])
    later(monkeypatch, 1)
    for _look in range(5):
        hearing.look(tried.id)
    assert bank.asked == [tried.reference]
