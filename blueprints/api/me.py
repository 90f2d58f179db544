"""The caller's own."""

from typing import Any

from app import identity, orders, stores
from app.core.actor import Actor
from app.orders.wallet_story import WalletLine, view_wallet
from app.payments import cards
from app.web.actor import require
from app.web.reading import row_number
from blueprints.api.paging import seal, unseal
from blueprints.api.schemas import orders as shapes
from blueprints.api.schemas import people
from blueprints.api.section import Section
from blueprints.api.shapes import summary_shape

bp = Section("me", "Me", "The holder of the token.", guard=require)


@bp.call("GET", "/me", signed_in=True, summary="Who the token is of")
@bp.response(200, people.Me)
def get_me() -> Any:
    """With the roles held in this store; drivers with their `driver_id`."""
    actor = require()
    return _shape(actor, identity.person_by_id(actor.user_id or 0))


def _shape(actor: Actor, person: identity.Person | None) -> dict[str, Any]:
    assert person is not None  # the token's person was read in this request
    return {
        "id": person.id,
        "name": person.full_name,
        "phone": person.phone,
        "email": person.contact_email,
        "locale": person.locale,
        "birth_date": person.birth_date,
        "roles": sorted(actor.roles),
        "driver_id": actor.driver_id,
        "store": stores.current_store().slug,
    }


@bp.call("GET", "/me/orders", signed_in=True, summary="One's own orders")
@bp.arguments(shapes.PageQuery, location="query")
@bp.response(200, shapes.OrderList)
def list_my_orders(query: dict[str, Any]) -> Any:
    """Newest first."""
    actor, place = require(), unseal("me/orders", query["cursor"])
    if actor.customer_id is None:
        return {"items": [], "next_cursor": None}
    found = orders.orders_of(
        actor.customer_id, before_id=int(place) if place else None, limit=query["limit"] + 1
    )
    shown = found[: query["limit"]]
    more = shown[-1].id if len(found) > len(shown) else None
    return {"items": [summary_shape(order) for order in shown], "next_cursor": seal("me/orders", more)}


@bp.call("GET", "/me/wallet", signed_in=True, summary="One's own wallet")
@bp.arguments(shapes.PageQuery, location="query")
@bp.response(200, people.Wallet)
def get_my_wallet(query: dict[str, Any]) -> Any:
    """What can be spent, what of it ends when, and every operation, newest first."""
    actor, place = require(), unseal("me/wallet", query["cursor"])
    view = view_wallet(actor.customer_id or 0, before_id=int(place) if place else None, limit=query["limit"])
    return {
        "currency": view.currency,
        "balance_minor": view.balance_minor,
        "ending": [{"amount_minor": p.left_minor, "until": p.last_moment} for p in view.parts],
        "items": [_operation(line) for line in view.lines],
        "next_cursor": seal("me/wallet", view.more),
    }


def _operation(line: WalletLine) -> dict[str, Any]:
    one = line.operation
    return {
        "at": one.at,
        "kind": one.moment,
        "title": line.title,
        "reason": line.why,
        "amount_minor": one.amount_minor,
        "balance_minor": one.balance_minor,
        "order": line.order_code or None,
    }


@bp.call("GET", "/me/cards", signed_in=True, summary="One's own kept cards")
@bp.response(200, people.SavedCardList)
def list_my_cards() -> Any:
    """To pay an order by one: POST /orders/{code}/payments with its `card_id`."""
    found = cards.cards_of(require().customer_id)
    return {"items": [vars(card) | {"expired": cards.is_over(card)} for card in found]}


@bp.call("DELETE", "/me/cards/{card_id}", signed_in=True, summary="Remove a kept card")
@bp.response(204)
def remove_my_card(card_id: str) -> Any:
    """From here at once, from the provider's a moment later. 404 for a card of somebody else."""
    cards.remove_card(row_number(card_id), actor=require())
