"""Placing an order, seeing it, cancelling it."""

from typing import Any

from app import orders, promise
from app.orders import Action, Address, Details, Kind, PlaceRequest, card_paying, paying
from app.orders.errors import QuoteChanged, SlotUnavailable
from app.promise import SlotTaken
from app.web.actor import require
from blueprints.api import once
from blueprints.api.asking import courier_refusal, slot_refusal
from blueprints.api.problems import fields_named, refuse_field
from blueprints.api.schemas import orders as shapes
from blueprints.api.section import Section
from blueprints.api.shapes import order_shape

bp = Section(
    "orders", "Orders", "A stranger's order is answered like one that does not exist: 404.", guard=require
)

NAMES = {
    "kind": "fulfilment.kind",
    "mode": "fulfilment.mode",
    "slot": "fulfilment.slot",
    "branch": "fulfilment.branch",
    "courier": "fulfilment.courier",
    "address.line1": "fulfilment.address.line1",
    "address.zip": "fulfilment.address.zip",
    "payment": "payment.method",
    "wallet": "payment.wallet_minor",
    "contact_name": "contact.name",
    "contact_phone": "contact.phone",
}
"""The domain's names for what a request says → where the request says it."""


@bp.call("POST", "/orders", signed_in=True, summary="Place an order", parameters=[once.KEY_HEADER])
@bp.arguments(shapes.OrderAsked)
@bp.response(201, shapes.Order)
@bp.alt_response(200, schema=shapes.Order, description="The key had made this order before.")
def place_order(asked: dict[str, Any]) -> Any:
    """All of it or nothing. 409 `out-of-stock` with `items`, `slot-unavailable` with `options`,
    `quote-changed` with `totals` (and, by courier, `couriers`); 422 with `errors`.
    """
    actor, key, wanted = require(), once.required_key(), _wanted(asked)
    if wanted.kind == Kind.courier:
        orders.ask_couriers_for(wanted.items, wanted.address.zip)
    else:
        promise.learn_spot(wanted.address.zip, wanted.address.line1, wanted.address.city)
    try:
        with fields_named(NAMES):
            order, fresh = orders.place_order(wanted, key=key, actor=actor)
    except QuoteChanged as refused:
        if wanted.kind != Kind.courier:
            raise
        raise courier_refusal(refused, wanted) from refused
    except (SlotUnavailable, SlotTaken) as refused:
        raise slot_refusal(refused, wanted) from refused
    return order_shape(order, actor), 201 if fresh else 200


def _wanted(asked: dict[str, Any]) -> PlaceRequest:
    fulfilment, payment, contact = asked["fulfilment"], asked["payment"], asked["contact"] or {}
    # Accepted in the request so that clients need not change later; refused while the store has none.
    if asked["promo_code"]:
        refuse_field("promo_code")
    return PlaceRequest(
        items=tuple((item["sku"], item["qty"]) for item in asked["items"]),
        kind=fulfilment["kind"],
        mode=fulfilment["mode"],
        slot=fulfilment["slot"],
        address=Address(**(fulfilment["address"] or {})),
        branch=fulfilment["branch"] or "",
        courier=fulfilment["courier"] or "",
        payment_method=payment["method"],
        wallet_minor=payment["wallet_minor"],
        contact_name=contact.get("name", ""),
        contact_phone=contact.get("phone", ""),
        birth_date=asked["birth_date"],
        customer_note=asked["customer_note"] or "",
        quote_fingerprint=asked["quote_fingerprint"] or "",
    )


@bp.call("GET", "/orders/{code}", signed_in=True, summary="One order")
@bp.response(200, shapes.Order)
def get_order(code: str) -> Any:
    """For its customer, its driver and the store's staff."""
    actor = require()
    return order_shape(orders.get_order(code, actor=actor), actor)


@bp.call(
    "POST", "/orders/{code}/payments", signed_in=True, summary="Pay again", parameters=[once.KEY_WELCOME]
)
@bp.arguments(shapes.PaymentWanted)
@bp.response(200, shapes.Order)
def pay_again(asked: dict[str, Any], code: str) -> Any:
    """The next try, by the order's method or another one: go to `payment.url`. Earlier tries stay payable; money on
    any of them pays the order once. With `card_id` a kept card is charged at once: 409 `card-declined`, `card-expired`,
    `still-asking` (it may have been charged: look at the order again). 409 `nothing-to-pay`, `method-closed`.
    """
    actor = require()
    if asked["card_id"] is not None:
        card_paying.pay_by_card(code, asked["card_id"], actor=actor)
        return order_shape(orders.get_order(code, actor=actor), actor)

    def pay() -> object:
        return paying.next_attempt(code, actor=actor, method=asked["method"])

    once.do_once("pay", actor, {"code": code} | asked, pay)
    return order_shape(orders.get_order(code, actor=actor), actor)


@bp.call("POST", "/orders/{code}/cancel", signed_in=True, summary="Cancel", parameters=[once.KEY_WELCOME])
@bp.arguments(shapes.CancelAsked)
@bp.response(200, shapes.Order)
def cancel_order(asked: dict[str, Any], code: str) -> Any:
    """Customers while it is pending, staff until it leaves the house. 409 with `allowed` when it is too late."""
    actor = require()
    once.act_once(code, Action.cancel, actor, Details(reason=asked["reason"]))
    return order_shape(orders.get_order(code, actor=actor), actor)
