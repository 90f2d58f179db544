"""`make run` with small programs in the place of the product: ready, restart, stop, and nothing left behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from launch.ports import find_free_port
from launch.probe import ask, wait_ready
from launch.processes import RUN_MARK

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90
"""Seconds: each start makes a PostgreSQL, on a machine that has other tests to run."""

WEB = """
    import http.server, os
    class Ok(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.headers["Host"].startswith("localhost:") else 404)
            self.end_headers()
        def log_message(self, *args):
            pass
    http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Ok).serve_forever()
"""
STUBBORN = """
    import os, signal, subprocess, sys, time
    hide = "import os,signal,time; os.setsid(); signal.signal(15, signal.SIG_IGN); time.sleep(600)"
    subprocess.Popen([sys.executable, "-c", hide])
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("stubborn is up", flush=True)
    time.sleep(600)
"""
LAUNCHER = """
    import os, sys
    from pathlib import Path
    from launch import supervisor
    from launch.run import supervise
    from launch.settings import read_settings
    supervisor.STOP_GRACE = 1.0
    supervisor.Supervisor.max_restarts = 2
    step = [sys.executable, "-c", os.environ.get("STEP", "print('released')")]
    sys.exit(supervise(read_settings(os.environ), [step], Path(os.environ["TEST_PROCFILE"])))
