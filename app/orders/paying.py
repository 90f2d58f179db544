"""Paying an order: the one place where money that came in becomes a paid order, whoever brings the news.

The order is locked first, then the attempt, so a browser, a webhook, the poller and a cancellation come one after the
other; who comes second finds it done. Providers are asked outside any transaction, with the attempt written first.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.db import db, for_update, release_connection, transaction
from app.core.errors import NotFound
from app.core.i18n import _
from app.orders import links
from app.orders.errors import MethodUnavailable
from app.orders.expiry import held_until
from app.orders.models import Order
from app.orders.service import get_order
from app.orders.settling import open_minor, receive, record_money
from app.payments import attempts, cards, methods
from app.payments.attempts import Owed
from app.payments.catalogue import METHODS, Flow, Method
from app.payments.errors import GatewayDown, MethodClosed, NothingToPay, StillAsking
from app.payments.models import AttemptStatus, PaymentAttempt
from app.payments.ports import Charge, Credentials, News, NewsStatus, Refused, SendError
from app.payments.receipts import Arrived
from app.payments.starting import Starter, starter_of
from app.payments.states import OPEN

STARTING = timedelta(seconds=15)
"""For so long nobody else starts an attempt that somebody is starting; longer than a provider may take to answer."""
SHORTEST = timedelta(minutes=5)
S = AttemptStatus


@transaction()
def next_attempt(code: str, *, actor: Actor, method: str = "", source: str = "customer") -> PaymentAttempt:
    """Write down another try to pay, by the order's method or a new one. NotFound, NothingToPay, MethodClosed."""
    order = get_order(code, actor=actor, lock=True)
    lock_last(order)
    return open_next(order, offered(order, method), actor, source)


def offered(order: Order, method: str) -> Method:
    """The method, when it may pay what is open of the order; raises what stands in its way."""
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
    return wanted


def open_next(order: Order, wanted: Method, actor: Actor, source: str) -> PaymentAttempt:
    """The next try for an order that the caller holds; its method is the order's from now on."""
    if wanted.code != order.payment_method:
        record_money(order, {"payment_method": wanted.code}, actor, amount_minor=0)
    owed = Owed(order.id, order.code, open_minor(order), order.currency)
    return attempts.open_attempt(owed, wanted.code, source=source, until=valid_until(order, wanted.code))


def valid_until(order: Order, method: str) -> datetime | None:
    """When an attempt by a gateway that begins now should end: not after the goods go back; None: as ever."""
    end = held_until(order) if METHODS[method].flow is Flow.gateway else None
    now = clock.now()
    return min(max(end, now + SHORTEST), now + attempts.VALID_FOR) if end else None


def begin(
    code: str, *, actor: Actor, method: str = "", again: bool = False, keep_card: bool = False
) -> PaymentAttempt:
    """Make an order payable by a method: the attempt that is there and fits, else the next one; by a gateway the
    provider is asked now. `again`: a new one although the last is still open. `keep_card`: for the next time.

    NotFound, NothingToPay, MethodClosed; GatewayDown: the attempt has failed, the order stands.
    """
    attempt, to_start = _claim(code, method, actor, again=again, keep_card=keep_card)
    starter = starter_of(attempt.method)
    if to_start and starter is not None:
        start(attempt, starter, methods.credentials(attempt.method))
    return attempt


@transaction()
def _claim(
    code: str, method: str, actor: Actor, *, again: bool, keep_card: bool
) -> tuple[PaymentAttempt, bool]:
    """The attempt to go on with, and whether the caller is the one who starts it."""
    order = get_order(code, actor=actor, lock=True)
    wanted = offered(order, method)
    last, keeps = lock_last(order), keep_card and cards.may_keep(wanted.code, order.customer_id)
    # Whoever goes on with a try whose card is to be kept must want that too: it may be somebody else's card.
    if last is None or again or not fits(last, order, wanted) or (last.keep_card and not keeps):
        last = open_next(order, wanted, actor, "customer")
    last.keep_card = keeps
    mine = (
        starter_of(wanted.code) is not None
        and last.status is S.started
        and attempts.take_turn(last, STARTING)
    )
    return last, mine


def lock_last(order: Order) -> PaymentAttempt | None:
    """The newest try of an order that the caller holds, held. StillAsking while a card is being charged."""
    tried = attempts.attempts_of(order.id)
    last = attempts.lock_attempt(tried[-1].id) if tried else None
    if last is not None and last.is_charged and last.status in OPEN:
        raise StillAsking
    return last


def fits(attempt: PaymentAttempt, order: Order, wanted: Method) -> bool:
    """Whether the customer can go on with it: it is open, by this method, and asks for what is open now."""
    return (
        attempt.status in (S.started, S.pending)
        and attempt.method == wanted.code
        and attempt.covers_minor == open_minor(order)
        and attempt.expires_at > clock.now()
    )


def start(attempt: PaymentAttempt, gateway: Starter, account: Credentials) -> None:
    """Ask the provider to make the payment possible.

    GatewayDown, MethodClosed: the attempt has failed, the order stands.
    """
    attempt_id, charge = attempt.id, charge_of(attempt)
    release_connection()
    try:
        started = gateway.start(account, charge)
    except SendError as error:
        give_up(attempt_id, str(error))
        if isinstance(error, Refused):
            raise MethodClosed(why=_("The payment service refused. Please pay another way.")) from error
        raise GatewayDown from error
    with transaction():
        _order, held = lock_both(attempt_id)
        attempts.show(held, started, source="system")


def charge_of(attempt: PaymentAttempt) -> Charge:
    """What a provider is asked for."""
    order = db.session.get_one(Order, attempt.order_id)
    page = links.payment_url(order.code)
    return Charge(
        reference=attempt.reference,
        order_code=order.code,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        return_url=f"{page}&back=1",
        cancel_url=page,
        expires_at=attempt.expires_at,
        name=order.contact_name,
        phone=order.contact_phone,
        locale=order.locale,
    )


@transaction()
def give_up(attempt_id: int, why: str) -> None:
    """The provider has not taken it: the attempt has failed."""
    _order, attempt = lock_both(attempt_id)
    if attempt.status is S.started:
        attempts.move(attempt, S.failed, source="system", note=why)


@transaction()
def accept_news(attempt_id: int, news: News, *, source: str) -> None:
    """Take what a provider's own API says of an attempt. The same news again, late or out of order, changes nothing."""
    order, attempt = lock_both(attempt_id)
    moved = attempts.hear(attempt, news, source=source)
    if news.status is NewsStatus.paid or (moved and attempt.status is S.paid):
        arrived = Arrived(news.external_id, news.amount_minor, news.currency)
        receive(order, attempt, arrived, exact=True)
    if moved and attempt.status is S.paid and attempt.keep_card:
        cards.want_card(attempt.id, order.customer_id, actor=SYSTEM)


def lock_both(attempt_id: int) -> tuple[Order, PaymentAttempt]:
    """The order of an attempt and the attempt, held in this order. NotFound."""
    order_id = db.session.scalar(select(PaymentAttempt.order_id).where(PaymentAttempt.id == attempt_id))
    if order_id is None:
        raise NotFound
    order = db.session.scalars(for_update(select(Order).where(Order.id == order_id))).one()
    return order, attempts.lock_attempt(attempt_id)
