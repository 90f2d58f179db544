"""The three queues, and what an entry in them looks like: ids only, the truth is in PostgreSQL."""

from collections.abc import Iterable
from dataclasses import dataclass

import redis
from rq import Queue
from rq.serializers import JSONSerializer

CRITICAL, DEFAULT, BULK = "critical", "default", "bulk"
NAMES = (CRITICAL, DEFAULT, BULK)
"""In the order in which a worker looks at them: a newsletter never delays a siren."""

JOB_SECONDS = 60
FAILURE_SECONDS = 600
"""How long a failed entry can be looked at in Valkey; the retry does not depend on it."""

DONE_KEY = "theriac:relay:done"
"""Ids of events that a subscriber has just finished: the relay looks at them again. Only a hint."""


@dataclass(frozen=True)
class Entry:
    """One job to enqueue: `function` by its dotted name, JSON arguments."""

    queue: str
    job_id: str
    function: str
    args: tuple[int | str, ...]


def queue(name: str, client: redis.Redis) -> Queue:
    """The RQ queue with JSON in place of pickle: who writes to Valkey must not run code here."""
    return Queue(name, connection=client, serializer=JSONSerializer)


def enqueue(client: redis.Redis, entries: Iterable[Entry]) -> None:
    """Hand entries over in one round trip. redis.RedisError when Valkey is away: nothing is lost by that."""
    with client.pipeline(transaction=False) as pipe:
        for entry in entries:
            data = Queue.prepare_data(
                entry.function,
                args=entry.args,
                timeout=JOB_SECONDS,
                result_ttl=0,
                failure_ttl=FAILURE_SECONDS,
                description=entry.job_id,
                job_id=entry.job_id,
            )
            queue(entry.queue, client).enqueue_many([data], pipeline=pipe)
        pipe.execute()


def waiting_ids(client: redis.Redis) -> set[str]:
    """Ids of all jobs that nobody has begun."""
    return {job_id for name in NAMES for job_id in queue(name, client).get_job_ids()}
