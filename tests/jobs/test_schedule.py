"""What runs when: once a period, however many schedulers and however often a job is delivered."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.core import clock
from app.core.db import db, transaction
from app.core.idempotency import IdempotencyKey
from app.core.periodic import LEASE, PeriodicRun
from app.identity.models import OtpChallenge
from jobs import schedule, sweep
from jobs.queues import BULK, DEFAULT, queue
from jobs.schedule import PERIODIC, Periodic, Scheduler, period_start
from launch.services import ValkeyServer
from tests.jobs.harness import client_of

AT = datetime(2026, 11, 21, 12, 0, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "start"),
    [(5, AT.replace(second=5)), (60, AT.replace(second=0)), (3600, AT.replace(second=0))],
)
def test_a_period_starts_on_the_dot(seconds: int, start: datetime) -> None:
    assert period_start(AT, timedelta(seconds=seconds)) == start


def test_a_job_is_put_in_line_once_a_period(line: ValkeyServer) -> None:
    scheduler = Scheduler(client_of(line))
    assert scheduler.tick(AT) == len(PERIODIC)
    assert scheduler.tick(AT + timedelta(seconds=1)) == 0
    later = AT + timedelta(seconds=4)
    again = {job.name for job in PERIODIC if period_start(later, job.every) > AT}
    assert "look_after_sirens" in again and scheduler.tick(later) == len(again)
    for name in (DEFAULT, BULK):
        begun = [1 + (job.name in again) for job in PERIODIC if job.queue == name]
        assert queue(name, scheduler.client).count == sum(begun)


@pytest.mark.race
def test_a_period_runs_once_however_often_it_is_delivered(
    committed: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[int] = []
    job = Periodic("test", timedelta(seconds=5), DEFAULT, lambda: ran.append(1), per_store=False)
    monkeypatch.setitem(schedule._BY_NAME, "test", job)
    monkeypatch.setattr(schedule, "flask_app", lambda: committed)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: schedule.run("test", AT.isoformat()), range(8)))
    schedule.run("test", (AT + timedelta(seconds=5)).isoformat())
    assert len(ran) == 2


@pytest.mark.race
def test_a_period_whose_worker_died_goes_to_another(
    committed: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at once: it may only be slow."""
    ran: list[int] = []

    def work() -> None:
        ran.append(1)
        if len(ran) == 1:
            raise KeyboardInterrupt  # nothing after it runs

    job = Periodic("test", timedelta(days=1), DEFAULT, work, per_store=False)
    monkeypatch.setitem(schedule._BY_NAME, "test", job)
    monkeypatch.setattr(schedule, "flask_app", lambda: committed)
    with pytest.raises(KeyboardInterrupt):
        schedule.run("test", AT.isoformat())
    schedule.run("test", AT.isoformat())
    assert len(ran) == 1
    with transaction():
        db.session.execute(update(PeriodicRun).values(started_at=PeriodicRun.started_at - LEASE))
    for _again in range(2):
        schedule.run("test", AT.isoformat())
    assert len(ran) == 2


def test_a_long_job_is_offered_again_and_again(line: ValkeyServer) -> None:
    """The queue may be lost, and with it the night's work."""
    scheduler = Scheduler(client_of(line))
    scheduler.tick(AT)
    later = AT + LEASE
    assert scheduler.tick(later) == len(PERIODIC)
    night = [job for job in queue(BULK, scheduler.client).jobs if "compare_every_settlement" in job.id]
    assert len(night) == 2 and night[0].args == night[1].args


def test_one_stores_trouble_does_not_reach_the_next(
    committed: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.core.tenancy import current_store_id

    seen: list[int | None] = []

    def work() -> None:
        seen.append(current_store_id())
        if len(seen) == 1:
            raise RuntimeError("trouble")

    monkeypatch.setitem(schedule._BY_NAME, "test", Periodic("test", timedelta(seconds=5), DEFAULT, work))
    monkeypatch.setattr(schedule, "flask_app", lambda: committed)
    schedule.run("test", AT.isoformat())
    assert seen == [1, 2]


def test_old_rows_are_swept_and_young_ones_stay(committed: Flask) -> None:
    old, young = clock.now() - timedelta(days=8), clock.now() - timedelta(days=6)
    with transaction():
        for at in (old, young):
            mark = at.isoformat()
            db.session.add_all(
                [
                    IdempotencyKey(scope="t", actor_key="a", key=mark, fingerprint="f", created_at=at),
                    OtpChallenge(phone="+13055551234", code_hash="h", expires_at=at),
                    PeriodicRun(name="t", period_start=at, started_at=at + timedelta(days=6, hours=-1)),
                ]
            )
    for work in (sweep.sweep_store, sweep.sweep_people, sweep.sweep_runs):
        work()
    for model in (IdempotencyKey, OtpChallenge, PeriodicRun):
        assert db.session.scalar(select(func.count()).select_from(model)) == 1
