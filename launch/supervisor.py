"""Runs the processes of a Procfile: prefixes what they say, restarts what dies, ends them together.

honcho reads the Procfile and prints; its Manager ends everything with the first process that ends, so the
restarting is done here.
"""

import contextlib
import shlex
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from honcho.colour import get_colours
from honcho.environ import parse_procfile
from honcho.printer import Message, Printer

from launch.errors import LaunchError
from launch.processes import RUN_MARK, spawn, sweep

STOP_GRACE = 10.0
"""Seconds a process has after TERM to finish its request or job."""


@dataclass
class Child:
    """One line of the Procfile and its process; `ends` are the moments (monotonic) at which it died."""

    name: str
    command: str
    colour: str | None
    process: subprocess.Popen | None = None
    ends: deque[float] = field(default_factory=deque)
    start_at: float = 0.0


class ProcessDied(LaunchError):
    """A process ended too often, or the essential one before it was ready."""


class Supervisor:
    """The processes of one start.

    `essential` must not end before `is_ready` has been true once; every other end is followed by a restart
    after a pause that doubles, up to `max_restarts` within `window` seconds.
    """

    max_restarts = 8
    window = 60.0
    longest_pause = 8.0
    head_start = 0.0
    """Seconds by which the essential process starts before the others, which would share its processors."""

    def __init__(
        self, commands: Mapping[str, str], env: Mapping[str, str], printer: Printer, *, essential: str
    ) -> None:
        colours = get_colours()
        self.children = [Child(name, command, next(colours)) for name, command in commands.items()]
        self.env = dict(env)
        self.essential = essential
        self.ready = False
        self._printer = printer
        self._printer.width = max([len("system"), *(len(name) for name in commands)])
        self._printing = threading.Lock()

    def run(self, is_ready: Callable[[], bool], on_ready: Callable[[], None]) -> None:
        """Keep everything running until an exception (Ctrl-C, ProcessDied); on_ready is called once."""
        next_look = 0.0
        for child in self.children:
            child.start_at = 0.0 if child.name == self.essential else time.monotonic() + self.head_start
        while True:
            now = time.monotonic()
            for child in self.children:
                self._tend(child, now)
            if not self.ready and now >= next_look:
                if is_ready():
                    self.ready = True
                    on_ready()
                next_look = time.monotonic() + 0.3
            time.sleep(0.1)

    def stop(self) -> None:
        """TERM to every leader, KILL to all that carry the mark and still run after the grace.

        Leaders only: they end their own in order, and a worker that hears TERM twice drops its job.
        """
        for child in self.children:
            if child.process is not None and child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_GRACE
        for child in self.children:
            if child.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.0, deadline - time.monotonic()))
        if killed := sweep(self.env[RUN_MARK], grace=1.0):
            self.say(f"{killed} process(es) did not end in time and were killed")

    def say(self, text: str, child: Child | None = None) -> None:
        """Print lines under the child's name, or under "system"."""
        name, colour = (child.name, child.colour) if child else ("system", None)
        # Local wall-clock time, for the person at the terminal.
        message = Message("line", text, datetime.now().astimezone(), name, colour)
        with self._printing:
            self._printer.write(message)

    def _tend(self, child: Child, now: float) -> None:
        """Start it when its time has come; after an end, decide about a restart."""
        if child.process is None:
            if now >= child.start_at:
                self._start(child)
            return
        if (code := child.process.poll()) is None:
            return
        if child.name == self.essential and not self.ready:
            raise ProcessDied(
                f"{child.name} ended (exit {code}) before it was ready; its own words stand above"
            )
        child.process = None
        child.ends.append(now)
        while child.ends[0] < now - self.window:
            child.ends.popleft()
        if len(child.ends) > self.max_restarts:
            raise ProcessDied(
                f"{child.name} ended {len(child.ends)} times in {self.window:.0f} s (last: exit {code})"
            )
        pause = min(self.longest_pause, 0.25 * 2 ** len(child.ends))
        child.start_at = now + pause
        self.say(f"{child.name} ended (exit {code}); again in {pause:.1f} s")

    def _start(self, child: Child) -> None:
        try:
            child.process = spawn(
                shlex.split(child.command),
                signal.SIGTERM,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            raise ProcessDied(f"{child.name} cannot start: {error}") from error
        threading.Thread(target=self._relay_output, args=(child, child.process), daemon=True).start()

    def _relay_output(self, child: Child, process: subprocess.Popen) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self.say(line.decode("utf-8", "replace"), child)


@contextlib.contextmanager
def supervising(supervisor: Supervisor) -> Iterator[Supervisor]:
    """Whatever ends the block, no process is left."""
    try:
        yield supervisor
    finally:
        supervisor.stop()


def read_procfile(path: Path) -> dict[str, str]:
    """Commands by process name, in the file's order."""
    commands = dict(parse_procfile(path.read_text()).processes)
    if not commands:
        raise LaunchError(f"{path} names no process")
    return commands
