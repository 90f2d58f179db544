"""Stores, branches, hours, tax and capabilities.

`store_of_host` finds the tenant of a request; `current_store` is the tenant of the running work.
"""

from app.stores.directory import (
    StoreInfo,
    all_stores,
    current_store,
    forget_directory,
    local_today,
    public_url,
    store_by_id,
    store_of_host,
)
from app.stores.models import Branch, HoursException, OpeningHours, Store, StoreHost, StoreStatus
from app.stores.opening import open_store, refresh_statistics, store_ids

__all__ = [
    "Branch",
    "HoursException",
    "OpeningHours",
    "Store",
    "StoreHost",
    "StoreInfo",
    "StoreStatus",
    "all_stores",
    "current_store",
    "forget_directory",
    "local_today",
    "open_store",
    "public_url",
    "refresh_statistics",
    "store_by_id",
    "store_ids",
    "store_of_host",
]
