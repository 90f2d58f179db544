"""One line a request in the log: its id, what was asked (without the query, which may name people), how it ended."""

import re
import time
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger()
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
QUIET = frozenset({"static", "ops.healthz", "ops.readyz"})


def init_app(app: Flask) -> None:
    """Give every request an id, say it in the answer and in each log line of the request."""
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(lambda _error: structlog.contextvars.clear_contextvars())


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _SANE_ID.fullmatch(given) else uuid4().hex
    g.began = time.perf_counter()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    if "request_id" not in g:  # refused before it began
        return response
    response.headers["X-Request-Id"] = g.request_id
    if request.endpoint not in QUIET:
        log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            ms=round((time.perf_counter() - g.began) * 1000, 1),
            store=g.store.slug if "store" in g else None,
        )
    return response
