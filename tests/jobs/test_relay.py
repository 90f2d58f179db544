"""The outbox: whatever dies, and wherever, each subscriber's effect is there once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis
from flask import Flask
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import Engine, create_engine, text

from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import transaction
from app.core.events import emit
from jobs import base, queues
from jobs.relay import ATTEMPTS_MOST, BATCH, Relay
from launch.services import ValkeyServer
from tests.jobs import bells
from tests.jobs.bells import BellRung, listeners, ring, traces
from tests.jobs.harness import client_of

pytestmark = pytest.mark.race


@pytest.fixture
def owner(committed: Flask) -> Iterator[Engine]:
    """The database without anybody's restrictions, to look at the relay's marks."""
    engine = create_engine(committed.config["DATABASE_URL"])
    yield engine
    engine.dispose()


@pytest.fixture
def relay(committed: Flask, line: ValkeyServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    """A relay in this process, whose bells are heard by the tests' listeners. Its leases end when a test says so."""
    engine = create_engine(committed.config["RELAY_DATABASE_URL"])
    monkeypatch.setitem(committed.config, "REDIS_URL", line.url)
    monkeypatch.setattr(base, "flask_app", lambda: committed)
    base._client.clear()
    bells.crashes.clear()
    yield Relay(engine, client_of(line), subscribers=listeners)
    base._client.clear()
    engine.dispose()


def waiting(client: redis.Redis) -> list[Job]:
    """Jobs in line, in the order workers take them."""
    found = []
    for name in queues.NAMES:
        for job_id in queues.queue(name, client).get_job_ids():
            found.append(Job.fetch(job_id, connection=client, serializer=JSONSerializer))
    return found


def work_off(client: redis.Redis) -> int:
    """Do what a worker would do with all that waits; crashes are swallowed as RQ does. How many crashed."""
    crashed = 0
    for job in waiting(client):
        queues.queue(job.origin, client).remove(job)
        try:
            base.run(*job.args)
        except RuntimeError:
            crashed += 1
    return crashed


def marks(owner: Engine, event_id: int) -> tuple[bool, bool, int]:
    """(published, dead, attempts) of an event."""
    with owner.connect() as connection:
        row = connection.execute(
            text("SELECT published_at IS NOT NULL, dead_at IS NOT NULL, attempts FROM event WHERE id = :id"),
            {"id": event_id},
        ).one()
    return row[0], row[1], row[2]


def leases_end(owner: Engine) -> None:
    """As if the time had passed for which a relay has what it claimed."""
    with owner.begin() as connection:
        connection.execute(
            text("UPDATE event SET leased_until = now() - interval '1 s' WHERE leased_until > now()")
        )


def effects() -> dict[str, int]:
    """What the three listeners left behind."""
    return {name: traces(f"bell.{name}") for name in ("counted", "refused", "called")}


ONCE = {"counted": 1, "refused": 0, "called": 1}


def test_each_subscriber_hears_an_event_once(relay: Relay, owner: Engine) -> None:
    event_id = ring()
    assert relay.drain() == 1
    assert {job.args[2] for job in waiting(relay.client)} == {"count_bell", "refuse_bell", "call_out"}
    assert [job.origin for job in waiting(relay.client)] == ["critical", "default", "bulk"]
    assert work_off(relay.client) == 0
    assert effects() == ONCE
    assert relay.settle() == 1
    assert marks(owner, event_id)[0]
    leases_end(owner)
    assert relay.drain() == 0


def test_only_ids_are_put_in_line(relay: Relay) -> None:
    event_id = ring(bell_id=77)
    relay.drain()
    assert {tuple(job.args) for job in waiting(relay.client)} == {
        (event_id, 1, name) for name in ("count_bell", "refuse_bell", "call_out")
    }


def test_a_relay_killed_after_its_claim_costs_one_lease(relay: Relay, owner: Engine) -> None:
    event_id = ring()
    assert len(relay.claim()) == 1  # and here it is killed
    assert relay.drain() == 0
    leases_end(owner)
    assert relay.drain() == 1
    work_off(relay.client)
    relay.settle()
    assert (effects(), marks(owner, event_id)[0]) == (ONCE, True)


def test_a_queue_flushed_before_any_worker_looked_loses_nothing(relay: Relay, owner: Engine) -> None:
    ring()
    relay.drain()
    relay.client.flushall()
    leases_end(owner)
    relay.drain()
    work_off(relay.client)
    assert effects() == ONCE


