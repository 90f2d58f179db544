"""Killing the worker at a known line: it is brought to wait there (for a row of PostgreSQL, for a provider's answer,
for Valkey), the process that has the job is found, and ends by kill -9. Nothing here sleeps for luck."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psutil
import redis
from flask import Flask
from rq import Worker
from rq.serializers import JSONSerializer
from sqlalchemy import Engine, func, select, text
from werkzeug.serving import make_server

from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.events import EventRecord
from app.ledger import LedgerEntry
from app.orders import paying
from app.orders.models import Order
from app.orders.states import PaymentStatus
from app.payments import receipts
from app.payments.gateways.names import shorten
from app.payments.models import Refund, RefundStatus, WebhookMessage
from app.payments.settlement_models import SettlementLine
from jobs.queues import Entry, enqueue
from jobs.schedule import PERIODIC, RUN, period_start
from launch.services import ValkeyServer
from tests import factories
from tests.jobs.harness import pending_events, until
from tests.sandbox.conftest import Sandbox

CARD = "authorizenet"
_WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = CAST(:name AS regclass)")
_LEASES_END = text(
    "UPDATE event SET leased_until = now() - interval '1 s' WHERE published_at IS NULL AND leased_until > now()"
)
_CLAIMS_END = text("UPDATE delivery SET leased_until = now() - interval '1 s' WHERE status = 'sending'")
_PERIOD_FREE = text("UPDATE periodic_run SET started_at = started_at - interval '6 min' WHERE name = :job")


@dataclass
class Works:
    """The running relay and workers, and everything they talk to."""

    app: Flask
    pool: int
    """The pid of the workers' parent."""
    port: int
    """The web's."""
    engine: Engine
    """The superuser's: what it locks and changes is the test's doing, past row security."""
    line: ValkeyServer
    valkey: redis.Redis
    sandbox: Sandbox
    began: datetime = field(default_factory=clock.now)
    minute: int = 0

    # --- bringing the worker to a stop

    @contextmanager
    def locked(self, table: str, mode: str = "ACCESS EXCLUSIVE") -> Iterator[Callable[[], object]]:
        """Hold a table; the yielded call waits until somebody wants it."""
        with self.engine.connect() as connection, connection.begin():
            connection.execute(text(f"LOCK TABLE {table} IN {mode} MODE"))
            yield lambda: until(lambda: self._is_wanted(table), 20)

    def _is_wanted(self, table: str) -> bool:
        with self.engine.connect() as connection:
            return bool(connection.scalar(_WAITING, {"name": table}))

    @contextmanager
    def answer_held(
        self, about: str, provider: str = CARD, reports: str = "ok"
    ) -> Iterator[Callable[[], object]]:
        """The provider takes a call with this word and does not answer before the end of the block, when it does what
        it was asked for, whoever is still there; the yielded call waits until it has come. `reports`: what becomes of
        its calls back from now on."""
        self.sandbox.chaos(provider, reports)
        self.sandbox.chaos(provider, "held", about=about, times=1)
        try:
            yield lambda: until(lambda: self._is_held(provider), 20)
        finally:
            self.sandbox.chaos(provider, "slow", seconds=0)  # "ok" would set its reports right, too
            until(lambda: not self._is_held(provider), 20)

    def _is_held(self, provider: str) -> bool:
        report = self.sandbox.http.get("/chaos").raise_for_status().json()
        return bool(report[provider]["held"])

    @contextmanager
    def queues_shut(self) -> Iterator[None]:
        """Valkey lets everybody wait who wants to write, inside the block."""
        self.valkey.execute_command("CLIENT", "PAUSE", "30000", "WRITE")
        try:
            yield
        finally:
            self.valkey.execute_command("CLIENT", "UNPAUSE")

    # --- death, and what comes after it

    def kill_who_has(self, job: str) -> None:
        """kill -9 of the worker whose job has this in its name."""
        _kill([psutil.Process(until(lambda: self._who_has(job), 20))])

    def workers(self) -> list[psutil.Process]:
        """The processes that have jobs, or wait for one."""
        children = psutil.Process(self.pool).children()
        return [one for one in children if one.status() != psutil.STATUS_ZOMBIE]

    def kill_workers(self) -> None:
        """kill -9 of every worker; their parent starts others."""
        _kill(self.workers())

    @contextmanager
    def workers_asleep(self) -> Iterator[None]:
        """No worker does anything inside the block."""
        stopped = self.workers()
        for process in stopped:
            process.suspend()
        try:
            yield
        finally:
            for process in stopped:
                process.resume()

    def _who_has(self, job: str) -> int:
        for worker in Worker.all(connection=self.valkey, serializer=JSONSerializer):
            if job in (worker.get_current_job_id() or "") and psutil.pid_exists(worker.pid or 0):
                return int(worker.pid or 0)
        return 0

    def leases_end(self) -> None:
        """As if the time had passed for which an event or a message belongs to whoever has claimed it."""
        with self.engine.begin() as connection:
            connection.execute(_LEASES_END)
            connection.execute(_CLAIMS_END)
            connection.execute(text("NOTIFY event"))

    def regains(self, condition: Callable[[], object]) -> None:
        """Wait for what comes once leases end, again and again: Valkey forgets jobs, and what workers reported."""
        for _lease in range(10):
            with self.engine.begin() as connection:
                connection.execute(_LEASES_END)
                connection.execute(text("NOTIFY event"))
            with suppress(AssertionError):
                until(condition, 3)
                return
        raise AssertionError("not within ten leases")

    def is_quiet(self) -> bool:
        """Whether every event has been heard."""
        return pending_events(self.app) == 0

    def minutes_pass(self, table: str, row: int, minutes: float, *columns: str) -> None:
        """Let what a row says of its times be so much longer ago."""
        moved = ", ".join(f"{name} = {name} - :by" for name in columns)
        statement = text(f"UPDATE {table} SET {moved} WHERE id = :row")
        with self.engine.begin() as connection:
            connection.execute(statement, {"by": timedelta(minutes=minutes), "row": row})

    def period_is_free(self, job: str) -> None:
        """As if the time had passed for which a period belongs to the worker that took it."""
        with self.engine.begin() as connection:
            connection.execute(_PERIOD_FREE, {"job": job})

    def next_minute(self, job: str) -> None:
        """The scheduler puts the job in line again: the next period of a short one, the same of a long one."""
        self.minute += 1
        periodic = next(one for one in PERIODIC if one.name == job)
        start = period_start(self.began + timedelta(minutes=self.minute), periodic.every)
        entry = Entry(periodic.queue, f"p-{job}-{self.minute}", RUN, (job, start.isoformat()))
        enqueue(self.valkey, [entry])

    def quiet(self) -> None:
        """Wait until every event has been heard."""
        until(self.is_quiet, 30)


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        process.kill()
    assert psutil.wait_procs(processes, timeout=10)[1] == []


