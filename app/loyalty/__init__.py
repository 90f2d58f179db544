"""What regular customers have: a wallet, whose money is the ledger's."""

from app.loyalty.errors import WalletShort
from app.loyalty.events import WalletChanged, WalletEnding
from app.loyalty.models import WalletLot
from app.loyalty.wallet import (
    CORRECTORS,
    Operation,
    balance_of,
    balances_of,
    correct,
    ending_soon,
    expire_lots,
    hold,
    operations,
    return_lots,
    tell_owner,
    use_lots,
    warn_of_ending,
)

__all__ = [
    "CORRECTORS",
    "Operation",
    "WalletChanged",
    "WalletEnding",
    "WalletLot",
    "WalletShort",
    "balance_of",
    "balances_of",
    "correct",
    "ending_soon",
    "expire_lots",
    "hold",
    "operations",
    "return_lots",
    "tell_owner",
    "use_lots",
    "warn_of_ending",
]