def test_a_job_delivered_twice_has_one_effect(relay: Relay) -> None:
    event_id = ring()
    relay.drain()
    work_off(relay.client)
    for name in ("count_bell", "refuse_bell", "call_out"):
        base.run(event_id, 1, name)
    assert effects() == ONCE


def test_without_the_consumption_row_the_effect_would_double(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: it is the row that keeps the effect single."""
    event_id = ring()
    monkeypatch.setattr(base, "consume", lambda *_: True)
    base.run(event_id, 1, "count_bell")
    base.run(event_id, 1, "count_bell")
    assert traces("bell.counted") == 2


def test_a_worker_killed_before_its_commit_leaves_no_half_effect(relay: Relay, owner: Engine) -> None:
    event_id = ring()
    bells.crashes.append(RuntimeError("killed"))
    relay.drain()
    assert work_off(relay.client) == 1
    assert effects() == {"counted": 0, "refused": 0, "called": 1}
    leases_end(owner)
    relay.drain()
    assert [job.args[2] for job in waiting(relay.client)] == ["count_bell"]
    work_off(relay.client)
    relay.settle()
    assert (effects(), marks(owner, event_id)[0]) == (ONCE, True)


def test_a_worker_killed_after_its_commit_repeats_nothing(relay: Relay, owner: Engine) -> None:
    """Neither the queue nor the relay heard of the end: the lease runs out, and nothing is missing."""
    event_id = ring()
    relay.drain()
    work_off(relay.client)
    relay.client.delete(queues.DONE_KEY)
    leases_end(owner)
    assert relay.drain() == 1
    assert (waiting(relay.client), effects(), marks(owner, event_id)[0]) == ([], ONCE, True)


def test_a_refusal_is_final_and_undone(relay: Relay) -> None:
    event_id = ring()
    base.run(event_id, 1, "refuse_bell")
    base.run(event_id, 1, "refuse_bell")
    assert traces("bell.refused") == 0
    relay.drain()
    assert "refuse_bell" not in {job.args[2] for job in waiting(relay.client)}


def test_what_still_stands_in_line_is_not_put_there_again(relay: Relay, owner: Engine) -> None:
    event_id = ring()
    relay.drain()
    for _ in range(2):
        leases_end(owner)
        relay.drain()
    assert len(waiting(relay.client)) == 3
    assert marks(owner, event_id)[2] == 1


def test_a_dead_valkey_gives_the_event_back_at_once(relay: Relay, owner: Engine, line: ValkeyServer) -> None:
    event_id = ring()
    line.kill()
    with pytest.raises(redis.RedisError):
        relay.drain()
    assert marks(owner, event_id) == (False, False, 0)
    line.start()
    assert relay.drain() == 1
    assert len(waiting(relay.client)) == 3


def test_two_relays_share_the_work(relay: Relay, owner: Engine) -> None:
    ids = [ring(number) for number in range(BATCH + 20)]
    twin = Relay(relay.engine, relay.client, lease_seconds=30, subscribers=listeners)
    taken = [event.id for event in [*relay.claim(), *twin.claim()]]
    assert sorted(taken) == ids


def test_an_event_waits_until_it_is_due(relay: Relay) -> None:
    with transaction():
        emit(BellRung(bell_id=1), actor=SYSTEM, due_in=timedelta(minutes=5))
    assert relay.drain() == 0
    with clock.moved(timedelta(minutes=6)):
        assert relay.drain() == 1


def test_an_event_nobody_hears_is_published_at_once(relay: Relay, owner: Engine) -> None:
    event_id = ring()
    Relay(relay.engine, relay.client, subscribers=lambda _name: ()).drain()
    assert marks(owner, event_id) == (True, False, 1)


def test_after_twenty_tries_an_event_is_a_dead_letter(relay: Relay, owner: Engine) -> None:
    event_id = ring()
    with owner.begin() as connection:
        connection.execute(text("UPDATE event SET attempts = :n"), {"n": ATTEMPTS_MOST})
    relay.drain()
    assert marks(owner, event_id) == (False, True, ATTEMPTS_MOST + 1)
    assert waiting(relay.client) == []


def test_an_unknown_type_is_kept_for_a_relay_that_knows_it(relay: Relay, owner: Engine) -> None:
    event_id = ring()
    with owner.begin() as connection:
        connection.execute(text("UPDATE event SET type = 'FromTheFuture' WHERE id = :id"), {"id": event_id})
    relay.drain()
    assert marks(owner, event_id) == (False, False, 1)
