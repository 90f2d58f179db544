"""Payments by themselves: providers' calls are read, and asked for where one is missing."""

import structlog

from app.core.events import EventRecord
from app.orders import hearing
from jobs.base import subscriber
from jobs.queues import CRITICAL

log = structlog.get_logger()


@subscriber(queue=CRITICAL, external=True)
def read_message(record: EventRecord) -> None:
    """A provider called: ask it what is true, and take the answer."""
    hearing.read_message(record, subscriber="read_message")


def look_after_attempts() -> None:
    """Every minute: ask about payments that may have been made without a call; end those whose time is over."""
    if moved := hearing.look_after_attempts():
        log.info("payments looked after", moved=moved)
