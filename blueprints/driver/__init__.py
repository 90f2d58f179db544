"""The driver's phone: shift, stops, and what is done at the door. Every action is a plain form; the script adds a map,
positions and a queue for places without signal."""

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import dispatch
from app.core.errors import DomainError, ErrorKind, SignInRequired
from app.orders import Action
from app.web.actor import require
from app.web.errors import say_refusal, wants_json
from blueprints.driver.forms import read_details, say_done
from blueprints.driver.page import page_of
from blueprints.live.fixes import read_fixes

bp = Blueprint("driver", __name__, url_prefix="/driver")
STEPS = {"pick-up": Action.pick_up, "deliver": Action.deliver, "fail": Action.fail}
PANELS = {Action.pick_up: "next", Action.deliver: "door", Action.fail: "fail"}


@bp.after_request
def _keep_private(response: Response) -> Response:
    """Names and doors of customers: no cache keeps them."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.errorhandler(SignInRequired)
def _ask_to_sign_in(error: SignInRequired) -> ResponseReturnValue:
    if wants_json() or request.method != "GET":
        return say_refusal(error)
    return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))


@bp.get("")
def home() -> str:
    """The page; `?stop=` chooses a stop, `?panel=` what is done there (next, door, fail)."""
    stop, panel = request.args.get("stop", ""), request.args.get("panel", "next")
    return render_template("driver/home.html", **page_of(require("driver"), stop, panel))


@bp.get("/state")
def state() -> Response:
    """Whether the page is still true: a text that changes with the stops."""
    return jsonify(version=dispatch.bag_version(require("driver")))


@bp.post("/shift")
def shift() -> ResponseReturnValue:
    """Start or end the shift."""
    actor = require("driver")
    try:
        (dispatch.start_shift if request.form.get("to") == "on" else dispatch.end_shift)(actor)
    except dispatch.DeliveriesOpen as refusal:
        return render_template("driver/home.html", **page_of(actor, "", "next", refusal)), 409
    return redirect(url_for(".home"), 303)


@bp.post("/positions")
def positions() -> Response:
    """Fixes over HTTP, when the socket is away."""
    recorded = dispatch.record_positions(require("driver"), read_fixes(request.get_json(silent=True)))
    return jsonify(accepted=recorded.accepted, refused=recorded.refused)


@bp.post("/orders/<code>/<any('pick-up', 'deliver', 'fail'):step>")
def act(code: str, step: str) -> ResponseReturnValue:
    """One action at a stop. What is wrong is said beside its field; a second tap shows the state."""
    actor, action, key = require("driver"), STEPS[step], request.form.get("key", "")[:128]
    try:
        due = dispatch.due_at_stop(code, actor) if action is Action.deliver else 0
        details = read_details(action, request.form, due)
        order, _moved = dispatch.act_at_stop(code, action, actor=actor, details=details, key=key)
    except DomainError as refusal:
        if refusal.kind not in {ErrorKind.invalid, ErrorKind.conflict}:
            raise
        page = page_of(actor, code, PANELS[action], refusal, request.form)
        return render_template("driver/home.html", **page), 422 if refusal.kind is ErrorKind.invalid else 409
    flash(say_done(order), "message")
    return redirect(url_for(".home"), 303)
