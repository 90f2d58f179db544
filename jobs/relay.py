"""python -m jobs.relay: hands each event to its subscribers, until all of them have consumed it.

The `event` table is the outbox. An event is due, claimed for the length of a lease, and put into the queues once
for each subscriber that has not had it; when none is missing it is published. Nothing depends on the queues
keeping what they got: Valkey flushed, a worker killed or this process killed at any line costs one lease.
"""

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg2
import redis
import structlog
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from app import health
from app.core import clock, logs, settings
from app.core.events import event_type
from config import load_config
from jobs import queues, subscriptions
from jobs.base import Subscriber

log = structlog.get_logger()

POLL_SECONDS = 1.0
BATCH = 200
LEASE_MOST = 600.0
ATTEMPTS_MOST = 20
BEAT_EVERY = 3.0
WAIT_MOST = 5.0
RUN = "jobs.base.run"

_CLAIM = text("""
    WITH due AS (
        SELECT id FROM event
        WHERE published_at IS NULL AND dead_at IS NULL AND due_at <= greatest(now(), :now)
          AND (leased_until IS NULL OR leased_until < now())
        ORDER BY due_at LIMIT :batch FOR UPDATE SKIP LOCKED)
    UPDATE event SET attempts = attempts + 1,
        leased_until = now() + make_interval(secs => least(:lease * power(2, attempts), :most))
    FROM due WHERE event.id = due.id
    RETURNING event.id, event.store_id, event.type, event.payload, event.attempts""")
_TAKEN = text("SELECT event_id, subscriber FROM event_consumption WHERE event_id = ANY(:ids)")
_OPEN = text(
    "SELECT id, store_id, type, payload, attempts FROM event "
    "WHERE id = ANY(:ids) AND published_at IS NULL AND dead_at IS NULL"
)
_PUBLISH = text("UPDATE event SET published_at = now(), leased_until = NULL WHERE id = ANY(:ids)")
_BURY = text("UPDATE event SET dead_at = now(), leased_until = NULL WHERE id = ANY(:ids)")
_GIVE_BACK = text("UPDATE event SET leased_until = NULL, attempts = attempts - 1 WHERE id = ANY(:ids)")
_STILL_WAITING = text("UPDATE event SET attempts = attempts - 1 WHERE id = ANY(:ids) AND attempts > 1")

Subscribers = Callable[[str], Sequence[Subscriber]]
GONE = (SQLAlchemyError, psycopg2.Error, redis.RedisError, OSError)


@dataclass(frozen=True)
class Claimed:
    """A claimed event as the relay needs it; `attempts` counts the claims, this one included."""

    id: int
    store_id: int
    type: str
    payload: dict[str, Any]
    attempts: int


class Relay:
    """One relay; several may run side by side, they skip what another one holds."""

    def __init__(
        self,
        engine: Engine,
        client: redis.Redis,
        *,
        lease_seconds: float = 30.0,
        subscribers: Subscribers | None = None,
    ) -> None:
        self.engine = engine
        self.client = client
        self.lease_seconds = lease_seconds
        self.subscribers = subscribers or subscriptions.subscribers_of

    def drain(self) -> int:
        """Hand over all that is due now; how many events were claimed."""
        claimed = 0
        while batch := self.claim():
            claimed += len(batch)
            self.hand_over(batch)
            if len(batch) < BATCH:
                break
        return claimed

    def claim(self) -> list[Claimed]:
        """Lease up to BATCH due events, oldest first. Committed before anything leaves the database."""
        with self.engine.begin() as connection:
            rows = connection.execute(
                _CLAIM,
                {"now": clock.now(), "batch": BATCH, "lease": self.lease_seconds, "most": LEASE_MOST},
            )
            return [Claimed(*row) for row in rows]

    def hand_over(self, batch: Sequence[Claimed]) -> None:
        """Publish what is complete, bury what never will be, enqueue the rest."""
        with self.engine.connect() as connection:
            missing = self._missing(connection, batch)
        self._mark(_PUBLISH, [event.id for event in batch if missing[event.id] == []])
        pending = [event for event in batch if missing[event.id] != []]
        dead = [event for event in pending if event.attempts > ATTEMPTS_MOST]
        for event in dead:
            log.error("dead letter", event_id=event.id, type=event.type, store_id=event.store_id)
        self._mark(_BURY, [event.id for event in dead])
        self._enqueue([event for event in pending if event not in dead], missing)

    def settle(self) -> int:
        """Look again at events that workers have reported; how many are published by that."""
        raw: Any = self.client.lpop(queues.DONE_KEY, BATCH * 5)
        if not raw:
            return 0
        with self.engine.connect() as connection:
            rows = connection.execute(_OPEN, {"ids": sorted({int(event_id) for event_id in raw})})
            reported = [Claimed(*row) for row in rows]
            missing = self._missing(connection, reported)
        done = [event.id for event in reported if missing[event.id] == []]
        self._mark(_PUBLISH, done)
        return len(done)

    def _missing(
        self, connection: Connection, events: Sequence[Claimed]
    ) -> dict[int, list[Subscriber] | None]:
        """Event id → subscribers that have not had it; None for a type this version does not know."""
        taken = {
            (event_id, name)
            for event_id, name in connection.execute(_TAKEN, {"ids": [event.id for event in events]})
        }
        missing: dict[int, list[Subscriber] | None] = {}
        for event in events:
            if not _is_known(event.type):
                log.error("unknown event type", event_id=event.id, type=event.type)
                missing[event.id] = None
                continue
            wanted = self.subscribers(event.type)
            missing[event.id] = [one for one in wanted if (event.id, one.name) not in taken]
        return missing

    def _enqueue(self, events: Sequence[Claimed], missing: dict[int, list[Subscriber] | None]) -> None:
        try:
            waiting = self._waiting(events)
            entries, still_waiting = [], []
            for event in events:
                fresh = [one for one in missing[event.id] or () if f"e{event.id}-{one.name}" not in waiting]
                if not fresh and missing[event.id]:
                    still_waiting.append(event.id)
                entries += [_entry(event, one) for one in fresh]
            if entries:
                queues.enqueue(self.client, entries)
        except redis.RedisError:
            self._mark(_GIVE_BACK, [event.id for event in events])
            raise
        self._mark(_STILL_WAITING, still_waiting)

    def _waiting(self, events: Sequence[Claimed]) -> set[str]:
        """What of an earlier claim still stands in line, so that a long queue does not fill with copies."""
        if all(event.attempts == 1 for event in events):
            return set()
        return {job_id.rpartition("-")[0] for job_id in queues.waiting_ids(self.client)}

    def _mark(self, statement: Any, ids: list[int]) -> None:
        if ids:
            with self.engine.begin() as connection:
                connection.execute(statement, {"ids": ids})


