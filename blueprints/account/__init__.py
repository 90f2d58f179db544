"""Signing in and out, and what people keep at the shop: profile, devices, password, orders.

Every module here takes `bp` from this package and is imported below, after `bp` exists.
"""

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.core.errors import SignInRequired
from app.web.errors import say_refusal, wants_json

bp = Blueprint("account", __name__)


@bp.errorhandler(SignInRequired)
def _ask_to_sign_in(error: SignInRequired) -> ResponseReturnValue:
    if wants_json() or request.method != "GET":
        return say_refusal(error)
    return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))


@bp.after_request
def _keep_private(response: Response) -> Response:
    """These pages show a person to themselves: no cache keeps them."""
    response.headers["Cache-Control"] = "no-store"
    return response


from blueprints.account import cards, joining, orders, profile, signing, wallet  # noqa: E402, F401 - routes register on import
