"""For machines that watch this one: is it alive, is it ready."""

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from app import health

bp = Blueprint("ops", __name__)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """200 only when database, Valkey, a worker and the relay are alive."""
    checks = health.check()
    return jsonify(checks=checks), 200 if all(checks.values()) else 503


@bp.get("/.well-known/security.txt")
def security_txt() -> ResponseReturnValue:
    """Where to report a vulnerability."""
    return Response(
        "Contact: mailto:security@theriac.dev\nPreferred-Languages: en, ru, es\n", mimetype="text/plain"
    )
