"""What is told about orders, and to whom."""

from collections.abc import Callable
from dataclasses import replace

from app import orders, shipping, stores
from app.core import money
from app.core.db import db
from app.core.events import EventRecord
from app.core.i18n import pick, speaking
from app.dispatch.models import Driver
from app.notifications import branch_notes, links
from app.notifications.audiences import (
    BRANCH,
    CUSTOMER,
    DISPATCHERS,
    DRIVER,
    MANAGERS,
    person_recipient,
    phone_recipient,
    staff,
)
from app.notifications.contexts import Context, Link, Recipient, context_for
from app.notifications.templates import render
from app.orders.models import Order, Substitution, SubstitutionStatus
from app.orders.states import UNPAID, Action, Kind, PaymentStatus, Status
from app.payments.catalogue import METHODS
from app.payments.models import Refund, RefundStatus, RefundTo
from app.shipping import say_reason

KEYS = {
    Action.confirm: "order.confirmed",
    Action.ready: "order.ready",
    Action.assign: "order.assigned",
    Action.pick_up: "order.picked_up",
    Action.hand_over: "order.handed_over",
    Action.deliver: "order.delivered",
    Action.collect: "order.collected",
    Action.cancel: "order.cancelled",
    Action.fail: "order.failed",
}
"""Rows of the matrix by the action that moved the order; other actions concern nobody outside."""

OPEN_ORDER = {"en": "Open the order", "ru": "Открыть заказ", "es": "Abrir el pedido"}
FOLLOW = {"en": "Follow the order", "ru": "Следить за заказом", "es": "Seguir el pedido"}
REVIEW = {"en": "Leave a review", "ru": "Оставить отзыв", "es": "Dejar una reseña"}
ANSWER = {"en": "Answer", "ru": "Ответить", "es": "Responder"}
ANSWERS = {
    SubstitutionStatus.accepted: {"en": "accepted", "ru": "принята", "es": "aceptada"},
    SubstitutionStatus.declined: {"en": "declined", "ru": "отклонена", "es": "rechazada"},
    SubstitutionStatus.expired: {"en": "not answered", "ru": "осталась без ответа", "es": "sin respuesta"},
}
REFUNDS = {RefundStatus.done: "refund.done", RefundStatus.failed: "refund.failed"}
PLACES = {
    RefundTo.source: {
        "en": "the way you paid (%(method)s)",
        "ru": "тем же способом (%(method)s)",
        "es": "por la misma vía (%(method)s)",
    },
    RefundTo.wallet: {"en": "into your wallet", "ru": "на ваш кошелёк", "es": "en su monedero"},
    RefundTo.cash: {"en": "in cash", "ru": "наличными", "es": "en efectivo"},
}
ROUTE = {"en": "Open the route", "ru": "Открыть маршрут", "es": "Abrir la ruta"}


@context_for("OrderPlaced")
def _placed(record: EventRecord) -> Context | None:
    order = _order(record)
    return _context("order.placed", order) if order is not None and is_new_to_staff(record) else None


@context_for("OrderPaid")
def _paid(record: EventRecord) -> Context | None:
    """Nobody heard of an order that was to be paid first: now it is new."""
    order = _order(record)
    if order is None or not is_new_to_staff(record) or order.status is not Status.PENDING:
        return None
    return _context("order.placed", order)


def is_new_to_staff(record: EventRecord) -> bool:
    """Whether staff first hear of an order by this event: placed with nothing to wait for, or just paid in full."""
    if record.type == "OrderPaid":
        return bool(record.payload["in_full"])
    # As it was placed, not as it stands now: when it is paid meanwhile, that is told by itself.
    return record.payload["row"].get("payment_status") not in UNPAID


@context_for("OrderMoved")
def _moved(record: EventRecord) -> Context | None:
    order, action = _order(record), Action(record.payload["action"])
    if order is None or action not in KEYS:
        return None
    key = KEYS[action]
    if action is Action.cancel and order.payment_status is PaymentStatus.AWAITING:
        key = "order.unpaid"  # staff never heard of it, the customer is told why
    if action is Action.ready and order.kind is Kind.pickup:
        key = "order.ready_for_pickup"
    return _context(key, order, reason=str(record.payload.get("reason", "")))


@context_for("ReviewRequested")
def _review(record: EventRecord) -> Context | None:
    order = _order(record)
    if order is None or order.status not in {Status.DELIVERED, Status.COLLECTED}:
        return None
    return _context("review.requested", order, follow=Link(orders.review_url(order.code), REVIEW))


@context_for("SubstitutionProposed")
def _asked(record: EventRecord) -> Context | None:
    order, offer = _order(record), db.session.get(Substitution, record.payload["substitution_id"])
    if order is None or offer is None or offer.status is not SubstitutionStatus.proposed:
        return None
    follow = Link(orders.substitution_url(offer.id), ANSWER)
    return _with_words(
        _context("substitution.proposed", order, follow=follow),
        lambda locale: {"answer_by": branch_notes.clock_time(offer.expires_at, locale)},
    )


