"""One relay, one pool of workers and one shop for every test of this folder: nothing is swept in between, so each test
looks at the order that it has placed."""

import os
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import create_engine

from app import health, notifications
from app.core.actor import Actor
from app.core.db import db
from app.core.tenancy import store_scope
from app.demo import accounts
from app.verify import verify_store
from launch.services import valkey
from tests import factories
from tests.factories import MIAMI
from tests.jobs.harness import PROVIDERS, SECRETS, Processes, client_of, give_contacts, until
from tests.jobs.running.works import CARD, Works, fresh, web
from tests.sandbox.conftest import Sandbox

Cast = dict[str, Actor]


@pytest.fixture(scope="package")
def works(
    app: Flask, environment: dict[str, str], outside: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Works]:
    """Relay, workers and web; told to stop they end in order."""
    engine = create_engine(environment["DATABASE_URL"], pool_size=3)
    with (
        valkey(tmp_path_factory.mktemp("line"), fast=True) as line,
        web(app) as port,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, path in PROVIDERS.items():
            patch.setitem(app.config, name, outside.url + path)
        for name, value in (SECRETS | {"SANDBOX_URL": outside.url, "PUBLIC_PORT": f":{port}"}).items():
            patch.setitem(app.config, name, value)
        told = {"REDIS_URL": line.url, "SANDBOX_URL": outside.url, "PORT": str(port), "DB_POOL_SIZE": "2"}
        processes = Processes(os.environ | environment | told)
        outside.chaos("all", "ok")
        webhooks = [f"http://miami.localhost:{port}/webhooks/{CARD}"]
        settings = {"webhooks": webhooks, "settle_seconds": 86_400}
        outside.http.post(f"/money/settings/{CARD}", json=settings).raise_for_status()
        client = client_of(line)
        try:
            processes.start("jobs.relay")
            pool = processes.start("jobs.worker")
            until(lambda: client.get(health.RELAY_BEAT) and client.get(health.WORKER_BEAT))
            yield Works(app, pool.pid, port, engine, line, client, outside)
            assert processes.stop() == [0, 0]
        finally:
            processes.stop()
            engine.dispose()
            factories.sweep(app)


@pytest.fixture(scope="package")
def cast(works: Works) -> Cast:
    """A shop that takes cards; Ana has a phone, Carla a Pushover key and a Telegram chat."""
    with works.app.app_context(), store_scope(MIAMI):
        branch = factories.make_branch(slot_capacity=1000)
        factories.make_zone(branch)
        factories.make_variant(branch, "VITC", price_minor=1250, on_hand=500)
        accounts.open_methods("USD")
        cast = {
            "ana": factories.make_customer("Ana", phone="+13055551234"),
            "boris": factories.make_driver("Boris"),
            "carla": factories.make_staff("Carla"),
            "dmitri": factories.make_staff("Dmitri", "manager"),
        }
        give_contacts(cast["carla"], pushover="carla-pushover-key", telegram="700001")
        notifications.ensure_defaults()
        db.session.remove()
    return cast


@pytest.fixture
def inside(works: Works, cast: Cast) -> Iterator[None]:
    """In the shop; afterwards every event is heard and every account agrees."""
    works.sandbox.chaos("all", "ok")
    with works.app.app_context(), store_scope(MIAMI):
        yield
        works.quiet()
        wrong = fresh(verify_store)
        assert {name: rows for name, rows in wrong.items() if rows} == {}
        db.session.remove()
