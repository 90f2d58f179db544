"""The pool: what each worker takes, and that none outlives its parent."""

import signal

import psutil
import pytest
from flask import Flask

from app import health
from jobs.worker import queues_of
from launch.services import ValkeyServer
from tests.jobs.harness import Processes, client_of, until


def test_one_worker_never_takes_bulk_work() -> None:
    assert queues_of(0) == ("critical", "default")
    assert queues_of(1) == ("critical", "default", "bulk")


def lives(process: psutil.Process) -> bool:
    """Whether it runs; one that is reaped between two looks does not."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.race
def test_a_killed_worker_is_replaced_and_none_outlives_the_parent(
    committed: Flask, processes: Processes, line: ValkeyServer
) -> None:
    pool = processes.start("jobs.worker")
    parent = psutil.Process(pool.pid)
    first = until(lambda: len(found := parent.children()) == 2 and found)
    until(lambda: client_of(line).get(health.WORKER_BEAT))
    first[0].send_signal(signal.SIGKILL)
    until(lambda: len([c for c in parent.children() if lives(c)]) == 2)
    left = parent.children()
    pool.kill()
    pool.wait()
    assert psutil.wait_procs(left, timeout=5)[1] == []


@pytest.mark.race
def test_each_part_ends_in_order_when_told_to(
    committed: Flask, processes: Processes, line: ValkeyServer
) -> None:
    for module in ("jobs.worker", "jobs.relay", "jobs.schedule"):
        processes.start(module)
    client = client_of(line)
    until(lambda: client.get(health.WORKER_BEAT) and client.get(health.RELAY_BEAT))
    until(lambda: client.exists("rq:workers"))
    assert processes.stop() == [0, 0, 0]
