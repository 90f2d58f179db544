"""One's own orders in this store: the list, one of them, and taking one back while nobody has begun with it."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import identity, marketing, orders, shipping
from app.core.actor import Actor
from app.core.errors import DomainError, NotFound
from app.core.i18n import _
from app.orders import Action, Details, Order
from app.orders.reorder import reorder
from app.orders.states import FINAL, UNPAID, Kind, allowed
from app.orders.story import tell_story
from app.orders.substitutions import offers_of
from app.web.actor import current_actor, require_person
from blueprints.account import bp
from blueprints.account.forms import show_again
from blueprints.account.money_back import refunds_told
from blueprints.storefront.cart import current_owner
from blueprints.storefront.order_lines import show_lines

PAGE_SIZE = 20


def _me() -> Actor:
    require_person()
    return current_actor()


def _own(code: str) -> Order:
    """The order when this person bought it; staff see others' orders at their own desks."""
    actor = _me()
    order = orders.get_order(code, actor=actor)
    if order.customer_id != actor.customer_id:
        raise NotFound
    return order


@bp.get("/account/orders", endpoint="orders")
def orders_page() -> ResponseReturnValue:
    """Newest first; `before` continues."""
    customer_id = _me().customer_id or identity.customer_of(require_person()).id
    before = request.args.get("before", type=int)
    found = orders.orders_of(customer_id, before_id=before, limit=PAGE_SIZE + 1)
    page = found[:PAGE_SIZE]
    more = page[-1].id if len(found) > PAGE_SIZE else None
    return render_template("account/orders.html", orders=page, more=more, nav="orders")


@bp.get("/account/orders/<code>", endpoint="order")
def order_page(code: str) -> ResponseReturnValue:
    """One order with all that happened to it."""
    return render_template("account/order.html", **_context(_own(code)))


def _context(order: Order) -> dict[str, Any]:
    roles = frozenset({"customer"})
    return {
        "order": order,
        "lines": show_lines(order),
        "story": tell_story(order),
        "tracking": orders.tracking_url(order.code),
        "paying": orders.payment_url(order.code)
        if order.payment_status in UNPAID and order.status not in FINAL
        else "",
        "may_cancel": Action.cancel in allowed(order.kind, order.status, roles),
        "may_review": marketing.can_review(order),
        "reason": request.form.get("reason", ""),
        "question": next((one for one in offers_of(order) if one.is_open), None),
        "question_url": orders.substitution_url,
        "parcel": shipping.shipment_of(order.id) if order.kind is Kind.courier else None,
        "given_back": refunds_told(order),
        "nav": "orders",
    }


@bp.post("/account/orders/<code>/again")
def order_again(code: str) -> ResponseReturnValue:
    """The same goods into the cart, as far as they can be had; the cart's page says what is different."""
    actor = _me()
    reorder(code, current_owner(), actor=actor)
    return redirect(url_for("storefront.cart", brought=1), 303)


@bp.post("/account/orders/<code>/cancel")
def cancel_order(code: str) -> ResponseReturnValue:
    """Take it back, with a reason, while it is pending."""
    _own(code)
    details = Details(reason=request.form.get("reason", "").strip()[:200])
    try:
        orders.act(code, Action.cancel, actor=current_actor(), details=details)
    except DomainError as error:
        return show_again("account/order.html", error, **_context(_own(code)))
    flash(_("Your order is cancelled. You owe nothing."))
    return redirect(url_for("account.order", code=code), 303)
