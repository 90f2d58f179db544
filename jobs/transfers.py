"""Money sent by hand: its time runs out."""

from app.core.events import EventRecord
from app.desk import lapsing
from jobs.base import subscriber


@subscriber()
def lapse_transfer(record: EventRecord) -> None:
    """The store's hour for a transfer is over: without a word from the customer the attempt ends."""
    lapsing.lapse(record.payload["attempt_id"])
