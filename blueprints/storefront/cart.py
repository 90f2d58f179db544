"""The cart: quoted for the browser that keeps its own, kept here for the one without a script."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import (
    Response,
    after_this_request,
    current_app,
    flash,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.local import LocalProxy

from app import identity, promise
from app.core import clock, crypto
from app.core.errors import InvalidInput
from app.core.i18n import _, _n
from app.orders import cart as carts
from app.orders.cart import Owner
from app.orders.cart_view import MOST_LINES, CartView, view_cart
from app.web.actor import current_actor, require_person
from app.web.pictures import picture_url
from app.web.rendering import show_money
from app.web.sharing import never_share_with
from blueprints.storefront import bp
from blueprints.storefront.returning import safe_path

COOKIE = "cart"
KEPT = timedelta(days=30)
never_share_with(COOKIE)


def current_owner() -> Owner:
    """Whose cart this request speaks of. At the first request after sign-in the browser's cart joins the customer's."""
    token = request.cookies.get(COOKIE, "")
    if not current_user.is_authenticated:
        return Owner(token=token)
    customer_id = current_actor().customer_id or identity.customer_of(require_person()).id
    if token and "cart_joined" not in g:
        g.cart_joined = True
        for message in carts.join_carts(token, customer_id):
            flash(message)
    return Owner(customer_id=customer_id)


def writing_owner() -> Owner:
    """The same for a request that writes: a browser without a cart gets the cookie of a new one."""
    owner = current_owner()
    if owner.customer_id is not None or carts.find_cart(owner) is not None:
        return owner
    token = crypto.random_token()
    after_this_request(lambda response: _give_cookie(response, token))
    return Owner(token=token)


def _give_cookie(response: Response, token: str) -> Response:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(COOKIE, token, max_age=KEPT, httponly=True, secure=secure, samesite="Lax")
    return response


@bp.get("/cart", endpoint="cart")
def cart_page() -> ResponseReturnValue:
    """The cart as a page; a script fills it from what the browser keeps."""
    owner = current_owner()
    kept = carts.find_cart(owner)
    view = _look(owner, carts.items_of(kept))
    brought = kept.checkout.get("brought") if kept and "brought" in request.args else None
    return private(
        render_template(
            "storefront/cart.html", cart=show_cart(view), brought=brought, nav="cart", cart_count=view.count
        )
    )


@bp.post("/cart/quote")
def quote_cart() -> ResponseReturnValue:
    """What these lines come to; nothing is kept."""
    lines = read_lines()
    return jsonify(_answer(_look(current_owner(), items_in(lines)), lines))


@bp.put("/cart")
def put_cart() -> ResponseReturnValue:
    """Leave the browser's cart here before checkout."""
    lines, owner = read_lines(), writing_owner()
    view = _look(owner, items_in(lines))
    carts.set_lines(owner, view.items)
    return jsonify(_answer(view, lines))


@bp.post("/cart/add")
def add_to_cart() -> ResponseReturnValue:
    """One product more, from a form without a script; back to the page it stood on."""
    messages = carts.add_item(writing_owner(), request.form.get("sku", "")[:40], _quantity(default=1))
    for message in messages or (_("Added to your cart"),):
        flash(message)
    return redirect(_back(), 303)


@bp.post("/cart/set")
def set_quantity() -> ResponseReturnValue:
    """Another quantity of one line, 0 takes it out."""
    for message in carts.set_item(writing_owner(), request.form.get("sku", "")[:40], _quantity(default=0)):
        flash(message)
    return redirect(_back(), 303)


def _back() -> str:
    """The page of ours the form stood on, else the cart."""
    home = f"{request.scheme}://{request.host}"
    referrer = request.referrer or ""
    return (
        safe_path(referrer.removeprefix(home))
        if referrer.startswith(f"{home}/")
        else url_for("storefront.cart")
    )


def _quantity(default: int) -> int:
    value = request.form.get("qty", default, type=int)
    return max(0, value)


@dataclass(frozen=True)
class LineAsked:
    """A line of a browser's cart. `seen` is the unit price it was last shown, minor units; None: never shown."""

    sku: str
    qty: int
    seen: int | None = None


