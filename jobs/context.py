"""The application as jobs see it: made once a process, and a connection to Valkey of the right kind."""

from functools import lru_cache

import redis
from flask import Flask

from app.core.db import db
from app.core.settings import setting
from app.core.tenancy import assert_safe_role
from app.factory import create_app


@lru_cache(maxsize=1)
def flask_app() -> Flask:
    """The one application of this process; a forked child inherits its parent's."""
    return create_app()


def ready_app() -> Flask:
    """`flask_app`, refused when its database role could see every store."""
    app = flask_app()
    with app.app_context():
        assert_safe_role(db.engine)
    return app


def queue_connection() -> redis.Redis:
    """A client for queues: raw bytes, keep-alive, and short enough to notice that Valkey is gone."""
    return redis.Redis.from_url(
        setting("REDIS_URL"), socket_connect_timeout=2, socket_keepalive=True, health_check_interval=15
    )
