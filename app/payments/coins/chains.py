"""The coins that a store can take: their chains, their units, and when a transfer is final enough.

Token contracts are compared by address: anybody can issue a token that calls itself USDT.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.core.i18n import _l
from app.core.money import Minor


class Chain(StrEnum):
    """Where a coin moves."""

    bitcoin = "bitcoin"
    ethereum = "ethereum"
    tron = "tron"


@dataclass(frozen=True)
class Coin:
    """A way to pay on a chain. `decimals` count from the coin to its smallest unit; amounts are asked in steps of
    `shown_decimals`, as wallets let people type them, and never below `least_units`, which the chain would not carry.
    `par`: a token that stands for the dollar."""

    method: str
    chain: Chain
    symbol: str
    network: object
    decimals: int
    shown_decimals: int
    contract: str = ""
    least_units: int = 1
    par: bool = False

    @property
    def step(self) -> int:
        """The units in which an amount is asked."""
        return int(10 ** (self.decimals - self.shown_decimals))


_B, _E, _T = Chain.bitcoin, Chain.ethereum, Chain.tron
_ERC20, _TRC20 = _l("Ethereum (ERC-20)"), _l("TRON (TRC-20)")

COINS: dict[str, Coin] = {
    coin.method: coin
    for coin in (
        # 546 satoshi: below it an output is dust, and no node passes it on.
        Coin("btc", _B, "BTC", _l("Bitcoin"), 8, 8, least_units=546),
        Coin("eth", _E, "ETH", _l("Ethereum"), 18, 8),
        Coin("usdt_erc20", _E, "USDT", _ERC20, 6, 2, "0xdAC17F958D2ee523a2206206994597C13D831ec7", par=True),
        Coin("usdc_erc20", _E, "USDC", _ERC20, 6, 2, "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", par=True),
        Coin("usdt_trc20", _T, "USDT", _TRC20, 6, 2, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", par=True),
    )
}
"""Method code → coin."""

FOLLOWED = {Chain.bitcoin: 6, Chain.ethereum: 32, Chain.tron: 19}
"""Confirmations after which nobody expects a transfer to be undone any more."""

RATE_HOLDS = timedelta(minutes=15)
GRACE = timedelta(minutes=2)
"""Who sends in the last second is not late by the time it takes to be seen."""
WATCHED = timedelta(days=30)
"""How long after the last quote an address is still looked at."""


def units_for(coin: Coin, amount_minor: Minor, rate_minor: Minor) -> int:
    """What to ask for an amount at a rate (minor units a coin): at least its worth, in whole steps of the coin."""
    exact = -(-amount_minor * 10**coin.decimals // rate_minor)
    stepped = -(-exact // coin.step) * coin.step
    return max(stepped, coin.least_units)


def worth(coin: Coin, units: int, rate_minor: Minor) -> Minor:
    """What so many units are worth at a rate; a part of a minor unit is not counted."""
    return units * rate_minor // 10**coin.decimals


def show_units(coin: Coin, units: int) -> str:
    """The amount as one types it into a wallet: 0.00061234, 25.00; no digit of it is left out."""
    whole, part = divmod(units, 10**coin.decimals)
    digits = f"{part:0{coin.decimals}d}"
    kept = max(len(digits.rstrip("0")), min(2, coin.decimals))
    return f"{whole}.{digits[:kept]}"
