"""A line of a settlement list and what it is about: found, compared, booked, or a difference.

In the caller's transaction, which holds the line. Everything can be done again: a booking has one reference per line,
a difference one key.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert

from app import ledger
from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db, for_update
from app.core.money import Minor
from app.ledger import AccountKind
from app.payments import refunds
from app.payments.models import (
    PaymentAttempt,
    PaymentReceipt,
    ReceiptStatus,
    Refund,
    RefundStatus,
    RefundTo,
)
from app.payments.ports import RefundAnswer
from app.payments.settlement_models import (
    Chargeback,
    DifferenceSort,
    DifferenceStatus,
    LineKind,
    SettlementDifference,
    SettlementLine,
)

A, K, Sort = AccountKind, LineKind, DifferenceSort
POSTED = (ReceiptStatus.applied, ReceiptStatus.to_wallet)


@dataclass(frozen=True)
class Ours:
    """What we have for a line: its amount signed as in the list."""

    amount_minor: Minor
    currency: str
    receipt_id: int | None = None
    refund_id: int | None = None
    chargeback_id: int | None = None
    fee_minor: Minor = 0
    posted: bool = True


def match_line(line: SettlementLine, *, pays_out: bool) -> None:
    """Find what the line is about; book it when it agrees, name the difference when it does not."""
    if line.booked_at is not None:
        return
    ours = find_ours(line)
    if ours is None:
        _differ(line, Sort.missing_here, None)
        return
    line.receipt_id, line.refund_id = ours.receipt_id, ours.refund_id
    line.chargeback_id = ours.chargeback_id
    if ours.currency != line.currency:
        _differ(line, Sort.currency, ours)
    elif ours.amount_minor != line.amount_minor:
        _differ(line, Sort.amount, ours)
    elif ours.posted:
        book(line, pays_out=pays_out, fee_known=ours.fee_minor)


def find_ours(line: SettlementLine) -> Ours | None:
    """The receipt, refund or chargeback that a line speaks of; None when we have none."""
    if line.kind is K.refund:
        return _refund_of(line)
    if line.kind is K.chargeback:
        return _chargeback_of(line)
    receipt = find_receipt(line)
    if receipt is None:
        return None
    return Ours(receipt.amount_minor, receipt.currency, receipt.id, posted=receipt.status in POSTED)


def find_receipt(line: SettlementLine) -> PaymentReceipt | None:
    """The payment of a line: by the provider's name for it, else by the attempt it names."""
    query = select(PaymentReceipt).where(PaymentReceipt.method == line.method)
    found = db.session.scalar(query.where(PaymentReceipt.external_id == line.external_id))
    if found is None and (attempt := find_attempt(line)) is not None:
        of_attempt = query.where(PaymentReceipt.attempt_id == attempt.id)
        found = db.session.scalars(of_attempt.order_by(PaymentReceipt.id)).first()
        if found is not None and _has_line(found, line):
            return None  # that payment has a line of its own: this one is another payment
    return found


def _has_line(receipt: PaymentReceipt, line: SettlementLine) -> bool:
    other = select(SettlementLine.id).where(
        SettlementLine.receipt_id == receipt.id,
        SettlementLine.kind == line.kind,
        SettlementLine.id != line.id,
    )
    return db.session.scalar(select(exists(other))) or False


def find_attempt(line: SettlementLine) -> PaymentAttempt | None:
    """The try to pay that a line names."""
    if not line.reference:
        return None
    query = select(PaymentAttempt).where(PaymentAttempt.reference == line.reference)
    return db.session.scalar(query)


def _refund_of(line: SettlementLine) -> Ours | None:
    query = select(Refund).where(Refund.method == line.method, Refund.to == RefundTo.source)
    named = (Refund.external_id == line.external_id) | (Refund.reference == line.reference)
    refund = db.session.scalars(query.where(named).order_by(Refund.id.desc())).first()
    if refund is None or refund.status in {RefundStatus.failed, RefundStatus.dropped}:
        return None
    agrees = (-refund.amount_minor, refund.currency) == (line.amount_minor, line.currency)
    if refund.status is not RefundStatus.done and agrees:
        refunds.record_answer(refund.id, RefundAnswer(line.external_id))  # the list proves it
    return Ours(-refund.amount_minor, refund.currency, refund_id=refund.id)


def _chargeback_of(line: SettlementLine) -> Ours | None:
    query = select(Chargeback).where(Chargeback.method == line.method)
    found = db.session.scalar(query.where(Chargeback.case == line.external_id))
    if found is None and (receipt := find_receipt(line)) is not None:
        other = select(SettlementLine.id).where(SettlementLine.chargeback_id == Chargeback.id)
        same = (Chargeback.receipt_id == receipt.id) & (Chargeback.amount_minor == -line.amount_minor)
        found = db.session.scalars(query.where(same, ~exists(other)).order_by(Chargeback.id)).first()
    if found is None:
        return None
    return Ours(-found.amount_minor, found.currency, chargeback_id=found.id, fee_minor=found.fee_minor)


# --- differences -------------------------------------------------------------------------------------------


