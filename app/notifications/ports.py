"""What a channel is to us: hand over one message, or say in which of three ways that did not work."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from app.core.outside import OutcomeUnknown, Refused, SendError, TryLater

__all__ = [
    "Channel",
    "Message",
    "OutcomeUnknown",
    "Receipt",
    "Refused",
    "SendError",
    "Sent",
    "SirenChannel",
    "TryLater",
]


@dataclass(frozen=True)
class Message:
    """One message, ready to go. `to` is the channel's address; `callback` where the provider may report.

    `presses` are buttons as (words, what comes back when one is pressed), for channels that have such.
    """

    delivery_id: int
    to: str
    title: str
    body: str
    url: str = ""
    url_title: str = ""
    priority: int = 0
    callback: str = ""
    created_at: datetime | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    presses: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Sent:
    """The provider has it. `receipt` is given for a siren that somebody has to acknowledge."""

    provider: str
    provider_id: str
    receipt: str = ""


class Channel(Protocol):
    """One way to reach people. Calls take at most about five seconds and run outside any transaction."""

    def send(self, message: Message) -> Sent:
        """Hand the message over. Raises Refused, TryLater or OutcomeUnknown."""

    def find(self, message: Message, *, known: Collection[str]) -> Sent | None:
        """The message if an earlier try did arrive, leaving out provider ids in `known`; None when it did not.

        Raises OutcomeUnknown when the provider cannot be asked. Channels that keep no list answer None.
        """

    def status(self, provider_id: str) -> tuple[str, str]:
        """The provider's word for how far the message is, and its error code; ("", "") where it has none."""


@dataclass(frozen=True)
class Receipt:
    """How a siren stands. `acknowledged_by` is the address of who pressed the button."""

    acknowledged: bool
    acknowledged_by: str
    acknowledged_at: datetime | None
    expired: bool


class SirenChannel(Channel, Protocol):
    """A channel that rings until somebody acknowledges."""

    def receipt(self, receipt: str) -> Receipt:
        """Raises Refused for an unknown receipt, TryLater or OutcomeUnknown when it cannot be asked."""

    def cancel(self, receipt: str) -> None:
        """Stop the ringing. Raises like `receipt`."""
