"""Something else instead: staff ask, the buyer answers."""

from typing import Any

from app import orders
from app.core.actor import Actor
from app.core.i18n import pick
from app.orders import substitutions
from app.orders.substitutions import Offer, OfferView
from app.web.actor import require
from app.web.reading import row_number
from blueprints.api import once
from blueprints.api.dispatch import ORDER
from blueprints.api.dispatch import bp as desk
from blueprints.api.orders import bp
from blueprints.api.schemas import orders as shapes
from blueprints.api.shapes import order_shape

LIST = "/orders/{code}/substitutions"
ONE = f"{LIST}/{{substitution_id}}"


def substitution_shape(view: OfferView) -> dict[str, Any]:
    """An offer as the API answers it."""
    offer = view.offer
    return {
        "id": offer.id,
        "sku": offer.old_variant.sku,
        "name": pick(offer.old_variant.product.name),
        "quantity": offer.old_quantity,
        "replacement": offer.variant.sku,
        "replacement_name": pick(offer.variant.product.name),
        "replacement_quantity": offer.quantity,
        "unit_minor": offer.unit_minor,
        "status": offer.status,
        "total_minor": view.quote.total_minor if view.quote else None,
        "proposed_at": offer.proposed_at,
        "expires_at": offer.expires_at,
        "answered_at": offer.answered_at,
    }


def _list(code: str, actor: Actor) -> dict[str, Any]:
    found = substitutions.offers_of(orders.get_order(code, actor=actor))
    return {"items": [substitution_shape(view) for view in found], "next_cursor": None}


@bp.call("GET", LIST, signed_in=True, summary="Replacements offered")
@bp.response(200, shapes.SubstitutionList)
def list_substitutions(code: str) -> Any:
    """For the order's customer and the store's staff."""
    return _list(code, require())


@bp.call("POST", f"{ONE}/accept", signed_in=True, summary="Yes", parameters=[once.KEY_WELCOME])
@bp.response(200, shapes.Order)
def accept_substitution(code: str, substitution_id: str) -> Any:
    """The order with the replacement. Again changes nothing; 409 `offer-ended` when it ended otherwise."""
    return _answer(code, row_number(substitution_id), accept=True)


@bp.call("POST", f"{ONE}/decline", signed_in=True, summary="No", parameters=[once.KEY_WELCOME])
@bp.response(200, shapes.Order)
def decline_substitution(code: str, substitution_id: str) -> Any:
    """The order as it was. Again changes nothing; 409 `offer-ended` when it ended otherwise."""
    return _answer(code, row_number(substitution_id), accept=False)


def _answer(code: str, offer_id: int, *, accept: bool) -> dict[str, Any]:
    actor = require()

    def answer() -> object:
        return substitutions.answer_substitution(offer_id, accept=accept, code=code, actor=actor)

    once.do_once("substitution", actor, [code, offer_id, accept], answer)
    return order_shape(orders.get_order(code, actor=actor), actor)


@desk.call("POST", f"{ORDER}/substitutions", signed_in=True, summary="Offer", parameters=[once.KEY_WELCOME])
@desk.arguments(shapes.SubstitutionAsked)
@desk.response(200, shapes.SubstitutionList)
def offer_substitution(asked: dict[str, Any], code: str) -> Any:
    """The customer is asked by a message and has 15 minutes; the goods are held until then. The same offer again
    changes nothing; 409 `already-offered` for another one on that line.
    """
    actor = require()
    offer = Offer(**asked)
    once.do_once(
        "offer",
        actor,
        {"code": code} | asked,
        lambda: substitutions.propose_substitution(code, offer, actor=actor),
    )
    return _list(code, actor)


@desk.call(
    "POST",
    f"{ORDER}/substitutions/{{substitution_id}}/withdraw",
    signed_in=True,
    summary="Take the offer back",
    parameters=[once.KEY_WELCOME],
)
@desk.response(200, shapes.SubstitutionList)
def withdraw_substitution(code: str, substitution_id: str) -> Any:
    """What was held goes back to the shelf. 409 `offer-ended` when the customer was faster."""
    actor, offer_id = require(), row_number(substitution_id)
    once.do_once(
        "withdraw",
        actor,
        [code, offer_id],
        lambda: substitutions.withdraw_substitution(code, offer_id, actor=actor),
    )
    return _list(code, actor)
