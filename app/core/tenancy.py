"""Which store this piece of work belongs to, and how the database learns it.

The store is set per transaction (`set_config(…, true)`), here and nowhere else, for web requests, jobs, sockets
and the command line alike. No store set means no rows and no writes: forgetting fails closed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    PrimaryKeyConstraint,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column
from sqlalchemy.orm.session import ORMExecuteState

from app.core.db import db

_store_id: ContextVar[int | None] = ContextVar("store_id", default=None)


class TenantSwitchError(RuntimeError):
    """The store changed in the middle of a transaction: a programming error, never a user's."""


class UnsafeRoleError(RuntimeError):
    """The application is connected as a role that row-level security does not bind."""


def current_store_id() -> int | None:
    """The store of the running request or job; None outside of any."""
    return _store_id.get()


def enter_store(store_id: int | None) -> Token[int | None]:
    """Set the store for this context; the caller gives the token back to `leave_store`."""
    if _store_id.get() != store_id:
        _forget_session()
    return _store_id.set(store_id)


def leave_store(token: Token[int | None]) -> None:
    """Undo `enter_store`."""
    _store_id.reset(token)


@contextmanager
def store_scope(store_id: int | None) -> Iterator[None]:
    """Work inside one store. One session serves one store, so a switch starts a new session."""
    before = _store_id.get()
    token = enter_store(store_id)
    try:
        yield
    finally:
        if before != store_id:
            _forget_session()
        leave_store(token)


def _forget_session() -> None:
    if db.session.registry.has():
        if db.session().info.get("in_transaction"):
            raise TenantSwitchError("a transaction of another store is still open")
        db.session.remove()


class TenantScoped:
    """Mixin of every table that belongs to a store.

    Gives `store_id` (filled by the database from the transaction's store), `id`, the key `(store_id, id)`,
    `UNIQUE (id)` and the mapper key `id`. Foreign keys to other tenant tables are declared with `tenant_fk`
    in `__tenant__`, together with the table's other constraints.
    """

    __tenant__: ClassVar[tuple[Any, ...]] = ()

    @declared_attr
    def store_id(cls) -> Mapped[int]:
        return mapped_column(
            BigInteger, ForeignKey("store.id"), server_default=text("app_store()"), nullable=False
        )

    @declared_attr
    def id(cls) -> Mapped[int]:
        return mapped_column(BigInteger, Identity(), nullable=False)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        return (PrimaryKeyConstraint("store_id", "id"), UniqueConstraint("id"), *cls.__tenant__)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"primary_key": [cls.id]}


def tenant_fk(column: str, table: str, **options: Any) -> ForeignKeyConstraint:
    """The composite key (store_id, column) → table(store_id, id): a row cannot point into another store.

    Its relationship is `relationship(foreign_keys=[column])`, which joins and writes the id alone.
    """
    return ForeignKeyConstraint(["store_id", column], [f"{table}.store_id", f"{table}.id"], **options)


@event.listens_for(Session, "after_begin")
def _stamp(session: Session, _transaction: object, connection: Connection) -> None:
    """Tell PostgreSQL the store at the start of every transaction, also after the framework's own commits."""
    store_id = _store_id.get()
    if session.info.setdefault("store_id", store_id) != store_id:
        raise TenantSwitchError(f"session of store {session.info['store_id']} used for store {store_id}")
    connection.execute(
        text("SELECT set_config('app.store_id', :store, true)"), {"store": str(store_id) if store_id else ""}
    )


@event.listens_for(Session, "do_orm_execute")
def _same_store(state: ORMExecuteState) -> None:
    if state.session.info.get("store_id", _store_id.get()) != _store_id.get():
        raise TenantSwitchError("the store changed inside a transaction")


def assert_safe_role(engine: Engine) -> None:
    """Refuse to start as a superuser, as a role that bypasses row-level security, or as the tables' owner."""
    with engine.connect() as connection:
        unsafe = connection.execute(
            text(
                "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_class c JOIN pg_namespace n "
                "ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relowner = r.oid)"
                " FROM pg_roles r WHERE rolname = current_user"
            )
        ).scalar_one()
    if unsafe:
        raise UnsafeRoleError("the application must connect as a role that owns nothing and bypasses nothing")
