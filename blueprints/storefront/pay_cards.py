"""Kept cards on the page of a payment: for the customer whose order it is, signed in, and for nobody with the link."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import request

from app.orders import card_paying
from app.orders.models import Order
from app.orders.pay_view import PayView
from app.payments import cards, methods
from app.payments.card_models import SavedCard
from app.payments.gateways import CARD_KEEPERS
from app.payments.methods import Offer
from app.payments.models import AttemptStatus, PaymentAttempt
from app.web.actor import current_actor
from app.web.reading import row_number


def _is_owner(order: Order) -> bool:
    customer_id = current_actor().customer_id
    return customer_id is not None and customer_id == order.customer_id


def cards_for(order: Order) -> Sequence[SavedCard]:
    """The reader's cards that can pay this order."""
    codes = methods.open_codes() if _is_owner(order) else ()
    return (
        [card for card in cards.cards_of(order.customer_id, codes) if not cards.is_over(card)]
        if codes
        else ()
    )


def may_keep(order: Order) -> frozenset[str]:
    """The methods whose card the reader can have kept."""
    if not _is_owner(order):
        return frozenset()
    return frozenset(code for code in methods.open_codes() if cards.may_keep(code, order.customer_id))


def at_checkout(offers: Iterable[Offer]) -> dict[str, Any]:
    """What the payment step says of cards: `kept_names`, the reader's latest one by method, and `may_keep`."""
    asked = any(cards.keeps(offer.method.code) for offer in offers)
    customer_id = current_actor().customer_id if asked else None
    found = cards.cards_of(customer_id)
    room = customer_id is not None and len(found) < cards.MOST
    return {
        "kept_names": {
            card.method: cards.name_of(card) for card in reversed(found) if not cards.is_over(card)
        },
        "may_keep": frozenset(CARD_KEEPERS) if room else frozenset(),
    }


def keeps(order: Order) -> bool:
    """Whether the reader wants the card of this payment kept."""
    return bool(request.form.get("keep_card")) and _is_owner(order)


def keeps_now(view: PayView) -> bool:
    """Whether the reader's card is being kept after this payment."""
    return _is_owner(view.order) and any(
        one.attempt.keep_card and one.attempt.status is AttemptStatus.paid for one in view.tried
    )


def is_anothers(view: PayView) -> bool:
    """Whether the try under way would put the reader's card among the cards of somebody else."""
    return view.current is not None and view.current.keep_card and not _is_owner(view.order)


def charge_chosen(order: Order) -> PaymentAttempt | None:
    """Pay by the kept card that was pressed; None when it was another button. NotFound for a card of somebody else."""
    chosen = request.form.get("card", "")
    if not chosen:
        return None
    return card_paying.pay_by_card(order.code, row_number(chosen), actor=current_actor())
