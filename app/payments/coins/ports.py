"""What a block explorer and a source of rates are to us."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.core.money import Minor
from app.payments.coins.chains import Coin

MOST_TRANSFERS = 400
"""More than these at one address are not looked at: nobody pays an order so often."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A transfer of the coin to the address. `confirmations` 0: not in a block yet, or not beyond undoing where the
    chain only says that. `at` is the block's time; None when it is in none."""

    txid: str
    position: int
    units: int
    confirmations: int
    replaceable: bool = False
    at: datetime | None = None


class Explorer(Protocol):
    """Reads a chain. Calls take about five seconds at most and run outside any transaction."""

    def transfers(self, coin: Coin, address: str) -> Sequence[Seen]:
        """Every transfer of the coin to the address, those of nothing and of strangers' tokens left out.

        Raises Refused, TryLater or OutcomeUnknown; never answers with a part of the truth.
        """


class Rates(Protocol):
    """Knows what a coin costs."""

    def rate(self, symbol: str, currency: str) -> Minor:
        """Minor units of the currency for one coin, above zero. Raises Refused, TryLater or OutcomeUnknown."""
