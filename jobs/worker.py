"""python -m jobs.worker: a small pool of RQ workers over the three queues.

The parent builds the application once and forks the workers, which share its memory. Each worker runs its jobs
in its own process, without RQ's fork for every job: a fork and the new database connection it needs cost more
than most jobs here (a claim, one HTTP call of at most 5 s, a commit), and a worker that is killed takes its job
with it, so no orphan can run beside the retry. What a job leaves behind is bounded: a worker ends after
JOBS_MOST jobs or by RQ's alarm of JOB_SECONDS, and the parent starts a new one. Nothing is lost with a worker:
the event's lease runs out and the relay hands it out again.

The first worker never takes from `bulk`, so a newsletter cannot hold up a siren.
"""

import ctypes
import importlib
import logging
import os
import signal
import sys
import time
from dataclasses import dataclass, field

import redis
import structlog
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from app import health, notifications
from app.core.db import db
from app.core.settings import setting
from jobs import queues
from jobs.context import flask_app, queue_connection, ready_app

log = structlog.get_logger()

JOBS_MOST = 5000
GRACE_SECONDS = 12.0
RESTART_SECONDS = 1.0
BEAT_EVERY = 3.0
_PR_SET_PDEATHSIG = 1


class EventWorker(SimpleWorker):
    """RQ's in-process worker that also says on the health page that it lives."""

    max_connection_wait_time = 5.0
    _beat_at = 0.0

    def heartbeat(self, timeout: int | None = None, pipeline: redis.client.Pipeline | None = None) -> None:
        """RQ's heartbeat, several for each job, and every few seconds ours."""
        super().heartbeat(timeout, pipeline)
        if time.monotonic() - self._beat_at > BEAT_EVERY:
            health.beat(self.connection, health.WORKER_BEAT)
            self._beat_at = time.monotonic()


def queues_of(position: int) -> tuple[str, ...]:
    """What the worker at this place of the pool takes, in this order."""
    return queues.NAMES[:2] if position == 0 else queues.NAMES


@dataclass
class Pool:
    """Keeps `size` worker processes alive until it is told to stop."""

    size: int
    workers: dict[int, int] = field(default_factory=dict)  # pid → place in the pool
    stopping: bool = False

    def stop(self, *_signal: object) -> None:
        """Let each worker finish the job it has, then end."""
        self.stopping = True

    def run(self) -> None:
        """Until stop()."""
        for position in range(self.size):
            self._start(position)
        while not self.stopping:
            for position in self._reap():
                log.warning("worker ended, starting another", position=position)
                time.sleep(RESTART_SECONDS)
                if not self.stopping:
                    self._start(position)
            time.sleep(0.2)
        self._end()

    def _start(self, position: int) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid:
            self.workers[pid] = position
            return
        code = 1
        try:
            _die_with(parent)
            code = work(queues_of(position))
        finally:
            logging.shutdown()
            os._exit(code)

    def _reap(self) -> list[int]:
        """Places whose worker is gone."""
        gone = []
        while self.workers:
            pid, _status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            gone.append(self.workers.pop(pid))
        return gone

    def _end(self) -> None:
        deadline = time.monotonic() + GRACE_SECONDS
        for pid in self.workers:
            os.kill(pid, signal.SIGTERM)
        while self.workers and time.monotonic() < deadline:
            self._reap()
            time.sleep(0.05)
        for pid in self.workers:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _die_with(parent: int) -> None:
    """Ask the kernel to kill this process when its parent is gone, even by kill -9."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def work(names: tuple[str, ...], *, burst: bool = False) -> int:
    """Take jobs from these queues until SIGTERM (`burst`: until they are empty). Returns the exit status."""
    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, signal.SIG_DFL)  # the parent's handlers are not this process'; RQ sets its own
    with flask_app().app_context():
        # Connections of before the fork belong to the parent; closing them here would cut its line.
        db.engine.dispose(close=False)
    try:
        worker = EventWorker(
            list(names),
            connection=queue_connection(),
            serializer=JSONSerializer,
            worker_ttl=25,
            maintenance_interval=5,
            job_monitoring_interval=2,
            log_job_description=False,
        )
        worker.work(burst=burst, max_jobs=JOBS_MOST, logging_level="WARNING")
    except redis.RedisError as error:
        log.warning("worker found no Valkey", error=str(error))
        return 1
    return 0


def main() -> int:
    """Run the pool until SIGTERM or SIGINT."""
    ready_app()
    importlib.import_module("jobs.subscriptions")  # what every job needs, read once and shared by the forks
    importlib.import_module("jobs.schedule")
    notifications.warm_up()
    pool = Pool(setting("WORKER_PROCESSES"))
    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, pool.stop)
    pool.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
