"""A cart taken up again: from the link of a reminder, which also stops the next one."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.i18n import _
from app.orders import cart as carts
from app.orders import reminders
from app.orders.cart_view import view_cart
from blueprints.storefront import bp
from blueprints.storefront.cart import private, show_cart, writing_owner


def _signature() -> str:
    return request.args.get("t", "")


@bp.get("/cart/kept/<int:cart_id>")
def kept_cart(cart_id: int) -> ResponseReturnValue:
    """What was left in the cart, at today's prices. A look changes nothing: messengers look at links, too."""
    cart = reminders.get_kept_cart(cart_id, _signature())
    view = view_cart(carts.items_of(cart), customer_id=cart.customer_id if cart else None)
    page = render_template("storefront/kept_cart.html", cart=show_cart(view), cart_id=cart_id, t=_signature())
    return private(page)


@bp.post("/cart/kept/<int:cart_id>")
def take_up_cart(cart_id: int) -> ResponseReturnValue:
    """Into the cart of this browser or of whoever is signed in, and there."""
    reminders.take_up_cart(cart_id, _signature(), writing_owner())
    return redirect(url_for("storefront.cart", brought=1), 303)


@bp.get("/cart/reminders/<int:cart_id>")
def cart_reminders(cart_id: int) -> ResponseReturnValue:
    """Asks once: no reminders any more?"""
    reminders.get_reminded_cart(cart_id, _signature())
    return private(render_template("storefront/no_reminders.html", cart_id=cart_id, t=_signature()))


@bp.post("/cart/reminders/<int:cart_id>")
def stop_reminders(cart_id: int) -> ResponseReturnValue:
    """No more of them."""
    reminders.stop_reminders(cart_id, _signature())
    flash(_("We will not remind you of your cart."))
    return redirect(url_for("storefront.home"), 303)
