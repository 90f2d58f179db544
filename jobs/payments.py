"""Payments by themselves: providers' calls are read, and asked for where one is missing."""

import structlog

from app.core.events import EventRecord
from app.orders import hearing
from app.payments import card_keeping
from jobs.base import subscriber
from jobs.queues import CRITICAL

log = structlog.get_logger()


@subscriber(queue=CRITICAL, external=True)
def read_message(record: EventRecord) -> None:
    """A provider called: ask it what is true, and take the answer."""
    hearing.read_message(record, subscriber="read_message")


@subscriber(external=True)
def keep_card(record: EventRecord) -> None:
    """CardWanted → the provider keeps the card of the payment."""
    card_keeping.keep_card(record, subscriber="keep_card")


@subscriber(external=True)
def forget_card(record: EventRecord) -> None:
    """CardRemoved → the provider forgets it."""
    card_keeping.forget_card(record, subscriber="forget_card")


def look_after_attempts() -> None:
    """Every minute: ask about payments that may have been made without a call; end those whose time is over."""
    if moved := hearing.look_after_attempts():
        log.info("payments looked after", moved=moved)
