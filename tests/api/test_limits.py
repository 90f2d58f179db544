"""The counters of rate limits: right, ended in time, and one trip for a request."""

import time

import pytest
from flask import g
from redis.client import Redis

from app.web.limits import PREFIX, OneTripStorage
from tests.api.conftest import Cast


@pytest.fixture
def storage(world):
    kept = OneTripStorage(PREFIX + world.config["REDIS_URL"])
    yield kept
    kept.clear("k")


def test_counts_of_one_window_add_up_and_end_together(storage):
    assert [storage.incr("k", 60), storage.incr("k", 600, amount=5), storage.get("k")] == [1, 6, 6]
    assert time.time() + 50 < storage.get_expiry("k") < time.time() + 61
    storage.clear("k")
    assert (storage.get("k"), storage.incr("k", 60)) == (0, 1)


def test_a_window_that_is_over_begins_anew(storage):
    storage.incr("k", 60, amount=9)
    storage.get_connection().pexpire(storage.prefixed_key("k"), 1)
    time.sleep(0.02)
    assert storage.incr("k", 60) == 1


def test_a_request_knows_its_own_count_and_the_next_one_asks(storage, world):
    other = OneTripStorage(PREFIX + world.config["REDIS_URL"])
    with world.test_request_context():
        storage.incr("k", 60)
        other.get_connection().incrby(other.prefixed_key("k"), 10)
        assert storage.get("k") == 1
    g.pop("counted_limits")  # each request has a `g` of its own, in real life
    with world.test_request_context():
        assert storage.get("k") == 11


def test_a_limited_call_takes_one_trip_for_its_limit(cast: Cast, monkeypatch):
    asked = []
    single = Redis.execute_command

    def note(client, *words, **options):
        asked.append(words[0])
        return single(client, *words, **options)

    monkeypatch.setattr(Redis, "execute_command", note)
    answer = cast.ana.post("/quote", {"items": [{"sku": "VITC", "qty": 1}]})
    assert (answer.status_code, answer.headers["X-RateLimit-Remaining"]) == (200, "119")
    assert not {"EVALSHA", "TTL"} & set(asked)
