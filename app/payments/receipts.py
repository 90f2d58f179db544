"""Money that came in: once per name the provider has for it, compared with what was asked, and posted."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app import ledger
from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.db import db, for_update
from app.core.errors import NotFound
from app.core.events import emit
from app.core.money import Minor
from app.ledger import AccountKind
from app.payments.errors import RefundMoved
from app.payments.events import PaidTwice, PaymentInReview
from app.payments.models import PaymentAttempt, PaymentReceipt, ReceiptStatus

A = AccountKind


@dataclass(frozen=True)
class Arrived:
    """Money as a provider, a bank statement or a chain names it."""

    external_id: str
    amount_minor: Minor
    currency: str


@dataclass(frozen=True)
class Payer:
    """Whose order it is, and how much of it is still to be paid; 0 for one that is paid or over."""

    order_id: int
    customer_id: int
    open_minor: Minor


def take(attempt: PaymentAttempt, arrived: Arrived, payer: Payer, *, exact: bool) -> PaymentReceipt | None:
    """Write the money down and post it; None when it was written before. The caller holds the order.

    `exact`: another amount than the attempt's goes to review instead of paying (a gateway never charges another one).
    Another currency always does. What is more than open goes to the customer's wallet.
    """
    receipt = _write(attempt, arrived, payer)
    if receipt is None:
        return None
    wrong = _mismatch(attempt, arrived, exact=exact)
    if wrong:
        receipt.status, receipt.reason = ReceiptStatus.review, wrong
        emit(PaymentInReview(receipt_id=receipt.id, order_id=payer.order_id, reason=wrong), actor=SYSTEM)
        return receipt
    apply(receipt, payer, SYSTEM)
    if not receipt.applied_minor:
        emit(PaidTwice(receipt_id=receipt.id, order_id=payer.order_id), actor=SYSTEM)
    return receipt


def named(method: str, external_id: str) -> PaymentReceipt:
    """The money that the provider, or the chain, calls so; it has to be there."""
    query = select(PaymentReceipt).where(
        PaymentReceipt.method == method, PaymentReceipt.external_id == external_id
    )
    return db.session.scalars(query).one()


def _mismatch(attempt: PaymentAttempt, arrived: Arrived, *, exact: bool) -> str:
    if arrived.currency != attempt.currency:
        return "currency"
    if exact and arrived.amount_minor != attempt.amount_minor:
        return "amount"
    return ""


def _write(attempt: PaymentAttempt, arrived: Arrived, payer: Payer) -> PaymentReceipt | None:
    receipt_id = db.session.scalar(
        insert(PaymentReceipt)
        .values(
            order_id=payer.order_id,
            attempt_id=attempt.id,
            method=attempt.method,
            external_id=arrived.external_id,
            amount_minor=arrived.amount_minor,
            currency=arrived.currency,
            status=ReceiptStatus.applied,
            received_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["store_id", "method", "external_id"])
        .returning(PaymentReceipt.id)
    )
    return db.session.get(PaymentReceipt, receipt_id) if receipt_id is not None else None


def apply(receipt: PaymentReceipt, payer: Payer, actor: Actor) -> None:
    """Pay the order with it, and put the rest into the wallet."""
    receipt.applied_minor = min(receipt.amount_minor, payer.open_minor)
    receipt.wallet_minor = receipt.amount_minor - receipt.applied_minor
    receipt.status = ReceiptStatus.applied if receipt.applied_minor else ReceiptStatus.to_wallet
    receipt.settled_by = actor.name
    ledger.post_all([moment_of(receipt, payer, actor)])


def moment_of(receipt: PaymentReceipt, payer: Payer, actor: Actor) -> ledger.Moment:
    """What a payment that was applied is in the ledger."""
    fact = ledger.Fact(
        reference=f"receipt:{receipt.id}",
        currency=receipt.currency,
        actor=actor,
        document="order",
        document_id=payer.order_id,
        at=receipt.received_at,
    )
    amounts = {"paid": receipt.applied_minor, "excess": receipt.wallet_minor}
    whose: dict[AccountKind, str | int] = {A.clearing: receipt.method, A.wallet: payer.customer_id}
    return ledger.Moment("payment_received", fact, amounts, whose)


def paid_by(order_id: int) -> Minor:
    """What money that came in has paid of the order, whatever went back of it."""
    return paid_by_each([order_id])[order_id]


def paid_by_each(order_ids: Sequence[int]) -> dict[int, Minor]:
    """Order id → what money that came in has paid of it."""
    query = (
        select(PaymentReceipt.order_id, func.sum(PaymentReceipt.applied_minor))
        .where(PaymentReceipt.order_id.in_(order_ids))
        .group_by(PaymentReceipt.order_id)
    )
    paid = {order_id: int(amount) for order_id, amount in db.session.execute(query)} if order_ids else {}
    return {order_id: paid.get(order_id, 0) for order_id in order_ids}


def receipts_of(order_id: int) -> Sequence[PaymentReceipt]:
    """All money that came for the order, oldest first."""
    query = select(PaymentReceipt).where(PaymentReceipt.order_id == order_id)
    return db.session.scalars(query.order_by(PaymentReceipt.id)).all()


def in_review(limit: int = 100) -> Sequence[PaymentReceipt]:
    """Money that does not fit and waits for staff, oldest first."""
    query = select(PaymentReceipt).where(PaymentReceipt.status == ReceiptStatus.review)
    return db.session.scalars(query.order_by(PaymentReceipt.received_at).limit(limit)).all()


def lock_in_review(receipt_id: int) -> PaymentReceipt:
    """A receipt that still waits, held. NotFound, RefundMoved once somebody has decided."""
    receipt = db.session.scalar(for_update(select(PaymentReceipt).where(PaymentReceipt.id == receipt_id)))
    if receipt is None:
        raise NotFound
    if receipt.status is not ReceiptStatus.review:
        raise RefundMoved
    return receipt
