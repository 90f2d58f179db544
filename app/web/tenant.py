"""The store of a request comes from its Host header, and from nothing a client can set otherwise."""

from flask import Flask, abort, g, request
from flask.typing import ResponseReturnValue

from app import stores
from app.core.tenancy import enter_store, leave_store

TENANTLESS = frozenset({"static", "ops.healthz", "ops.readyz", "ops.security_txt", "ops.packs"})
"""Endpoints that belong to no store and read no tenant table."""


def init_app(app: Flask) -> None:
    """Find the store before every request and forget it after."""
    app.before_request(_enter)
    app.teardown_request(_leave)


def _enter() -> ResponseReturnValue | None:
    if request.endpoint in TENANTLESS:
        return None
    found = stores.store_of_host(request.host)
    if found is None:
        g.unknown_host = True
        abort(404)
    g.store = found
    g.store_token = enter_store(found.id)
    return None


def _leave(_error: BaseException | None) -> None:
    if (token := g.pop("store_token", None)) is not None:
        leave_store(token)
