"""The real twilio library against the sandbox, and its own validator on the callbacks."""

from __future__ import annotations

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from .conftest import Receiver, Sandbox, wait_until

SID, TOKEN = "AC" + "0" * 32, "sandbox-twilio-token"
FROM = "+13055550100"


class HereClient(TwilioHttpClient):
    """Twilio's own client, sent to this machine instead."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def request(self, method, url, *args, **kwargs):
        return super().request(method, url.replace("https://api.twilio.com", self.base), *args, **kwargs)


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    return Client(SID, TOKEN, http_client=HereClient(f"{sandbox.url}/twilio"))


def test_an_sms_is_sent_and_read_back(sandbox: Sandbox, client: Client):
    sent = client.messages.create(to="+13055550101", from_=FROM, body="482 915 is your code")
    assert (sent.status, sent.num_segments, sent.error_code) == ("queued", "1", None)
    wait_until(lambda: client.messages(sent.sid).fetch().status == "delivered")
    listed = client.messages.list(to="+13055550101", limit=5)
    assert sent.sid in [message.sid for message in listed]
    [message] = sandbox.inbox(to="0101", channel="sms")
    assert (message["to"], message["body"]) == ("+13055550101", "482 915 is your code")


def test_callbacks_are_in_order_and_signed(client: Client, receiver: Receiver):
    url = f"{receiver.url}/sms/status?store=1"
    client.messages.create(to="+13055550102", from_=FROM, body="x", status_callback=url)
    calls = receiver.wait_for(3)
    assert [call.form["MessageStatus"] for call in calls] == ["queued", "sent", "delivered"]
    for call in calls:
        assert RequestValidator(TOKEN).validate(url, call.form, call.headers["X-Twilio-Signature"])
        assert call.headers["I-Twilio-Idempotency-Token"]


def test_whatsapp_is_read(sandbox: Sandbox, client: Client, receiver: Receiver):
    client.messages.create(
        to="whatsapp:+13055550103", from_=f"whatsapp:{FROM}", body="On the way", status_callback=receiver.url
    )
    calls = receiver.wait_for(4)
    assert [call.form["MessageStatus"] for call in calls] == ["queued", "sent", "delivered", "read"]
    assert calls[0].form["To"] == "whatsapp:+13055550103"
    assert sandbox.inbox()[0] | {"id": 0, "at": ""} == {
        "id": 0, "channel": "whatsapp", "provider": "twilio", "to": "+13055550103", "title": "",
        "body": "On the way", "buttons": [], "at": "",
    }  # fmt: skip


def test_no_whatsapp_there(client: Client, receiver: Receiver):
    to = "whatsapp:+13055550000"
    sent = client.messages.create(to=to, from_=f"whatsapp:{FROM}", body="x", status_callback=receiver.url)
    last = receiver.wait_for(3)[-1]
    assert (last.form["MessageStatus"], last.form["ErrorCode"]) == ("undelivered", "63016")
    assert client.messages(sent.sid).fetch().error_code == 63016
    sms = client.messages.create(to="+13055550000", from_=FROM, body="x")
    wait_until(lambda: client.messages(sms.sid).fetch().status == "delivered")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"to": "555", "from_": FROM, "body": "x"}, 21211, id="not a number"),
        pytest.param({"to": "+15005550004", "from_": FROM, "body": "x"}, 21610, id="Twilio's stopped number"),
        pytest.param({"to": "+13055550101", "body": "x"}, 21603, id="no sender"),
        pytest.param({"to": "+13055550101", "from_": FROM}, 21602, id="no body"),
        pytest.param({"to": "+13055550101", "from_": FROM, "body": "x" * 1601}, 21617, id="too long"),
        pytest.param({"to": "whatsapp:+13055550101", "from_": FROM, "body": "x"}, 21910, id="two channels"),
    ],
)
def test_what_is_refused(client: Client, fields: dict[str, str], code: int):
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(**fields)
    assert (refused.value.status, refused.value.code) == (400, code)


def test_stop_and_start(sandbox: Sandbox, client: Client):
    def write(word: str) -> None:
        sandbox.http.post("/twilio/inbound", json={"from": "+13055550104", "body": word}).raise_for_status()

    write("Stop")
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to="+13055550104", from_=FROM, body="x")
    assert refused.value.code == 21610
    write("START")
    assert client.messages.create(to="+13055550104", from_=FROM, body="x").sid


def test_credentials_must_be_there(sandbox: Sandbox):
    path = f"/twilio/2010-04-01/Accounts/{SID}/Messages.json"
    for auth in (None, (SID, ""), ("nobody", "x"), ("AC" + "1" * 32, "x")):
        answer = sandbox.http.post(path, data={}, auth=auth)
        assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    assert sandbox.http.get(path.replace(".json", "/SMnone.json"), auth=(SID, "x")).json()["code"] == 20404


def test_disturbed_callbacks(sandbox: Sandbox, client: Client, receiver: Receiver):
    def states(mode: str, count: int) -> list[str]:
        receiver.calls.clear()
        sandbox.chaos("twilio", mode, times=1)
        client.messages.create(to="+13055550105", from_=FROM, body="x", status_callback=receiver.url)
        return [call.form["MessageStatus"] for call in receiver.wait_for(count)]

    assert states("reordered", 3) == ["delivered", "sent", "queued"]
    assert states("duplicate", 6) == ["queued", "queued", "sent", "sent", "delivered", "delivered"]
    assert states("lost", 0) == []
    assert states("ok", 3) == ["queued", "sent", "delivered"], "a lost call came all the same"
    states("forged", 3)
    signature = receiver.calls[0].headers["X-Twilio-Signature"]
    assert not RequestValidator(TOKEN).validate(receiver.url, receiver.calls[0].form, signature)
