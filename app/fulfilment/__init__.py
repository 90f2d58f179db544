"""What orders and couriers of others have to do with each other: booking, state, calling off.

`follow_order` hears what happens to an order, `tend` talks to the provider, `hear` takes its calls. A provider is
believed only after it was asked; an order moves by its own table alone.
"""

from app.fulfilment.another import (
    CourierGone,
    ParcelNotHere,
    ask_for_others,
    may_change,
    send_by_another,
    takers,
)
from app.fulfilment.service import hear, look_after_shipments, tend
from app.fulfilment.steps import follow_order

__all__ = [
    "CourierGone",
    "ParcelNotHere",
    "ask_for_others",
    "follow_order",
    "hear",
    "look_after_shipments",
    "may_change",
    "send_by_another",
    "takers",
    "tend",
]
