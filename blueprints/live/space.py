"""What every namespace shares: the store of the host, refusals as answers, and sockets that end with the session."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import structlog
from flask import Flask, current_app, g, request
from flask_socketio import ConnectionRefusedError, Namespace, SocketIO, disconnect

from app import stores
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import DomainError, NotFound
from app.core.tenancy import store_scope
from app.web.actor import require

log = structlog.get_logger()
CHECK_EVERY = 30.0
"""Seconds after which the session behind an idle socket is looked at again."""


def sockets() -> SocketIO:
    """The socket server of the current application."""
    server: SocketIO = current_app.extensions["socketio"]
    return server


def in_store(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Run a handler in the store of the handshake's host; a refusal is its answer, not an accident."""

    @wraps(handler)
    def run(self: "StoreSpace", *args: Any) -> Any:
        # A context of its own for each event: nobody's rows or rights are carried from one to the next.
        with current_app.app_context():
            found = stores.store_of_host(request.host)
            if found is None:
                return _refuse(NotFound())
            g.store = found
            with store_scope(found.id):
                try:
                    return handler(self, *args)
                except DomainError as refusal:
                    db.session.rollback()
                    return _refuse(refusal)

    return run


def _is_connecting() -> bool:
    """Whether the event being handled is the connection itself."""
    message: str = request.event["message"]  # type: ignore[attr-defined]
    return message == "connect"


def _sid() -> str:
    sid: str = request.sid  # type: ignore[attr-defined]
    return sid


def _refuse(refusal: DomainError) -> dict[str, Any]:
    if _is_connecting():
        raise ConnectionRefusedError(refusal.code)
    return {"error": {"type": refusal.code, "title": str(refusal)}}


class StoreSpace(Namespace):
    """A namespace of a store's host."""

    @in_store
    def on_connect(self, auth: Any = None) -> None:
        """Let in, or raise a DomainError."""
        self.enter(auth if isinstance(auth, dict) else {})

    def enter(self, auth: dict[str, Any]) -> None:
        """What a connection needs; overridden."""

    def error(self, crash: Exception) -> Any:
        """An accident: logged, told without its insides; a refused connection goes its way."""
        if isinstance(crash, ConnectionRefusedError):
            raise crash
        log.exception("socket event failed", namespace=self.namespace, exc_info=crash)
        return {"error": {"type": "internal", "title": ""}}


@dataclass(frozen=True)
class _Guarded:
    app: Flask
    namespace: str
    environ: dict[str, Any]
    roles: tuple[str, ...]


_guarded: dict[str, _Guarded] = {}
"""Signed-in sockets of this process, by sid."""
_watching: set[int] = set()


class SignedInSpace(StoreSpace):
    """A namespace for people of certain roles, told by the session cookie; it ends when the session does."""

    roles: tuple[str, ...] = ()

    def require(self) -> Actor:
        """The actor of the cookie, read anew. Ends the socket and raises when the session or the role is gone."""
        try:
            return require(*self.roles)
        except DomainError:
            if not _is_connecting():
                disconnect()
            raise

    def watch(self) -> None:
        """Look at the session again from time to time, also when the socket says nothing."""
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        _guarded[_sid()] = _Guarded(app, self.namespace, dict(request.environ), self.roles)
        if not app.testing and id(app) not in _watching:
            _watching.add(id(app))
            sockets().start_background_task(_watch_forever, app)

    def on_disconnect(self, _reason: Any = None) -> None:
        """Forget the socket."""
        _guarded.pop(_sid(), None)


def _watch_forever(app: Flask) -> None:
    server: SocketIO = app.extensions["socketio"]
    while True:
        server.sleep(CHECK_EVERY)
        started = time.monotonic()
        try:
            ended = end_stale_sockets()
        except Exception:
            log.exception("sockets could not be checked")
            continue
        if ended:
            log.info("sockets ended", count=ended, seconds=round(time.monotonic() - started, 3))


def end_stale_sockets() -> int:
    """Disconnect every signed-in socket whose session or role is gone; how many."""
    ended = 0
    for sid, socket in list(_guarded.items()):
        if not _is_live(socket):
            _guarded.pop(sid, None)
            socket.app.extensions["socketio"].server.disconnect(sid, namespace=socket.namespace)
            ended += 1
    return ended


def _is_live(socket: _Guarded) -> bool:
    with socket.app.app_context(), socket.app.request_context(socket.environ):
        found = stores.store_of_host(request.host)
        if found is None:
            return False
        g.store = found
        with store_scope(found.id):
            try:
                require(*socket.roles)
            except DomainError:
                return False
            return True
