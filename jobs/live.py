"""Live boards and tracking pages are told that an order changed. A hint only: they read the rest by REST."""

from functools import lru_cache
from typing import Any

import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry
from socketio import RedisManager

from app.core.events import EventRecord, history
from app.core.settings import setting
from app.dispatch.rooms import BOARD, DRIVER, TRACKING, board_room, driver_room, order_room
from jobs.base import subscriber
from jobs.queues import CRITICAL

log = structlog.get_logger()

EVENT = "order"
"""Name of the message in every namespace."""


@subscriber(queue=CRITICAL)
def publish_live(record: EventRecord) -> None:
    """Tell open pages that this order changed."""
    publish_order(record)


def publish_order(record: EventRecord) -> None:
    """Send {type, order_id, code, status, seq, at} to the board, to the order's own room and to its driver.

    Written to Valkey for the web processes that hold the sockets; when it is away the hint is lost, not the fact.
    """
    payload = record.payload
    message: dict[str, Any] = {
        "type": record.type,
        "order_id": record.aggregate_id,
        "code": payload.get("code", ""),
        "status": payload.get("target") or payload.get("row", {}).get("status", ""),
        "seq": record.seq,
        "at": record.occurred_at.isoformat(),
    }
    line = _writer(setting("REDIS_URL"))
    line.emit(EVENT, message, namespace=BOARD, room=board_room(record.store_id))
    line.emit(EVENT, message, namespace=TRACKING, room=order_room(record.store_id, record.aggregate_id))
    for driver_id in _drivers(record):
        line.emit(EVENT, message, namespace=DRIVER, room=driver_room(record.store_id, driver_id))


def _drivers(record: EventRecord) -> list[int]:
    """Who has the order after the event, and who had it before: both lists change."""
    named: list[int | None] = [None]
    for fact in history("order", record.aggregate_id):
        changes = fact.payload.get("changes", {})
        if "driver_id" in changes:
            named.append(changes["driver_id"])
        if fact.id == record.id:
            changed = "driver_id" in changes
            return sorted({one for one in (named[-2:] if changed else named[-1:]) if one is not None})
    return []


@lru_cache(maxsize=2)
def _writer(redis_url: str) -> RedisManager:
    """Write-only: no server and no listener in this process, and no patient retries: a hint is late or nothing."""
    options = {"retry": Retry(NoBackoff(), 0), "socket_connect_timeout": 1}
    return RedisManager(redis_url, channel="flask-socketio", write_only=True, redis_options=options)
