"""Faults on demand: how a provider answers, and how it calls back."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.desk import desk

# `whatsapp` is Twilio's WhatsApp channel alone, so that the fall-back to SMS can be watched.
PROVIDERS = (
    "whatsapp", "twilio", "telegram", "pushover", "sendgrid", "biteship", "geocoder",
    "authorizenet", "midtrans", "xendit", "chain",
)  # fmt: skip
CALL_MODES = ("ok", "slow", "timeout", "429", "500", "down", "held", "undelivered")
# "lost" is for messages and payments: the call never comes. The last three are for payments: it comes late, or the
# money was taken otherwise than asked.
CALLBACK_MODES = ("duplicate", "reordered", "forged", "lost", "late", "wrong_amount", "wrong_currency")
SECONDS = {"slow": 5.0, "timeout": 60.0, "429": 5.0, "held": 60.0}

bp = Blueprint("chaos", __name__)
Refuse = Callable[[int, int], Response]


class UnknownSwitch(ValueError):
    """No such provider, mode or number; nothing was changed."""


@dataclass
class Fault:
    """`times` None means until switched off; otherwise only the next `times` calls. `after` calls are left alone.

    With `about`, only calls with this text in their body count at all. `moved` is set when the switch is: a call
    that is held goes on, and is done although whoever made it may be gone.
    """

    mode: str = "ok"
    seconds: float = 0.0
    times: int | None = None
    after: int = 0
    about: str = ""
    moved: threading.Event = field(default_factory=threading.Event)

    def take(self) -> Fault:
        """The fault for one call, counted down."""
        if self.after > 0:
            self.after -= 1
            return Fault()
        now = Fault(self.mode, self.seconds, moved=self.moved)
        if self.mode != "ok" and self.times is not None:
            self.times -= 1
            if self.times <= 0:
                self.mode, self.seconds, self.times = "ok", 0.0, None
        return now


class Chaos:
    """One switch for calls and one for callbacks per provider. Not kept over a restart."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.calls = {name: Fault() for name in PROVIDERS}
        self.callbacks = {name: Fault() for name in PROVIDERS}
        self.held = dict.fromkeys(PROVIDERS, 0)

    def switch(
        self,
        provider: str,
        mode: str,
        seconds: Any = None,
        times: Any = None,
        after: Any = None,
        about: str = "",
    ) -> None:
        """Set a call mode or a callback mode; "ok" resets both. `provider` "all" means each."""
        names = PROVIDERS if provider == "all" else (provider,)
        if not set(names) <= set(PROVIDERS):
            raise UnknownSwitch(f"provider must be one of {', '.join(PROVIDERS)} or all")
        if mode not in CALL_MODES + CALLBACK_MODES:
            raise UnknownSwitch(f"mode must be one of {', '.join(CALL_MODES + CALLBACK_MODES)}")
        try:
            wait = SECONDS.get(mode, 0.0) if seconds is None else float(seconds)
            left = None if times is None else int(times)
            alone = int(after or 0)
        except (TypeError, ValueError) as error:
            raise UnknownSwitch("seconds, times and after must be numbers") from error
        if not 0 <= wait <= 600 or (left is not None and left < 1) or alone < 0:
            raise UnknownSwitch("seconds must be 0 to 600, times at least 1, after at least 0")
        with self.lock:
            for name in names:
                if mode in CALL_MODES:
                    self.calls[name].moved.set()
                    self.calls[name] = Fault(mode, wait, left, alone, about)
                if mode in CALLBACK_MODES or mode == "ok":
                    self.callbacks[name] = Fault(mode, wait, left, alone)

    def take_call(self, provider: str, *, count: bool = True, body: str = "") -> Fault:
        """The fault for one call. Without `count` (background polling) counted faults are left alone."""
        with self.lock:
            fault = self.calls[provider]
            if fault.about not in body:
                return Fault()
            if not count:
                return Fault() if fault.times is not None else Fault(fault.mode, fault.seconds)
            return fault.take()

    def take_callback(self, provider: str) -> str:
        return self.take_fault(provider).mode

    def take_fault(self, provider: str) -> Fault:
        """The fault for one callback, with its seconds."""
        with self.lock:
            return self.callbacks[provider].take()

    def hold(self, provider: str, fault: Fault, closing: threading.Event) -> None:
        """Keep a call until the switch is moved, its seconds are over or the desk closes; it is counted meanwhile."""
        until = time.monotonic() + fault.seconds
        with self.lock:
            self.held[provider] += 1
        while time.monotonic() < until and not (fault.moved.wait(0.05) or closing.is_set()):
            pass
        with self.lock:
            self.held[provider] -= 1

    def report(self) -> dict[str, dict[str, Any]]:
        with self.lock:
            return {
                name: {
                    "mode": self.calls[name].mode,
                    "seconds": self.calls[name].seconds,
                    "times": self.calls[name].times,
                    "held": self.held[name],
                    "callbacks": self.callbacks[name].mode,
                    "callback_times": self.callbacks[name].times,
                }
                for name in PROVIDERS
            }


def hang_up() -> Response:
    """Close the connection without a byte of answer, as a dead host does."""
    wire = request.environ.get("gunicorn.socket")
    if wire is not None:
        with contextlib.suppress(OSError):  # the client was faster
            wire.shutdown(socket.SHUT_RDWR)
    return Response(status=503)


def disturb(provider: str, refuse: Refuse, *, count: bool = True) -> Response | None:
    """Apply the switched fault to the current request; None means: answer as usual.

    `refuse(status, retry_after_seconds)` gives the provider's own error body.
    """
    body = request.get_data(as_text=True) if desk().chaos.calls[provider].about else ""
    fault = desk().chaos.take_call(provider, count=count, body=body)
    match fault.mode:
        case "slow":
            desk().closing.wait(fault.seconds)
        case "timeout":
            desk().closing.wait(fault.seconds)
            return hang_up()
        case "held":
            desk().chaos.hold(provider, fault, desk().closing)
        case "down":
            return hang_up()
        case "429":
            answer = refuse(429, max(1, round(fault.seconds)))
            answer.headers["Retry-After"] = str(max(1, round(fault.seconds)))
            return answer
        case "500":
            return refuse(500, 0)
        case "undelivered":
            request.environ["sandbox.undelivered"] = True
    return None


def is_undeliverable() -> bool:
    """Whether the switch "undelivered" caught the current request: accepted, but never arrives."""
    return bool(request.environ.get("sandbox.undelivered"))


@bp.get("/chaos")
def show_chaos() -> Response:
    return jsonify(desk().chaos.report())


@bp.post("/chaos")
def switch_chaos() -> Response | tuple[Response, int]:
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict):
        asked = request.form.to_dict()
    mode = str(asked.get("mode", ""))
    try:
        numbers = (asked.get("seconds"), asked.get("times"), asked.get("after"))
        about = str(asked.get("about") or "")
        desk().chaos.switch(str(asked.get("provider", "")), mode, *numbers, about=about)
    except UnknownSwitch as error:
        return jsonify(error=str(error)), 400
    return jsonify(desk().chaos.report())