def items_in(lines: list[LineAsked]) -> list[tuple[str, int]]:
    """(SKU, quantity) of each."""
    return [(line.sku, line.qty) for line in lines]


def read_lines() -> list[LineAsked]:
    """The JSON body {lines: [{sku, qty, seen?}]}. InvalidInput(lines) when it is something else."""
    body = request.get_json(silent=True)
    lines = body.get("lines") if isinstance(body, dict) else None
    if not isinstance(lines, list) or len(lines) > MOST_LINES:
        raise InvalidInput({"lines": _("Send up to %(count)s lines.", count=MOST_LINES)})
    found = []
    for line in lines:
        sku, qty = (line.get("sku"), line.get("qty")) if isinstance(line, dict) else (None, None)
        if not isinstance(sku, str) or not 0 < len(sku) <= 40 or not sku.isprintable():
            raise InvalidInput({"lines": _("Each line has a sku and a qty above zero.")})
        if type(qty) is not int or not 0 < qty < 1000:
            raise InvalidInput({"lines": _("Each line has a sku and a qty above zero.")})
        seen = line.get("seen")
        found.append(LineAsked(sku, qty, seen if type(seen) is int and 0 <= seen < 10**12 else None))
    return found


def _look(owner: Owner, items: list[tuple[str, int]]) -> CartView:
    """The cart, with delivery when this customer has said where to."""
    kept = carts.find_cart(owner)
    typed = kept.checkout.get("typed", {}) if kept else {}
    area = place = None
    if typed.get("zip") and typed.get("kind", "driver") == "driver":
        now = clock.now()
        spot = promise.known_spot(typed["zip"], typed.get("line1", ""), typed.get("city", ""))
        offered = promise.options(promise.load_world(now), promise.Ask(now=now, zip=typed["zip"], spot=spot))
        area, place = offered.area, offered.place
    return view_cart(items, area=area, branch_id=place.id if place else None, customer_id=owner.customer_id)


def _say_prices(view: CartView, asked: list[LineAsked]) -> list[str]:
    """A sentence for each price that is not the one this browser was shown."""
    seen = {line.sku: line.seen for line in asked if line.seen is not None}
    return [
        _(
            "%(name)s costs %(new)s now; it was %(old)s.",
            name=line.name,
            new=show_money(line.unit_minor),
            old=show_money(seen[line.sku]),
        )
        for line in view.lines
        if seen.get(line.sku, line.unit_minor) != line.unit_minor
    ]


def _answer(view: CartView, asked: list[LineAsked]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "html": render_template("storefront/_cart_panel.html", cart=show_cart(view)),
        "count": view.count,
        "count_label": _n("%(num)d item", "%(num)d items", view.count) if view.count else "",
        "total": show_money(view.goods_minor),
        "prices": {line.sku: line.unit_minor for line in view.lines},
    }
    if view.items != items_in(asked):
        answer["lines"] = [{"sku": sku, "qty": qty} for sku, qty in view.items]
    if messages := [*view.messages, *_say_prices(view, asked)]:
        answer["messages"] = messages
    return answer


def show_cart(view: CartView) -> dict[str, Any]:
    """What the cart templates read: the view, with addresses for its pictures and products."""
    lines = [
        vars(line)
        | {"url": url_for("storefront.product", slug=line.slug), "image_url": picture_url(line.image_path)}
        for line in view.lines
    ]
    return {
        "lines": lines,
        "quote": view.quote,
        "area": view.area,
        "messages": view.messages,
        "count": view.count,
    }


def private(page: str) -> Response:
    """The page, for nobody else and not to be kept."""
    response = Response(page)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _count() -> int:
    if "cart_count" not in g:
        owner = current_owner() if request.blueprint else Owner()
        g.cart_count = carts.count_units(owner)
    count: int = g.cart_count
    return count


@bp.app_context_processor
def _badge() -> dict[str, Any]:
    """How many things the server's cart holds; asked for only when a template shows it to somebody who may have one."""
    if not (COOKIE in request.cookies or current_user.is_authenticated):
        return {"cart_count": 0}
    return {"cart_count": LocalProxy(_count)}
