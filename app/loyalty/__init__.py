"""What regular customers have: a wallet, whose money is the ledger's."""

from app.loyalty.errors import WalletShort
from app.loyalty.models import WalletLot
from app.loyalty.wallet import (
    Operation,
    balance_of,
    correct,
    ending_soon,
    expire_lots,
    hold,
    operations,
    return_lots,
    use_lots,
)

__all__ = [
    "Operation",
    "WalletLot",
    "WalletShort",
    "balance_of",
    "correct",
    "ending_soon",
    "expire_lots",
    "hold",
    "operations",
    "return_lots",
    "use_lots",
]
