"""The short stream of an order's positions in Valkey: what a page that was away for a moment still gets.

The sequence number of an entry is its stream id as one number, milliseconds × 1000 + count: it grows for ever, also
over a restart or a flush of Valkey. Without Valkey the fixes in PostgreSQL answer.
"""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.core.settings import setting
from app.dispatch.rooms import order_stream

KEEP = 200
EXPIRES = 6 * 3600
COUNTS = 1000
"""Entries of one millisecond that a number can tell apart."""


class FeedAway(Exception):
    """Valkey cannot be reached; the caller goes on without it."""


@lru_cache(maxsize=2)
def _client(url: str) -> redis.Redis:
    # The client's own retries wait for seconds, with the driver's acknowledgement behind them.
    return redis.Redis.from_url(
        url, socket_timeout=1, socket_connect_timeout=1, decode_responses=True, retry=Retry(NoBackoff(), 0)
    )


def client() -> redis.Redis:
    """The connection pool of this process."""
    return _client(setting("REDIS_URL"))


def seq_of(entry_id: str) -> int:
    """The number of a stream id."""
    stamp, _, count = entry_id.partition("-")
    return int(stamp) * COUNTS + min(int(count or 0), COUNTS - 1)


def id_of(seq: int) -> str:
    """The stream id of a number."""
    return f"{max(0, seq) // COUNTS}-{max(0, seq) % COUNTS}"


def clock_seq() -> int:
    """A number of now, for an entry that could not be written."""
    return time.time_ns() // 1_000_000 * COUNTS


def append(store_id: int, order_id: int, entries: Iterable[dict[str, Any]]) -> list[int]:
    """Write entries; their sequence numbers. Raises FeedAway."""
    key = order_stream(store_id, order_id)
    try:
        pipe = client().pipeline(transaction=False)
        for entry in entries:
            pipe.xadd(key, {k: _text(v) for k, v in entry.items()}, maxlen=KEEP, approximate=True)
        pipe.expire(key, EXPIRES)
        *ids, _ = pipe.execute()
    except redis.RedisError as error:
        raise FeedAway from error
    return [seq_of(entry_id) for entry_id in ids]


def after(store_id: int, order_id: int, seq: int) -> list[dict[str, Any]]:
    """Entries after a number, oldest first, as `append` got them with `seq`. Raises FeedAway."""
    try:
        found: Any = client().xrange(order_stream(store_id, order_id), min=f"({id_of(seq)}", count=KEEP)
    except redis.RedisError as error:
        raise FeedAway from error
    return [_entry(*item) for item in found]


def last(store_id: int, order_id: int) -> dict[str, Any] | None:
    """The newest entry. Raises FeedAway."""
    try:
        found: Any = client().xrevrange(order_stream(store_id, order_id), count=1)
    except redis.RedisError as error:
        raise FeedAway from error
    return _entry(*found[0]) if found else None


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return "" if value is None else str(value)


def _entry(entry_id: str, fields: dict[str, str]) -> dict[str, Any]:
    return {
        "seq": seq_of(entry_id),
        "lat": float(fields["lat"]),
        "lng": float(fields["lng"]),
        "eta_minutes": int(fields["eta_minutes"]) if fields.get("eta_minutes") else None,
        "arrives_at": fields.get("arrives_at") or None,
        "made_at": fields.get("made_at") or None,
        "delayed": fields.get("delayed") == "True",
        "status": fields.get("status", ""),
        "at": fields["at"],
    }
