"""The customer's tracking page: by signed link, without signing in; live, and whole without a script."""

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import orders
from app.core.errors import NotFound
from app.web.actor import current_actor
from blueprints.live.catchup import open_order, state_of, view_of
from blueprints.track.page import page_of

bp = Blueprint("track", __name__, url_prefix="/track")


@bp.after_request
def _keep_private(response: Response) -> Response:
    """Where somebody's parcel is concerns nobody else: no cache keeps it, no other site learns of the link."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.get("")
def find() -> ResponseReturnValue:
    """Ask for an order's code. Orders of whoever is signed in open at once; others need the link of the message."""
    code = request.args.get("code", "").strip().upper()
    if not code:
        return render_template("track/find.html", code="", missing=False)
    try:
        order = orders.get_order(code, actor=current_actor())
    except NotFound:
        return render_template("track/find.html", code=code, missing=True), 404
    return redirect(url_for(".show", code=order.code, t=orders.token("track", order.code)))


@bp.get("/<code>")
def show(code: str) -> str:
    """The page."""
    return render_template("track/show.html", **page_of(view_of(_order(code)), _link()))


@bp.get("/<code>/sheet")
def sheet(code: str) -> str:
    """What stands beside the map, for a page that heard of a change."""
    return render_template("track/_sheet.html", **page_of(view_of(_order(code)), _link()))


@bp.get("/<code>/events")
def events(code: str) -> Response:
    """State and positions after a number, for a page whose socket is silent."""
    after = request.args.get("after", 0, type=int)
    return jsonify(state_of(_order(code), max(0, after)))


def _link() -> str:
    return request.args.get("t", "")


def _order(code: str) -> orders.Order:
    return open_order(code, _link())
