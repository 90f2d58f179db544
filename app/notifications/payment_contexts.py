"""What is told about payments: to managers what they have to decide, to the customer where spare money went."""

from app import orders, stores
from app.core.db import db
from app.core.events import EventRecord
from app.core.i18n import speaking
from app.core.money import format_money
from app.notifications.audiences import CUSTOMER, MANAGERS, phone_recipient, staff
from app.notifications.contexts import Context, Link, context_for
from app.orders.models import Order
from app.payments.catalogue import METHODS
from app.payments.labels import VANISHED
from app.payments.models import PaymentReceipt, ReceiptStatus

DECIDE = {"en": "Decide", "ru": "Решить", "es": "Decidir"}
LOOK = {"en": "Open the order", "ru": "Открыть заказ", "es": "Abrir el pedido"}


@context_for("PaymentInReview")
def _in_review(record: EventRecord) -> Context | None:
    receipt = db.session.get(PaymentReceipt, record.aggregate_id)
    if receipt is not None and record.payload["reason"] == VANISHED:
        return _vanished(receipt)
    if receipt is None or receipt.status is not ReceiptStatus.review:
        return None
    link = Link(stores.public_url(f"/console/payment-review/show/{receipt.id}"), DECIDE)
    return _context("payment.review", receipt, link)


def _vanished(receipt: PaymentReceipt) -> Context:
    """It has paid the order already, and the goods may be on their way: the order is where to look."""
    link = Link(stores.public_url(f"/console/orders/show/{receipt.order_id}"), LOOK)
    return _context("payment.vanished", receipt, link)


@context_for("PaidTwice")
def _twice(record: EventRecord) -> Context | None:
    receipt = db.session.get(PaymentReceipt, record.aggregate_id)
    if receipt is None or receipt.status is not ReceiptStatus.to_wallet:
        return None
    link = Link(stores.public_url(f"/console/orders/show/{receipt.order_id}"), LOOK)
    return _context("payment.twice", receipt, link)


def _context(key: str, receipt: PaymentReceipt, link: Link) -> Context:
    order = db.session.get_one(Order, receipt.order_id)
    buyer = phone_recipient(order.contact_phone, order.locale, order.customer.user_id)
    return Context(
        key,
        lambda locale: _words(order, receipt, locale),
        {MANAGERS: staff(MANAGERS), CUSTOMER: [buyer]},
        {MANAGERS: link, CUSTOMER: Link(orders.payment_url(order.code), LOOK)},
        order_id=order.id,
    )


def _words(order: Order, receipt: PaymentReceipt, locale: str) -> dict[str, str]:
    attempt = receipt.attempt
    with speaking(locale):
        method = str(METHODS[receipt.method].name)
    return {
        "store": stores.current_store().name,
        "code": order.code,
        "name": order.contact_name.split(" ", 1)[0],
        "method": method,
        "paid": format_money(receipt.amount_minor, receipt.currency, locale),
        "asked": format_money(attempt.amount_minor, attempt.currency, locale) if attempt else "",
    }
