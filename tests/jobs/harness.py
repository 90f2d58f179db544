"""A running sandbox, a Valkey that can be restarted, and the product's processes, for tests of what lies between."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask
from sqlalchemy import create_engine, text

from app import notifications
from app.core.actor import Actor
from app.core.db import db, transaction
from app.notifications.models import ContactPoint, Delivery
from launch.services import ValkeyServer, valkey
from tests import factories
from tests.sandbox.conftest import Sandbox, start_sandbox

ROOT = Path(__file__).resolve().parents[2]
PROVIDERS = {
    "PUSHOVER_URL": "/pushover",
    "TELEGRAM_URL": "/telegram",
    "TWILIO_URL": "/twilio",
    "SENDGRID_URL": "/sendgrid",
    "BITESHIP_URL": "/biteship",
    "AUTHORIZENET_URL": "/authorizenet",
    "AUTHORIZENET_FORM_URL": "/authorizenet",
    "AUTHORIZENET_JS_URL": "/authorizenet",
    "MIDTRANS_SNAP_URL": "/midtrans",
    "MIDTRANS_API_URL": "/midtrans",
    "MIDTRANS_REPORT_URL": "/midtrans/reports/settlement.csv",
    "XENDIT_URL": "/xendit",
}
SECRETS = {
    "PUSHOVER_TOKEN": "a" * 30,
    "TELEGRAM_DISPATCH_TOKEN": "100000002:sandbox-dispatcher-token",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "sandbox-twilio-token",
    "TWILIO_SMS_FROM": "+13055550000",
    "TWILIO_WHATSAPP_FROM": "+13055550001",
    "SENDGRID_API_KEY": "SG.sandbox-sendgrid-key",
    "SENDGRID_FROM": "hello@theriac.test",
    "SENDGRID_FROM_NAME": "Theriac",
    "BITESHIP_API_KEY": "biteship_test.sandbox",
    "BITESHIP_WEBHOOK_SECRET": "sandbox-biteship-secret",
}


def until(condition: Callable[[], Any], seconds: float = 120.0) -> Any:
    """The condition's first true answer; AssertionError when it does not come, on however busy a machine."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")


@pytest.fixture(scope="session")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The providers."""
    sandbox = start_sandbox(tmp_path_factory.mktemp("outside"))
    yield sandbox
    sandbox.http.close()
    sandbox.stop()


@pytest.fixture
def sandbox(outside: Sandbox, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The providers with an empty inbox and no faults; the application of this process talks to them."""
    outside.http.delete("/inbox.json").raise_for_status()
    outside.chaos("all", "ok")
    for name, path in PROVIDERS.items():
        monkeypatch.setitem(app.config, name, outside.url + path)
    for name, value in SECRETS.items():
        monkeypatch.setitem(app.config, name, value)
    return outside


@pytest.fixture
def line(tmp_path: Path) -> Iterator[ValkeyServer]:
    """A Valkey of this test's own that keeps nothing over a restart: the worst that can happen to a queue."""
    with valkey(tmp_path, fast=True) as server:
        yield server


@dataclass
class Processes:
    """Processes of the product on the test's database, queue and sandbox."""

    environ: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, module: str, *, arguments: str = "", **environ: str) -> subprocess.Popen[bytes]:
        """Run `python -m module arguments`."""
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments.split()],
            cwd=ROOT,
            env=self.environ | environ,
            start_new_session=True,
        )
        self.running.append(process)
        return process

    def stop(self) -> list[int]:
        """End all of them in order; their exit statuses."""
        alive = [process for process in self.running if process.poll() is None]
        for process in alive:
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(timeout=60) for process in alive]
        self.running.clear()
        return codes


@pytest.fixture
def processes(
    committed: Flask, environment: dict[str, str], line: ValkeyServer, sandbox: Sandbox
) -> Iterator[Processes]:
    """Starts processes with short leases; all are ended after the test."""
    told = {"REDIS_URL": line.url, "SANDBOX_URL": sandbox.url}
    leases = {"RELAY_LEASE_SECONDS": "3", "DELIVERY_LEASE_SECONDS": "2"}
    pool = {"DB_POOL_SIZE": "2", "DB_POOL_OVERFLOW": "2"}
    started = Processes(os.environ | environment | told | leases | pool)
    yield started
    started.stop()


@dataclass(frozen=True)
class Shop:
    """A store that can take an order and tell people about it."""

    ana: Actor
    carla: Actor
    sku: str
    ana_phone: str


@transaction()
def give_contacts(actor: Actor, **addresses: str) -> None:
    """Contact points of a person by channel."""
    for channel, address in addresses.items():
        db.session.add(ContactPoint(user_id=actor.user_id, channel=channel, address=address))


def open_shop() -> Shop:
    """One branch, one product, Ana, and Carla with a Pushover key and a Telegram chat."""
    branch = factories.make_branch()
    factories.make_zone(branch)
    variant = factories.make_variant(branch, "MAG", on_hand=500)
    ana = factories.make_customer("Ana", phone="+13055551234")
    carla = factories.make_staff("Carla")
    give_contacts(carla, pushover="carla-pushover-key", telegram="700001")
    notifications.ensure_defaults()
    shop = Shop(ana, carla, variant.sku, "+13055551234")
    db.session.rollback()  # PostgreSQL ends a transaction that a test leaves idle while processes start
    return shop


def deliveries() -> list[Delivery]:
    """Every delivery of the store, as it is now."""
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.query(Delivery).order_by(Delivery.id))


def pending_events(app: Flask) -> int:
    """Events that are due and not yet published."""
    engine = create_engine(app.config["DATABASE_URL"])
    with engine.connect() as connection:
        count = connection.execute(
            text("SELECT count(*) FROM event WHERE published_at IS NULL AND due_at <= now()")
        ).scalar_one()
    engine.dispose()
    return int(count)


def client_of(server: ValkeyServer) -> redis.Redis:
    """A client of the test's own Valkey."""
    return redis.Redis.from_url(server.url, socket_timeout=2)
