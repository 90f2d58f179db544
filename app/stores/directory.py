"""Host name → store, kept in the process for a few seconds: every request asks, and it hardly ever changes."""

import time
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.settings import setting
from app.core.tenancy import current_store_id
from app.stores.models import Store, StoreHost, StoreStatus


@dataclass(frozen=True)
class StoreInfo:
    """A plain copy of a store's row: what pages and rules ask of it without a query."""

    id: int
    slug: str
    name: str
    tagline: dict[str, str]
    prefix: str
    currency: str
    country: str
    timezone: str
    default_locale: str
    min_age: int
    tax_inclusive: bool
    tax_rates_bp: dict[str, int]
    capabilities: tuple[str, ...]
    brand: dict[str, Any]
    support_phone: str
    support_email: str
    review_delay_minutes: int
    unpaid_minutes: int
    transfer_unique_cents: bool
    transfer_reminder_minutes: int
    transfer_minutes: int
    transfer_second_from_minor: int
    cart_reminder_hours: int
    refund_limit_minor: int | None
    hostname: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


@dataclass(frozen=True)
class _Directory:
    read_at: float
    hosts: dict[str, StoreInfo]
    ids: dict[int, StoreInfo]
    first: StoreInfo | None


_directory: _Directory | None = None
_reading = Lock()


def store_of_host(host: str) -> StoreInfo | None:
    """The open store of a Host header (its port is ignored); None when no store answers to it.

    In demo mode `localhost` and 127.0.0.1 are the first store.
    """
    name = host.rsplit(":", 1)[0].lower() if not host.startswith("[") else host
    directory = _read()
    if (found := directory.hosts.get(name)) is not None:
        return found
    return directory.first if name in {"localhost", "127.0.0.1"} and setting("DEMO") else None


def store_by_id(store_id: int) -> StoreInfo:
    """The store with this id; NotFound when there is none or it is suspended."""
    if (found := _read().ids.get(store_id)) is None:
        raise NotFound
    return found


def current_store() -> StoreInfo:
    """The store of the running request or job; NotFound outside of any."""
    if (store_id := current_store_id()) is None:
        raise NotFound
    return store_by_id(store_id)


def local_today() -> date:
    """The day by the clock of the current store."""
    return clock.now().astimezone(current_store().zone).date()


def public_url(path: str, store: StoreInfo | None = None) -> str:
    """The absolute address of a path of a store (the current one), for messages that leave the machine."""
    host = (store or current_store()).hostname
    return f"{setting('PUBLIC_SCHEME')}://{host}{setting('PUBLIC_PORT')}{path}"


def all_stores() -> list[StoreInfo]:
    """Every open store, oldest first."""
    return sorted(_read().ids.values(), key=lambda store: store.id)


def forget_directory() -> None:
    """Read anew at the next question: after a store was made or changed in this process."""
    global _directory  # noqa: PLW0603 - the one cache of this module
    _directory = None


def _read() -> _Directory:
    global _directory  # noqa: PLW0603 - the one cache of this module
    known = _directory
    if known is not None and time.monotonic() - known.read_at < setting("DIRECTORY_TTL"):
        return known
    with _reading:
        _directory = _load()
        return _directory


def _load() -> _Directory:
    # A session of its own: the request has no store yet, and a session serves one store.
    with Session(db.engine, join_transaction_mode="create_savepoint") as session:
        rows = (
            session.execute(select(Store.__table__).where(Store.status == StoreStatus.open)).mappings().all()
        )
        names = session.execute(
            select(StoreHost.hostname, StoreHost.owner_id).order_by(StoreHost.position)
        ).all()
    first_host = {owner: name for name, owner in reversed(names)}
    ids = {row["id"]: _info(row, first_host.get(row["id"], "localhost")) for row in rows}
    hosts = {name: ids[owner] for name, owner in names if owner in ids}
    first = ids[min(ids)] if ids else None
    return _Directory(time.monotonic(), hosts, ids, first)


def _info(row: Any, hostname: str) -> StoreInfo:
    wanted = StoreInfo.__dataclass_fields__
    values = {key: row[key] for key in row if key in wanted}
    values["capabilities"] = tuple(row["capabilities"])
    return StoreInfo(**values, hostname=hostname)
