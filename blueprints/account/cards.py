"""The cards that a customer lets us keep: seen and removed here; they are added where one pays."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from app.core.i18n import _
from app.payments import cards
from app.web.actor import current_actor
from blueprints.account import bp


@bp.post("/account/cards/<int:card_id>/remove")
def remove_card(card_id: int) -> ResponseReturnValue:
    """Gone from here at once, and from the provider's in a moment."""
    card = cards.remove_card(card_id, actor=current_actor())
    flash(_("%(card)s is removed.", card=cards.name_of(card)))
    return redirect(url_for("account.home", _anchor="cards"), 303)
