"""What became of the money after the goods were handed over: given back, disputed, refused on its way."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from app import stores
from app.core import clock
from app.core.actor import Actor
from app.demo.money.plans import Plan, Then
from app.demo.money.providers import GATEWAYS, Taken
from app.demo.money.stage import Stage
from app.orders import refunding
from app.orders.models import Order
from app.orders.refunding import RefundWish, What
from app.payments import chargebacks, receipts, refunds
from app.payments.chargebacks import Dispute
from app.payments.models import Refund, RefundStatus, RefundTo
from app.payments.ports import RefundAnswer

REASONS = {
    What.all: "The whole order came to the wrong address",
    What.lines: "A bottle was broken in the parcel",
    What.amount: "Half an hour late",
}
WHAT = {
    Then.all_back: What.all,
    Then.refused: What.all,
    Then.line_back: What.lines,
    Then.amount_back: What.amount,
}
DISPUTES = ("The cardholder does not recognise the payment", "Goods not received, says the cardholder")
FEES = {"USD": 1_500, "IDR": 100_000}
REFUSED = "The credit card number is invalid."
DISPUTED_AFTER, DECIDED_AFTER = timedelta(days=13), timedelta(days=12)


def plan(stage: Stage, order: Order, card: Plan) -> None:
    """The goods are handed over: what its plan has for later."""
    now = clock.now()
    if what := WHAT.get(card.then):
        when = stage.in_office(now + timedelta(hours=stage.random.randint(15, 30)))
        stage.plan(min(when, _soon(stage, now)), partial(_give_back, stage, order, what, card))
    elif card.then in {Then.disputed, Then.won}:
        when = min(now + DISPUTED_AFTER, now + (stage.now - now) / 2)
        stage.plan(when, partial(_dispute, stage, order, won=card.then is Then.won))


def _soon(stage: Stage, now: datetime) -> datetime:
    """Of an order of the last days, before now: a short history has refunds, too."""
    return max(now + timedelta(minutes=30), stage.now - timedelta(minutes=stage.random.randint(40, 400)))


def _give_back(stage: Stage, order: Order, what: What, card: Plan) -> None:
    wish = RefundWish(what, card.to, REASONS[what])
    can = refunding.refundable(order)
    if what is What.lines:
        line = can.lines[0].line
        shelved = {line.id: 1} if stage.random.random() < 0.5 else {}
        wish = replace(wish, units={line.id: 1}, shelved=shelved)
    elif what is What.amount:
        step = 100 if order.currency == "USD" else 1_000
        wish = replace(wish, amount_minor=max(step, can.most_minor // 6 // step * step))
    limit = stores.current_store().refund_limit_minor
    actor = stage.owner if limit and can.most_minor > limit else stage.manager
    made = refunding.refund_order(order.code, wish, key=f"history:{order.id}", actor=actor)
    for refund in made:
        _send(stage, refund, refused=card.then is Then.refused)


def open_refunds(order: Order) -> Collection[int]:
    """Refunds that the order has."""
    return {refund.id for refund in refunds.refunds_of(order.id)}


def send_new(stage: Stage, order: Order, before: Collection[int]) -> None:
    """Refunds that a move of the order has asked for go on their way."""
    for refund in refunds.refunds_of(order.id):
        if refund.id not in before:
            _send(stage, refund)


def _send(stage: Stage, refund: Refund, *, refused: bool = False) -> None:
    if refund.to is not RefundTo.source or refund.status is not RefundStatus.requested:
        return
    if refund.method not in GATEWAYS:
        when = stage.in_office(clock.now() + stage.minutes(60, 300))
        stage.plan(when, partial(_sent_by_hand, stage, refund))
        return
    assert refund.receipt is not None  # it goes along a payment
    taken = stage.book.payments[refund.receipt.external_id]
    when = clock.now() + stage.minutes(1, 4)
    if _cannot_yet(taken, refund, when):
        when = taken.settles_at + stage.minutes(20, 40)
    stage.plan(when, partial(_refuse, stage, refund) if refused else partial(_answer, stage, refund, taken))


def _cannot_yet(taken: Taken, refund: Refund, when: datetime) -> bool:
    """A card's payment that has not settled is undone as a whole or not at all."""
    return _is_card(taken) and when < taken.settles_at and refund.amount_minor != taken.amount_minor


def _is_card(taken: Taken) -> bool:
    return taken.by in {"card", "credit_card"}


def _answer(stage: Stage, refund: Refund, taken: Taken) -> None:
    now = clock.now()
    refunding_ = refunds.begin_sending(refund.id)
    assert refunding_ is not None  # nobody else sends it
    if _is_card(taken) and now < taken.settles_at and refund.amount_minor == taken.amount_minor:
        taken.voided_at = now
        refunds.record_answer(refund.id, RefundAnswer(taken.transaction, voided=True))
        return
    back = stage.book.give_back(taken, refund.reference, refund.amount_minor, now)
    refunds.record_answer(refund.id, RefundAnswer(back.id))


def _refuse(stage: Stage, refund: Refund) -> None:
    refunds.begin_sending(refund.id)
    refunds.record_refusal(refund.id, REFUSED)
    when = stage.in_office(clock.now() + stage.minutes(90, 400))
    stage.plan(when, partial(_to_wallet, refund, stage.manager))


def _to_wallet(refund: Refund, actor: Actor) -> None:
    refunding.to_wallet_instead(refund.id, actor=actor)


def _sent_by_hand(stage: Stage, refund: Refund) -> None:
    number = f"{stage.random.getrandbits(64):016x}"
    refunding.note_sent(refund.id, f"{refund.method}-{number}", actor=stage.owner)


def _dispute(stage: Stage, order: Order, *, won: bool) -> None:
    receipt = receipts.receipts_of(order.id)[-1]
    case = f"CB-{stage.random.randrange(10**9, 10**10)}"
    told = Dispute(case, receipt.amount_minor, FEES[receipt.currency], stage.random.choice(DISPUTES))
    made = chargebacks.record(receipt.id, told, actor=stage.manager)
    if not won:
        stage.book.payments[receipt.external_id].charged_back_at = clock.now()
    when = stage.in_office(clock.now() + DECIDED_AFTER)
    decide = partial(chargebacks.decide, made.id, won=won, actor=stage.manager)
    if won or stage.random.random() < 0.6:
        stage.plan(when, decide)
