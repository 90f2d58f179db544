"""Checkout on one page and in one form: every button sends all of it, so nothing typed is ever lost.

With a script the cards are swapped where they stand; without one a step is a POST, a 303 and the same page.
"""

from datetime import timedelta
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.wrappers import Response

from app import identity, orders, promise, stores
from app.core import clock
from app.core.amounts import show_plain
from app.core.errors import DomainError
from app.core.i18n import _, active_locale
from app.core.money import decimal_mark
from app.orders import cart as carts
from app.orders import checkout
from app.orders.cart import Owner
from app.orders.checkout_view import STEP_OF, STEPS, CheckoutView
from app.orders.states import UNPAID
from app.payments.labels import icon_of
from app.promise import expansion
from app.web.actor import client_ip, current_actor, require_person, sign_in
from app.web.errors import STATUS
from app.web.rendering import show_money
from blueprints.storefront import bp, pay_cards
from blueprints.storefront.cart import COOKIE, current_owner, show_cart, writing_owner
from blueprints.storefront.delivery import is_unreached, said_after
from blueprints.storefront.order_lines import show_lines
from blueprints.storefront.pay import begin_after_placing
from blueprints.storefront.refusals import Refusal, say

PAGE = "storefront/checkout.html"
SHOWN = frozenset({200, 409, 422})
"""Statuses that the script of the page puts into its cards; another would be shown as a broken connection."""

NO_SPOT = frozenset({"courier", "pickup"})
"""Ways for which the door's own spot on the map decides nothing."""


def _person() -> identity.Person | None:
    return require_person() if current_user.is_authenticated else None


def _is_script() -> bool:
    return "HX-Request" in request.headers


@bp.get("/checkout", endpoint="checkout")
def checkout_page() -> ResponseReturnValue:
    """The page, as far as it was filled in."""
    return _show(current_owner(), edit=request.args.get("edit", ""))


def _show(
    owner: Owner,
    *,
    edit: str = "",
    refusal: Refusal | None = None,
    status: int = 200,
    view: CheckoutView | None = None,
) -> Response:
    """The page; `view` spares looking again when nothing was written since."""
    view = view or checkout.load_checkout(owner, _person())
    response = make_response(render_template(PAGE, **_context(view, edit, refusal or Refusal())), status)
    response.headers["Cache-Control"] = "private, no-store"
    checkout.keep_look(view)
    return response


def _context(view: CheckoutView, edit: str, refusal: Refusal) -> dict[str, Any]:
    failed = {STEP_OF.get(field, "") for field in refusal.errors}
    return {
        "view": view,
        "cart": _mark_changes(show_cart(view.cart), view),
        "was": {change.what: change.old_minor for change in view.changes},
        **pay_cards.at_checkout(view.paying.offers),
        "may_remind": bool(stores.current_store().cart_reminder_hours),
        "typed": view.typed,
        "unreached": is_unreached(view.offered),
        "wish_email": request.form.get("wish_email", "")[:300],
        "errors": refusal.errors,
        "notice": refusal.notice,
        "short": refusal.short,
        "open": {step for step in STEPS if step == edit or step in failed or step not in view.done},
        "steps": STEPS,
        "pending_phone": identity.show_phone(view.pending.phone) if view.pending else "",
        "own_phone": identity.show_phone(view.person.phone) if view.person and view.person.phone else "",
        "today": clock.now().astimezone(stores.current_store().zone).date(),
        "nav": "cart",
        "icon_of": icon_of,
        "plain": lambda minor: show_plain(
            minor, stores.current_store().currency, decimal_mark(active_locale())
        ),
    }


def _mark_changes(cart: dict[str, Any], view: CheckoutView) -> dict[str, Any]:
    """The lines whose price changed say what it was."""
    was = {change.sku: change.old_minor for change in view.changes if change.what == "price"}
    for line in cart["lines"]:
        if line["sku"] in was:
            line["note"] = _(
                "%(new)s each, it was %(old)s",
                new=show_money(line["unit_minor"]),
                old=show_money(was[line["sku"]]),
            )
    return cart


@bp.post("/checkout/<step>")
def save_checkout(step: str) -> ResponseReturnValue:
    """Keep all that was typed, then do what the button says; `save` looks what there is to do."""
    owner = writing_owner()
    checkout.save_typed(owner, request.form)
    if request.form.get("kind") not in NO_SPOT:
        promise.learn_spot(*(request.form.get(name, "")[:160] for name in ("zip", "line1", "city")))
    try:
        return _ACTIONS.get(step, _advance)(owner)
    except DomainError as error:
        return _refuse(owner, error)


def _refuse(owner: Owner, error: DomainError) -> Response:
    """The same page with the reason where it belongs, and under the right status."""
    status = STATUS[error.kind]
    if _is_script() and status not in SHOWN:
        status = 422
    response = _show(owner, refusal=say(error), status=status)
    if retry_after := error.data.get("retry_after"):
        response.headers["Retry-After"] = str(retry_after)
    return response


