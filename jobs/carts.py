"""Time passes: offers lapse, carts are remembered."""

from app.core.events import EventRecord
from app.orders import reminders, substitutions
from jobs.base import subscriber
from jobs.queues import CRITICAL


@subscriber(queue=CRITICAL)
def expire_substitution(record: EventRecord) -> None:
    """A quarter of an hour after an offer: without an answer its goods go back to the shelf."""
    substitutions.expire_substitution(record.payload["substitution_id"])


def remind_of_carts() -> None:
    """Carts that lie idle and whose owners asked for it."""
    reminders.remind_of_carts()
