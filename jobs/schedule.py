"""python -m jobs.schedule: what runs when. One table; a period is run once, however many schedulers there are.

The scheduler only puts (name, start of the period) into a queue. The worker takes the period by a row in the
database first, so a second scheduler, or a job delivered twice, changes nothing; of a worker that was killed another
one takes it over. Work that was begun twice finds done what the first one did.
"""

import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import redis
import structlog

from app import health, stores
from app.core import clock, logs, settings
from app.core.db import db, refresh_statistics, transaction
from app.core.periodic import LEASE, end_period, take_period
from app.core.tenancy import store_scope
from config import load_config
from jobs import queues
from jobs.carts import remind_of_carts
from jobs.catalog import sweep_imports, sweep_pictures
from jobs.coins import watch_coins
from jobs.context import flask_app
from jobs.fulfilment import look_after_shipments, sweep_inquiries
from jobs.inventory import expire_reservations, warn_of_expiring, write_off_expired
from jobs.loyalty import look_after_wallets
from jobs.money import ask_about_refunds, compare_every_settlement
from jobs.notifications import listen_for_presses, look_after_sirens
from jobs.payments import look_after_attempts
from jobs.sweep import sweep_people, sweep_runs, sweep_store

log = structlog.get_logger()
TICK_SECONDS = 1.0
RUN = "jobs.schedule.run"


@dataclass(frozen=True)
class Periodic:
    """One job: how often, in which queue, what. `per_store` runs it once inside each open store."""

    name: str
    every: timedelta
    queue: str
    work: Callable[[], None]
    per_store: bool = True


PERIODIC = (
    Periodic("look_after_sirens", timedelta(seconds=5), queues.DEFAULT, look_after_sirens),
    Periodic("watch_coins", timedelta(seconds=10), queues.DEFAULT, watch_coins),
    Periodic("listen_for_presses", timedelta(minutes=5), queues.DEFAULT, listen_for_presses),
    Periodic("remind_of_carts", timedelta(minutes=10), queues.BULK, remind_of_carts),
    Periodic("expire_reservations", timedelta(minutes=1), queues.DEFAULT, expire_reservations),
    Periodic("look_after_attempts", timedelta(minutes=1), queues.DEFAULT, look_after_attempts),
    Periodic("write_off_expired", timedelta(minutes=15), queues.BULK, write_off_expired),
    Periodic("warn_of_expiring", timedelta(hours=1), queues.BULK, warn_of_expiring),
    Periodic("look_after_shipments", timedelta(minutes=2), queues.DEFAULT, look_after_shipments),
    Periodic("look_after_wallets", timedelta(hours=1), queues.BULK, look_after_wallets),
    Periodic("ask_about_refunds", timedelta(minutes=1), queues.DEFAULT, ask_about_refunds),
    Periodic("compare_every_settlement", timedelta(days=1), queues.BULK, compare_every_settlement),
    Periodic("sweep_inquiries", timedelta(hours=1), queues.BULK, sweep_inquiries),
    Periodic("sweep_store", timedelta(hours=1), queues.BULK, sweep_store),
    Periodic("sweep_pictures", timedelta(days=1), queues.BULK, sweep_pictures),
    Periodic("sweep_imports", timedelta(days=1), queues.BULK, sweep_imports),
    Periodic(
        "refresh_statistics",
        timedelta(days=1),
        queues.BULK,
        transaction()(refresh_statistics),
        per_store=False,
    ),
    Periodic("sweep_people", timedelta(hours=1), queues.BULK, sweep_people, per_store=False),
    Periodic("sweep_runs", timedelta(hours=1), queues.BULK, sweep_runs, per_store=False),
)
_BY_NAME = {job.name: job for job in PERIODIC}


def period_start(at: datetime, every: timedelta) -> datetime:
    """The start of the period that `at` lies in; periods are counted from 1970 in UTC."""
    seconds = every.total_seconds()
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, UTC)


def run(name: str, started: str) -> None:
    """The entry of the queues: run the job for this period unless somebody has it already."""
    job, period = _BY_NAME[name], datetime.fromisoformat(started)
    with flask_app().app_context():
        with store_scope(None), transaction():
            mine = take_period(name, period)
        if not mine:
            return
        for store_id in [store.id for store in stores.all_stores()] if job.per_store else [None]:
            with store_scope(store_id):
                try:
                    job.work()
                except Exception:  # one store's trouble must not keep the next from its turn
                    log.exception("periodic job failed", job=name, store_id=store_id)
                finally:
                    db.session.remove()
        with store_scope(None), transaction():
            end_period(name, period)


class Scheduler:
    """Puts each period of each job into its queue; a long one again and again, in case its worker died or the queue
    was lost. The database knows whether there is anything left to do."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client
        self._last: dict[str, datetime] = {}

    def tick(self, at: datetime) -> int:
        """Enqueue what has begun since the last tick; how many jobs that was."""
        entries, begun = [], {}
        for job in PERIODIC:
            start, offered = period_start(at, job.every), period_start(at, min(job.every, LEASE))
            if self._last.get(job.name) != offered:
                begun[job.name] = offered
                job_id = f"p-{job.name}-{int(offered.timestamp())}"
                entries.append(queues.Entry(job.queue, job_id, RUN, (job.name, start.isoformat())))
        if entries:
            queues.enqueue(self.client, entries)
            self._last |= begun
        return len(entries)


def main() -> int:
    """Run until SIGTERM or SIGINT; an absent Valkey is waited for."""
    config = load_config()
    settings.configure(config)
    logs.configure_logs(human=config["DEMO"])
    scheduler = Scheduler(health.connect())
    stop = threading.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, lambda *_: stop.set())
    while not stop.wait(TICK_SECONDS):
        try:
            scheduler.tick(clock.now())
        except redis.RedisError as error:
            log.warning("scheduler waits for Valkey", error=type(error).__name__)
    return 0


if __name__ == "__main__":
    sys.exit(main())
