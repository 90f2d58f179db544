"""The clock is aware, can be moved and stopped, and goes back to what it was."""

from datetime import UTC, datetime, timedelta, timezone
from threading import Thread

import pytest

from app.core import clock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_now_is_the_real_time_in_utc():
    before = datetime.now(UTC)
    now = clock.now()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta()


def test_the_offset_moves_the_clock():
    try:
        clock.set_offset(timedelta(days=-3))
        assert clock.offset() == timedelta(days=-3)
        assert abs(clock.now() - (datetime.now(UTC) - timedelta(days=3))) < timedelta(seconds=5)
    finally:
        clock.set_offset(timedelta())


def test_a_stopped_clock_stands_in_every_thread():
    seen = []
    with clock.frozen(NOON.astimezone(timezone(timedelta(hours=7)))) as at:
        thread = Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
        assert at == clock.now() == NOON
        assert clock.now().tzinfo is UTC
    assert seen == [NOON]
    assert clock.now() != NOON


def test_blocks_nest_and_end_also_on_an_error():
    with clock.frozen(NOON):
        with clock.moved(timedelta(hours=2)):
            assert clock.now() == NOON + timedelta(hours=2)
            with clock.frozen(NOON - timedelta(days=1)):
                assert clock.now() == NOON - timedelta(days=1)
        with pytest.raises(KeyError), clock.moved(timedelta(hours=1)):
            raise KeyError
        assert clock.now() == NOON


def test_a_running_clock_moves_too():
    with clock.moved(timedelta(days=10)):
        assert clock.now() - datetime.now(UTC) > timedelta(days=9)
    assert clock.offset() == timedelta()


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="aware"), clock.frozen(NOON.replace(tzinfo=None)):
        raise AssertionError("the block must not run")
