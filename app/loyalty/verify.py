"""Proof that wallet money that ends is money in the wallet."""

from collections.abc import Iterator

from sqlalchemy import String, cast, func, select

from app.core.db import db
from app.ledger import AccountKind, LedgerAccount
from app.loyalty.models import WalletLot


def check_lots_in_wallets() -> Iterator[str]:
    """A line for each wallet that holds less than what is left of its lots."""
    lots = (
        select(
            cast(WalletLot.customer_id, String).label("customer"),
            func.sum(WalletLot.left_minor).label("left"),
        )
        .group_by(WalletLot.customer_id)
        .subquery()
    )
    held = func.coalesce(func.sum(-LedgerAccount.balance_minor), 0)
    query = (
        select(lots.c.customer, lots.c.left, held)
        .outerjoin(
            LedgerAccount,
            (LedgerAccount.kind == AccountKind.wallet) & (LedgerAccount.subject == lots.c.customer),
        )
        .group_by(lots.c.customer, lots.c.left)
        .having(lots.c.left > held)
    )
    for customer, left, balance in db.session.execute(query):
        yield f"wallet {customer}: {left} left in lots, {balance} in the wallet"
