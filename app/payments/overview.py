"""How each method stands: what came, what went back, what it cost, what is in the bank, and what is still to come."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select

from app import stores
from app.core.db import db
from app.core.money import Minor
from app.ledger import AccountKind, LedgerAccount, LedgerEntry, LedgerPosting, balances
from app.payments.models import PaymentReceipt
from app.payments.reconciliation import last_runs, listed_methods, open_differences
from app.payments.settlement_models import SettlementRun

A = AccountKind
COLUMNS = {
    "payment_received": "came",
    "payment_to_wallet": "came",
    "payment_sent_back": "came",
    "refund_paid": "went_back",
    "chargeback_lost": "disputed",
    "chargeback_won": "disputed",
    "gateway_settled": "settled",
    "gateway_took_back": "settled",
    "settlement_short": "written_off",
    "settlement_over": "written_off",
}
"""Moment → the column in which it counts."""


@dataclass(frozen=True)
class MethodNow:
    """A method's clearing account by what moved it, all signed as on it; `left_minor` is what is still to come,
    `bank_minor` what has arrived in the bank, less the fees that were kept there."""

    code: str
    sums: Mapping[str, Minor] = field(default_factory=dict)
    left_minor: Minor = 0
    fees_minor: Minor = 0
    bank_minor: Minor = 0
    differences: int = 0
    run: SettlementRun | None = None
    may_run: bool = False


def methods_now() -> list[MethodNow]:
    """Every method that money came by or that can be compared. Seven queries, whatever the number of payments."""
    currency = stores.current_store().currency
    used = set(db.session.scalars(select(PaymentReceipt.method).distinct()))
    listed = listed_methods()
    sums, left, fees, runs = (
        _sums(),
        balances(A.clearing, currency),
        balances(A.gateway_fees, currency),
        last_runs(),
    )
    kept = _sums(A.gateway_fees)
    waiting = [difference.method for difference in open_differences()]
    codes = listed + sorted(used - set(listed))
    return [
        MethodNow(
            code=code,
            sums=sums.get(code, {}),
            left_minor=left.get(code, 0),
            fees_minor=fees.get(code, 0),
            bank_minor=-sums.get(code, {}).get("settled", 0) - kept.get(code, {}).get("settled", 0),
            differences=waiting.count(code),
            run=runs.get(code),
            may_run=code in listed,
        )
        for code in codes
    ]


def _sums(kind: AccountKind = A.clearing) -> dict[str, dict[str, Minor]]:
    query = (
        select(LedgerAccount.subject, LedgerEntry.moment, func.sum(LedgerPosting.amount_minor))
        .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerAccount.kind == kind, LedgerAccount.currency == stores.current_store().currency)
        .group_by(LedgerAccount.subject, LedgerEntry.moment)
    )
    sums: dict[str, dict[str, Minor]] = {}
    for method, moment, amount in db.session.execute(query):
        column = COLUMNS.get(moment, "other")
        of_method = sums.setdefault(method, {})
        of_method[column] = of_method.get(column, 0) + int(amount)
    return sums
