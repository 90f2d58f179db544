"""Chargebacks: a bank takes a payment back over the customer's dispute, and gives it again when the store wins."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app import ledger
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db, for_update, transaction
from app.core.errors import Forbidden, InvalidInput, NotFound
from app.core.i18n import _, active_locale
from app.core.money import Minor, format_money
from app.ledger import AccountKind
from app.payments.errors import RefundMoved, RefundTooLarge
from app.payments.models import PaymentReceipt, ReceiptStatus
from app.payments.settlement_models import Chargeback, ChargebackStatus

A, S = AccountKind, ChargebackStatus
RECORDERS = ("manager", "store_admin", "platform_admin")
GONE = (S.taken, S.lost)
"""The bank has the money."""


@dataclass(frozen=True)
class Dispute:
    """What the bank says: its name for the case, how much it took, and what it charges for that."""

    case: str
    amount_minor: Minor
    fee_minor: Minor = 0
    reason: str = ""


@transaction()
def record(receipt_id: int, dispute: Dispute, *, actor: Actor) -> Chargeback:
    """Write down that the bank has taken a payment back; the same case again is the same chargeback.

    Raises Forbidden, NotFound, InvalidInput, RefundTooLarge above what the payment was.
    """
    if not actor.has(*RECORDERS):
        raise Forbidden
    receipt = db.session.scalar(for_update(select(PaymentReceipt).where(PaymentReceipt.id == receipt_id)))
    if receipt is None or receipt.status is ReceiptStatus.review:
        raise NotFound
    case = dispute.case.strip()
    known = db.session.scalar(
        select(Chargeback).where(Chargeback.method == receipt.method, Chargeback.case == case)
    )
    if known is not None:
        return known
    _check(receipt, case, dispute)
    made = Chargeback(
        receipt_id=receipt.id,
        order_id=receipt.order_id,
        method=receipt.method,
        case=case,
        amount_minor=dispute.amount_minor,
        fee_minor=dispute.fee_minor,
        currency=receipt.currency,
        status=S.taken,
        reason=dispute.reason.strip()[:200],
        taken_at=clock.now(),
        recorded_by=actor.name[:128],
    )
    db.session.add(made)
    db.session.flush()  # the ledger's reference carries its id
    amounts = {"amount": made.amount_minor, "fee": made.fee_minor}
    _post("chargeback_lost", made, "taken", amounts, actor)
    audit.record("chargeback.recorded", actor=actor, subject=f"{made.method}:{made.case}", **amounts)
    return made


def _check(receipt: PaymentReceipt, case: str, dispute: Dispute) -> None:
    errors = {}
    if not 2 <= len(case) <= 120:
        errors["case"] = _("Write the bank’s number of the case, 2 to 120 characters.")
    if dispute.amount_minor <= 0:
        errors["amount"] = _("Write an amount above zero.")
    if dispute.fee_minor < 0:
        errors["fee"] = _("Write an amount of zero or more.")
    if errors:
        raise InvalidInput(errors)
    left = receipt.amount_minor - taken_by_receipt(receipt.order_id).get(receipt.id, 0)
    if dispute.amount_minor > left:
        raise RefundTooLarge(most=format_money(left, receipt.currency, active_locale()))


@transaction()
def decide(chargeback_id: int, *, won: bool, actor: Actor) -> Chargeback:
    """The bank has decided: the money comes back, or stays where it is. Forbidden, NotFound, RefundMoved."""
    if not actor.has(*RECORDERS):
        raise Forbidden
    found = db.session.scalar(for_update(select(Chargeback).where(Chargeback.id == chargeback_id)))
    if found is None:
        raise NotFound
    if found.status is not S.taken:
        raise RefundMoved
    found.status, found.decided_at = S.won if won else S.lost, clock.now()
    if won:
        _post("chargeback_won", found, "won", {"amount": found.amount_minor}, actor)
    audit.record(f"chargeback.{found.status.value}", actor=actor, subject=f"{found.method}:{found.case}")
    return found


def _post(moment: str, about: Chargeback, what: str, amounts: dict[str, Minor], actor: Actor) -> None:
    fact = ledger.Fact(
        reference=f"chargeback:{about.id}:{what}",
        currency=about.currency,
        actor=actor,
        document="order",
        document_id=about.order_id,
        note=about.reason,
    )
    whose = {A.chargebacks: about.method, A.clearing: about.method, A.gateway_fees: about.method}
    ledger.post(moment, fact, amounts, whose)


def taken_by_receipt(order_id: int) -> dict[int, Minor]:
    """Payment → what banks have taken back of it and not given again."""
    query = (
        select(Chargeback.receipt_id, func.sum(Chargeback.amount_minor))
        .where(Chargeback.order_id == order_id, Chargeback.status.in_(GONE))
        .group_by(Chargeback.receipt_id)
    )
    return {receipt_id: int(amount) for receipt_id, amount in db.session.execute(query)}


def taken_of(order_id: int) -> Minor:
    """What banks have taken back of the order's payments."""
    return sum(taken_by_receipt(order_id).values())


def chargebacks_of(order_id: int) -> Sequence[Chargeback]:
    """The order's chargebacks, oldest first."""
    query = select(Chargeback).where(Chargeback.order_id == order_id).order_by(Chargeback.id)
    return db.session.scalars(query).all()
