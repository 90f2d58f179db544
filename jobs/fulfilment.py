"""Orders by courier: booking, asking, calling off, and the look after those that have gone quiet."""

from app import fulfilment, shipping
from app.core.events import EventRecord
from jobs.base import subscriber


@subscriber()
def follow_courier(record: EventRecord) -> None:
    """The order moved: its courier is called or called off."""
    fulfilment.follow_order(record)


@subscriber(external=True)
def tend_shipment(record: EventRecord) -> None:
    """Book, ask about or call off one shipment."""
    fulfilment.tend(record, subscriber="tend_shipment")


def look_after_shipments() -> None:
    """Every few minutes: ask about shipments whose webhooks may have got lost."""
    fulfilment.look_after_shipments()


def sweep_inquiries() -> None:
    """Courier prices that nobody can order by any more."""
    shipping.sweep_inquiries()
