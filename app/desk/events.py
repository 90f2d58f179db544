"""What happens at the desk, for those who are told of it."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.events import Event
from app.core.money import Minor


@dataclass(frozen=True, kw_only=True)
class TransferClaimed(Event):
    """A customer says that the money is sent: look for it in the bank."""

    aggregate: ClassVar[str] = "attempt"
    attempt_id: int
    order_id: int


@dataclass(frozen=True, kw_only=True)
class SecondPersonAsked(Event):
    """An amount above the store's limit waits for somebody else's look."""

    aggregate: ClassVar[str] = "attempt"
    attempt_id: int
    order_id: int
    amount_minor: Minor
    by: str


@dataclass(frozen=True, kw_only=True)
class TopUpAsked(Event):
    """Less came than was asked for: the customer sends the rest through this attempt."""

    aggregate: ClassVar[str] = "attempt"
    attempt_id: int
    order_id: int
    received_minor: Minor
    missing_minor: Minor


@dataclass(frozen=True, kw_only=True)
class TransferNotFound(Event):
    """Staff looked and found nothing; the customer is told why."""

    aggregate: ClassVar[str] = "attempt"
    attempt_id: int
    order_id: int
    reason: str