def _is_known(name: str) -> bool:
    try:
        event_type(name)
    except KeyError:
        return False
    return True


def _entry(event: Claimed, target: Subscriber) -> queues.Entry:
    # The attempt is part of the id: what RQ remembers of a killed run must not touch the next one.
    return queues.Entry(
        queue=target.queue_for(event.payload),
        job_id=f"e{event.id}-{target.name}-{event.attempts}",
        function=RUN,
        args=(event.id, event.store_id, target.name),
    )


class Ear:
    """Waits for PostgreSQL's NOTIFY, a signal or the time-out, whichever is first."""

    def __init__(self, engine: Engine, wake: int) -> None:
        self.engine, self.wake = engine, wake
        self._connection: Any = None

    def listen(self) -> None:
        """Subscribe on a connection of its own, outside any pool."""
        if self._connection is None or self._connection.closed:
            raw = self.engine.raw_connection()
            connection: Any = raw.driver_connection
            raw.detach()
            connection.set_isolation_level(psycopg2.extensions.ISOLATION_LEVEL_AUTOCOMMIT)
            with connection.cursor() as cursor:
                cursor.execute("LISTEN event")
            self._connection = connection

    def wait(self, seconds: float) -> None:
        """Return when there may be something to do."""
        sources = [self.wake] if self._connection is None else [self.wake, self._connection]
        ready, _, _ = select.select(sources, [], [], seconds)
        if self.wake in ready:
            os.read(self.wake, 64)
        if self._connection is not None and self._connection in ready:
            self._connection.poll()
            self._connection.notifies.clear()

    def close(self) -> None:
        """Forget a connection that may be broken."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Loop:
    """The relay's life: work, wait, and start over with growing patience when a service is away."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.stopping = False
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        self._beat_at = 0.0

    def stop(self, *_signal: object) -> None:
        """End after the batch in hand."""
        self.stopping = True

    def run(self) -> None:
        """Until stop(). Loses nothing by an outage of PostgreSQL or Valkey, and needs no restart after it."""
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        ear = Ear(self.relay.engine, self._wake_read)
        patience = 0.1
        while not self.stopping:
            try:
                ear.listen()
                self._work()
                patience = 0.1
                ear.wait(POLL_SECONDS)
            except GONE as error:
                log.warning("relay waits", error=type(error).__name__, seconds=patience)
                ear.close()
                self.relay.engine.dispose()
                ear.wait(patience)
                patience = min(patience * 2, WAIT_MOST)
        ear.close()

    def _work(self) -> None:
        if time.monotonic() - self._beat_at > BEAT_EVERY:
            health.beat(self.relay.client, health.RELAY_BEAT)
            self._beat_at = time.monotonic()
        self.relay.drain()
        self.relay.settle()


def main() -> int:
    """Run until SIGTERM or SIGINT."""
    config = load_config()
    settings.configure(config)
    logs.configure_logs(human=config["DEMO"])
    engine = create_engine(config["RELAY_DATABASE_URL"], pool_size=2, pool_pre_ping=True)
    loop = Loop(Relay(engine, health.connect(), lease_seconds=config["RELAY_LEASE_SECONDS"]))
    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, loop.stop)
    loop.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
