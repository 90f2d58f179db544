"""What the page of an order's payment shows: what is open, until when, what was tried, and what came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.core import clock
from app.core.db import db
from app.core.money import Minor
from app.orders.expiry import held_until
from app.orders.models import Order
from app.orders.settling import open_minor
from app.orders.states import FINAL, PaymentStatus, Status
from app.payments import attempts, methods, receipts
from app.payments.catalogue import METHODS, Flow, Method
from app.payments.gateways import GATEWAYS
from app.payments.methods import Offer
from app.payments.models import AttemptEvent, AttemptStatus, PaymentAttempt, PaymentReceipt, ReceiptStatus

S = AttemptStatus


class PayState(StrEnum):
    """What there is to do."""

    paid = "paid"
    over = "over"  # the order is over: nothing is to be paid any more
    cash = "cash"  # at the door or the counter
    review = "review"  # money came that staff look at
    held = "held"  # taken, and looked at by the provider
    going = "going"  # a try is under way
    choose = "choose"  # pay, by this method or another


@dataclass(frozen=True)
class Tried:
    """One try to pay, with its steps."""

    attempt: PaymentAttempt
    steps: Sequence[AttemptEvent]

    @property
    def method(self) -> Method:
        return METHODS[self.attempt.method]


@dataclass(frozen=True)
class PayView:
    """`tried` newest first; `current` is the try to go on with, `offers` the ways to pay what is open."""

    order: Order
    state: PayState
    open_minor: Minor
    held_until: datetime | None
    tried: tuple[Tried, ...]
    current: PaymentAttempt | None
    offers: tuple[Offer, ...]
    receipts: Sequence[PaymentReceipt]

    @property
    def paid_minor(self) -> Minor:
        """What money that came has paid of the order."""
        return sum(receipt.applied_minor for receipt in self.receipts)

    @property
    def spare_minor(self) -> Minor:
        """What of it went to the customer's wallet, being too much."""
        return sum(receipt.wallet_minor for receipt in self.receipts)

    @property
    def late(self) -> PaymentAttempt | None:
        """Of a cancelled order the last try by hand that brought nothing: the money may be on its way."""
        if self.order.status is not Status.CANCELLED:
            return None
        by_hand = [one.attempt for one in self.tried if one.method.flow is Flow.manual]
        return by_hand[0] if by_hand and by_hand[0].status is not S.paid else None

    @staticmethod
    def method_of(attempt: PaymentAttempt) -> Method:
        """By what it was tried."""
        return METHODS[attempt.method]

    @property
    def method(self) -> Method | None:
        """The method of the try under way, else of the order."""
        return METHODS.get(self.current.method if self.current else self.order.payment_method)

    @property
    def story(self) -> tuple[Tried, ...]:
        """The tries worth telling of: nothing while the only one is under way and nobody has done anything yet."""
        fresh = len(self.tried) == 1 and self.tried[0].attempt.status in {S.started, S.pending}
        return () if fresh else self.tried

    @property
    def seen(self) -> str:
        """Names what the page shows: another one means that something has changed."""
        last = self.tried[0].attempt if self.tried else None
        tried = f"{last.number}{last.status.value}" if last else ""
        return f"{self.state.value}-{self.open_minor}-{tried}"

    @property
    def waits(self) -> bool:
        """Whether the page should look again by itself."""
        return self.state in {PayState.going, PayState.held, PayState.review}


def load_pay_view(order: Order) -> PayView:
    """The page of an order that the caller may see."""
    left = open_minor(order)
    tried = attempts.attempts_of(order.id)
    came = receipts.receipts_of(order.id)
    current = _current(tried, left)
    return PayView(
        order=order,
        state=_state(order, left, came, current),
        open_minor=left,
        held_until=held_until(order),
        tried=tuple(Tried(one, attempts.history_of(one.id)) for one in reversed(tried)),
        current=current,
        offers=tuple(_offers(order, left)) if left else (),
        receipts=came,
    )


def _current(tried: Sequence[PaymentAttempt], left: Minor) -> PaymentAttempt | None:
    """The newest try while it is open: with the provider, or made without one."""
    last = tried[-1] if tried else None
    if last is None or not left:
        return None
    by_hand = METHODS[last.method].flow is Flow.manual
    started = last.status is S.started and (by_hand or last.is_charged)
    fits = last.covers_minor == left and last.expires_at > clock.now()
    going = last.status is S.held or ((last.status is S.pending or started) and fits)
    return last if going else None


def _state(
    order: Order, left: Minor, came: Sequence[PaymentReceipt], current: PaymentAttempt | None
) -> PayState:
    if order.payment_status is PaymentStatus.DUE:
        return PayState.cash if order.status not in FINAL else PayState.over
    if not left:
        return PayState.paid if order.payment_status is PaymentStatus.PAID else PayState.over
    if any(receipt.status is ReceiptStatus.review for receipt in came):
        return PayState.review
    if current is None:
        return PayState.choose
    return PayState.held if current.is_charged or current.status is S.held else PayState.going


def _offers(order: Order, left: Minor) -> list[Offer]:
    """The open ways to pay that are not cash, and that somebody can carry out here."""
    purchase = methods.Purchase(left, order.currency, order.kind.value)
    return [
        offer
        for offer in methods.offers(purchase)
        if offer.method.flow in {Flow.manual, Flow.chain} or offer.method.code in GATEWAYS
    ]


def refresh(view: PayView) -> PayView:
    """The same page as it is now, after somebody else was asked."""
    db.session.expire_all()
    return load_pay_view(db.session.get_one(Order, view.order.id))
