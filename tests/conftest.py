"""Real PostgreSQL and Valkey for every worker, two stores in them, and one cast of people.

`app` is the application on a database of this worker's own. A test that asks for `store` works inside Miami and is
rolled back; one that asks for `committed` has real commits (threads, processes, browsers) and is swept afterwards.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from launch.services import Services, services
from tests import factories
from tests.factories import JAKARTA, MIAMI
from tests.workers import ByScope, longest_first

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")  # properties are about answers; how long they took is the machine's affair


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByScope | None:
    """A file stays in one worker; all that runs the whole product shares one copy of it, in one worker."""
    if config.getoption("dist") != "loadgroup":
        return None
    config.option.loadscopereorder = False
    return ByScope(config, log)  # without xdist's own log it prints a line a test


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a worker, the longest first."""
    if hasattr(config, "workerinput"):
        items[:] = longest_first(items)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The embedded services of this worker."""
    with services(tmp_path_factory.mktemp("services"), fast=True) as addresses:
        yield addresses


@pytest.fixture(scope="session")
def environment(running: Services) -> Iterator[dict[str, str]]:
    """What a process of the product needs to run on this worker's database."""
    url = make_url(running.database_url)
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE theriac_test"))
    admin.dispose()
    values = {
        "DATABASE_URL": url.set(database="theriac_test").render_as_string(hide_password=False),
        "REDIS_URL": running.redis_url,
        "SECRET_KEY": "test-secret-key-of-no-value",
        "DEMO": "1",
        "WORLD_TTL": "0",
        "PAGE_TTL": "0",
        "DIRECTORY_TTL": "3600",
        "PORT": "8000",
        "FLASK_APP": "wsgi.py",
        "SANDBOX_URL": os.environ.get("SANDBOX_URL", "http://127.0.0.1:9"),
    }
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    yield values
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture(scope="session")
def app(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application with its schema released and the two stores opened."""
    from app.factory import create_app

    flask_app = create_app(TESTING=True, WTF_CSRF_ENABLED=True, DATA_DIR=str(tmp_path_factory.mktemp("data")))
    runner = flask_app.test_cli_runner()
    released = runner.invoke(args=["release"], catch_exceptions=False)
    assert released.exit_code == 0, released.output
    factories.let_wait(flask_app)
    with flask_app.app_context():
        factories.open_stores()
    yield flask_app


@pytest.fixture
def world(app: Flask) -> Iterator[Flask]:
    """An application context on one connection whose every commit is undone at the end."""
    from app.core.db import db

    with app.app_context():
        engine = db.engine
        connection = engine.connect()
        outer = connection.begin()
        db.session.remove()
        db.session.configure(join_transaction_mode="create_savepoint")
        db.engines[None] = connection  # type: ignore[assignment]
        try:
            yield app
        finally:
            db.session.remove()
            db.engines[None] = engine
            outer.rollback()
            connection.close()


@pytest.fixture
def store(world: Flask) -> Iterator[int]:
    """Inside Miami; everything is rolled back."""
    from app.core.tenancy import store_scope

    with store_scope(MIAMI):
        yield MIAMI


@pytest.fixture
def other_store(world: Flask) -> int:
    """The id of the store next door."""
    return JAKARTA


@pytest.fixture
def committed(app: Flask) -> Iterator[Flask]:
    """An application context with real commits inside Miami; every row is swept afterwards."""
    from app.core.db import db
    from app.core.tenancy import store_scope

    try:
        with app.app_context(), store_scope(MIAMI):
            yield app
            db.session.remove()
    finally:
        factories.sweep(app)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of the project."""
    return Path(__file__).parent.parent
