"""A real sandbox in a process of its own, and a tiny store that takes its callbacks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Sandbox:
    """A running sandbox; `http` talks to it."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    http: httpx.Client

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def inbox(self, **filters: Any) -> list[dict[str, Any]]:
        return self.http.get("/inbox.json", params=filters).raise_for_status().json()

    def chaos(self, provider: str, mode: str, **more: Any) -> None:
        self.http.post("/chaos", json={"provider": provider, "mode": mode, **more}).raise_for_status()

    def stop(self, with_signal: int = signal.SIGTERM) -> float:
        """Seconds until the process is gone."""
        started = time.monotonic()
        self.process.send_signal(with_signal)
        assert self.process.wait(timeout=20) == 0
        return time.monotonic() - started


def start_sandbox(folder: Path) -> Sandbox:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = os.environ | {"SANDBOX_CALLBACK_STEP": "0.03"}
    environ.pop("TWILIO_AUTH_TOKEN", None)
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--data", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)
    http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False)
    for _ in range(1200):
        try:
            http.get("/healthz").raise_for_status()
            return Sandbox(folder, port, process, http)
        except httpx.TransportError:
            time.sleep(0.05)
    process.kill()
    raise AssertionError("the sandbox did not start in a minute")


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = start_sandbox(tmp_path_factory.mktemp("sandbox"))
    yield sandbox
    sandbox.http.close()
    sandbox.stop()


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    """The one sandbox of the run, with an empty inbox and no faults."""
    running_sandbox.http.delete("/inbox.json")
    running_sandbox.chaos("all", "ok")
    return running_sandbox


@dataclass
class Call:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass
class Receiver:
    url: str
    calls: list[Call] = field(default_factory=list)

    def wait_for(self, count: int, seconds: float = 20.0) -> list[Call]:
        wait_until(lambda: len(self.calls) >= count, seconds)
        return list(self.calls)


def wait_until(done: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """What a store's webhook address would see."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            seen.calls.append(Call(self.path, dict(self.headers.items()), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Nothing: a test's own output is enough."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    seen = Receiver(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield seen
    server.shutdown()
    server.server_close()