"""


class Copy:
    """One start of stand-in processes in its own folder."""

    def __init__(self, folder: Path, programs: dict[str, str], **env: str) -> None:
        folder.mkdir(exist_ok=True)
        self.port = int(env.get("PORT") or find_free_port())
        self.mark_source = str(folder)
        lines = []
        for name, source in programs.items():
            (folder / f"{name}.py").write_text(textwrap.dedent(source))
            lines.append(f"{name}: python {folder / name}.py")
        (folder / "Procfile").write_text("\n".join(lines) + "\n")
        (folder / "launcher.py").write_text(textwrap.dedent(LAUNCHER))
        told = {
            "PORT": str(self.port), "SANDBOX_PORT": str(find_free_port()), "DATA_DIR": str(folder / "var"),
            "TEST_PROCFILE": str(folder / "Procfile"), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        clean = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
        }
        self.output = folder / "output"
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, str(folder / "launcher.py")], cwd=folder, env=clean | told | env,
                stdout=out, stderr=out,
            )  # fmt: skip

    def text(self) -> str:
        return self.output.read_text()

    def wait_text(self, words: str, count: int = 1, timeout: float = PATIENCE) -> None:
        deadline = time.monotonic() + timeout
        while self.text().count(words) < count:
            assert time.monotonic() < deadline, f"no {words!r} in:\n{self.text()}"
            time.sleep(0.05)

    def family(self) -> list[psutil.Process]:
        """Everything this start has running, found by its data folder or its parent, in whatever session."""
        found = psutil.Process(self.process.pid).children(recursive=True)
        for process in psutil.process_iter():
            try:
                if (
                    process.environ().get("DATA_DIR") == f"{self.mark_source}/var"
                    and RUN_MARK in process.environ()
                ):
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return list(set(found))

    def end(self, sig: signal.Signals) -> int:
        self.process.send_signal(sig)
        return self.process.wait(PATIENCE)


@pytest.fixture
def start(tmp_path):
    copies: list[Copy] = []

    def run(programs: dict[str, str], name: str = "copy", **env: str) -> Copy:
        copies.append(Copy(tmp_path / name, programs, **env))
        return copies[-1]

    yield run
    for copy in copies:
        if copy.process.poll() is None:
            copy.end(signal.SIGTERM)


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM])
def test_ready_then_stopped_without_a_trace(start, sig):
    copy = start({"web": WEB, "worker": STUBBORN})
    wait_ready(copy.port, PATIENCE)
    copy.wait_text("stubborn is up")
    copy.wait_text("Ready in")
    assert f"http://miami.localhost:{copy.port}" in copy.text()
    family = copy.family()
    assert len(family) >= 6  # postgres and its own, valkey, guard, web, worker, and the worker's hidden child
    assert copy.end(sig) == 0
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not alive, f"{alive}\n{copy.text()}"
    assert copy.text().index("released") < copy.text().index("Ready in")
    assert "Stopped." in copy.text()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's help exists on Linux only")
def test_killed_launcher_takes_everything_with_it(start, tmp_path):
    copy = start({"web": WEB, "worker": STUBBORN})
    wait_ready(copy.port, PATIENCE)
    copy.wait_text("stubborn is up")
    family = copy.family()
    copy.process.kill()
    copy.process.wait()
    _, alive = psutil.wait_procs(family, timeout=PATIENCE)
    assert not alive
    again = start({"web": WEB}, PORT=str(copy.port))
    wait_ready(again.port, PATIENCE)
    assert ask(again.port, host="elsewhere")[0] == 404


def test_a_dead_process_is_started_again(start, tmp_path):
    flag = tmp_path / "died"
    once = f"""
        import pathlib, sys, time
        flag = pathlib.Path({str(flag)!r})
        print("worker up", flush=True)
        if not flag.exists():
            flag.touch()
            sys.exit(3)
        time.sleep(600)
    """
    copy = start({"web": WEB, "worker": once})
    copy.wait_text("worker up", count=2)
    wait_ready(copy.port, PATIENCE)
    assert "worker ended (exit 3); again in" in copy.text()
    assert copy.process.poll() is None


def test_a_process_that_keeps_dying_ends_the_start(start):
    copy = start({"web": WEB, "relay": "raise SystemExit(4)"})
    assert copy.process.wait(PATIENCE) == 1
    assert "Cannot run: relay ended 3 times in 60 s (last: exit 4)" in copy.text()
    assert not copy_left(copy)


def test_web_that_cannot_start_ends_the_start(start):
    copy = start({"web": "print('no such module'); raise SystemExit(1)", "worker": STUBBORN})
    assert copy.process.wait(PATIENCE) == 1
    assert "web ended (exit 1) before it was ready" in copy.text()
    assert "no such module" in copy.text()
    assert not copy_left(copy)


def test_failed_release_step_starts_nothing(start):
    copy = start({"web": WEB}, STEP="raise SystemExit(7)")
    assert copy.process.wait(PATIENCE) == 1
    assert "failed (exit 7)" in copy.text()
    assert "Ready" not in copy.text()


def test_taken_port_is_named_before_anything_starts(start):
    first = start({"web": WEB})
    wait_ready(first.port, PATIENCE)
    second = start({"web": WEB}, name="second", PORT=str(first.port))
    assert second.process.wait(PATIENCE) == 2
    said = second.text().strip().splitlines()
    assert len(said) == 1
    assert f"port {first.port} (PORT)" in said[0]
    assert not (Path(second.mark_source) / "var").exists()


def test_two_copies_side_by_side(start):
    first, second = start({"web": WEB}, name="one"), start({"web": WEB}, name="two")
    wait_ready(first.port, PATIENCE)
    wait_ready(second.port, PATIENCE)
    assert first.end(signal.SIGTERM) == 0
    assert ask(second.port)[0] == 200
    assert ask(first.port)[0] == 0


def test_same_folder_twice_is_refused(start, tmp_path):
    first = start({"web": WEB})
    wait_ready(first.port, PATIENCE)
    second = start({"web": WEB}, name="second", DATA_DIR=str(tmp_path / "copy/var"))
    assert second.process.wait(PATIENCE) == 2
    assert f"in use by process {first.process.pid}" in second.text()
    assert ask(first.port)[0] == 200


def copy_left(copy: Copy) -> list[psutil.Process]:
    """What still carries the data folder of an ended start."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("DATA_DIR") == f"{copy.mark_source}/var":
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found
