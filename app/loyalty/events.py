"""What happens to a wallet that its owner is told of."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.events import Event


@dataclass(frozen=True, kw_only=True)
class WalletChanged(Event):
    """Somebody else moved money of this wallet: its owner is told at once.

    `moment` is the ledger's; `amount_minor` above zero came in. `ends_at` is ISO text, '' for money that stays.
    """

    aggregate: ClassVar[str] = "customer"
    customer_id: int
    entry_id: int
    moment: str
    amount_minor: int
    order_code: str = ""
    reason: str = ""
    ends_at: str = ""


@dataclass(frozen=True, kw_only=True)
class WalletEnding(Event):
    """So much of this wallet ends soon, the first of it at `ends_at` (ISO text)."""

    aggregate: ClassVar[str] = "customer"
    customer_id: int
    amount_minor: int
    ends_at: str
