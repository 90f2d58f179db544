"""`make run`: services, release step, demo data, then every process until Ctrl-C or SIGTERM."""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from honcho.printer import Printer

from launch.bootstrap import fingerprint, is_done
from launch.errors import LaunchError
from launch.guard import guarded
from launch.ports import require_free
from launch.probe import ask, is_ready
from launch.processes import RUN_MARK, spawn
from launch.services import Services, claim, services
from launch.settings import Settings, read_settings, secret_key
from launch.supervisor import Supervisor, read_procfile, supervising

ROOT = Path(__file__).resolve().parent.parent
DEMO_ONLY = {"sandbox"}
SLOW_START = 90.0
HEAD_START = 4.0
RELEASED = ("app", "admin", "blueprints", "migrations")
RELEASED_SUFFIXES = {".py", ".toml", ".json"}


class Interrupted(BaseException):
    """Ctrl-C or SIGTERM; `code` is the exit status by which shells know it."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.code = 128 + signum


def release_steps(settings: Settings) -> list[list[str]]:
    """What runs to its end before the first process: roles, migrations, permissions; then the demo."""
    flask = [sys.executable, "-m", "flask"]
    return [[*flask, "release"]] + ([[*flask, "demo", "seed", "--if-empty"]] if settings.demo else [])


def release_mark(settings: Settings, secret: str, root: Path = ROOT) -> str:
    """Hash of all that the release steps read: the code, the key that passwords of roles come from, the demo."""
    sources = [
        path for name in RELEASED for path in (root / name).rglob("*") if path.suffix in RELEASED_SUFFIXES
    ]
    return fingerprint([*sources, root / "requirements.lock", root / "config.py"], secret, str(settings.demo))


def run_release(settings: Settings, steps: Sequence[Sequence[str]], env: dict[str, str]) -> None:
    """Bring the database to this code. Skipped when the embedded one has seen exactly this code: the stamp lies
    within its own folder and goes with it; of a database elsewhere nobody knows what happened to it since."""
    stamp = None if settings.database_url else settings.data_dir / "postgres" / "release.stamp"
    mark = release_mark(settings, env["SECRET_KEY"])
    if stamp is not None and is_done(stamp, mark):
        return
    for step in steps:
        _run_step(step, env)
    if stamp is not None:
        stamp.write_text(mark)


def child_environment(settings: Settings, addresses: Services, mark: str) -> dict[str, str]:
    """What every process is told."""
    venv_bin = str(Path(sys.executable).parent)
    told = {
        RUN_MARK: mark,
        "PATH": f"{venv_bin}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "DATABASE_URL": addresses.database_url,
        "REDIS_URL": addresses.redis_url,
        "SECRET_KEY": secret_key(settings.data_dir, os.environ),
        "HOST": settings.host,
        "PORT": str(settings.port),
        "SANDBOX_PORT": str(settings.sandbox_port),
        "DATA_DIR": str(settings.data_dir),
        "DEMO": "1" if settings.demo else "0",
        "FLASK_APP": "wsgi.py",
        "PYTHONUNBUFFERED": "1",
        "WEB_CONCURRENCY": os.environ.get("WEB_CONCURRENCY", "1"),
    }
    if settings.demo:
        told["SANDBOX_URL"] = f"http://127.0.0.1:{settings.sandbox_port}"
        told["SANDBOX_DATA"] = os.environ.get("SANDBOX_DATA") or str(settings.data_dir / "sandbox")
    return dict(os.environ) | told


def start(settings: Settings, steps: Sequence[Sequence[str]], procfile: Path) -> None:
    """Run until Interrupted, or a LaunchError that says what went wrong. Leaves no process behind."""
    commands = read_procfile(procfile)
    if not settings.demo:
        commands = {name: line for name, line in commands.items() if name not in DEMO_ONLY}
    require_free(settings.ports, settings.host)
    began = time.monotonic()
    mark = secrets.token_hex(8)
    with contextlib.ExitStack() as stack:
        data_dir = stack.enter_context(claim(settings.data_dir))
        addresses = stack.enter_context(
            services(data_dir, database_url=settings.database_url, redis_url=settings.redis_url)
        )
        stack.enter_context(guarded(mark))
        env = child_environment(settings, addresses, mark)
        supervisor = Supervisor(commands, env, Printer(sys.stdout), essential="web")
        supervisor.head_start = HEAD_START
        stack.enter_context(supervising(supervisor))
        run_release(settings, steps, env)
        readiness = _Readiness(settings.port, supervisor)
        supervisor.run(readiness.look, lambda: print(welcome(settings, time.monotonic() - began), flush=True))


def _run_step(command: Sequence[str], env: dict[str, str]) -> None:
    """One command to its end, its output as it is; interrupted, it is ended with the rest by its mark."""
    shown = " ".join(word for word in command[1:] if word != "-m")
    process = spawn(command, signal.SIGTERM, env=env, stdin=subprocess.DEVNULL)
    if (code := process.wait()) != 0:
        raise LaunchError(f"`{shown}` failed (exit {code}); its own words stand above")


class _Readiness:
    """Looks at /readyz, and says once what is missing when the start takes long."""

    def __init__(self, port: int, supervisor: Supervisor) -> None:
        self._port = port
        self._supervisor = supervisor
        self._patience = time.monotonic() + SLOW_START

    def look(self) -> bool:
        if is_ready(self._port):
            return True
        if time.monotonic() > self._patience:
            status, body = ask(self._port)
            self._supervisor.say(f"not ready yet; /readyz answers {status}: {body.strip()[:300]}")
            self._patience = float("inf")
        return False


def welcome(settings: Settings, seconds: float) -> str:
    """Where to go and who to be."""
    port = settings.port
    lines = ["", f"Ready in {seconds:.0f} s. Ctrl-C stops everything. Data: {settings.data_dir}", ""]
    if not settings.demo:
        return "\n".join([*lines, f"  http://localhost:{port}", ""])
    lines += [
        f"  Store in Miami         http://miami.localhost:{port}",
        f"  Store in Jakarta       http://jakarta.localhost:{port}",
        f"  Staff console          http://miami.localhost:{port}/console/",
        f"  Messages sent (inbox)  http://localhost:{settings.sandbox_port}",
        "",
        "  Sign in with the password theriac-demo as platform@theriac.test, or in a store as",
        "  owner@miami.test, manager@…, dispatcher@…, driver1@… to driver6@…, ana@… (a customer);",
        "  the same in Jakarta, @jakarta.test. Codes sent by SMS are in the inbox.",
        "",
    ]
    return "\n".join(lines)


def _interrupt(signum: int, _frame: object) -> None:
    """The first signal ends the work in order; later ones must not break that order."""
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, signal.SIG_IGN)
    raise Interrupted(signum)


def supervise(settings: Settings, steps: Sequence[Sequence[str]], procfile: Path) -> int:
    """start() with signals and errors turned into an exit status: 0 after Ctrl-C or SIGTERM."""
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, _interrupt)
    try:
        start(settings, steps, procfile)
    except Interrupted:
        print("Stopped.", flush=True)
    except LaunchError as error:
        print(f"Cannot run: {error}", file=sys.stderr, flush=True)
        return error.code
    return 0


def main() -> int:
    """Start as the environment says."""
    os.chdir(ROOT)
    try:
        settings = read_settings(os.environ)
    except LaunchError as error:
        print(f"Cannot run: {error}", file=sys.stderr)
        return error.code
    return supervise(settings, release_steps(settings), ROOT / "Procfile")


if __name__ == "__main__":
    sys.exit(main())
