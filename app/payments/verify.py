"""Proof that payments, refunds and settlements are what the ledger has of them."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Subquery,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)

from app import stores
from app.core.db import db
from app.core.money import Minor
from app.ledger import AccountKind, LedgerAccount, LedgerEntry, LedgerPosting, balances
from app.payments.models import PaymentReceipt, ReceiptStatus, Refund, RefundStatus, RefundTo
from app.payments.refunds import STANDS
from app.payments.settlement_models import (
    Chargeback,
    ChargebackStatus,
    SettlementDifference,
    SettlementLine,
)

A, R = AccountKind, RefundStatus
POSTED = (ReceiptStatus.applied, ReceiptStatus.to_wallet)


def _posted(kind: AccountKind) -> Subquery:
    """Reference of an entry → what it came to on accounts of a kind."""
    return (
        select(LedgerEntry.reference, func.sum(LedgerPosting.amount_minor).label("minor"))
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerAccount.kind == kind)
        .group_by(LedgerEntry.reference)
        .subquery()
    )


def check_receipts_booked() -> Iterator[str]:
    """A line for each payment that is not in the ledger as it came, or whose refunds are not what it says."""
    came = _posted(A.clearing)
    back = (
        select(Refund.receipt_id, func.sum(Refund.amount_minor).label("minor"))
        .where(Refund.status.in_(STANDS))
        .group_by(Refund.receipt_id)
        .subquery()
    )
    posted = PaymentReceipt.status.in_(POSTED)
    should = case((posted, PaymentReceipt.applied_minor + PaymentReceipt.wallet_minor), else_=0)
    whole = case((posted, PaymentReceipt.amount_minor), else_=0)
    kept, gone = func.coalesce(came.c.minor, 0), func.coalesce(back.c.minor, 0)
    wrong_back = posted & (PaymentReceipt.refunded_minor != gone)
    query = (
        select(PaymentReceipt, kept, gone)
        .outerjoin(came, came.c.reference == func.concat("receipt:", PaymentReceipt.id))
        .outerjoin(back, back.c.receipt_id == PaymentReceipt.id)
        .where((kept != should) | (whole != should) | wrong_back)
        .order_by(PaymentReceipt.id)
    )
    for receipt, minor, refunded in db.session.execute(query):
        yield (
            f"receipt {receipt}: {receipt.applied_minor} + {receipt.wallet_minor} of {receipt.amount_minor}, "
            f"entries say {minor}; refunded {receipt.refunded_minor}, refunds say {refunded}"
        )


def check_refunds_booked() -> Iterator[str]:
    """A line for each refund whose entries are not those of its state."""
    kinds = {"wallet": A.wallet, "till": A.till, "due": A.refunds_due, "paid": A.clearing}
    said = _of_refunds()
    to_wallet = (Refund.to == RefundTo.wallet) & (Refund.status == R.done)
    in_cash = (Refund.to == RefundTo.cash) & (Refund.status == R.done)
    waits = (Refund.to == RefundTo.source) & Refund.status.in_((R.requested, R.sending, R.failed))
    paid = (Refund.to == RefundTo.source) & (Refund.status == R.done)
    should = {
        "wallet": case((to_wallet, -Refund.amount_minor), else_=0),
        "till": case((in_cash, -Refund.amount_minor), else_=0),
        "due": case((waits, -Refund.amount_minor), else_=0),
    }
    pairs = [(func.coalesce(said.c[name], 0), amount) for name, amount in should.items()]
    unpaid = paid & (func.coalesce(said.c.paid_entry, 0) == 0)
    query = (
        select(Refund, *(kept for kept, _amount in pairs))
        .outerjoin(said, said.c.refund_id == Refund.id)
        .where(or_(unpaid, *(kept != amount for kept, amount in pairs)))
        .order_by(Refund.id)
    )
    for refund, *found in db.session.execute(query):
        words = ", ".join(f"{name} {minor}" for name, minor in zip(kinds, found, strict=False))
        yield f"refund {refund}: {refund.amount_minor} {refund.to} {refund.status}, entries say {words}"


def _of_refunds() -> Subquery:
    """Refund → what its entries came to on each account it touches."""

    def total(kind: AccountKind) -> ColumnElement[int]:
        return func.sum(LedgerPosting.amount_minor).filter(LedgerAccount.kind == kind)

    refund_id = cast(func.split_part(LedgerEntry.reference, ":", 2), BigInteger)
    return (
        select(
            refund_id.label("refund_id"),
            total(A.wallet).label("wallet"),
            total(A.till).label("till"),
            total(A.refunds_due).label("due"),
            func.count().filter(LedgerEntry.moment == "refund_paid").label("paid_entry"),
        )
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerEntry.reference.like("refund:%"))
        .group_by(refund_id)
        .subquery()
    )


def check_clearing() -> Iterator[str]:
    """A line for each method whose clearing account is not what came, less what went back and what was settled."""
    foreign = db.session.scalars(select(PaymentReceipt.currency).distinct()).all()
    for currency in sorted({stores.current_store().currency, *foreign}):
        should: dict[str, Minor] = defaultdict(int)
        for method, minor in db.session.execute(_movements(currency)):
            should[method] += int(minor)
        kept = balances(A.clearing, currency)
        for method in sorted(should.keys() | kept.keys()):
            if should[method] != kept.get(method, 0):
                yield f"clearing {method}: ledger {kept.get(method, 0)}, its documents {should[method]}"


def _movements(currency: str) -> CompoundSelect[str, int]:
    came = select(PaymentReceipt.method, func.sum(PaymentReceipt.amount_minor)).where(
        PaymentReceipt.status.in_((*POSTED, ReceiptStatus.returned)), PaymentReceipt.currency == currency
    )
    went = select(Refund.method, -func.sum(Refund.amount_minor)).where(
        Refund.to == RefundTo.source, Refund.status == R.done, Refund.currency == currency
    )
    standing = Chargeback.status != ChargebackStatus.won
    taken = case((standing, Chargeback.amount_minor), else_=0) + Chargeback.fee_minor
    disputed = select(Chargeback.method, -func.sum(taken)).where(Chargeback.currency == currency)
    settled = select(SettlementLine.method, func.sum(SettlementLine.booked_minor)).where(
        SettlementLine.currency == currency
    )
    # What is written off is the store's own money.
    over = select(SettlementDifference.method, func.sum(SettlementDifference.written_off_minor)).where(
        literal(currency == stores.current_store().currency)
    )
    first, *others = (
        came.group_by(PaymentReceipt.method),
        went.group_by(Refund.method),
        disputed.group_by(Chargeback.method),
        settled.group_by(SettlementLine.method),
        over.group_by(SettlementDifference.method),
    )
    return first.union_all(*others)
