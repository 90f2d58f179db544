"""What /readyz asks: each part that has to be alive for an order to travel from the shop window to the door."""

import time

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.core.db import db
from app.core.settings import setting

RELAY_BEAT = "theriac:relay:beat"
WORKER_BEAT = "theriac:worker:beat"
BEAT_SECONDS = 15
"""A part that has not written its beat for so long is taken for dead."""


def check() -> dict[str, bool]:
    """Part → alive."""
    parts = {"web": True, "database": _database(), "valkey": False, "worker": False, "relay": False}
    try:
        client = connect()
        parts["valkey"] = bool(client.ping())
        parts["worker"] = _beats(client, WORKER_BEAT)
        parts["relay"] = _beats(client, RELAY_BEAT)
    except redis.RedisError:
        return parts
    return parts


def connect() -> redis.Redis:
    """A client of Valkey with short time-outs and no second try: what it holds is a hint, never the truth."""
    once = Retry(NoBackoff(), 0)  # the library's default waits eight seconds for a server that is not there
    return redis.Redis.from_url(setting("REDIS_URL"), socket_timeout=2, socket_connect_timeout=2, retry=once)


def beat(client: redis.Redis, name: str) -> None:
    """Say that a part is alive."""
    client.set(name, int(time.time()), ex=BEAT_SECONDS)


def _beats(client: redis.Redis, name: str) -> bool:
    return client.get(name) is not None


def _database() -> bool:
    try:
        with db.engine.connect() as connection:
            return connection.execute(text("SELECT 1")).scalar() == 1
    except SQLAlchemyError:
        return False
