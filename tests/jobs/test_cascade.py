"""From the shop window to every phone, with the real relay, workers and providers' stand-in."""

import os
import signal
from collections import Counter

import pytest
from flask import Flask

from app import orders
from app.core.db import db
from launch.services import ValkeyServer
from tests import factories
from tests.jobs.harness import Processes, deliveries, open_shop, pending_events, until
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
