"""Migrations go up, down and up again on filled data, and arrive at what the models say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

ROOT = Path(__file__).resolve().parents[2]
# One process for all commands: most of a command's time goes into reading the application.
RUN = """
import sys
from app.factory import create_app
runner = create_app().test_cli_runner()
for command in sys.argv[1:]:
    done = runner.invoke(args=command.split(), catch_exceptions=False)
    print(f"$ {command}", done.output, flush=True)
    if done.exit_code:
        sys.exit(done.exit_code)
"""


@pytest.fixture
def flask(running, environment):
    """Runs flask commands, one after the other, on a database of their own; what they print."""
    url = make_url(running.database_url)
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE migrated"))
    told = environment | {
        "DATABASE_URL": url.set(database="migrated").render_as_string(hide_password=False),
        "DEMO_HISTORY_DAYS": "1",
    }

    def run(*commands: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", RUN, *commands],
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
    said = flask("release", "demo seed", "db downgrade base", "release", "db check")
    assert "No new upgrade operations detected" in said
