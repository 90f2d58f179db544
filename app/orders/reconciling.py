"""Settling a difference by posting what a provider has and we do not: a payment, a refund, a chargeback.

Once: the difference is held, and each posting has the provider's own name for it.
"""

from sqlalchemy import select

from app.core.actor import Actor
from app.core.db import db, for_update, transaction
from app.core.errors import InvalidInput
from app.core.i18n import _, active_locale
from app.core.money import format_money
from app.orders import books, refunding, settling
from app.orders.models import Order
from app.orders.refund_parts import parts_of_amount
from app.payments import attempts, chargebacks, differences, matching, refunds
from app.payments.chargebacks import Dispute
from app.payments.errors import RefundTooLarge
from app.payments.models import PaymentAttempt, PaymentReceipt, RefundTo
from app.payments.ports import RefundAnswer
from app.payments.receipts import Arrived
from app.payments.reconciliation import source_of
from app.payments.refunds import Back
from app.payments.settlement_models import (
    DifferenceSort,
    DifferenceStatus,
    LineKind,
    SettlementDifference,
    SettlementLine,
)

SETTLED = DifferenceStatus.settled


@transaction()
def post_missing(difference_id: int, *, actor: Actor, code: str = "") -> bool:
    """Write down here what the list has; whether it counts, or waits for a second person as the method wants it.

    A payment pays the order of the attempt that its line names, or that of `code`; what is more than open goes into the
    wallet. A refund and a chargeback need the payment they are of.
    Raises Forbidden, NotFound, InvalidInput on `code`, RefundTooLarge, RefundMoved, and what the method's `post` does.
    """
    found = differences.hold(difference_id, actor)
    line = found.line
    if found.sort is not DifferenceSort.missing_here or line is None:
        raise InvalidInput({"how": _("There is nothing to post for this difference.")})
    source = source_of(line.method)
    if line.kind is LineKind.payment and source is not None and source.post is not None:
        if not source.post(line, code, actor):
            return False
    elif line.kind is LineKind.payment:
        _post_payment(line, code)
    elif line.kind is LineKind.refund:
        _post_refund(line, _payment_of(line, code), actor)
    else:
        dispute = Dispute(line.external_id, -line.amount_minor, line.fee_minor)
        chargebacks.record(_payment_of(line, code).id, dispute, actor=actor)
        db.session.flush()
    differences.end(found, SETTLED, actor, how="posted")
    return True


def _post_payment(line: SettlementLine, code: str) -> None:
    attempt = matching.find_attempt(line) or _attempt_of(code, line.method)
    order = db.session.scalars(for_update(select(Order).where(Order.id == attempt.order_id))).one()
    held = attempts.lock_attempt(attempt.id)
    settling.receive(order, held, Arrived(line.external_id, line.amount_minor, line.currency), exact=False)
    db.session.flush()  # the match looks for the receipt


def _attempt_of(code: str, method: str) -> PaymentAttempt:
    query = (
        select(PaymentAttempt)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .where(Order.code == code.strip().upper(), PaymentAttempt.method == method)
    )
    found = db.session.scalars(query.order_by(PaymentAttempt.number.desc())).first()
    if found is None:
        raise InvalidInput({"code": _("Nobody tried to pay an order of this code by this method.")})
    return found


def _payment_of(line: SettlementLine, code: str) -> PaymentReceipt:
    """The payment that a refund or a chargeback is of: as the line names it, else that of the order."""
    if (receipt := matching.find_receipt(line)) is not None:
        return receipt
    query = (
        select(PaymentReceipt)
        .join(Order, Order.id == PaymentReceipt.order_id)
        .where(Order.code == code.strip().upper(), PaymentReceipt.method == line.method)
        .order_by((PaymentReceipt.applied_minor - PaymentReceipt.refunded_minor).desc())
    )
    if (receipt := db.session.scalars(query).first()) is None:
        raise InvalidInput({"code": _("No order of this code was paid by this method.")})
    return receipt


def _post_refund(line: SettlementLine, receipt: PaymentReceipt, actor: Actor) -> None:
    """Somebody gave it back at the provider's own desk: the order, its sale and the payment follow."""
    order = db.session.scalars(for_update(select(Order).where(Order.id == receipt.order_id))).one()
    amount = -line.amount_minor
    handed = order.status in books.HANDED
    if handed and amount > (most := refunding.refundable(order).most_minor):
        raise RefundTooLarge(most=format_money(most, order.currency, active_locale()))
    held = db.session.scalars(for_update(select(PaymentReceipt).where(PaymentReceipt.id == receipt.id))).one()
    reason = _("Given back at the provider")
    back = Back(order.id, order.code, order.customer_id, amount, reason)
    refund = refunds.to_source(back, held, actor=actor)
    refunds.record_answer(refund.id, RefundAnswer(line.external_id))
    if handed:
        parts = parts_of_amount(amount, books.left_of_sale(order))
        books.post_sale_taken_back(order, parts, refund.id, actor)
        refunding.record_refund(order, amount, RefundTo.source, reason, actor)
    db.session.flush()


def can_post(difference: SettlementDifference) -> bool:
    """Whether posting is a way to settle this one."""
    return difference.sort is DifferenceSort.missing_here


def order_of(difference: SettlementDifference) -> Order | None:
    """The order that a difference is about, as far as anybody can tell."""
    receipt_id = difference.receipt_id or (difference.refund.receipt_id if difference.refund else None)
    receipt = db.session.get(PaymentReceipt, receipt_id) if receipt_id else None
    if receipt is not None:
        return db.session.get(Order, receipt.order_id)
    line = difference.line
    if line is not None and (receipt := matching.find_receipt(line)) is not None:
        return db.session.get(Order, receipt.order_id)
    attempt = matching.find_attempt(line) if line is not None else None
    return db.session.get(Order, attempt.order_id) if attempt is not None else None
