"""Structured logs, one line an event, with telephone numbers and e-mail addresses masked before they are written."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

_PHONE = re.compile(r"\+\d[\d ()-]{5,}\d(?=\d\d)")
_EMAIL = re.compile(r"[\w.+-]+@([\w-]+\.[\w.-]+)")
_SECRET_KEYS = frozenset(
    {"password", "token", "access_token", "refresh_token", "secret", "authorization", "cookie"}
)


def mask(text: str) -> str:
    """The text with the numbers and addresses of people made unreadable: +1…01, …@example.com."""
    return _EMAIL.sub(r"…@\1", _PHONE.sub("+…", text))


def _mask_values(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key.lower() in _SECRET_KEYS:
            event[key] = "…"
        elif isinstance(value, str):
            event[key] = mask(value)
    return event


def configure_logs(*, human: bool, level: str = "info") -> None:
    """Set up structlog for this process: lines for people in the demo, JSON elsewhere; a level of `logging` by name.

    Tracebacks carry no locals.
    """
    renderer: Any = structlog.processors.JSONRenderer()
    if human:
        renderer = structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _mask_values,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        cache_logger_on_first_use=True,
    )
