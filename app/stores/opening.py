"""Opening a store: the one thing the application role may not do, so it runs as the owner from the command line."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import create_engine, insert, select, update

from app.core.settings import setting
from app.stores.directory import forget_directory
from app.stores.models import Store, StoreHost, StoreStatus


def open_store(hosts: Sequence[str], **columns: Any) -> int:
    """Make the store and its hosts; gives its id. A slug that exists is left as it is."""
    engine = create_engine(setting("OWNER_DATABASE_URL"))
    try:
        with engine.begin() as owner:
            known = owner.execute(select(Store.id).where(Store.slug == columns["slug"])).scalar()
            if known is not None:
                return int(known)
            store_id = int(owner.execute(insert(Store).values(**columns).returning(Store.id)).scalar_one())
            for position, hostname in enumerate(hosts):
                owner.execute(
                    insert(StoreHost).values(hostname=hostname.lower(), owner_id=store_id, position=position)
                )
    finally:
        engine.dispose()
    forget_directory()
    return store_id


def store_ids() -> list[int]:
    """Every store, open or suspended, oldest first."""
    engine = create_engine(setting("OWNER_DATABASE_URL"))
    try:
        with engine.connect() as owner:
            return list(owner.scalars(select(Store.id).order_by(Store.id)))
    finally:
        engine.dispose()


def set_status(slug: str, status: StoreStatus) -> bool:
    """Open or suspend a store; False when there is none of that slug."""
    engine = create_engine(setting("OWNER_DATABASE_URL"))
    try:
        with engine.begin() as owner:
            changed = owner.execute(
                update(Store).where(Store.slug == slug).values(status=status).returning(Store.id)
            )
            found = changed.first() is not None
    finally:
        engine.dispose()
    forget_directory()
    return found


def refresh_statistics() -> None:
    """Tell the planner of rows that were just written in bulk; without it the first listings are slow for a minute."""
    engine = create_engine(setting("OWNER_DATABASE_URL"), isolation_level="AUTOCOMMIT")
    with engine.connect() as owner:
        owner.exec_driver_sql("ANALYZE")
    engine.dispose()
