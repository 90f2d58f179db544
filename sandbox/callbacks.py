"""Calls back to the store: timed steps, run by a few daemon threads."""

from __future__ import annotations

import heapq
import itertools
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx

Step = tuple[float, Callable[[], None]]  # seconds after the step before, what to do
POST_TIMEOUT = 10.0


def at_loopback(url: str) -> tuple[str, dict[str, str]]:
    """Names under .localhost are this machine (RFC 6761), but not every resolver knows: (address, Host header)."""
    parts = urlsplit(url)
    if not (parts.hostname or "").endswith(".localhost"):
        return url, {}
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit(parts._replace(netloc=f"127.0.0.1{port}")), {"Host": parts.netloc}


class Callbacks:
    """Runs sequences of steps. The steps of one sequence never overlap; different ones do."""

    def __init__(self, closing: threading.Event, threads: int = 4) -> None:
        self.closing = closing
        self.log: deque[dict[str, Any]] = deque(maxlen=200)
        self._due: list[tuple[float, int, list[Step]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._ready: queue.SimpleQueue[list[Step]] = queue.SimpleQueue()
        self._client = httpx.Client(timeout=POST_TIMEOUT, trust_env=False)
        threading.Thread(target=self._clock, daemon=True, name="callback-clock").start()
        for number in range(threads):
            threading.Thread(target=self._work, daemon=True, name=f"callback-{number}").start()

    def run(self, steps: list[Step]) -> None:
        """Start a sequence; returns at once."""
        if not steps:
            return
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + steps[0][0], next(self._order), steps))
            self._changed.notify()

    def post(self, provider: str, url: str, **request: Any) -> None:
        """One POST, its outcome kept in the log. A receiver that is away is not an error here."""
        started = time.monotonic()
        entry: dict[str, Any] = {"provider": provider, "url": url}
        try:
            target, host = at_loopback(url)
            answer = self._client.post(target, **request | {"headers": request.get("headers", {}) | host})
            entry["status"] = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            entry["status"], entry["error"] = 0, f"{type(error).__name__}: {error}"
        entry["ms"] = round((time.monotonic() - started) * 1000)
        self.log.append(entry)

    def _clock(self) -> None:
        while not self.closing.is_set():
            with self._changed:
                wait = self._due[0][0] - time.monotonic() if self._due else 1.0
                if wait > 0:
                    self._changed.wait(min(wait, 1.0))
                    continue
                _, _, steps = heapq.heappop(self._due)
            self._ready.put(steps)

    def _work(self) -> None:
        while not self.closing.is_set():
            try:
                steps = self._ready.get(timeout=1.0)
            except queue.Empty:
                continue
            try:
                steps[0][1]()
            except Exception as error:  # a thread that dies would silence every later callback
                self.log.append({"provider": "sandbox", "url": "", "status": 0, "error": repr(error)})
            self.run(steps[1:])
