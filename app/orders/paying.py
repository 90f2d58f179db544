"""Paying an order: the one place where money that came in becomes a paid order, whoever brings the news.

The order is locked first, then the attempt, so a browser, a webhook, the poller and a cancellation come one after the
other; who comes second finds it done. Providers are asked outside any transaction, with the attempt written first.
"""

from sqlalchemy import select

from app.core.actor import Actor
from app.core.db import db, for_update, release_connection, transaction
from app.core.errors import NotFound
from app.core.i18n import _
from app.orders import links
from app.orders.errors import MethodUnavailable
from app.orders.models import Order
from app.orders.service import get_order
from app.orders.settling import open_minor, receive, record_money
from app.payments import attempts, methods
from app.payments.attempts import Owed
from app.payments.catalogue import METHODS, Flow
from app.payments.errors import GatewayDown, MethodClosed, NothingToPay
from app.payments.models import AttemptStatus, PaymentAttempt
from app.payments.ports import Charge, Credentials, Gateway, News, NewsStatus, Refused, SendError
from app.payments.receipts import Arrived


@transaction()
def next_attempt(code: str, *, actor: Actor, method: str = "", source: str = "customer") -> PaymentAttempt:
    """Write down another try to pay, by the order's method or a new one. NotFound, NothingToPay, MethodClosed."""
    order = get_order(code, actor=actor, lock=True)
    left = open_minor(order)
    if not left:
        raise NothingToPay
    wanted = METHODS.get(method or order.payment_method)
    if wanted is None or wanted.flow is Flow.cash:
        raise MethodUnavailable(method=method)
    purchase = methods.Purchase(left, order.currency, order.kind.value)
    offer = next((one for one in methods.offers(purchase) if one.method is wanted), None)
    if offer is None or not offer.offered:
        raise MethodClosed(why=offer.why if offer else _("This payment method is not available here."))
    if wanted.code != order.payment_method:
        record_money(order, {"payment_method": wanted.code}, actor, amount_minor=0)
    return attempts.open_attempt(Owed(order.id, order.code, left, order.currency), wanted.code, source=source)


def start(attempt: PaymentAttempt, gateway: Gateway, account: Credentials) -> None:
    """Ask the provider to make the payment possible.

    GatewayDown, MethodClosed: the attempt has failed, the order stands.
    """
    attempt_id, charge = attempt.id, _charge(attempt)
    release_connection()
    try:
        started = gateway.start(account, charge)
    except SendError as error:
        _give_up(attempt_id, str(error))
        if isinstance(error, Refused):
            raise MethodClosed(why=_("The payment service refused. Please pay another way.")) from error
        raise GatewayDown from error
    with transaction():
        _order, held = _lock(attempt_id)
        attempts.show(held, started, source="system")


def _charge(attempt: PaymentAttempt) -> Charge:
    order = db.session.get_one(Order, attempt.order_id)
    back = links.payment_url(order.code)
    return Charge(
        reference=attempt.reference,
        order_code=order.code,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        return_url=back,
        cancel_url=back,
        expires_at=attempt.expires_at,
        name=order.contact_name,
        phone=order.contact_phone,
        locale=order.locale,
    )


@transaction()
def _give_up(attempt_id: int, why: str) -> None:
    _order, attempt = _lock(attempt_id)
    attempts.move(attempt, AttemptStatus.failed, source="system", note=why)


@transaction()
def accept_news(attempt_id: int, news: News, *, source: str) -> None:
    """Take what a provider's own API says of an attempt. The same news again, late or out of order, changes nothing."""
    order, attempt = _lock(attempt_id)
    moved = attempts.hear(attempt, news, source=source)
    if news.status is NewsStatus.paid or (moved and attempt.status is AttemptStatus.paid):
        arrived = Arrived(news.external_id, news.amount_minor, news.currency)
        receive(order, attempt, arrived, exact=True)


def _lock(attempt_id: int) -> tuple[Order, PaymentAttempt]:
    order_id = db.session.scalar(select(PaymentAttempt.order_id).where(PaymentAttempt.id == attempt_id))
    if order_id is None:
        raise NotFound
    order = db.session.scalars(for_update(select(Order).where(Order.id == order_id))).one()
    return order, attempts.lock_attempt(attempt_id)
