"""Rate limits in one trip to Valkey: what the headers of an answer say of its limit is learnt while it is counted.

The limiter's own storage asks three times for every limited request: to count it, then for the count, then for the
time that is left.
"""

import time
from typing import Any

from flask import g, has_request_context
from limits.storage import RedisStorage

PREFIX = "onetrip+"


class OneTripStorage(RedisStorage):
    """Counters of fixed windows. A request that has counted a key asks for it no more."""

    STORAGE_SCHEME = [f"{PREFIX}{scheme}" for scheme in ("redis", "rediss", "unix")]

    def __init__(self, uri: str, **options: Any) -> None:
        super().__init__(uri.removeprefix(PREFIX), **options)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` more; how many now. The first of a window decides when it ends, `expiry` seconds later."""
        name = self.prefixed_key(key)
        trip = self.storage.pipeline(transaction=False)
        trip.incrby(name, amount)
        trip.expire(name, expiry, nx=True)
        trip.ttl(name)
        count, _set, left = trip.execute()
        if has_request_context():
            _counted()[key] = count, max(left, 0) + time.time()
        return int(count)

    def get(self, key: str) -> int:
        """How many were counted."""
        return _counted()[key][0] if key in _counted() else super().get(key)

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since the epoch."""
        return _counted()[key][1] if key in _counted() else super().get_expiry(key)


def _counted() -> dict[str, tuple[int, float]]:
    """Key → (count, end of the window), of what this request has counted."""
    if not has_request_context():
        return {}
    found: dict[str, tuple[int, float]] = g.setdefault("counted_limits", {})
    return found