def _advance(owner: Owner) -> Response:
    """Enter was pressed, or a code is complete: the code when one is awaited, else just kept."""
    if request.form.get("code", "").strip() and not current_user.is_authenticated:
        return _verify_code(owner)
    return _go_on(owner)


def _go_on(owner: Owner, edit: str = "", view: CheckoutView | None = None) -> Response:
    if _is_script():
        return _show(owner, edit=edit, view=view)
    view = view or checkout.load_checkout(owner, _person())
    return redirect(
        url_for("storefront.checkout", edit=edit or None, _anchor=f"step-{edit or view.current}"), 303
    )


def _send_code(owner: Owner) -> Response:
    sent = identity.request_otp(request.form.get("phone", ""), client_ip(), active_locale())
    checkout.remember_code(owner, sent.phone, clock.now() + timedelta(seconds=sent.resend_in))
    return _go_on(owner)


def _send_again(owner: Owner) -> Response:
    pending = checkout.load_checkout(owner, None).pending
    sent = identity.request_otp(pending.phone if pending else "", client_ip(), active_locale())
    checkout.remember_code(owner, sent.phone, clock.now() + timedelta(seconds=sent.resend_in))
    return _go_on(owner)


def _change_phone(owner: Owner) -> Response:
    checkout.remember_code(owner)
    return _go_on(owner)


def _verify_code(owner: Owner) -> Response:
    """Sign in by the code and take the cart along."""
    pending = checkout.load_checkout(owner, None).pending
    person = identity.verify_otp(pending.phone if pending else "", request.form.get("code", ""))
    checkout.remember_code(owner)
    actor = sign_in(person)
    customer_id = actor.customer_id or identity.customer_of(person).id
    for message in carts.join_carts(owner.token or request.cookies.get(COOKIE, ""), customer_id):
        flash(message)
    return _reload() if _is_script() else _go_on(Owner(customer_id=customer_id))


def _reload() -> Response:
    """The session is a new one, and so are the page's tokens: the browser asks for the whole page again."""
    response = Response(status=204)
    response.headers["HX-Refresh"] = "true"
    return response


def _finish(step: str) -> Any:
    """Save a card: go on when nothing is missing from it, else say what."""

    def finish(owner: Owner) -> Response:
        view = checkout.load_checkout(owner, _person())
        missing = {field: text for field, text in view.wrong.items() if STEP_OF.get(field) == step}
        if missing:
            return _show(owner, refusal=Refusal(errors=missing), status=422, view=view)
        return _go_on(owner, view=view)

    return finish


def _edit(owner: Owner) -> Response:
    return _go_on(owner, edit=request.form.get("edit", "where"))


def _clip(owner: Owner) -> Response:
    """Go on with what is left of the goods."""
    view = checkout.load_checkout(owner, _person())
    carts.set_lines(owner, view.cart.items)
    return _go_on(owner)


def _accept(owner: Owner) -> Response:
    """What changed is fine; should it have changed once more, the page says so."""
    checkout.accept_changes(owner, _person(), request.form.get("accept", ""))
    return _go_on(owner)


def _place(owner: Owner) -> Response:
    form, actor = request.form, current_actor()
    checkout.ask_couriers(owner)
    order = checkout.place_cart(
        owner,
        _person(),
        key=form.get("key", ""),
        fingerprint=form.get("fingerprint", ""),
        actor=actor,
        accepted=form.get("accept", ""),
    )
    target = url_for("storefront.order_placed", code=order.code)
    if order.payment_status in UNPAID:
        target = begin_after_placing(order, actor)
    if _is_script():
        response = Response(status=204)
        response.headers["HX-Redirect"] = target
        return response
    return redirect(target, 303)


def _wish(owner: Owner) -> Response:
    """To hear when the ZIP that was typed is delivered to; everything typed stays."""
    email = request.form.get("wish_email", "")[:300]
    expansion.ask_for(request.form.get("zip", "")[:12], email)
    flash(said_after(email))
    return _go_on(owner, edit="where")


_ACTIONS = {
    "send-code": _send_code,
    "send-again": _send_again,
    "change-phone": _change_phone,
    "verify": _verify_code,
    "contact": _finish("contact"),
    "where": _finish("where"),
    "when": _finish("when"),
    "payment": _finish("payment"),
    "edit": _edit,
    "clip": _clip,
    "accept": _accept,
    "place": _place,
    "wish": _wish,
}


@bp.get("/orders/<code>")
def order_placed(code: str) -> ResponseReturnValue:
    """Thanks, the code, and where to follow the order; its owner alone may see it."""
    order = orders.get_order(code, actor=current_actor())
    return render_template(
        "storefront/order_placed.html",
        order=order,
        lines=show_lines(order),
        tracking=orders.tracking_url(order.code),
        paying=orders.payment_url(order.code) if order.payment_status in UNPAID else "",
    )
