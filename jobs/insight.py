"""Long reckonings about the past, after everything that customers wait for."""

from app.core.events import EventRecord
from app.insight.service import WhatIfAsked, reckon_what_if
from jobs.base import subscriber
from jobs.queues import BULK


@subscriber(queue=BULK)
def replay_orders(record: EventRecord) -> None:
    """WhatIfAsked → the orders of the last weeks against the scenario's settings."""
    event = record.event()
    assert isinstance(event, WhatIfAsked)  # the only one it hears
    reckon_what_if(event.what_if_id)
