"""python -m sandbox --port 8090 --data DIR: serve the sandbox on 127.0.0.1 until a signal comes.

Environment: SANDBOX_PORT (8090), SANDBOX_DATA (./var/sandbox), TWILIO_AUTH_TOKEN (sandbox-twilio-token),
TWILIO_INBOUND_URL (none), SANDBOX_CALLBACK_STEP (0.3 seconds between the states of a message).
"""

from __future__ import annotations

import argparse
import os
import threading
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from sandbox.app import create_app

# Three bots of three stores may each hold a thread with a long poll, a slowed call another.
THREADS = 48
GRACE_SECONDS = 0.3
closing = threading.Event()


class SandboxWorker(ThreadWorker):
    """A threaded worker that wakes whoever waits when told to stop, and waits for nobody long."""

    def handle_exit(self, sig: int, frame: Any) -> None:
        self._ring_out()
        super().handle_exit(sig, frame)

    def handle_quit(self, sig: int, frame: Any) -> None:
        self._ring_out()
        super().handle_exit(sig, frame)

    def _ring_out(self) -> None:
        closing.set()
        # A browser keeps spare connections open; every line of the journal is flushed already.
        last = threading.Timer(GRACE_SECONDS, os._exit, (0,))
        last.daemon = True
        last.start()


class Server(BaseApplication):
    """gunicorn with one worker process: the state is in its memory."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.folder = port, folder
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": f"127.0.0.1:{self.port}",
            "workers": 1,
            "threads": THREADS,
            "worker_class": SandboxWorker,
            "worker_connections": 400,
            "graceful_timeout": 1,
            "timeout": 60,
            "keepalive": 5,
            "loglevel": "warning",
            "control_socket_disable": True,
            "proc_name": "sandbox",
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_app(self.folder, closing)


def main() -> None:
    parser = argparse.ArgumentParser(prog="sandbox", description="The outside providers, on this machine.")
    parser.add_argument("--port", type=int, default=int(os.environ.get("SANDBOX_PORT", "8090")))
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("SANDBOX_DATA", "var/sandbox")))
    asked = parser.parse_args()
    print(f"Sandbox inbox: http://127.0.0.1:{asked.port}/", flush=True)
    Server(asked.port, asked.data.resolve()).run()


if __name__ == "__main__":
    main()
