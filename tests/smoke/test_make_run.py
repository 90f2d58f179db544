"""The README's first command on a fresh copy: it comes up, takes an order, goes down and leaves nothing behind."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import psutil
import pytest

from launch.ports import find_free_port
from launch.probe import ask, wait_ready
from tests.e2e.api import customer, order_for
from tests.e2e.conftest import Product

pytestmark = pytest.mark.smoke
ROOT = Path(__file__).resolve().parents[2]
FIRST_PAGE_SECONDS = 180


def _left_behind(folder: Path) -> list[str]:
    """Command lines of processes that work in or for the folder."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        try:
            text = " ".join(process.info["cmdline"] or []) + process.cwd()
        except (psutil.AccessDenied, psutil.NoSuchProcess):
            continue
        if str(folder) in text:
            found.append(text)
    return found


def test_make_run_on_a_fresh_copy(tmp_path):
    copy = tmp_path / "theriac"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(copy)], check=True)
    port, sandbox_port = find_free_port(), find_free_port()
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "REDIS_URL", "SANDBOX_URL", "SECRET_KEY", "VIRTUAL_ENV", "DATA_DIR"}
    } | {"PORT": str(port), "SANDBOX_PORT": str(sandbox_port), "DEMO_HISTORY_DAYS": "1"}
    with (tmp_path / "make.log").open("wb") as log:
        make = subprocess.Popen(["make", "run"], cwd=copy, env=env, stdout=log, stderr=subprocess.STDOUT)
        try:
            took = wait_ready(port, FIRST_PAGE_SECONDS)
            status, _page = ask(port, "/age", "miami.localhost")
            product = Product(port, sandbox_port, copy / "var")
            ana = customer(product, "+13055550188")
            order = ana.call("POST", "/orders", order_for(ana), expect=201)
            told = product.wait_for_message(channel="pushover", q=order["code"])
        finally:
            make.send_signal(signal.SIGTERM)
            make.wait(timeout=60)
    assert status == 200
    assert order["code"].startswith("MIA-")
    assert order["code"] in told["title"] + told["body"]
    assert took < FIRST_PAGE_SECONDS
    assert _left_behind(copy) == []


def test_a_taken_port_is_named_in_one_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        env = os.environ | {"PORT": str(port), "DATA_DIR": str(tmp_path / "var")}
        run = subprocess.run(
            ["make", "--silent", "run"],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert run.returncode == 2
    lines = [line for line in run.stderr.splitlines() if str(port) in line]
    assert len(lines) == 1
