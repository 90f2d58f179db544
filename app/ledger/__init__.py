"""The ledger: all money is double-entry, append-only, and adds up by construction."""

from app.ledger.chart import AccountKind, shown
from app.ledger.errors import AlreadyReversed
from app.ledger.models import LedgerAccount, LedgerEntry, LedgerPosting
from app.ledger.service import (
    Fact,
    Moment,
    balance,
    balances,
    entries_of,
    lock_balance,
    post,
    post_all,
    reverse,
    sum_for,
    sums_for,
)

__all__ = [
    "AccountKind",
    "AlreadyReversed",
    "Fact",
    "LedgerAccount",
    "LedgerEntry",
    "LedgerPosting",
    "Moment",
    "balance",
    "balances",
    "entries_of",
    "lock_balance",
    "post",
    "post_all",
    "reverse",
    "shown",
    "sum_for",
    "sums_for",
]
