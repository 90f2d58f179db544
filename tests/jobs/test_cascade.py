"""From the shop window to every phone, with the real relay, workers and providers' stand-in."""

import os
import signal
import time
from collections import Counter
from datetime import datetime

import httpx
import pytest
from flask import Flask

from app.core.actor import SYSTEM
from app.core.db import db, transaction
from app.core.events import EventRecord, emit
from app.notifications.models import Delivery
from app.orders.events import OrderPlaced
from jobs.queues import BULK, Entry, enqueue, queue
from launch.ports import find_free_port
from launch.services import ValkeyServer
from tests import factories
from tests.jobs.harness import Processes, client_of, deliveries, open_shop, pending_events, until
from tests.sandbox.conftest import Sandbox

pytestmark = pytest.mark.race


def messages(sandbox: Sandbox) -> Counter[tuple[str, str]]:
    """(channel, recipient) → how many messages the providers took."""
    return Counter((message["channel"], message["to"]) for message in sandbox.inbox(limit=1000))


EVERYBODY_ONCE = {
    ("pushover", "carla-pushover-key"): 1,
    ("telegram", "700001"): 1,
    ("whatsapp", "+13055551234"): 1,
}


def test_an_order_reaches_everybody_once(committed: Flask, processes: Processes, sandbox: Sandbox) -> None:
    shop = open_shop()
    processes.start("jobs.relay")
    processes.start("jobs.worker")
    order = factories.place((shop.sku, 1), actor=shop.ana)
    until(lambda: len(sandbox.inbox()) >= 3)
    until(lambda: pending_events(committed) == 0)
    assert messages(sandbox) == EVERYBODY_ONCE
    assert all(order.code in message["title"] + message["body"] for message in sandbox.inbox())
    assert {delivery.status for delivery in deliveries()} <= {"sent", "delivered", "read"}
    assert processes.stop() == [0, 0]


def test_a_worker_killed_in_the_cascade_sends_each_message_once(
    committed: Flask, processes: Processes, sandbox: Sandbox
) -> None:
    """Killed with -9 while the providers are slow, so that claims are open; then started again."""
    shop = open_shop()
    processes.start("jobs.relay")
    worker = processes.start("jobs.worker")
    factories.place((shop.sku, 1), actor=shop.ana)
    until(lambda: len(deliveries()) >= 3)
    worker.kill()
    worker.wait()
    processes.start("jobs.worker")
    until(lambda: len(sandbox.inbox()) >= 3)
    until(lambda: pending_events(committed) == 0)
    assert messages(sandbox) == EVERYBODY_ONCE


def test_a_message_whose_answer_was_lost_is_asked_about_not_repeated(
    committed: Flask, processes: Processes, sandbox: Sandbox
) -> None:
    """WhatsApp takes the message and the worker dies before it can write that down."""
    shop = open_shop()
    processes.start("jobs.relay")
    sandbox.chaos("whatsapp", "slow", seconds=4, times=1)
    worker = processes.start("jobs.worker")
    order = factories.place((shop.sku, 1), actor=shop.ana)
    until(lambda: sandbox.http.get("/chaos").json()["whatsapp"]["mode"] == "ok")  # the call has come in
    # The others are written down: theirs are channels that repeat when the answer is lost.
    until(lambda: [d.status for d in deliveries() if d.channel != "whatsapp"] == ["sent", "sent"])
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    # The call was on its way: the provider takes it although nobody waits for the answer any more.
    until(lambda: sandbox.inbox(channel="whatsapp"))
    processes.start("jobs.worker")
    until(lambda: pending_events(committed) == 0)
    assert messages(sandbox) == EVERYBODY_ONCE
    told = [d for d in deliveries() if d.channel == "whatsapp"]
    assert [(d.status in {"sent", "delivered", "read"}, d.attempts, order.code in d.body) for d in told] == [
        (True, 2, True)
    ]


