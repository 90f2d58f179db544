"""What every part of the sandbox shares: the store, the switches, the callbacks, the closing bell."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from flask import current_app

if TYPE_CHECKING:
    from sandbox.callbacks import Callbacks
    from sandbox.chaos import Chaos
    from sandbox.store import Store


@dataclass
class Desk:
    store: Store
    chaos: Chaos
    callbacks: Callbacks
    closing: threading.Event  # set when the server stops: whoever waits, stops waiting
    updates: threading.Condition = field(default_factory=threading.Condition)
    queues: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # bot token → updates to fetch


def desk() -> Desk:
    """The desk of the running application."""
    return cast("Desk", current_app.extensions["sandbox"])
