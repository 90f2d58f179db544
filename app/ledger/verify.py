"""Proof that the ledger is sound. Each check names the wrong rows of the current store."""

from collections.abc import Iterator

from sqlalchemy import func, select

from app.core.db import db
from app.ledger.chart import NEVER_ABOVE_ZERO, NEVER_BELOW_ZERO
from app.ledger.models import LedgerAccount, LedgerEntry, LedgerPosting


def check_entries() -> Iterator[str]:
    """A line for each entry whose postings do not sum to zero, or that has fewer than two."""
    sums = (
        select(
            LedgerPosting.entry_id,
            func.sum(LedgerPosting.amount_minor).label("sum"),
            func.count().label("count"),
        )
        .group_by(LedgerPosting.entry_id)
        .subquery()
    )
    total, count = func.coalesce(sums.c.sum, 0), func.coalesce(sums.c.count, 0)
    query = (
        select(LedgerEntry.id, LedgerEntry.reference, total, count)
        .outerjoin(sums, sums.c.entry_id == LedgerEntry.id)
        .where((total != 0) | (count < 2))
        .order_by(LedgerEntry.id)
    )
    for entry_id, reference, amount, lines in db.session.execute(query):
        yield f"entry {entry_id} ({reference}): {lines} postings that sum to {amount}"


def check_balances() -> Iterator[str]:
    """A line for each account whose balance is not the sum of its postings."""
    sums = (
        select(LedgerPosting.account_id, func.sum(LedgerPosting.amount_minor).label("sum"))
        .group_by(LedgerPosting.account_id)
        .subquery()
    )
    total = func.coalesce(sums.c.sum, 0)
    query = (
        select(LedgerAccount, total)
        .outerjoin(sums, sums.c.account_id == LedgerAccount.id)
        .where(LedgerAccount.balance_minor != total)
        .order_by(LedgerAccount.id)
    )
    for account, amount in db.session.execute(query):
        yield f"account {account}: balance {account.balance_minor}, postings {amount}"


def check_floors() -> Iterator[str]:
    """A line for each wallet, envelope or till below nothing."""
    over = LedgerAccount.kind.in_(NEVER_ABOVE_ZERO) & (LedgerAccount.balance_minor > 0)
    under = LedgerAccount.kind.in_(NEVER_BELOW_ZERO) & (LedgerAccount.balance_minor < 0)
    for account in db.session.scalars(select(LedgerAccount).where(over | under).order_by(LedgerAccount.id)):
        yield f"account {account}: balance {account.balance_minor} is below its floor"
