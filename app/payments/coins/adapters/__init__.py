"""Explorers by chain and the source of rates. Addresses and keys are the operator's: the sandbox is another address."""

from app.payments.coins.adapters.coinbase import Coinbase
from app.payments.coins.adapters.esplora import Esplora
from app.payments.coins.adapters.etherscan import Etherscan
from app.payments.coins.adapters.trongrid import TronGrid
from app.payments.coins.chains import Chain
from app.payments.coins.ports import Explorer, Rates

__all__ = ["explorer_of", "rates"]

_EXPLORERS: dict[Chain, Explorer] = {
    Chain.bitcoin: Esplora(),
    Chain.ethereum: Etherscan(),
    Chain.tron: TronGrid(),
}
_RATES: Rates = Coinbase()


def explorer_of(chain: Chain) -> Explorer:
    """Who reads this chain."""
    return _EXPLORERS[chain]


def rates() -> Rates:
    """Who knows what coins cost."""
    return _RATES
