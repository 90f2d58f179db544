"""The same news from many sides at the same instant: one order, paid once."""

from contextvars import Context

import pytest
from sqlalchemy import select

from app import orders
from app.core.db import db, release_connection
from app.core.tenancy import store_scope
from app.orders import hearing, paying
from app.orders.models import Order
from app.orders.states import PaymentStatus
from app.payments.models import MessageStatus, PaymentReceipt, WebhookMessage
from app.verify import verify_store
from jobs.base import handle
from jobs.payments import read_message
from tests.factories import MIAMI
from tests.payments.bank import CODE, SIGNED, call_of
from tests.payments.conftest import buy, events
from tests.races.test_placing import at_once

pytestmark = pytest.mark.race
HOST = "http://miami.localhost"


@pytest.fixture
def paid(crew, bank):
    """An order whose payment the bank has, and nobody has told us of."""
    order = buy(crew)
    tried = paying.begin(order.code, actor=crew["ana"])
    found = order.id, order.code, tried.id, order.due_minor
    bank.pay(tried.reference, order.due_minor)
    release_connection()
    return found


def call(app, reference):
    """The provider calls, as over the wire."""
    client = app.test_client()
    return lambda: (
        Context()
        .run(client.post, f"/webhooks/{CODE}", base_url=HOST, data=call_of(reference), headers=SIGNED)
        .status_code
    )


def test_fifty_calls_at_once_are_one_message_and_one_payment(committed, paid):
    order_id, code, _attempt, due = paid
    told = at_once(committed, *[call(committed, f"{code}_pay1")] * 50)
    assert told == [200] * 50
    (message,) = db.session.scalars(select(WebhookMessage)).all()
    assert message.times == 50
    (event,) = events("WebhookKept")
    event_id = event.id
    release_connection()
    at_once(committed, *[lambda: handle(event_id, read_message)] * 4)
    assert db.session.get(Order, order_id).payment_status is PaymentStatus.PAID
    assert [one.applied_minor for one in db.session.scalars(select(PaymentReceipt))] == [due]
    assert db.session.scalars(select(WebhookMessage.status)).one() is MessageStatus.done
    assert not any(verify_store().values())


def test_a_browser_and_a_call_at_the_same_instant(committed, paid):
    order_id, code, attempt_id, due = paid
    assert call(committed, f"{code}_pay1")() == 200
    (event_id,) = [event.id for event in events("WebhookKept")]
    with store_scope(MIAMI):
        address = f"/pay/{code}?t={orders.token('pay', code)}&back=1"
    release_connection()

    def come_back():
        return Context().run(committed.test_client().get, address, base_url=HOST).status_code

    told = at_once(
        committed,
        come_back,
        lambda: handle(event_id, read_message),
        lambda: hearing.look(attempt_id),
        come_back,
    )
    assert told[0] == told[3] == 200
    assert db.session.get(Order, order_id).payment_status is PaymentStatus.PAID
    assert [one.applied_minor for one in db.session.scalars(select(PaymentReceipt))] == [due]
    assert len([event for event in events("OrderPaid") if event.payload["in_full"]]) == 1
    assert not any(verify_store().values())


def test_two_presses_start_one_payment(committed, crew, bank):
    code = buy(crew).code
    actor = crew["ana"]
    release_connection()
    started = at_once(committed, *[lambda: paying.begin(code, actor=actor).number] * 3)
    assert started == [1, 1, 1]
    assert bank.started == [f"{code}_pay1"]


def test_a_stranger_at_the_door_gets_401_and_a_torn_call_is_kept(committed, crew, bank):
    client = committed.test_client()

    def post(body, headers):
        return Context().run(client.post, f"/webhooks/{CODE}", base_url=HOST, data=body, headers=headers)

    assert post(call_of("MIA-1_pay1"), {}).status_code == 401
    assert post(b'{"id": "to', SIGNED).status_code == 200
    assert post(b"x" * 300_000, SIGNED).status_code == 413
    assert post(call_of("MIA-1_pay1"), SIGNED).status_code == 200
    statuses = db.session.scalars(select(WebhookMessage.status).order_by(WebhookMessage.id)).all()
    assert statuses == [MessageStatus.forged, MessageStatus.new, MessageStatus.new]
