"""Would this do instead? Asked by a signed link; answered by whoever holds it."""

from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.errors import DomainError, ErrorKind
from app.orders import substitutions
from app.orders.cart_view import variant_covers
from app.orders.substitutions import OfferView
from app.web.actor import current_actor
from app.web.errors import STATUS
from app.web.pictures import picture_url
from blueprints.storefront import bp
from blueprints.storefront.age import ungated


def _signature() -> str:
    return request.args.get("t", "")


@bp.get("/replacement/<int:substitution_id>")
@ungated
def replacement(substitution_id: int) -> ResponseReturnValue:
    """The question, or how it ended."""
    return _show(substitutions.get_offer(substitution_id, _signature()))


def _show(view: OfferView, error: DomainError | None = None) -> Response:
    covers = variant_covers([view.offer.old_variant_id, view.offer.variant_id])
    page = render_template(
        "storefront/replacement.html",
        view=view,
        old=_goods(view.offer.old_variant, covers),
        new=_goods(view.offer.variant, covers),
        notice=str(error) if error else "",
        t=_signature(),
    )
    response = Response(page, STATUS[error.kind] if error else 200)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _goods(variant: Any, covers: dict[int, Any]) -> dict[str, Any]:
    cover = covers[variant.id]
    return {
        "name": variant.product.name,
        "label": variant.label,
        "hue": cover.hue,
        "image_url": picture_url(cover.path),
    }


@bp.post("/replacement/<int:substitution_id>/<answer>")
@ungated
def answer_replacement(substitution_id: int, answer: str) -> ResponseReturnValue:
    """`yes`, anything else is a no. The same answer twice is one; a late one is told how it ended."""
    signature = _signature()
    try:
        substitutions.answer_substitution(
            substitution_id, accept=answer == "yes", signature=signature, actor=current_actor()
        )
    except DomainError as error:
        if error.kind is ErrorKind.not_found:
            raise
        return _show(substitutions.get_offer(substitution_id, signature), error)
    return redirect(url_for("storefront.replacement", substitution_id=substitution_id, t=signature), 303)
