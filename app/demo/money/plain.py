"""Orders that a gateway took at the first try and that were handed over: written as they ended, in bulk.

That is most of them. Their money goes to the ledger as the receipts that are played: `receipts.moment_of`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app import ledger
from app.core.actor import SYSTEM
from app.core.db import db
from app.demo.lives import Life
from app.demo.money import lists, providers
from app.demo.money.plans import How, Plan, Then
from app.demo.money.providers import GATEWAYS, Taken
from app.demo.money.stage import Stage
from app.orders.models import Order
from app.orders.states import Action
from app.payments import attempts, matching, receipts
from app.payments.models import (
    AttemptEvent,
    AttemptStatus,
    MessageStatus,
    PaymentAttempt,
    PaymentReceipt,
    ReceiptStatus,
    WebhookMessage,
)
from app.payments.ports import Show, Started
from app.payments.receipts import Payer
from app.payments.settlement_models import LineKind, SettlementLine

S = AttemptStatus
CALLED = {How.plain: 1, How.repeated: 3, How.polled: 0}
"""How often the provider called."""


def is_plain(plan: Plan, life: Life) -> bool:
    """Whether nothing happened to the order's money but that it came."""
    handed = bool(life.actions) and life.actions[-1] in {Action.deliver, Action.collect}
    calm = plan.how in CALLED and plan.then is Then.nothing and not plan.wallet
    return handed and calm and plan.method in GATEWAYS


@dataclass(frozen=True)
class _Paid:
    order: Order
    life: Life
    plan: Plan
    attempt: PaymentAttempt
    taken: Taken


def write_paid(stage: Stage, orders: Sequence[tuple[Order, Life, Plan]]) -> Iterator[ledger.Moment]:
    """The tries, the calls and the money of orders that have their ids; what they post."""
    paid = [_paid(stage, *one) for one in orders]
    db.session.add_all(one.attempt for one in paid)
    db.session.flush()
    receipts_ = [_receipt(one) for one in paid]
    for one in paid:
        db.session.add_all(_steps(one))
    db.session.add_all(receipts_)
    db.session.add_all(_call(one) for one in paid if CALLED[one.plan.how])
    db.session.flush()
    lines = [
        _line(one, receipt)
        for one, receipt in zip(paid, receipts_, strict=True)
        if one.taken.settles_at <= lists.last_night(stage.now)
    ]
    db.session.add_all(lines)
    db.session.flush()
    for one, receipt in zip(paid, receipts_, strict=True):
        payer = Payer(one.order.id, one.order.customer_id, receipt.amount_minor)
        yield receipts.moment_of(receipt, payer, SYSTEM)
    yield from map(matching.moment_of, lines)


def _line(one: _Paid, receipt: PaymentReceipt) -> SettlementLine:
    """The provider's list has it, as it is here: it is in the bank."""
    return SettlementLine(
        method=one.taken.provider,
        kind=LineKind.payment,
        external_id=one.taken.transaction,
        reference=one.taken.reference,
        amount_minor=one.taken.amount_minor,
        fee_minor=one.taken.fee_minor,
        currency=one.taken.currency,
        at=one.taken.settles_at,
        receipt_id=receipt.id,
        booked_at=lists.next_night(one.taken.settles_at),
        booked_minor=-one.taken.amount_minor,
    )


def _paid(stage: Stage, order: Order, life: Life, plan: Plan) -> _Paid:
    attempt = PaymentAttempt(
        order_id=order.id,
        number=1,
        reference=f"{order.code}_pay1",
        method=plan.method,
        amount_minor=order.due_minor,
        currency=order.currency,
        status=S.paid,
        created_at=life.placed_at,
        status_at=life.paid_at,
        expires_at=life.placed_at + attempts.VALID_FOR,
        asked_at=life.paid_at,
    )
    taken = stage.book.take(attempt, order.code, life.paid_at)
    taken.agreed = taken.settles_at <= lists.last_night(stage.now)
    attempt.external_id = f"qr_{stage.book.number()}" if plan.method == "xendit" else taken.transaction
    show = Show.qr if plan.method == "xendit" else Show.redirect
    attempt.shown = attempts.shown_of(Started(show))
    return _Paid(order, life, plan, attempt, taken)


def _steps(one: _Paid) -> Iterator[AttemptEvent]:
    heard = "webhook" if CALLED[one.plan.how] else "poller"
    begun, paid = one.life.placed_at, one.life.paid_at
    for status, source, at in (
        (S.started, "customer", begun),
        (S.pending, "system", begun + timedelta(seconds=2)),
        (S.paid, heard, paid),
    ):
        yield AttemptEvent(attempt_id=one.attempt.id, status=status, source=source, note="", at=at)


def _receipt(one: _Paid) -> PaymentReceipt:
    return PaymentReceipt(
        order_id=one.order.id,
        attempt_id=one.attempt.id,
        method=one.plan.method,
        external_id=one.taken.transaction,
        amount_minor=one.taken.amount_minor,
        currency=one.taken.currency,
        applied_minor=one.taken.amount_minor,
        wallet_minor=0,
        status=ReceiptStatus.applied,
        received_at=one.life.paid_at,
        settled_by=SYSTEM.name,
    )


def _call(one: _Paid) -> WebhookMessage:
    heard, headers, body = providers.call_of(one.taken)
    return WebhookMessage(
        provider=one.taken.provider,
        event_id=heard.event_id,
        headers=headers,
        body=body,
        status=MessageStatus.done,
        about=heard.about,
        reference=heard.reference,
        external_id=heard.external_id,
        times=CALLED[one.plan.how],
        received_at=one.life.paid_at,
        processed_at=one.life.paid_at + timedelta(milliseconds=700),
    )
