"""Shelves by themselves: what expires is written off, what was not paid for goes back, who waits is told."""

import structlog

from app import inventory
from app.core.events import EventRecord
from app.inventory import watches
from app.orders import expiring
from app.orders.expiry import expire_unpaid
from jobs.base import subscriber
from jobs.queues import BULK

log = structlog.get_logger()


@subscriber(queue=BULK)
def answer_watchers(record: EventRecord) -> None:
    """VariantCameBack → one notice for each who waits for it."""
    watches.answer_watchers(record.aggregate_id)


def write_off_expired() -> None:
    """Soon after the store's midnight, and every quarter of an hour for what was still promised then."""
    if units := inventory.write_off_expired():
        log.info("expired goods written off", units=units)


def warn_of_expiring() -> None:
    """Every hour: tell managers of promised goods that pass their date before they are handed over."""
    if shelves := expiring.warn_of_expiring():
        log.info("promised goods expire", shelves=shelves)


def expire_reservations() -> None:
    """Every minute: orders that nobody paid for in time give their goods and slot back."""
    if codes := expire_unpaid():
        log.info("unpaid orders cancelled", codes=codes)
