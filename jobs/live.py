"""Live boards and tracking pages are told that an order changed. A hint only: they read the rest by REST."""

from functools import lru_cache
from typing import Any

import structlog
from flask_socketio import SocketIO

from app.core.events import EventRecord
from app.core.settings import setting
from jobs.base import subscriber
from jobs.queues import CRITICAL

log = structlog.get_logger()

BOARD, TRACKING = "/dispatch", "/tracking"
"""Namespaces of the dispatcher's board and of the customer's tracking page."""
EVENT = "order"
"""Name of the message on both."""


def board_room(store_id: int) -> str:
    """Everybody who looks at this store's board."""
    return f"s{store_id}:board"


def order_room(store_id: int, order_id: int) -> str:
    """Everybody who looks at this order."""
    return f"s{store_id}:o{order_id}"


@subscriber(queue=CRITICAL)
def publish_live(record: EventRecord) -> None:
    """Tell open pages that this order changed."""
    publish_order(record)


def publish_order(record: EventRecord) -> None:
    """Send {type, order_id, code, status, seq, at} to the board and to the order's own room.

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
    socketio = _writer(setting("REDIS_URL"))
    socketio.emit(EVENT, message, namespace=BOARD, to=board_room(record.store_id))
    socketio.emit(EVENT, message, namespace=TRACKING, to=order_room(record.store_id, record.aggregate_id))


@lru_cache(maxsize=2)
def _writer(redis_url: str) -> SocketIO:
    """Write-only: no server and no listener in this process."""
    return SocketIO(message_queue=redis_url)
