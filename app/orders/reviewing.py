"""PAYMENT_REVIEW: money that does not fit its attempt. Staff decide once, with a reason; till then no book has it."""

from sqlalchemy import select

from app import stores
from app.core import audit
from app.core.actor import MANAGERS, Actor
from app.core.db import db, for_update, transaction
from app.core.errors import DomainError, ErrorKind, Forbidden, InvalidInput, NotFound
from app.core.i18n import _, _l
from app.orders.models import Order
from app.orders.settling import note_paid, payer_of
from app.payments import receipts, refunds
from app.payments.catalogue import METHODS
from app.payments.models import PaymentReceipt
from app.payments.receipts import Payer
from app.payments.refunds import Back

SHORTEST, LONGEST = 5, 200


class OtherCurrency(DomainError):
    """Money in a currency that the store does not keep its books in can only go back."""

    kind, message = (
        ErrorKind.conflict,
        _l(
            "This payment is in %(currency)s: it can neither pay the order nor go into the wallet. Send it back."
        ),
    )


class CannotSendBack(DomainError):
    """The method has no way back."""

    kind, message = (
        ErrorKind.conflict,
        _l("This payment method has no way back. Put the money into the wallet."),
    )


@transaction()
def accept(receipt_id: int, *, reason: str, actor: Actor) -> PaymentReceipt:
    """It pays the order as far as it goes, the rest goes to the wallet.

    Forbidden, InvalidInput on `reason`, NotFound, RefundMoved when somebody decided before, OtherCurrency.
    """
    order, receipt = _open(receipt_id, reason, actor)
    _require_own_currency(receipt)
    receipts.apply(receipt, payer_of(order), actor)
    if receipt.applied_minor:
        note_paid(order, receipt.applied_minor, actor)
    _write_down("accepted", order, receipt, reason, actor)
    return receipt


@transaction()
def put_into_wallet(receipt_id: int, *, reason: str, actor: Actor) -> PaymentReceipt:
    """All of it goes to the customer's wallet; the order stays as it is. Refused like `accept`."""
    order, receipt = _open(receipt_id, reason, actor)
    _require_own_currency(receipt)
    receipts.apply(receipt, Payer(order.id, order.customer_id, 0), actor)
    _write_down("put_into_wallet", order, receipt, reason, actor)
    return receipt


@transaction()
def send_back(receipt_id: int, *, reason: str, actor: Actor) -> PaymentReceipt:
    """All of it goes back to where it came from; a job sends it. CannotSendBack, and refused like `accept`."""
    order, receipt = _open(receipt_id, reason, actor)
    if not METHODS[receipt.method].refunds_to_source:
        raise CannotSendBack
    back = Back(order.id, order.code, order.customer_id, receipt.amount_minor, reason.strip())
    refunds.send_back(back, receipt, actor=actor)
    _write_down("sent_back", order, receipt, reason, actor)
    return receipt


def _open(receipt_id: int, reason: str, actor: Actor) -> tuple[Order, PaymentReceipt]:
    """The order, then the receipt, held."""
    if not actor.has(*MANAGERS):
        raise Forbidden
    if not SHORTEST <= len(reason.strip()) <= LONGEST:
        raise InvalidInput({"reason": _("Say why, in 5 to 200 characters.")})
    receipt = db.session.get(PaymentReceipt, receipt_id)
    if receipt is None:
        raise NotFound
    order = db.session.scalars(for_update(select(Order).where(Order.id == receipt.order_id))).one()
    return order, receipts.lock_in_review(receipt_id)


def _require_own_currency(receipt: PaymentReceipt) -> None:
    if receipt.currency != stores.current_store().currency:
        raise OtherCurrency(currency=receipt.currency)


def _write_down(verb: str, order: Order, receipt: PaymentReceipt, reason: str, actor: Actor) -> None:
    audit.record(
        f"payment_review.{verb}",
        actor=actor,
        subject=f"receipt:{receipt.id}",
        order=order.code,
        amount_minor=receipt.amount_minor,
        currency=receipt.currency,
        why=receipt.reason,
        reason=reason.strip(),
    )
