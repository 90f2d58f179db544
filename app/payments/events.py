"""What happens to payments. Those keyed to an order are not its history: the order's own events carry what changed."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.events import Event


@dataclass(frozen=True, kw_only=True)
class WebhookKept(Event):
    """A provider called, and what it said is kept: read it."""

    aggregate: ClassVar[str] = "message"
    message_id: int
    tries: int = 0


@dataclass(frozen=True, kw_only=True)
class PaymentInReview(Event):
    """Money came that does not fit its attempt: staff decide."""

    aggregate: ClassVar[str] = "receipt"
    receipt_id: int
    order_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class PaidTwice(Event):
    """Money came for an order that needed none: it is in the customer's wallet, and managers are told."""

    aggregate: ClassVar[str] = "receipt"
    receipt_id: int
    order_id: int


@dataclass(frozen=True, kw_only=True)
class TransferReminder(Event):
    """A while has passed since a transfer by hand was asked for: remind whoever has not sent it."""

    aggregate: ClassVar[str] = "attempt"
    attempt_id: int
    order_id: int


@dataclass(frozen=True, kw_only=True)
class TransferLapses(Event):
    """The time for a transfer by hand is over."""

    aggregate: ClassVar[str] = "attempt"
    attempt_id: int
    order_id: int


@dataclass(frozen=True, kw_only=True)
class RefundRequested(Event):
    """Money is to go back: send it."""

    aggregate: ClassVar[str] = "refund"
    refund_id: int


@dataclass(frozen=True, kw_only=True)
class RefundEnded(Event):
    """A refund is done, or was refused."""

    aggregate: ClassVar[str] = "refund"
    refund_id: int
    order_id: int
    status: str


@dataclass(frozen=True, kw_only=True)
class ReconciliationAsked(Event):
    """A method's list is to be compared with the ledger."""

    aggregate: ClassVar[str] = "run"
    run_id: int


@dataclass(frozen=True, kw_only=True)
class CardWanted(Event):
    """A customer wants the card of a payment kept for the next ones: let the provider keep it."""

    aggregate: ClassVar[str] = "attempt"
    attempt_id: int
    customer_id: int
    tries: int = 0


@dataclass(frozen=True, kw_only=True)
class CardRemoved(Event):
    """A customer wants a kept card forgotten: let the provider forget it."""

    aggregate: ClassVar[str] = "card"
    card_id: int
    tries: int = 0