@context_for("SubstitutionAnswered")
def _answered(record: EventRecord) -> Context | None:
    """Staff hear what they did not do themselves."""
    order, offer = _order(record), db.session.get(Substitution, record.payload["substitution_id"])
    answer = SubstitutionStatus(record.payload["answer"])
    if order is None or offer is None or answer is SubstitutionStatus.withdrawn:
        return None
    return _with_words(
        _context("substitution.answered", order),
        lambda locale: {
            "answer": ANSWERS[answer].get(locale, answer.value),
            "old": pick(offer.old_variant.product.name, locale),
            "new": pick(offer.variant.product.name, locale),
        },
    )


@context_for("RefundEnded")
def _refunded(record: EventRecord) -> Context | None:
    """The customer hears that money is back, managers that it could not be sent."""
    refund = db.session.get(Refund, record.aggregate_id)
    order = db.session.get(Order, record.payload["order_id"])
    key = REFUNDS.get(RefundStatus(record.payload["status"]))
    if refund is None or order is None or key is None:
        return None
    where = METHODS[refund.method].name if refund.to is RefundTo.source else ""
    return _with_words(
        _context(key, order),
        lambda locale: {
            "back": money.format_money(refund.amount_minor, refund.currency, locale),
            "where": PLACES[refund.to].get(locale, "") % {"method": _spoken(where, locale)},
            "problem": refund.problem,
        },
    )


def _spoken(word: object, locale: str) -> str:
    with speaking(locale):
        return str(word)


def _with_words(context: Context, more: Callable[[str], dict[str, str]]) -> Context:
    known = context.words
    return replace(context, words=lambda locale: known(locale) | more(locale))


@context_for("AlarmDue")
def _alarm(record: EventRecord) -> Context | None:
    order = _order(record)
    if order is None or not is_waiting(order):
        return None
    key = "order.unacknowledged" if record.payload["step"] == 1 else "order.unacknowledged_long"
    return _context(key, order)


def is_waiting(order: Order) -> bool:
    """Whether a new order still waits for somebody in the store to take notice."""
    is_new = order.status is Status.PENDING and order.payment_status not in UNPAID
    return is_new and order.acknowledged_at is None


def placed_text(order: Order, locale: str) -> tuple[str, str]:
    """(title, body) for the group of the branch, as the order is now."""
    words = _context("order.placed", order).words_for(BRANCH, locale) | {"link": links.board_url(order.code)}
    return render("order.placed", BRANCH, "telegram", locale, words)


def driver_of(order: Order) -> Driver | None:
    """The driver who has the order."""
    return db.session.get(Driver, order.driver_id) if order.driver_id else None


def _order(record: EventRecord) -> Order | None:
    return db.session.get(Order, record.aggregate_id)


def _context(key: str, order: Order, *, reason: str = "", follow: Link | None = None) -> Context:
    driver = driver_of(order)
    board = Link(links.board_url(order.code), OPEN_ORDER)
    return Context(
        key=key,
        words=lambda locale: _words(order, driver, locale, reason),
        audiences=_Audiences(order, driver),
        links={
            CUSTOMER: follow or Link(orders.tracking_url(order.code), FOLLOW),
            DISPATCHERS: board,
            MANAGERS: board,
            DRIVER: Link(links.driver_url(order.code), ROUTE),
            BRANCH: board,
        },
        order_id=order.id,
        own_words={BRANCH: lambda locale: branch_notes.words(order, locale)},
        presses={BRANCH: branch_notes.presses(order)} if key == "order.placed" else {},
    )


class _Audiences(dict[str, list[Recipient]]):
    """Looked up when asked: most events concern one audience of four."""

    def __init__(self, order: Order, driver: Driver | None) -> None:
        super().__init__()
        self._order, self._driver = order, driver

    def __missing__(self, audience: str) -> list[Recipient]:
        if audience == CUSTOMER:
            order = self._order
            return [phone_recipient(order.contact_phone, order.locale, order.customer.user_id)]
        if audience == DRIVER:
            return [person_recipient(self._driver.user)] if self._driver else []
        if audience == BRANCH:
            return branch_notes.group_of(self._order.branch)
        return staff(audience)


def _words(order: Order, driver: Driver | None, locale: str, reason: str) -> dict[str, str]:
    store = stores.current_store()
    return {
        "code": order.code,
        "store": store.name,
        "name": order.contact_name.split(" ", 1)[0],
        "amount": money.format_money(order.total_minor, order.currency, locale),
        "due": money.format_money(order.due_minor, order.currency, locale),
        "items": str(order.item_count),
        "zone": order.zone.name if order.zone else order.branch.name,
        "driver": driver.user.first_name if driver else _courier(order),
        "until": branch_notes.clock_time(order.promised_until, locale),
        "reason": _reason(reason or order.reason, locale),
        "branch": order.branch.name,
        "pickup_code": order.pickup_code or "",
    }


def _reason(kept: str, locale: str) -> str:
    with speaking(locale):
        return say_reason(kept)


def _courier(order: Order) -> str:
    """Who carries an order that no driver of ours has."""
    shipment = shipping.shipment_of(order.id) if order.kind is Kind.courier else None
    return shipment.name if shipment else ""
