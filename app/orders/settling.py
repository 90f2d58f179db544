"""What money does to an order, written into its history: paid, part-paid, given back. The caller holds the order."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.core.actor import SYSTEM, Actor
from app.core.db import db, for_update
from app.core.events import emit
from app.core.money import Minor
from app.orders import books, projection
from app.orders.events import OrderPaid
from app.orders.models import Order
from app.orders.states import FINAL, UNPAID, PaymentStatus
from app.payments import receipts, refunds
from app.payments.catalogue import METHODS
from app.payments.models import PaymentAttempt, PaymentReceipt
from app.payments.receipts import Arrived, Payer
from app.payments.refunds import Back
from app.pricing import Quote

P = PaymentStatus


def open_minor(order: Order) -> Minor:
    """What is still to be paid other than in cash: 0 for an order that is over, paid, or paid at the door."""
    return open_of([order])[order.id]


def open_of(orders: Sequence[Order]) -> dict[int, Minor]:
    """Order id → what is still to be paid of it, in one query."""
    waiting = [o.id for o in orders if o.status not in FINAL and o.payment_status in UNPAID]
    paid = receipts.paid_by_each(waiting)
    return {o.id: max(0, o.due_minor - paid[o.id]) if o.id in paid else 0 for o in orders}


def receive(order: Order, attempt: PaymentAttempt, arrived: Arrived, *, exact: bool) -> PaymentReceipt | None:
    """Money for a locked order, through a locked attempt: paid, part-paid, into the wallet, or to be looked at."""
    receipt = receipts.take(attempt, arrived, payer_of(order), exact=exact)
    if receipt is not None and receipt.applied_minor:
        note_paid(order, receipt.applied_minor, SYSTEM)
    return receipt


def payer_of(order: Order) -> Payer:
    """Whose order it is and what is open of it."""
    return Payer(order.id, order.customer_id, open_minor(order))


def note_paid(order: Order, amount_minor: Minor, actor: Actor) -> None:
    """Write into the order's history what money has done to it."""
    paid = receipts.paid_by(order.id) >= order.due_minor
    status = P.PAID if paid else P.PARTIAL
    record_money(order, {"payment_status": status.value}, actor, amount_minor=amount_minor, in_full=paid)


def record_money(
    order: Order, changes: dict[str, Any], actor: Actor, *, amount_minor: Minor, in_full: bool = False
) -> None:
    order.event_seq += 1
    fact = OrderPaid(
        order_id=order.id, code=order.code, amount_minor=amount_minor, in_full=in_full, changes=changes
    )
    emit(fact, actor=actor, seq=order.event_seq)
    projection.apply(order, changes)


def give_back_all(order: Order, actor: Actor, reason: str = "") -> dict[str, Any]:
    """An order that will not be delivered gives back all that was paid: the wallet's part to the wallet, the rest to
    where it came from, or to the wallet where a method cannot send it back. What changed of the order."""
    books.post_wallet_given_back(order, actor, order.wallet_minor, why="given-back")
    if order.payment_status is P.DUE:
        return {}
    for receipt in receipts.receipts_of(order.id):
        if left := receipt.applied_minor - receipt.refunded_minor:
            _give_back(order, receipt, left, actor, reason or order.reason)
    given = order.wallet_minor or refunds.gone_back(order.id)
    return {"payment_status": P.REFUNDED.value} if given else {}


def follow_quote(order: Order, quote: Quote, actor: Actor, *, why: str) -> dict[str, Any]:
    """An order to be paid in cash is worth something else now: wallet money that it needs no more goes back. What
    changed of the order besides its amounts."""
    if (spare := order.wallet_minor - quote.wallet_minor) > 0:
        books.post_wallet_given_back(order, actor, spare, why=why, in_part=True)
    return {} if quote.due_minor else {"payment_status": P.PAID.value}


def _give_back(order: Order, receipt: PaymentReceipt, amount_minor: Minor, actor: Actor, reason: str) -> None:
    back = Back(order.id, order.code, order.customer_id, amount_minor, reason=reason)
    held = db.session.scalars(for_update(select(PaymentReceipt).where(PaymentReceipt.id == receipt.id))).one()
    if METHODS[receipt.method].refunds_to_source:
        refunds.to_source(back, held, actor=actor)
    else:
        refunds.to_wallet(back, actor=actor, receipt=held)