def _differ(line: SettlementLine, sort: DifferenceSort, ours: Ours | None) -> None:
    _write(
        {
            "method": line.method,
            "sort": sort,
            "kind": line.kind,
            "key": f"line:{line.id}",
            "line_id": line.id,
            "receipt_id": ours.receipt_id if ours else None,
            "refund_id": ours.refund_id if ours else None,
            "ours_minor": ours.amount_minor if ours else None,
            "theirs_minor": line.amount_minor,
            "ours_currency": ours.currency if ours else "",
            "theirs_currency": line.currency,
        }
    )


def name_missing(method: str, since: datetime, until: datetime) -> None:
    """Differences for what came in or went back in this time and that no list has had. A payment that was undone
    before it settled is in no list, nor is its refund."""
    undone = select(Refund.id).where(Refund.receipt_id == PaymentReceipt.id, Refund.voided)
    listed = select(SettlementLine.receipt_id).where(SettlementLine.receipt_id == PaymentReceipt.id)
    came = select(PaymentReceipt).where(
        PaymentReceipt.method == method,
        PaymentReceipt.status.in_(POSTED),
        PaymentReceipt.received_at.between(since, until),
        ~exists(listed),
        ~exists(undone),
    )
    for receipt in db.session.scalars(came.order_by(PaymentReceipt.id)):
        _write(_ours_alone(method, K.payment, receipt.amount_minor, receipt.currency, receipt_id=receipt.id))
    paid = select(SettlementLine.refund_id).where(SettlementLine.refund_id == Refund.id)
    went = select(Refund).where(
        Refund.method == method,
        Refund.to == RefundTo.source,
        Refund.status == RefundStatus.done,
        Refund.ended_at.between(since, until),
        ~Refund.voided,
        ~exists(paid),
    )
    for refund in db.session.scalars(went.order_by(Refund.id)):
        _write(_ours_alone(method, K.refund, -refund.amount_minor, refund.currency, refund_id=refund.id))


def _ours_alone(
    method: str,
    kind: LineKind,
    amount: Minor,
    currency: str,
    *,
    receipt_id: int | None = None,
    refund_id: int | None = None,
) -> dict[str, object]:
    return {
        "method": method,
        "sort": Sort.missing_there,
        "kind": kind,
        "key": f"receipt:{receipt_id}" if receipt_id else f"refund:{refund_id}",
        "receipt_id": receipt_id,
        "refund_id": refund_id,
        "ours_minor": amount,
        "ours_currency": currency,
    }


def _write(values: dict[str, object]) -> None:
    """Once per key; one that is still open says what is wrong now."""
    fresh = {name: value for name, value in values.items() if name not in {"key", "method", "kind"}}
    db.session.execute(
        insert(SettlementDifference)
        .values(**values, found_at=clock.now())
        .on_conflict_do_update(
            index_elements=["store_id", "key"],
            set_=fresh,
            where=SettlementDifference.status == DifferenceStatus.open,
        )
    )


def _close_differences(line: SettlementLine) -> None:
    """What a booked line has put right."""
    keys = [f"line:{line.id}"]
    keys += [f"receipt:{line.receipt_id}"] if line.receipt_id else []
    keys += [f"refund:{line.refund_id}"] if line.refund_id else []
    query = select(SettlementDifference).where(
        SettlementDifference.key.in_(keys), SettlementDifference.status == DifferenceStatus.open
    )
    for found in db.session.scalars(for_update(query.order_by(SettlementDifference.id))):
        found.status, found.ended_at = DifferenceStatus.gone, clock.now()


# --- booking -----------------------------------------------------------------------------------------------


def book(line: SettlementLine, *, pays_out: bool, fee_known: Minor = 0) -> None:
    """What is listed is in the bank, less its fee, or has left it. `fee_known`: the part of the fee that was posted
    with the chargeback. A method that does not pay out only keeps that the line agrees."""
    line.booked_at = clock.now()
    if pays_out:
        amount, fee = abs(line.amount_minor), line.fee_minor
        if line.amount_minor > 0:
            ledger.post_all([moment_of(line)])
            line.booked_minor = -amount
        else:
            amounts = {"amount": amount + fee_known, "fee": max(0, fee - fee_known)}
            ledger.post_all([_moment(line, "gateway_took_back", amounts)])
            line.booked_minor = amount + fee_known
    _close_differences(line)


def moment_of(line: SettlementLine) -> ledger.Moment:
    """What a listed payment is in the ledger: in the bank, less its fee."""
    fee = min(line.fee_minor, line.amount_minor)
    return _moment(line, "gateway_settled", {"net": line.amount_minor - fee, "fee": fee})


def _moment(line: SettlementLine, name: str, amounts: dict[str, Minor]) -> ledger.Moment:
    fact = ledger.Fact(
        reference=f"settled:{line.id}",
        currency=line.currency,
        actor=SYSTEM,
        document="settlement",
        document_id=line.id,
        at=line.at,
    )
    return ledger.Moment(name, fact, amounts, {A.clearing: line.method, A.gateway_fees: line.method})
