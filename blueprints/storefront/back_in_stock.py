"""Tell me when it is back: asked on the product's page, ended by the link in the notice. Works without a script."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.errors import DomainError, InvalidInput
from app.inventory import watches
from app.web.actor import client_ip, current_actor
from app.web.errors import STATUS
from blueprints.storefront import bp
from blueprints.storefront.age import ungated
from blueprints.storefront.refusals import say
from blueprints.storefront.shop import render_product


@bp.post("/p/<slug>/back-in-stock")
def ask_back(slug: str) -> ResponseReturnValue:
    """Note the wish, or show the page again with what was typed and what is wrong with it."""
    form, actor = request.form, current_actor()
    try:
        watches.watch_variant(
            form.get("sku", "")[:40], form.get("contact", ""), user_id=actor.user_id, ip=client_ip()
        )
    except DomainError as error:
        return _show_again(slug, error)
    return redirect(url_for("storefront.product", slug=slug, told=1, _anchor="back"), 303)


def _show_again(slug: str, error: DomainError) -> ResponseReturnValue:
    errors = error.errors if isinstance(error, InvalidInput) else {"contact": say(error).notice or str(error)}
    page = render_product(slug, back_error=errors.get("contact", ""), typed=request.form.get("contact", ""))
    return page, STATUS[error.kind], {"Cache-Control": "private, no-store"}


@bp.get("/back-in-stock/<int:watch_id>")
@ungated
def leave_back(watch_id: int) -> ResponseReturnValue:
    """Ask before the wish is ended: messengers look at links, too."""
    return _show_wish(watches.get_watch(watch_id, _signature()))


@bp.get("/back-in-stock/<int:watch_id>/goods")
@ungated
def show_back(watch_id: int) -> ResponseReturnValue:
    """From the notice to the goods; its address names neither."""
    variant = watches.get_watch(watch_id, _signature()).variant
    return redirect(url_for("storefront.product", slug=variant.product.slug, sku=variant.sku), 303)


@bp.post("/back-in-stock/<int:watch_id>")
@ungated
def stop_back(watch_id: int) -> ResponseReturnValue:
    """End it."""
    return _show_wish(watches.end_watch(watch_id, _signature()), stopped=True)


def _show_wish(watch: watches.StockWatch, stopped: bool = False) -> ResponseReturnValue:
    page = render_template(
        "storefront/back_in_stock.html",
        watch=watch,
        product=watch.variant.product,
        t=_signature(),
        stopped=stopped,
    )
    return page, 200, {"Cache-Control": "private, no-store"}


def _signature() -> str:
    return request.args.get("t", "")
