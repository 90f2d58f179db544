"""The database: one metadata with the admin framework's tables, one commit, typed columns."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from flask_appbuilder import Model
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Enum, Select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

# Set before the framework's security models are imported, so that their constraints are named too
# and Alembic can alter them.
Model.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Declarative base that shares registry and metadata with the admin framework: one migration history."""

    registry = Model.registry
    metadata = Model.metadata


db = SQLAlchemy(model_class=Base, session_options={"autoflush": True})

Minor = Annotated[int, mapped_column(BigInteger)]
"""An amount in the currency's minor unit."""
UtcDateTime = Annotated[datetime, mapped_column(DateTime(timezone=True))]
"""An aware point in time; PostgreSQL keeps it in UTC."""
Texts = Annotated[dict[str, str], mapped_column(JSONB)]
"""A text per locale, e.g. {"en": "Magnesium", "ru": "Магний"}."""
Json = Annotated[dict[str, Any], mapped_column(JSONB)]

E = TypeVar("E", bound=StrEnum)


def str_enum(kind: type[E]) -> Enum:
    """A column for a StrEnum, kept as text so that a new member needs no ALTER TYPE."""
    return Enum(kind, native_enum=False, length=24, values_callable=lambda k: [m.value for m in k])


@contextmanager
def transaction() -> Iterator[Session]:
    """Commit when the outermost block ends, roll back when it raises; inner blocks join it.

    Used as `@transaction()` on a service function or as `with transaction():`. The only commit of the project.
    """
    session = db.session()
    if session.info.get("in_transaction"):
        yield session
        return
    session.info["in_transaction"] = True
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["in_transaction"] = False


def release_connection() -> None:
    """End the reading transaction of a request before it waits for somebody else's server.

    RuntimeError inside `transaction()`: no network call stands in a transaction.
    """
    session = db.session()
    if session.info.get("in_transaction"):
        raise RuntimeError("a network call inside a transaction")
    session.rollback()


@contextmanager
def aside() -> Iterator[Session]:
    """A short transaction of its own beside the running one: seen at once, kept when the other is rolled back.

    For progress and failure marks. Never touch a row that the running transaction has locked.
    """
    with Session(db.engine) as session, session.begin():
        yield session


def refresh_statistics() -> None:
    """Let PostgreSQL count the shelf anew, as it stands in the running transaction.

    It plans by counts that it takes when it finds the time; until then a shelf that has just been filled is planned
    as if it were empty, and walked once for every card.
    """
    db.session.execute(text("SELECT refresh_statistics()"))


S = TypeVar("S", bound=Select[Any])


def for_update(query: S) -> S:
    """Lock the rows and reload them: a lock on a stale object protects nothing.

    FOR NO KEY UPDATE, as an UPDATE takes it: whoever writes a row that points here (a slot of the branch, a line of
    the variant, anything of the store) neither waits for the lock nor deadlocks with it.
    """
    return query.with_for_update(key_share=True).execution_options(populate_existing=True)
