"""Embedded PostgreSQL and Valkey: start, stop, crash, side by side."""

import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from launch.errors import DataDirInUse, LaunchError
from launch.postgres import postgres
from launch.processes import running
from launch.services import claim, services
from launch.valkey import valkey

ROOT = Path(__file__).resolve().parents[2]


def sql(url: str, statement: str):
    """First value of a statement, committed."""
    link = psycopg2.connect(url.replace("+psycopg2", ""))
    try:
        with link, link.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        link.close()


def test_data_outlives_a_stop_and_a_crash(tmp_path):
    with postgres(tmp_path) as pg, valkey(tmp_path) as cache:
        sql(pg.url, "CREATE TABLE kept AS SELECT 7 AS n")
        redis.from_url(cache.url).set("kept", 7)
        for crash in (False, True):
            pg.restart(crash=crash)
            cache.restart(crash=crash)
            assert sql(pg.url, "SELECT n FROM kept") == 7
            assert redis.from_url(cache.url).get("kept") == b"7"
    with postgres(tmp_path) as pg, valkey(tmp_path) as cache:
        assert sql(pg.url, "SELECT n FROM kept") == 7
        assert redis.from_url(cache.url).get("kept") == b"7"


def test_nothing_is_left_after_the_block(tmp_path):
    with services(tmp_path, fast=True) as addresses, postgres(tmp_path / "other", fast=True) as pg:
        processes = [psutil.Process(pg.pid), *psutil.Process(pg.pid).children(recursive=True)]
        assert sql(addresses.database_url, "SELECT 1") == 1
    assert not running(processes)
    assert not pg.socket_dir.exists()


def test_settings_of_the_servers(tmp_path):
    with postgres(tmp_path, settings={"work_mem": "9MB"}) as pg, valkey(tmp_path) as cache:
        assert sql(pg.url, "SHOW listen_addresses") == ""
        assert sql(pg.url, "SHOW fsync") == "on"
        assert sql(pg.url, "SHOW work_mem") == "9MB"
        assert sql(pg.url, "SHOW timezone") == "UTC"
        assert sql(pg.url, "SELECT lower('ЁЖИК')") == "ёжик"
        client = redis.from_url(cache.url)
        wanted = {"appendonly": "yes", "maxmemory-policy": "noeviction", "bind": "127.0.0.1"}
        assert {name: client.config_get(name)[name] for name in wanted} == wanted
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=cache.port).ping()


def test_extensions_are_there(tmp_path):
    with postgres(tmp_path, fast=True) as pg:
        for name in ("pg_trgm", "btree_gist", "unaccent", "citext"):
            sql(pg.url, f"CREATE EXTENSION {name}")
        assert sql(pg.url, "SELECT count(*) FROM pg_extension WHERE extname <> 'plpgsql'") == 4


def test_long_path(tmp_path):
    deep = tmp_path / ("long" * 20) / ("path" * 20)
    with postgres(deep, fast=True) as pg:
        assert sql(pg.url, "SELECT 1") == 1
        assert len(str(pg.socket_dir)) < 90


@pytest.mark.parametrize("pid", [os.getpid(), 999_999_999], ids=["alive", "gone"])
def test_stale_postmaster_note(tmp_path, pid):
    """The number may belong to nobody, or by chance to another program, which must not suffer."""
    with postgres(tmp_path, fast=True) as pg:
        note = pg.home / "postmaster.pid"
        text = note.read_text()
    note.write_text(f"{pid}\n" + text.split("\n", 1)[1])
    with postgres(tmp_path, fast=True) as pg:
        assert sql(pg.url, "SELECT 1") == 1


def test_two_copies_do_not_meet(tmp_path):
    with ExitStack() as stack:
        first, second = (stack.enter_context(services(tmp_path / name, fast=True)) for name in ("a", "b"))
        sql(first.database_url, "CREATE TABLE mine AS SELECT 1")
        redis.from_url(first.redis_url).set("mine", 1)
        assert sql(second.database_url, "SELECT to_regclass('mine')") is None
        assert redis.from_url(second.redis_url).get("mine") is None


def test_given_addresses_replace_the_servers(tmp_path):
    with services(tmp_path, database_url="postgresql://x", redis_url="redis://y") as addresses:
        assert (addresses.database_url, addresses.redis_url) == ("postgresql://x", "redis://y")
    assert not list(tmp_path.iterdir())


def test_failure_is_one_line_with_the_reason(tmp_path):
    with pytest.raises(LaunchError) as refusal, postgres(tmp_path, fast=True, settings={"work_mem": "lots"}):
        pytest.fail("it started")
    assert "work_mem" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_claimed_folder_is_refused_to_others(tmp_path):
    code = f"from launch.services import claim\nwith claim({str(tmp_path)!r}): pass"
    with claim(tmp_path):
        other = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert DataDirInUse.__name__ in other.stderr
        assert f"in use by process {os.getpid()}" in other.stderr
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's help exists on Linux only")
def test_servers_die_with_a_killed_owner(tmp_path):
    code = (
        "import signal\nfrom launch.postgres import postgres\nfrom launch.valkey import valkey\n"
        f"with postgres({str(tmp_path)!r}, fast=True) as p, valkey({str(tmp_path)!r}) as v:\n"
        "    print(p.pid, v.pid, v.port, flush=True)\n    signal.pause()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as owner:
        pg_pid, cache_pid, port = map(int, owner.stdout.readline().split())
        servers = [psutil.Process(pg_pid), psutil.Process(cache_pid)]
        servers += psutil.Process(pg_pid).children(recursive=True)
        owner.kill()
    psutil.wait_procs(servers, timeout=10)
    assert not running(servers)
    with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
        probe.connect(("127.0.0.1", port))
    with postgres(tmp_path, fast=True) as pg:
        assert sql(pg.url, "SELECT 1") == 1