def fresh(query: Callable[[], Any]) -> Any:
    """The answer of a query made in a new transaction."""
    db.session.rollback()
    db.session.expire_all()
    answer = query()
    db.session.rollback()
    return answer


@contextmanager
def web(app: Flask) -> Iterator[int]:
    """The application behind a port, in threads of this process."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield int(server.server_port)
    finally:
        server.shutdown()
        thread.join()


def begin_order(cast: dict[str, Actor]) -> tuple[int, int, str]:
    """An order whose customer stands before the provider's form: (order, attempt, its reference)."""
    order = factories.place(("VITC", 2), actor=cast["ana"], payment_method=CARD)
    found = order.id, order.code
    attempt = paying.begin(found[1], actor=cast["ana"])
    made = found[0], attempt.id, attempt.reference
    db.session.rollback()
    return made


def payment_of(works: Works, reference: str) -> dict[str, Any]:
    """The provider's own record."""
    query = {"provider": CARD, "reference": shorten(reference)}
    found: dict[str, Any]
    (found,) = works.sandbox.http.get("/money/payments.json", params=query).json()
    return found


def act(works: Works, reference: str, action: str) -> None:
    """Something happens to the payment at the provider."""
    url = f"/money/payments/{CARD}/{payment_of(works, reference)['id']}"
    works.sandbox.http.post(url, json={"action": action}).raise_for_status()


def entries(reference: str) -> int:
    """How many entries of the ledger have this reference."""
    query = select(func.count()).select_from(LedgerEntry).where(LedgerEntry.reference == reference)
    return int(db.session.scalars(query).one())


def events(name: str, **payload: object) -> int:
    """How many events there are of this kind about this."""
    found = db.session.scalars(select(EventRecord).where(EventRecord.type == name))
    return sum(payload.items() <= record.payload.items() for record in found)


def is_paid(order_id: int) -> bool:
    """Whether the order is paid by now."""
    return fresh(lambda: db.session.get_one(Order, order_id).payment_status) is PaymentStatus.PAID


def message_of(reference: str) -> WebhookMessage:
    """The one call about a payment."""
    return db.session.scalars(select(WebhookMessage).where(WebhookMessage.reference == reference)).one()


def assert_paid_once(order_id: int) -> None:
    """One receipt, one entry, one fact."""
    order = db.session.get_one(Order, order_id)
    assert order.payment_status is PaymentStatus.PAID
    (receipt,) = receipts.receipts_of(order_id)
    assert (receipt.amount_minor, receipt.applied_minor) == (order.total_minor, order.total_minor)
    assert entries(f"receipt:{receipt.id}") == 1
    assert events("OrderPaid", order_id=order_id) == 1


def status_of(refund_id: int) -> RefundStatus:
    """How a refund stands by now."""
    return fresh(lambda: db.session.get_one(Refund, refund_id).status)


def sent_back(works: Works, reference: str) -> int:
    """How many refunds the provider has made of the payment."""
    return len(payment_of(works, reference)["refunds"])


def assert_sent_once(works: Works, refund_id: int, reference: str) -> None:
    """One refund at the provider, two entries, one end."""
    refund = db.session.get_one(Refund, refund_id)
    (made,) = payment_of(works, reference)["refunds"]
    assert (made["id"], made["status"]) == (refund.external_id, "done")
    assert float(made["amount"]) * 100 == refund.amount_minor
    assert [entries(f"refund:{refund_id}:{what}") for what in ("started", "paid")] == [1, 1]
    assert events("RefundEnded", refund_id=refund_id) == 1


def lines_of(reference: str) -> list[SettlementLine]:
    """The payment's lines."""
    return list(db.session.scalars(select(SettlementLine).where(SettlementLine.reference == reference)))
