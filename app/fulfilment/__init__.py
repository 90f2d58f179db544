"""What orders and couriers of others have to do with each other: booking, state, calling off.

`follow_order` hears what happens to an order, `tend` talks to the provider, `hear` takes its calls. A provider is
believed only after it was asked; an order moves by its own table alone.
"""

from app.fulfilment.service import hear, look_after_shipments, tend
from app.fulfilment.steps import follow_order

__all__ = ["follow_order", "hear", "look_after_shipments", "tend"]
