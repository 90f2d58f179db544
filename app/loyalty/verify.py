"""Proof that wallet money that ends is money in the wallet."""

from collections.abc import Iterator

from sqlalchemy import String, cast, func, select

from app.core import clock
from app.core.db import db
from app.ledger import AccountKind, LedgerAccount
from app.loyalty.models import WalletLot, WalletLotUse


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


def check_lots_used() -> Iterator[str]:
    """A line for each lot, not yet over, of which is left something else than its uses say."""
    gone = func.coalesce(func.sum(WalletLotUse.amount_minor - WalletLotUse.returned_minor), 0)
    query = (
        select(WalletLot.id, WalletLot.customer_id, WalletLot.left_minor, WalletLot.amount_minor - gone)
        .outerjoin(WalletLotUse, WalletLotUse.lot_id == WalletLot.id)
        .where(WalletLot.expires_at > clock.now())
        .group_by(WalletLot.id, WalletLot.customer_id, WalletLot.left_minor, WalletLot.amount_minor)
        .having(WalletLot.left_minor != WalletLot.amount_minor - gone)
        .order_by(WalletLot.id)
    )
    for lot_id, customer_id, left, should in db.session.execute(query):
        yield f"wallet lot {lot_id} of customer {customer_id}: {left} left, its uses say {should}"
