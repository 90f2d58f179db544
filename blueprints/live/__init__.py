"""Live channels over Socket.IO: the driver's phone, the customer's tracking page, the dispatcher's board.

A socket is a hint. Whoever joins is authorised by a read of the database, every event runs in the store of the
handshake's host, and everything that is said here can also be asked for over HTTP.
"""

import socketio
from flask import Flask
from flask_socketio import SocketIO
from gevent.monkey import is_module_patched
from redis.backoff import NoBackoff
from redis.retry import Retry

from app import dispatch
from blueprints.live.board import BoardSpace
from blueprints.live.driver import DriverSpace
from blueprints.live.fanout import hear
from blueprints.live.tracking import TrackingSpace

__all__ = ["init_app"]

LARGEST_MESSAGE = 100_000
"""Bytes: a full batch of fixes and no more."""


def init_app(app: Flask) -> None:
    """Attach the sockets. Under gunicorn they run on gevent, in tests and the development server on threads."""
    sockets = SocketIO(
        app,
        async_mode="gevent" if is_module_patched("socket") else "threading",
        **_shared_rooms(app),
        manage_session=False,
        transports=["websocket"],
        max_http_buffer_size=LARGEST_MESSAGE,
        ping_interval=25,
        ping_timeout=20,
    )
    for space in (TrackingSpace(), DriverSpace(), BoardSpace()):
        sockets.on_namespace(space)
    dispatch.register_listener(hear)


def _shared_rooms(app: Flask) -> dict[str, socketio.RedisManager]:
    """Processes share rooms through Valkey, without its client's patient retries: a hint is late or it is nothing.

    The test client wants no queue.
    """
    if app.testing:
        return {}
    options = {"retry": Retry(NoBackoff(), 0), "socket_connect_timeout": 1}
    return {
        "client_manager": socketio.RedisManager(
            app.config["REDIS_URL"], channel="flask-socketio", redis_options=options
        )
    }
