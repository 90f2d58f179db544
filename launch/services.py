"""The embedded services; `python -m launch.services [DATA_DIR]` runs them and prints their addresses."""

import contextlib
import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from launch.errors import DataDirInUse, LaunchError
from launch.postgres import PostgresServer, postgres
from launch.valkey import ValkeyServer, valkey

__all__ = ["PostgresServer", "Services", "ValkeyServer", "claim", "postgres", "services", "valkey"]


@dataclass(frozen=True)
class Services:
    """Where PostgreSQL (as its superuser) and Valkey are."""

    database_url: str
    redis_url: str


@contextlib.contextmanager
def claim(data_dir: Path | str) -> Iterator[Path]:
    """Hold the data folder (made when new) for this process alone; DataDirInUse when another one has it."""
    folder = Path(data_dir).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            message = (
                f"{folder} is in use by process {holder}. Stop it, or choose another: DATA_DIR=… make run"
            )
            raise DataDirInUse(message) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield folder


@contextlib.contextmanager
def services(
    data_dir: Path | str, *, database_url: str = "", redis_url: str = "", fast: bool = False
) -> Iterator[Services]:
    """Both services on one folder; an address that is given replaces the embedded server of its kind."""
    with contextlib.ExitStack() as stack:
        yield Services(
            database_url or stack.enter_context(postgres(data_dir, fast=fast)).url,
            redis_url or stack.enter_context(valkey(data_dir, fast=fast)).url,
        )


def main(arguments: list[str]) -> int:
    """Run until Ctrl-C or SIGTERM; the addresses are printed as lines that a shell can evaluate."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    data_dir = arguments[0] if arguments else os.environ.get("DATA_DIR", "./var")
    try:
        with claim(data_dir) as folder, services(folder) as addresses:
            print(f"export DATABASE_URL='{addresses.database_url}'")
            print(f"export REDIS_URL='{addresses.redis_url}'", flush=True)
            signal.pause()
    except LaunchError as error:
        print(error, file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
