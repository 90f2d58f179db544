"""Pushover by plain HTTP: validation, receipts, acknowledgement."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from .conftest import Receiver, Sandbox

GOOD = {"token": "a" * 30, "user": "u" * 30, "message": "New order MIA-1"}
URGENT = GOOD | {"priority": "2", "retry": "30", "expire": "600"}


def send(sandbox: Sandbox, **fields: Any) -> httpx.Response:
    return sandbox.http.post("/pushover/1/messages.json", data=fields)


def test_a_message_is_kept_with_its_link(sandbox: Sandbox):
    answer = send(sandbox, **GOOD, title="Dispatch", url="http://x.test/o/1", url_title="Open")
    assert answer.status_code == 200
    assert answer.json()["status"] == 1 and "receipt" not in answer.json()
    assert int(answer.headers["X-Limit-App-Remaining"]) < 10_000
    [message] = sandbox.inbox(channel="pushover")
    assert (message["to"], message["title"], message["body"]) == ("u" * 30, "Dispatch", "New order MIA-1")
    assert message["buttons"] == [{"text": "Open", "url": "http://x.test/o/1"}]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"token": ""}, "token", id="no token"),
        pytest.param({"user": ""}, "user", id="no user"),
        pytest.param({"message": " "}, "message", id="blank"),
        pytest.param({"message": "x" * 1025}, "message", id="1025 characters"),
        pytest.param({"priority": "3"}, "priority", id="priority 3"),
        pytest.param({"priority": "2", "expire": "600"}, "retry", id="emergency without retry"),
        pytest.param({"priority": "2", "retry": "29", "expire": "600"}, "retry", id="retry 29 s"),
        pytest.param({"priority": "2", "retry": "30", "expire": "10801"}, "expire", id="expire 10801 s"),
    ],
)
def test_what_is_refused(sandbox: Sandbox, change: dict[str, str], field: str):
    answer = send(sandbox, **GOOD | change)
    assert answer.status_code == 400
    assert answer.json()["status"] == 0 and answer.json()["errors"]
    assert answer.json()[field] == "invalid"
    assert sandbox.inbox() == []


def test_an_emergency_rings_until_acknowledged(sandbox: Sandbox, receiver: Receiver):
    receipt = send(sandbox, **URGENT, callback=f"{receiver.url}/ack").json()["receipt"]
    show = f"/pushover/1/receipts/{receipt}.json"
    before = sandbox.http.get(show, params={"token": "a" * 30}).json()
    assert (before["acknowledged"], before["expired"], before["called_back"]) == (0, 0, 0)
    [message] = sandbox.inbox()
    assert message["buttons"] == [{"text": "Acknowledge", "action": "acknowledge"}]

    press = f"/inbox/{message['id']}/acknowledge"
    assert sandbox.http.post(press).json() == {"state": "acknowledged"}
    assert sandbox.http.post(press).status_code == 409
    [call] = receiver.wait_for(1)
    assert call.form["receipt"] == receipt and call.form["acknowledged"] == "1"
    after = sandbox.http.get(show, params={"token": "a" * 30}).json()
    assert (after["acknowledged"], after["acknowledged_by"]) == (1, "u" * 30)
    assert sandbox.http.get(show, params={"token": "b" * 30}).status_code == 404


def test_a_cancelled_receipt_is_expired(sandbox: Sandbox):
    receipt = send(sandbox, **URGENT).json()["receipt"]
    answer = sandbox.http.post(f"/pushover/1/receipts/{receipt}/cancel.json", data={"token": "a" * 30})
    assert answer.json()["status"] == 1
    state = sandbox.http.get(f"/pushover/1/receipts/{receipt}.json", params={"token": "a" * 30}).json()
    assert (state["expired"], state["acknowledged"]) == (1, 0)
    assert sandbox.http.post(f"/inbox/{sandbox.inbox()[0]['id']}/acknowledge").status_code == 409
