"""From the shop window to every phone, with the real relay, workers and providers' stand-in."""

import os
import signal
import time
from collections import Counter
from datetime import datetime

import pytest
from flask import Flask

from app.core.actor import SYSTEM
from app.core.db import db, transaction
from app.core.events import EventRecord, emit
from app.notifications.models import Delivery
from app.orders.events import OrderPlaced
from jobs.queues import BULK, Entry, enqueue, queue
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
    until(lambda: len(sandbox.inbox()) >= 3, 30)
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
    until(lambda: len(sandbox.inbox()) >= 3, 40)
    until(lambda: pending_events(committed) == 0, 40)
    assert messages(sandbox) == EVERYBODY_ONCE


def test_a_message_whose_answer_was_lost_is_asked_about_not_repeated(
    committed: Flask, processes: Processes, sandbox: Sandbox
) -> None:
    """WhatsApp takes the message and the worker dies before it can write that down."""
    shop = open_shop()
    processes.start("jobs.relay")
    sandbox.chaos("whatsapp", "slow", seconds=1.5, times=1)
    worker = processes.start("jobs.worker")
    order = factories.place((shop.sku, 1), actor=shop.ana)
    until(lambda: sandbox.http.get("/chaos").json()["whatsapp"]["mode"] == "ok", 30)  # the call has come in
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    # The call was on its way: the provider takes it although nobody waits for the answer any more.
    until(lambda: sandbox.inbox(channel="whatsapp"), 10)
    processes.start("jobs.worker")
    until(lambda: pending_events(committed) == 0, 40)
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
    until(lambda: len(sandbox.inbox()) >= 3, 40)
    line.restart(crash=True)
    second = factories.place((shop.sku, 1), actor=shop.ana)
    until(lambda: len(sandbox.inbox()) >= 6, 40)
    until(lambda: pending_events(committed) == 0, 40)
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
    until(lambda: len(sandbox.inbox()) >= 3, 40)
    until(lambda: pending_events(committed) == 0, 40)
    assert messages(sandbox) == EVERYBODY_ONCE
    db.session.remove()


def test_no_dispatcher_waits_for_a_newsletter(
    committed: Flask, processes: Processes, sandbox: Sandbox, line: ValkeyServer
) -> None:
    """Event → handed to Pushover: the slowest of 40 alarms while bulk work stands in line."""
    shop = open_shop()
    processes.start("jobs.relay")
    processes.start("jobs.worker")
    entries = [Entry(BULK, f"bulk-{n}", "time.sleep", (0.05,)) for n in range(2000)]
    enqueue(client_of(line), entries)
    until(lambda: line_is_moving(line))
    order = factories.place((shop.sku, 1), actor=shop.ana)
    alarms = [OrderPlaced(order_id=order.id, code=order.code)] * 40
    for alarm in alarms:
        with transaction():
            emit(alarm, actor=SYSTEM)
        time.sleep(0.25)  # four orders a second
    sent = until(lambda: all_sent(41), 60)
    waits = sorted((delivery.sent_at - emitted_at(delivery)).total_seconds() for delivery in sent)
    print(f"event to Pushover, 41 alarms: median {waits[20]:.3f} s, slowest {waits[-1]:.3f} s")
    assert waits[-1] < 2.0


def line_is_moving(line: ValkeyServer) -> bool:
    """Whether the bulk work has begun."""
    return queue(BULK, client_of(line)).count < 2000


def all_sent(count: int) -> list[Delivery]:
    """The Pushover deliveries once that many are sent."""
    sent = [d for d in deliveries() if d.channel == "pushover" and d.sent_at]
    return sent if len(sent) >= count else []


def emitted_at(delivery: Delivery) -> datetime:
    """When the event of a delivery happened."""
    record = db.session.get(EventRecord, delivery.event_id)
    assert record is not None
    return record.occurred_at
