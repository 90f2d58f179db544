"""Paying by a card that the provider keeps: its owner alone may, and one attempt charges it once.

The attempt carries the card before anybody is asked. Whoever asks is killed, or hears nothing: the poller and the
provider's call find out by the attempt's reference, and nothing else is charged meanwhile.
"""

from datetime import timedelta

from app.core import clock
from app.core.actor import Actor
from app.core.db import db, release_connection, transaction
from app.core.errors import NotFound
from app.core.i18n import _
from app.orders import paying
from app.orders.service import get_order
from app.orders.settling import open_minor
from app.payments import attempts, cards, methods
from app.payments.card_models import SavedCard
from app.payments.errors import CardDeclined, CardExpired, GatewayDown, MethodClosed
from app.payments.gateways import CARD_KEEPERS
from app.payments.models import AttemptStatus, PaymentAttempt
from app.payments.ports import NewsStatus, OutcomeUnknown, Refused, SendError, Show, Started

S = AttemptStatus
ANSWERED = timedelta(minutes=3)
"""After so long a charge that the provider knows nothing of was not made."""


def pay_by_card(code: str, card_id: int, *, actor: Actor) -> PaymentAttempt:
    """Pay what is open of one's own order by one's own kept card. While nobody knows the outcome the attempt is
    pending.

    NotFound, NothingToPay, StillAsking, CardExpired; CardDeclined, MethodClosed, GatewayDown: the attempt has failed.
    """
    attempt = _open(code, card_id, actor)
    if attempt.status is not S.paid:
        _charge(attempt)
    return attempt


@transaction()
def _open(code: str, card_id: int, actor: Actor) -> PaymentAttempt:
    """The attempt that this caller, and nobody else, charges the card for; the paid one when this card has paid."""
    order = get_order(code, actor=actor, lock=True)
    card = cards.get_card(card_id, actor=actor, lock=True)
    if order.customer_id != actor.customer_id:
        raise NotFound
    if cards.is_over(card):
        raise CardExpired
    attempt = paying.lock_last(order)
    if (
        attempt is not None
        and attempt.status is S.paid
        and attempt.card_id == card.id
        and not open_minor(order)
    ):
        return attempt
    wanted = paying.offered(order, card.method)
    if attempt is None or not _is_untouched(attempt) or not paying.fits(attempt, order, wanted):
        attempt = paying.open_next(order, wanted, actor, "customer")
    attempt.card_id, attempt.keep_card = card.id, False
    attempts.take_turn(attempt, paying.STARTING)
    card.used_at = clock.now()
    attempt.expires_at = min(attempt.expires_at, card.used_at + ANSWERED)
    return attempt


def _is_untouched(attempt: PaymentAttempt) -> bool:
    """Whether nobody was asked about it: as it is when the order is placed."""
    return attempt.status is S.started and attempt.asked_at is None


def _charge(attempt: PaymentAttempt) -> None:
    attempt_id, charge, method = attempt.id, paying.charge_of(attempt), attempt.method
    account = methods.credentials(method)
    numbers = cards.numbers_of(db.session.get_one(SavedCard, attempt.card_id))
    release_connection()
    try:
        news = CARD_KEEPERS[method].charge(account, charge, numbers)
    except OutcomeUnknown:
        _wait(attempt_id)
        return
    except SendError as error:
        paying.give_up(attempt_id, str(error))
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