def test_a_valkey_restarted_between_placing_and_relay_loses_nothing(
    committed: Flask, processes: Processes, sandbox: Sandbox, line: ValkeyServer
) -> None:
    """It forgets everything it held, once before the relay comes and once under the running processes."""
    shop = open_shop()
    first = factories.place((shop.sku, 1), actor=shop.ana)
    line.restart(crash=True)
    relay, worker = processes.start("jobs.relay"), processes.start("jobs.worker")
    until(lambda: len(sandbox.inbox()) >= 3)
    line.restart(crash=True)
    second = factories.place((shop.sku, 1), actor=shop.ana)
    until(lambda: len(sandbox.inbox()) >= 6)
    until(lambda: pending_events(committed) == 0)
    assert messages(sandbox) == Counter(dict.fromkeys(EVERYBODY_ONCE, 2))
    for order in (first, second):
        assert len([m for m in sandbox.inbox() if order.code in m["title"] + m["body"]]) == 3
    assert (relay.poll(), worker.poll()) == (None, None)


def test_placing_works_and_is_told_later_while_valkey_is_away(
    committed: Flask, processes: Processes, sandbox: Sandbox, line: ValkeyServer
) -> None:
    shop = open_shop()
    processes.start("jobs.relay")
    processes.start("jobs.worker")
    line.kill()
    factories.place((shop.sku, 1), actor=shop.ana)
    line.start()
    until(lambda: len(sandbox.inbox()) >= 3)
    until(lambda: pending_events(committed) == 0)
    assert messages(sandbox) == EVERYBODY_ONCE
    db.session.remove()


def test_no_dispatcher_waits_for_a_newsletter(
    committed: Flask, processes: Processes, sandbox: Sandbox, line: ValkeyServer
) -> None:
    """Event → handed to Pushover: the slowest of 20 alarms while bulk work stands in line."""
    shop = open_shop()
    processes.start("jobs.relay")
    processes.start("jobs.worker")
    entries = [Entry(BULK, f"bulk-{n}", "time.sleep", (0.05,)) for n in range(10_000)]
    enqueue(client_of(line), entries)
    until(lambda: line_is_moving(line))
    order = factories.place((shop.sku, 1), actor=shop.ana)
    alarms = [OrderPlaced(order_id=order.id, code=order.code)] * 20
    for alarm in alarms:
        with transaction():
            emit(alarm, actor=SYSTEM)
        time.sleep(0.5)
    sent = until(lambda: all_sent(21))
    waits = sorted((delivery.sent_at - emitted_at(delivery)).total_seconds() for delivery in sent)
    print(f"event to Pushover, 21 alarms: median {waits[10]:.3f} s, slowest {waits[-1]:.3f} s")
    # Not a stop-watch: each alarm went out while most of the newsletter was still standing in line.
    assert queue(BULK, client_of(line)).count > 5_000


def line_is_moving(line: ValkeyServer) -> bool:
    """Whether the bulk work has begun."""
    return queue(BULK, client_of(line)).count < 10_000


def all_sent(count: int) -> list[Delivery]:
    """The Pushover deliveries once that many are sent."""
    sent = [d for d in deliveries() if d.channel == "pushover" and d.sent_at]
    return sent if len(sent) >= count else []


def emitted_at(delivery: Delivery) -> datetime:
    """When the event of a delivery happened."""
    record = db.session.get(EventRecord, delivery.event_id)
    assert record is not None
    return record.occurred_at


def test_providers_report_back_to_the_stores_own_host(
    committed: Flask, processes: Processes, sandbox: Sandbox
) -> None:
    """Twilio's signed callback reaches the web process and is believed: the customer has read the message."""
    port = find_free_port()
    shop = open_shop()
    processes.environ |= {"PORT": str(port)}
    processes.start("jobs.relay")
    processes.start("jobs.worker")
    processes.start("flask", FLASK_RUN_PORT=str(port), FLASK_APP="wsgi.py", arguments="run")
    until(lambda: is_up(port))
    factories.place((shop.sku, 1), actor=shop.ana)
    until(lambda: any(d.channel == "whatsapp" and d.status == "read" for d in deliveries()))
    log = sandbox.http.get("/callbacks.json").json()
    assert {entry["status"] for entry in log if f":{port}/webhooks/twilio" in entry["url"]} == {204}


def is_up(port: int) -> bool:
    """Whether the web process answers."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
