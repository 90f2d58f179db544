"""What is told about money sent by hand: the customer of what is missing, managers of what to look for."""

from collections.abc import Callable

from app import orders, stores
from app.core import money
from app.core.db import db
from app.core.events import EventRecord
from app.core.i18n import speaking
from app.notifications.audiences import CUSTOMER, MANAGERS, phone_recipient, staff
from app.notifications.contexts import Context, Link, context_for
from app.orders import settling
from app.orders.models import Order
from app.payments.catalogue import METHODS
from app.payments.models import AttemptStatus, PaymentAttempt

PAY = {"en": "Pay the order", "ru": "Оплатить заказ", "es": "Pagar el pedido"}
DESK = {"en": "Open the desk", "ru": "Открыть переводы", "es": "Abrir las transferencias"}
WAITING = frozenset({AttemptStatus.started, AttemptStatus.pending})


@context_for("TransferReminder")
def _reminder(record: EventRecord) -> Context | None:
    """Nobody is reminded who has said that it is sent, or whose order needs no money any more."""
    found = _load(record)
    if found is None or found[1].status not in WAITING or not settling.open_minor(found[0]):
        return None
    return _for_customer("transfer.reminder", *found)


@context_for("TopUpAsked")
def _top_up(record: EventRecord) -> Context | None:
    found = _load(record)
    if found is None:
        return None
    order, attempt = found
    received = int(record.payload["received_minor"])
    more = lambda locale: {"received": money.format_money(received, attempt.currency, locale)}  # noqa: E731
    return _for_customer("transfer.top_up", order, attempt, more)


@context_for("TransferNotFound")
def _not_found(record: EventRecord) -> Context | None:
    found = _load(record)
    if found is None:
        return None
    reason = str(record.payload["reason"]).rstrip(". ")
    return _for_customer("transfer.not_found", *found, lambda _locale: {"reason": reason})


@context_for("TransferClaimed")
def _claimed(record: EventRecord) -> Context | None:
    found = _load(record)
    if found is None or found[1].status is not AttemptStatus.held:
        return None
    return _for_managers("transfer.claimed", *found)


@context_for("SecondPersonAsked")
def _second(record: EventRecord) -> Context | None:
    found = _load(record)
    if found is None or found[1].status is not AttemptStatus.held:
        return None
    seen, by = int(record.payload["amount_minor"]), str(record.payload["by"])
    currency = found[1].currency
    return _for_managers(
        "transfer.second",
        *found,
        lambda locale: {"amount": money.format_money(seen, currency, locale), "by": by},
    )


More = Callable[[str], dict[str, str]]


def _load(record: EventRecord) -> tuple[Order, PaymentAttempt] | None:
    attempt = db.session.get(PaymentAttempt, record.aggregate_id)
    order = db.session.get(Order, attempt.order_id) if attempt is not None else None
    return (order, attempt) if order is not None and attempt is not None else None


def _words(order: Order, attempt: PaymentAttempt, more: More | None, locale: str) -> dict[str, str]:
    with speaking(locale):
        method = str(METHODS[attempt.method].name)
    words = {
        "store": stores.current_store().name,
        "code": order.code,
        "name": order.contact_name,
        "amount": money.format_money(attempt.amount_minor, attempt.currency, locale),
        "memo": str(attempt.shown.get("memo", "")),
        "method": method,
    }
    return words | (more(locale) if more else {})


def _for_customer(key: str, order: Order, attempt: PaymentAttempt, more: More | None = None) -> Context:
    return Context(
        key=key,
        words=lambda locale: _words(order, attempt, more, locale),
        audiences={CUSTOMER: [phone_recipient(order.contact_phone, order.locale, order.customer.user_id)]},
        links={CUSTOMER: Link(orders.payment_url(order.code), PAY)},
        order_id=order.id,
    )


def _for_managers(key: str, order: Order, attempt: PaymentAttempt, more: More | None = None) -> Context:
    return Context(
        key=key,
        words=lambda locale: _words(order, attempt, more, locale),
        audiences={MANAGERS: staff(MANAGERS)},
        links={MANAGERS: Link(stores.public_url("/console/transfer-desk/list/"), DESK)},
        order_id=order.id,
    )
