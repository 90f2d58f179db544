"""Paying by a card that we charge: one that the provider keeps, by its owner alone, or one just entered in its form.

The attempt is claimed before anybody is asked, and one attempt charges one card once. Whoever asks is killed, or hears
nothing: the poller and the provider's call find out by the attempt's reference, and nothing else is charged meanwhile.
"""

from datetime import timedelta

from app.core import clock
from app.core.actor import Actor
from app.core.db import db, release_connection, transaction
from app.core.errors import NotFound
from app.core.i18n import _
from app.orders import paying
from app.orders.models import Order
from app.orders.service import get_order
from app.orders.settling import open_minor
from app.payments import attempts, card_entry, cards, methods
from app.payments.card_models import SavedCard
from app.payments.errors import (
    CardDeclined,
    CardExpired,
    CardFormExpired,
    GatewayDown,
    MethodClosed,
    TooManyCards,
)
from app.payments.gateways import CARD_KEEPERS
from app.payments.models import AttemptStatus, PaymentAttempt
from app.payments.ports import (
    CardNumbers,
    CardTokenOver,
    EnteredCard,
    NewsStatus,
    OutcomeUnknown,
    Refused,
    SendError,
    Show,
    Started,
)

S = AttemptStatus
MOST_DECLINED, TRYING = 6, timedelta(hours=1)
"""So many cards may be declined for one order in so long: nobody tries out a list of stolen ones here."""
ANSWERED = timedelta(minutes=3)
"""After so long a charge that the provider knows nothing of was not made."""


def pay_by_card(code: str, card_id: int, *, actor: Actor) -> PaymentAttempt:
    """Pay what is open of one's own order by one's own kept card. While nobody knows the outcome the attempt is
    pending.

    NotFound, NothingToPay, StillAsking, CardExpired, TooManyCards; CardDeclined, MethodClosed, GatewayDown: the attempt
    has failed.
    """
    attempt = _open_kept(code, card_id, actor)
    if attempt.status is not S.paid:
        _charge(attempt, cards.numbers_of(db.session.get_one(SavedCard, attempt.card_id)))
    return attempt


def pay_by_form(
    code: str, method: str, descriptor: str, token: str, *, actor: Actor, keep_card: bool = False
) -> PaymentAttempt:
    """Pay what is open of an order by the card whose token the provider's form has given to the page. `keep_card`: for
    its owner's next time. While nobody knows the outcome the attempt is pending; nobody keeps the token.

    NotFound, NothingToPay, StillAsking, TooManyCards, NoCardForm, InvalidInput for what is no token; CardDeclined,
    CardFormExpired, MethodClosed, GatewayDown: the attempt has failed.
    """
    card = card_entry.read_token(methods.find_open(method), descriptor, token)
    attempt = _open_entered(code, method, actor, keep_card)
    if attempt.status is not S.paid:
        _charge(attempt, card)
    return attempt


@transaction()
def _open_kept(code: str, card_id: int, actor: Actor) -> PaymentAttempt:
    """The attempt that this caller, and nobody else, charges the card for; the paid one when this card has paid."""
    order = get_order(code, actor=actor, lock=True)
    card = cards.get_card(card_id, actor=actor, lock=True)
    if order.customer_id != actor.customer_id:
        raise NotFound
    if cards.is_over(card):
        raise CardExpired
    attempt = _claim(order, card.method, actor, card.id)
    if attempt.status is not S.paid:
        card.used_at = clock.now()
    return attempt


@transaction()
def _open_entered(code: str, method: str, actor: Actor, keep_card: bool) -> PaymentAttempt:
    """The same for an entered card: pressed twice, the second press finds the order paid."""
    order = get_order(code, actor=actor, lock=True)
    attempt = _claim(order, method, actor, None)
    if attempt.status is not S.paid:
        attempt.keep_card = keep_card and cards.may_keep(method, order.customer_id)
    return attempt


def _claim(order: Order, method: str, actor: Actor, card_id: int | None) -> PaymentAttempt:
    attempt = paying.lock_last(order)
    if attempt is not None and _has_paid(attempt, card_id) and not open_minor(order):
        return attempt
    wanted = paying.offered(order, method)
    _refuse_trying_out(order)
    if attempt is None or not _is_untouched(attempt) or not paying.fits(attempt, order, wanted):
        attempt = paying.open_next(order, wanted, actor, "customer")
    attempt.card_id, attempt.keep_card = card_id, False
    attempt.shown = attempts.shown_of(Started(Show.card))
    attempts.take_turn(attempt, paying.STARTING)
    attempt.expires_at = min(attempt.expires_at, clock.now() + ANSWERED)
    return attempt


def _refuse_trying_out(order: Order) -> None:
    since = clock.now() - TRYING
    declined = [
        tried
        for tried in attempts.attempts_of(order.id)
        if tried.status is S.failed and tried.is_charged and tried.external_id and tried.status_at > since
    ]
    if len(declined) >= MOST_DECLINED:
        raise TooManyCards(retry_after=int(TRYING.total_seconds()))


def _has_paid(attempt: PaymentAttempt, card_id: int | None) -> bool:
    return attempt.status is S.paid and attempt.is_charged and attempt.card_id == card_id


def _is_untouched(attempt: PaymentAttempt) -> bool:
    """Whether nobody was asked about it: as it is when the order is placed."""
    return attempt.status is S.started and attempt.asked_at is None


def _charge(attempt: PaymentAttempt, card: CardNumbers | EnteredCard) -> None:
    attempt_id, charge, method = attempt.id, paying.charge_of(attempt), attempt.method
    account = methods.credentials(method)
    release_connection()
    try:
        news = CARD_KEEPERS[method].charge(account, charge, card)
    except OutcomeUnknown:
        _wait(attempt_id)
        return
    except SendError as error:
        paying.give_up(attempt_id, str(error))
        if isinstance(error, CardTokenOver):
            raise CardFormExpired from error
        if isinstance(error, Refused):
            raise MethodClosed(why=_("The payment service refused. Please pay another way.")) from error
        raise GatewayDown from error
    paying.accept_news(attempt_id, news, source="customer")
    if news.status is NewsStatus.failed:
        raise CardDeclined


@transaction()
def _wait(attempt_id: int) -> None:
    """Charged or not, nobody knows yet."""
    _order, attempt = paying.lock_both(attempt_id)
    attempts.show(attempt, Started(Show.card), source="system")
