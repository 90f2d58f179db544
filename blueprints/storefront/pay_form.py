"""The provider's form for a card over the page of a payment: what opens it, and the token that it gives to the page."""

from flask import request

from app.core.actor import Actor
from app.core.errors import DomainError, InvalidInput
from app.orders import card_paying
from app.orders.models import Order
from app.orders.pay_view import PayState, PayView
from app.payments import card_entry, methods
from app.payments.models import PaymentAttempt
from app.payments.ports import CardForm
from app.web import security
from blueprints.storefront import pay_cards

NAMES = ("data_descriptor", "data_value")
"""Fields that the page's script fills in with the provider's answer. Without a script they stay empty."""


def is_for(method: str) -> bool:
    """Whether a card is entered over the page by this method."""
    row = methods.find_open(method)
    return row is not None and card_entry.form_of(row) is not None


def form_on(view: PayView) -> CardForm | None:
    """What opens the form on this page, and the leave to open it here; None where it is not offered."""
    if view.state not in {PayState.going, PayState.choose}:
        return None
    offered = {offer.method.code for offer in view.offers if offer.offered}
    for row in methods.open_methods():
        if row.code in offered and (form := card_entry.form_of(row)) is not None:
            security.allow("frame-src", form.script)
            return form
    return None


def charge_entered(order: Order, payer: Actor) -> PaymentAttempt | None:
    """Pay by the card that was entered in the form; None when nothing came of it and the provider's page is wanted."""
    descriptor, token = (request.form.get(name, "") for name in NAMES)
    if not descriptor and not token:
        return None
    method, keep_card = request.form.get("method", "")[:16], pay_cards.keeps(order)
    return card_paying.pay_by_form(order.code, method, descriptor, token, actor=payer, keep_card=keep_card)


def problem_of(error: DomainError | None) -> str:
    """What is wrong with what the form gave, to be said beside its button; empty when it is something else."""
    return error.errors.get(card_entry.TOKEN, "") if isinstance(error, InvalidInput) else ""
