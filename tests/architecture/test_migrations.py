"""Migrations go up, down and up again on filled data, and arrive at what the models say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def flask(running, environment):
    """Runs a flask command on a database of its own."""
    url = make_url(running.database_url)
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE migrated"))
    told = environment | {
        "DATABASE_URL": url.set(database="migrated").render_as_string(hide_password=False),
        "DEMO_HISTORY_DAYS": "1",
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "flask", *arguments],
            cwd=ROOT,
            env=os.environ | told,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    yield run
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE migrated WITH (FORCE)"))
    admin.dispose()


def test_up_down_and_up_on_filled_data(flask):
    flask("release")
    flask("demo", "seed")
    flask("db", "downgrade", "base")
    flask("release")
    assert "No new upgrade operations detected" in flask("db", "check")
