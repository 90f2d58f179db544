"""Children that die with their parent, and the search for those that did not."""

import contextlib
import ctypes
import importlib.util
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import psutil

from launch.errors import LaunchError

RUN_MARK = "THERIAC_RUN"
"""Environment variable that every process of one start carries, in whatever group or session it hides."""

_PR_SET_PDEATHSIG = 1


def _load_libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None


_libc = _load_libc()


def spawn(command: Sequence[str], death_signal: signal.Signals, **options: Any) -> subprocess.Popen:
    """A child in a session of its own, which gets `death_signal` when this process is gone, even by kill -9.

    `options` are subprocess.Popen's. The signal is Linux's; elsewhere only the guard looks after the child.
    """
    # preexec_fn is unsafe beside threads when it takes locks; this one calls libc and nothing else.
    return subprocess.Popen(
        list(command),
        start_new_session=True,
        preexec_fn=_dying_with_parent(death_signal),  # noqa: PLW1509
        **options,
    )


def _dying_with_parent(sig: signal.Signals) -> Callable[[], None] | None:
    """What the child does before exec; None in a thread that is not the main one, because the kernel takes
    the end of the *thread* that forked for the end of the parent."""
    if _libc is None or threading.current_thread() is not threading.main_thread():
        return None
    parent = os.getpid()
    libc = _libc

    def ask_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(sig), 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return ask_kernel


def find_marked(mark: str) -> list[psutil.Process]:
    """Every other process whose environment carries this start's mark."""
    found = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        try:
            if process.environ().get(RUN_MARK) == mark:
                found.append(process)
        except (psutil.Error, OSError):
            continue  # gone meanwhile, or another user's: not one of ours
    return found


def signal_all(processes: Iterable[psutil.Process], sig: signal.Signals) -> None:
    """Send `sig` to each process that still lives; psutil compares start times, so a reused pid is spared."""
    for process in processes:
        try:
            process.send_signal(sig)
        except psutil.NoSuchProcess:
            continue


def sweep(mark: str, grace: float) -> int:
    """End every process with the mark: TERM, KILL after `grace` seconds. Returns how many needed the KILL."""
    signal_all(find_marked(mark), signal.SIGTERM)
    deadline = time.monotonic() + grace
    while (alive := running(find_marked(mark))) and time.monotonic() < deadline:
        time.sleep(0.1)
    signal_all(alive, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=5)
    return len(alive)


def running(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Those that still run: a zombie waits only to be reaped."""
    alive = []
    for process in processes:
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                alive.append(process)
        except psutil.NoSuchProcess:
            continue
    return alive


def end_child(process: subprocess.Popen, steps: Iterable[tuple[signal.Signals, float]]) -> None:
    """Send one signal after the other, each with its patience in seconds, until the child is reaped."""
    for sig, patience in steps:
        if process.poll() is not None:
            return
        process.send_signal(sig)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def find_package(name: str) -> Path:
    """Folder of an installed package, without running its code (some lock files on import)."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise LaunchError(f"The package {name} is not installed; run: make run")
    return Path(spec.submodule_search_locations[0])


def last_line(text: str, word: str = "") -> str:
    """The last line that holds `word`, or else the last that is not empty: what a log says about its end."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return ([line for line in lines if word in line] or lines or ["no output"])[-1]


def let_pass(directory: Path) -> list[Path]:
    """Let every user pass through (not list) the folders above `directory`; returns the changed ones."""
    changed = []
    for folder in directory.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)
            changed.append(folder)
    return changed
