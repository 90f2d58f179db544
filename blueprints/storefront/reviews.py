"""How was it? Asked by a signed link after delivery, or of the signed-in buyer."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import marketing, orders
from app.core.errors import DomainError, InvalidInput
from app.core.i18n import _
from app.marketing.reviews import Rating, products_of
from app.orders import Order
from app.web.actor import current_actor
from app.web.errors import STATUS
from blueprints.storefront import bp
from blueprints.storefront.age import ungated
from blueprints.storefront.order_lines import show_lines

PAGE = "storefront/review.html"


def _load(code: str) -> Order:
    """By the link's signature when there is one, else as the signed-in buyer; NotFound for everybody else."""
    if signature := request.args.get("t", ""):
        return orders.get_order_by_link(code, signature, "review")
    return orders.get_order(code, actor=current_actor())


@bp.get("/review/<code>")
@ungated
def review_order(code: str) -> ResponseReturnValue:
    """The form, or what was said before."""
    return _show(_load(code))


def _show(order: Order, error: DomainError | None = None) -> Response:
    errors = error.errors if isinstance(error, InvalidInput) else {}
    page = render_template(
        PAGE,
        order=order,
        lines=show_lines(order),
        products=products_of(order),
        said=marketing.reviews_of(order),
        ready=marketing.can_review(order),
        signature=request.args.get("t", ""),
        typed=request.form,
        errors=errors,
        notice=str(error) if error and not errors else "",
    )
    return Response(page, STATUS[error.kind] if error else 200)


@bp.post("/review/<code>")
@ungated
def submit_review(code: str) -> ResponseReturnValue:
    """Keep what was said; what has no stars was not reviewed."""
    order = _load(code)
    try:
        marketing.submit_review(order, _read(order))
    except DomainError as error:
        return _show(_load(code), error)
    flash(_("Thank you. We read every word."))
    return redirect(url_for("storefront.review_order", code=code, t=request.args.get("t")), 303)


def _read(order: Order) -> list[Rating]:
    known: list[int | None] = [None, *(product.id for product in products_of(order))]
    return [rating for product_id in known if (rating := _rating(request.form, product_id)) is not None]


def _rating(form: Any, product_id: int | None) -> Rating | None:
    name = product_id or "order"
    stars, body = form.get(f"stars-{name}", ""), form.get(f"body-{name}", "")
    if not stars and not body.strip():
        return None
    return Rating(int(stars) if stars in {"1", "2", "3", "4", "5"} else 0, body, product_id)
