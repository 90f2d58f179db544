"""Live channels over Socket.IO: the driver's phone, the customer's tracking page, the dispatcher's board.

A socket is a hint. Whoever joins is authorised by a read of the database, every event runs in the store of the
handshake's host, and everything that is said here can also be asked for over HTTP.
"""

from flask import Flask
from flask_socketio import SocketIO
from gevent.monkey import is_module_patched

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
        # Processes share rooms through Valkey; the test client wants none.
        message_queue=None if app.testing else app.config["REDIS_URL"],
        manage_session=False,
        transports=["websocket"],
        max_http_buffer_size=LARGEST_MESSAGE,
        ping_interval=25,
        ping_timeout=20,
    )
    for space in (TrackingSpace(), DriverSpace(), BoardSpace()):
        sockets.on_namespace(space)
    dispatch.register_listener(hear)
