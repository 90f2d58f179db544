"""What happens to messages."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.events import Event


@dataclass(frozen=True, kw_only=True)
class DeliveryQueued(Event):
    """A message waits to be handed to its provider, in this queue."""

    aggregate: ClassVar[str] = "delivery"
    delivery_id: int
    queue: str = "default"


@dataclass(frozen=True, kw_only=True)
class DeliveryOverdue(Event):
    """Emitted ahead of time: when this falls due, the message should have arrived."""

    aggregate: ClassVar[str] = "delivery"
    delivery_id: int


@dataclass(frozen=True, kw_only=True)
class ReceiptCalledBack(Event):
    """Somebody called our address and said that a siren was acknowledged; to be checked with the provider."""

    aggregate: ClassVar[str] = "delivery"
    delivery_id: int


@dataclass(frozen=True, kw_only=True)
class AlarmDue(Event):
    """Emitted ahead of time: when this falls due, the order should have been acknowledged. `step` 1, then 2."""

    aggregate: ClassVar[str] = "order"
    order_id: int
    code: str
    step: int


@dataclass(frozen=True, kw_only=True)
class ButtonPressed(Event):
    """Somebody pressed a button under a message of ours; `sender` is who, in the channel's own words."""

    aggregate: ClassVar[str] = "delivery"
    delivery_id: int
    verb: str
    sender: str
    query_id: str
