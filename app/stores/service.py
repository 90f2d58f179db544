"""What staff change about their own store and its branches, with an audit entry each."""

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any

from sqlalchemy import select

from app.core import audit
from app.core.actor import Actor
from app.core.db import db, for_update, transaction
from app.core.errors import Forbidden, InvalidInput, NotFound
from app.core.i18n import _
from app.core.tenancy import current_store_id
from app.stores.directory import forget_directory
from app.stores.models import Store

OWN_COLUMNS = (
    "name",
    "tagline",
    "min_age",
    "support_phone",
    "support_email",
    "tax_rates_bp",
    "review_delay_minutes",
    "unpaid_minutes",
    "transfer_unique_cents",
    "transfer_reminder_minutes",
    "transfer_minutes",
    "transfer_second_from_minor",
    "cart_reminder_hours",
    "refund_limit_minor",
)
"""What a store may change of itself; its hosts, currency and clock are the platform's."""

Interval = tuple[time, time]
_WEEK = 7 * 24 * 60


def get_own_store() -> Store:
    """The row of the current store. NotFound outside of any."""
    if (store := db.session.get(Store, current_store_id())) is None:
        raise NotFound
    return store


@transaction()
def update_store(values: Mapping[str, Any], *, actor: Actor) -> Store:
    """Change the store's details; other columns than OWN_COLUMNS are a KeyError.

    Raises Forbidden unless the actor administers the store, InvalidInput for a tax class that products still use.
    """
    if not actor.has("store_admin", "platform_admin"):
        raise Forbidden
    if unknown := set(values) - set(OWN_COLUMNS):
        raise KeyError(unknown)
    store = db.session.scalars(for_update(select(Store).where(Store.id == current_store_id()))).one()
    changes = {k: [getattr(store, k), v] for k, v in values.items() if getattr(store, k) != v}
    if not changes:
        return store
    for name, (_before, after) in changes.items():
        setattr(store, name, after)
    audit.record("store_changed", actor=actor, subject=f"store:{store.id}", changes=changes)
    db.session.flush()
    return store


def after_update() -> None:
    """Read the store anew in this process; others follow within seconds. Call once the change is committed."""
    forget_directory()


def check_hours(weekday: int, opens: time, closes: time, others: Iterable[tuple[int, time, time]]) -> None:
    """Refuse an interval that meets another of the same branch. `closes` at or before `opens` is after midnight.

    `others` are (weekday, opens, closes); a Sunday that ends on Monday meets Monday. Raises InvalidInput on `opens`.
    """
    mine = set(_minutes(weekday, opens, closes))
    for day, start, end in others:
        if mine.intersection(_minutes(day, start, end)):
            raise InvalidInput(
                {
                    "opens": _(
                        "The branch is open from %(opens)s to %(closes)s already.",
                        opens=f"{start:%H:%M}",
                        closes=f"{end:%H:%M}",
                    )
                }
            )


def _minutes(weekday: int, opens: time, closes: time) -> Iterable[int]:
    start = weekday * 1440 + opens.hour * 60 + opens.minute
    end = weekday * 1440 + closes.hour * 60 + closes.minute
    return (minute % _WEEK for minute in range(start, end if end > start else end + 1440))
