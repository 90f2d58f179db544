"""The last resort: started by the launcher as `python -m launch.guard MARK`, it outlives it by one task.

It reads its standard input. A word means that the launcher has stopped everything by itself; the end without
a word means that the launcher was killed, and whatever carries its mark is ended here: TERM, then KILL.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

from launch.processes import RUN_MARK, sweep

GRACE = 8.0


@contextlib.contextmanager
def guarded(mark: str) -> Iterator[None]:
    """While the block runs, the death of this process is the end of everything with the mark."""
    env = {name: value for name, value in os.environ.items() if name != RUN_MARK}
    command = [sys.executable, "-m", "launch.guard", mark]
    guard = subprocess.Popen(command, stdin=subprocess.PIPE, env=env, start_new_session=True)
    assert guard.stdin is not None
    try:
        yield
    finally:
        with contextlib.suppress(BrokenPipeError):
            guard.stdin.write(b"done\n")
            guard.stdin.close()
        guard.wait()


def main(mark: str) -> int:
    """Wait for the word or the end, and act on the end."""
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, signal.SIG_IGN)
    if not sys.stdin.buffer.read():
        sweep(mark, GRACE)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
