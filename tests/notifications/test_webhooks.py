"""Callbacks of providers: believed when signed, or when the provider confirms them."""

import pytest
from flask import Flask
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from app.core.db import db, transaction
from app.core.events import EventRecord
from app.notifications.models import Delivery, DeliveryStatus
from tests import factories
from tests.jobs.harness import SECRETS, deliveries, open_shop
from tests.notifications.test_messages import send_all, tell
from tests.sandbox.conftest import Sandbox

HOST = "miami.localhost:8000"


@pytest.fixture
def whatsapp(committed: Flask, sandbox: Sandbox) -> Delivery:
    """A WhatsApp message that Twilio has."""
    shop = open_shop()
    factories.place((shop.sku, 1), actor=shop.ana)
    tell("OrderPlaced")
    send_all()
    return next(d for d in deliveries() if d.channel == "whatsapp")


def call(
    app: Flask, delivery: Delivery, token: str = SECRETS["TWILIO_AUTH_TOKEN"], host: str = HOST, **form: str
):
    """Call back as Twilio does, with a signature over the address it was given."""
    path = f"/webhooks/twilio?delivery={delivery.id}"
    form = {"MessageSid": delivery.provider_id, "MessageStatus": "delivered"} | form
    signature = RequestValidator(token).compute_signature(f"http://{HOST}{path}", form)
    headers = {"X-Twilio-Signature": signature, "Host": host}
    return app.test_client().post(path, data=form, headers=headers)


def status_of(delivery_id: int) -> DeliveryStatus:
    """The delivery's status as it is now."""
    return next(d.status for d in deliveries() if d.id == delivery_id)


def test_a_signed_report_counts_once_and_again(committed: Flask, whatsapp: Delivery) -> None:
    delivery_id = whatsapp.id
    assert call(committed, whatsapp).status_code == 204
    assert status_of(delivery_id) == "delivered"
    assert call(committed, whatsapp, MessageStatus="sent").status_code == 204
    assert status_of(delivery_id) == "delivered"


@pytest.mark.parametrize("token", ["not the token", ""])
def test_a_forged_report_is_refused(token: str, committed: Flask, whatsapp: Delivery) -> None:
    delivery_id = whatsapp.id
    assert call(committed, whatsapp, token=token).status_code == 403
    assert status_of(delivery_id) == "sent"


def test_another_stores_host_finds_nothing(committed: Flask, whatsapp: Delivery) -> None:
    delivery_id = whatsapp.id
    assert call(committed, whatsapp, host="jakarta.localhost:8000").status_code == 403
    assert status_of(delivery_id) == "sent"


def test_an_unknown_message_is_answered_like_a_known_one(committed: Flask, whatsapp: Delivery) -> None:
    with transaction():
        whatsapp.provider_id = "SM-known"
    assert call(committed, whatsapp, MessageSid="SM-unknown").status_code == 204
    assert status_of(whatsapp.id) == "sent"


def test_the_sandbox_signs_as_we_check(committed: Flask, whatsapp: Delivery, sandbox: Sandbox) -> None:
    """The callback address that was handed over is the one whose signature is accepted."""
    from sandbox.twilio import sign

    url = f"http://{HOST}/webhooks/twilio?delivery={whatsapp.id}"
    form = {"MessageSid": whatsapp.provider_id, "MessageStatus": "read"}
    headers = {"X-Twilio-Signature": sign(url, form, SECRETS["TWILIO_AUTH_TOKEN"]), "Host": HOST}
    answer = committed.test_client().post(url.partition("8000")[2], data=form, headers=headers)
    assert (answer.status_code, status_of(whatsapp.id)) == (204, "read")


def test_a_pushover_callback_is_only_a_reason_to_ask(committed: Flask, whatsapp: Delivery) -> None:
    alarm = next(d for d in deliveries() if d.channel == "pushover")
    client = committed.test_client()
    for receipt, events in ((alarm.receipt, 1), ("f" * 30, 1), ("", 1)):
        answer = client.post("/webhooks/pushover", data={"receipt": receipt}, headers={"Host": HOST})
        assert answer.status_code == 204
        query = select(func.count()).where(EventRecord.type == "ReceiptCalledBack")
        db.session.rollback()
        assert db.session.scalar(query) == events
    assert status_of(alarm.id) == "sent"
