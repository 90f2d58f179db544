"""The hint that open pages get: where it goes, and what is in it."""

import json
import time

import pytest
from flask import Flask

from app import orders
from app.core.db import db
from app.core.events import EventRecord
from app.orders.states import Action
from jobs import live
from launch.services import ValkeyServer
from tests import factories
from tests.jobs.harness import client_of, open_shop


def told_about(line: ValkeyServer, event_type: str, app: Flask) -> list[tuple[str, str, dict]]:
    """(namespace, room, message) of what is published for the newest event of this type."""
    client = client_of(line)
    ears = client.pubsub(ignore_subscribe_messages=True)
    ears.subscribe("flask-socketio")
    ears.get_message(timeout=1)
    query = db.session.query(EventRecord).filter_by(type=event_type).order_by(EventRecord.id.desc())
    live.publish_order(query.first())
    heard, deadline = [], time.monotonic() + 1
    while time.monotonic() < deadline:
        if message := ears.get_message(timeout=0.1):
            packet = json.loads(message["data"])
            heard.append((packet["namespace"], packet["room"], packet["data"][0]))
    return sorted(heard, key=lambda one: one[:2])


@pytest.mark.race
def test_board_customer_and_driver_are_told(
    committed: Flask, line: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(committed.config, "REDIS_URL", line.url)
    shop = open_shop()
    boris = factories.make_driver()
    order = factories.place((shop.sku, 1), actor=shop.ana)
    placed = told_about(line, "OrderPlaced", committed)
    assert [(space, room) for space, room, _ in placed] == [
        ("/dispatch", "s1:board"),
        ("/tracking", f"s1:o{order.id}"),
    ]
    assert {name: placed[0][2][name] for name in ("type", "code", "status", "seq")} == {
        "type": "OrderPlaced",
        "code": order.code,
        "status": "PENDING",
        "seq": 1,
    }
    for action in (Action.confirm, Action.ready):
        orders.act(order.code, action, actor=shop.carla)
    given = orders.Details(driver_id=boris.driver_id)
    orders.act(order.code, Action.assign, actor=shop.carla, details=given)
    rooms = [room for _, room, _ in told_about(line, "OrderMoved", committed)]
    assert rooms == ["s1:board", f"s1:d{boris.driver_id}", f"s1:o{order.id}"]
    taken_back = orders.Details(reason="The scooter broke down")
    orders.act(order.code, Action.unassign, actor=shop.carla, details=taken_back)
    rooms = [room for _, room, _ in told_about(line, "OrderMoved", committed)]
    assert f"s1:d{boris.driver_id}" in rooms
