"""The same request twice has one effect: a row per (store, actor, scope, key), written in the effect's transaction."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime, db
from app.core.errors import KeyReused, StillRunning
from app.core.tenancy import TenantScoped

LOCK_NOT_AVAILABLE = "55P03"


class IdempotencyKey(TenantScoped, Base):
    """A key a client sent, what it sent with it, and what it was answered."""

    __tablename__ = "idempotency_key"
    __tenant__ = (UniqueConstraint("store_id", "scope", "actor_key", "key"),)

    scope: Mapped[str] = mapped_column(String(48))
    actor_key: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(128))
    fingerprint: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())


def fingerprint(body: object) -> str:
    """A stable hash of a JSON-able request body."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def once(
    scope: str, key: str, *, actor_key: str, body: object, effect: Callable[[], dict[str, Any]]
) -> tuple[dict[str, Any], bool]:
    """Run `effect` once per key inside the caller's transaction; answer (its result, whether it ran now).

    A twin waits for the first to commit and gets its answer. Raises StillRunning when that takes longer than the
    lock timeout, KeyReused when the key came with another body.
    """
    mark = fingerprint(body)
    where = (
        IdempotencyKey.scope == scope,
        IdempotencyKey.actor_key == actor_key,
        IdempotencyKey.key == key,
    )
    try:
        fresh = db.session.scalar(
            insert(IdempotencyKey)
            .values(scope=scope, actor_key=actor_key, key=key, fingerprint=mark)
            .on_conflict_do_nothing(index_elements=["store_id", "scope", "actor_key", "key"])
            .returning(IdempotencyKey.id)
        )
    except OperationalError as error:
        if getattr(error.orig, "pgcode", None) == LOCK_NOT_AVAILABLE:
            raise StillRunning from error
        raise
    if fresh is None:
        seen = db.session.execute(
            select(IdempotencyKey.fingerprint, IdempotencyKey.answer).where(*where)
        ).one()
        if seen.fingerprint != mark:
            raise KeyReused
        if seen.answer is None:
            raise StillRunning
        return seen.answer, False
    answer = effect()
    db.session.execute(update(IdempotencyKey).where(*where).values(answer=answer))
    return answer, True
