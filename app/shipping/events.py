"""What happens to shipments, and what is to be done about them."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.events import Event


@dataclass(frozen=True, kw_only=True)
class ShipmentDue(Event):
    """Something is to be said to the provider: `task` is book, ask or cancel."""

    aggregate: ClassVar[str] = "shipment"
    shipment_id: int
    task: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ShipmentMoved(Event):
    """A shipment has another status."""

    aggregate: ClassVar[str] = "order"
    order_id: int
    code: str
    shipment_id: int
    status: str
