"""What a subscriber is, and how one (event, subscriber) is run: twice is harmless, a crash is retried.

A *transactional* subscriber is a function of the event's record. It runs in one transaction with the row that
says it was consumed, so its effect happens once. An *external* one talks to a provider: it opens its own
transactions around the call and consumes the event in the last of them.

A DomainError is an answer, not an accident: it is logged and the event counts as consumed. Any other exception
leaves the event as it was; the relay hands it out again when its lease has run out.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import redis
import structlog

from app import health
from app.core.db import db, transaction
from app.core.errors import DomainError
from app.core.events import EventRecord, consume, was_consumed
from app.core.tenancy import store_scope
from jobs.context import flask_app
from jobs.queues import DEFAULT, DONE_KEY

log = structlog.get_logger()

Work = Callable[[EventRecord], None]
QueueOf = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True)
class Subscriber:
    """A function that hears events. `queue` is a name, or a function of the payload that gives one."""

    name: str
    work: Work
    queue: str | QueueOf
    external: bool

    def __call__(self, record: EventRecord) -> None:
        self.work(record)

    def queue_for(self, payload: Mapping[str, Any]) -> str:
        """The queue in which this event waits."""
        return self.queue if isinstance(self.queue, str) else self.queue(payload)


_subscribers: dict[str, Subscriber] = {}


def subscriber(queue: str | QueueOf = DEFAULT, *, external: bool = False) -> Callable[[Work], Subscriber]:
    """Make a function a subscriber under its own name, which stays: consumptions are kept by it."""

    def register(work: Work) -> Subscriber:
        made = Subscriber(work.__name__, work, queue, external)
        _subscribers[made.name] = made
        return made

    return register


def run(event_id: int, store_id: int, name: str) -> None:
    """The one entry of the queues: give the event to the subscriber, in the store that emitted it."""
    import jobs.subscriptions  # noqa: F401, PLC0415 - fills the registry; it imports this module

    with flask_app().app_context(), store_scope(store_id):
        try:
            if handle(event_id, _subscribers[name]):
                nudge_relay(event_id)
        finally:
            db.session.remove()


def handle(event_id: int, target: Subscriber) -> bool:
    """Run the subscriber unless it has had the event. True when the event is consumed by it afterwards."""
    try:
        if target.external:
            return _handle_external(event_id, target)
        with transaction():
            if consume(event_id, target.name):
                target.work(_load(event_id))
        return True
    except DomainError as refusal:
        log.warning("subscriber refused", subscriber=target.name, event_id=event_id, refusal=refusal.code)
        with transaction():
            consume(event_id, target.name)
        return True


def _handle_external(event_id: int, target: Subscriber) -> bool:
    with transaction():
        done = was_consumed(event_id, target.name)
        record = _load(event_id)
    if done:
        return True
    target.work(record)
    with transaction():
        return was_consumed(event_id, target.name)


def _load(event_id: int) -> EventRecord:
    record = db.session.get(EventRecord, event_id)
    if record is None:
        raise LookupError(f"event {event_id} is not in this store")
    return record


def nudge_relay(event_id: int) -> None:
    """Tell the relay to look at the event again; without Valkey it will anyway when the lease runs out."""
    with suppress(redis.RedisError):
        _nudges().rpush(DONE_KEY, event_id)


_client: list[redis.Redis] = []


def _nudges() -> redis.Redis:
    if not _client:
        _client.append(health.connect())
    return _client[0]
