"""Bytes that processes share for a minute, in Valkey. When it is away everything works, slower.

Values are opaque, expire, and may be lost at any time: nothing that matters is kept here. After a failure Valkey is
left alone for a moment, so that an outage costs one time-out and not one for every request.
"""

import time
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.core.settings import setting

log = structlog.get_logger()
PATIENCE = 0.25
"""Seconds for an answer: longer than that, making the thing anew is the better way."""
PAUSE = 2.0

_away_until = 0.0
T = TypeVar("T")


class CacheAway(Exception):
    """Valkey cannot be reached; the caller goes on without it."""


def fetch(key: str) -> bytes | None:
    """The value, or None when nothing is kept under this key. Raises CacheAway."""
    found = _ask(lambda client: client.get(key))
    return found if isinstance(found, bytes) else None


def keep(key: str, value: bytes, seconds: float) -> None:
    """Put the value there for so long. Raises CacheAway."""
    _ask(lambda client: client.set(key, value, px=max(1, int(seconds * 1000))))


def keep_if_new(key: str, value: bytes) -> bytes:
    """Put the value there unless there is one already; what is there now. Raises CacheAway."""

    def settle(client: redis.Redis) -> bytes:
        client.set(key, value, nx=True)
        found = client.get(key)
        return found if isinstance(found, bytes) else value

    return _ask(settle)


def replace(key: str, value: bytes) -> None:
    """Put the value there for good. Tried even while Valkey is left alone. Raises CacheAway."""
    _ask(lambda client: client.set(key, value), always=True)


def count(key: str, seconds: int) -> int:
    """One more under this key, which is forgotten after so long; how many now. Raises CacheAway."""

    def add(client: redis.Redis) -> int:
        pipe = client.pipeline(transaction=False)
        pipe.incr(key)
        pipe.expire(key, seconds, nx=True)
        return int(pipe.execute()[0])

    return _ask(add)


def _ask(question: Callable[[redis.Redis], T], *, always: bool = False) -> T:
    global _away_until  # noqa: PLW0603 - one memory of an outage a process
    if not always and time.monotonic() < _away_until:
        raise CacheAway
    try:
        return question(_client(setting("REDIS_URL")))
    except redis.RedisError as error:
        _away_until = time.monotonic() + PAUSE
        log.warning("cache away", error=type(error).__name__)
        raise CacheAway from error


@lru_cache(maxsize=2)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
    )
