"""Web processes: gevent, with a psycopg2 that yields while it waits (else one query blocks everybody)."""

from gevent import monkey

monkey.patch_all()

from psycogreen.gevent import patch_psycopg

patch_psycopg()

import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
# One Socket.IO process needs no sticky sessions; several do unless clients speak WebSocket only, as ours do.
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
worker_class = "gevent"
worker_connections = int(os.environ.get("WEB_CONNECTIONS", "2000"))
preload_app = False  # a forked pool of connections would be shared
timeout = 60
graceful_timeout = 5  # open sockets never end by themselves; clients resume
keepalive = 20
# A header that names the client is believed from this machine only; a proxy elsewhere is named here.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
# The application writes one structured line a request, with the request id and without personal data.
accesslog = None
errorlog = "-"
loglevel = os.environ.get("GUNICORN_LOG_LEVEL", "warning")


def post_worker_init(worker):
    """Refuse to serve as a database role that row-level security does not bind."""
    ready = getattr(worker.app.callable, "assert_ready", None)
    if ready is not None:
        ready()
