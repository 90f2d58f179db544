"""The sandbox as a WSGI application."""

from __future__ import annotations

import secrets
import threading
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, g, jsonify, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException

from sandbox import (
    authorizenet,
    authorizenet_accept,
    authorizenet_cards,
    biteship,
    chain,
    chaos,
    chatwoot,
    geocoder,
    inbox,
    midtrans,
    money,
    past,
    people,
    pushover,
    sendgrid,
    telegram,
    twilio,
    xendit,
)
from sandbox.callbacks import Callbacks
from sandbox.chaos import Chaos
from sandbox.desk import Desk
from sandbox.store import Store

PAGE_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
OPEN = frozenset({"money.open_form"})
"""What a shop's page may post to: it opens a form there and does nothing."""


class Unsorted(DefaultJSONProvider):
    """Keys as they were written, as the real providers answer."""

    sort_keys = False


def create_app(folder: Path, closing: threading.Event | None = None) -> Flask:
    """The application over the journal in `folder`. `closing` set ends every wait at once."""
    app = Flask("sandbox", root_path=str(Path(__file__).parent))
    app.config["MAX_CONTENT_LENGTH"] = 30 * 1024 * 1024
    app.json = Unsorted(app)
    bell = closing or threading.Event()
    store = Store(folder)
    past.load_past(store, folder)
    app.extensions["sandbox"] = Desk(store, Chaos(), Callbacks(bell), bell)
    app.before_request(refuse_strangers)
    for part in (inbox, people, chaos, pushover, telegram, twilio, sendgrid, biteship, chatwoot, geocoder):
        app.register_blueprint(part.bp)
    for part in (money, authorizenet, authorizenet_accept, midtrans, xendit, chain):
        app.register_blueprint(part.bp)
    app.after_request(harden)
    authorizenet_cards.answer_too()
    authorizenet_accept.answer_too()
    app.register_error_handler(HTTPException, say_error)
    return app


def refuse_strangers() -> tuple[Response, int] | None:
    """A page of another site must not press buttons here; programs send no Origin."""
    g.nonce = secrets.token_urlsafe(16)
    if request.endpoint in OPEN:
        return None
    origin = request.headers.get("Origin")
    if origin and request.method not in ("GET", "HEAD") and urlsplit(origin).netloc != request.host:
        return jsonify(error="foreign origin"), 403
    return None


def harden(answer: Response) -> Response:
    answer.headers.setdefault("Content-Security-Policy", PAGE_POLICY.format(nonce=g.get("nonce", "")))
    answer.headers["X-Content-Type-Options"] = "nosniff"
    # A form of these pages names its origin only when it may: with "no-referrer" a browser sends "null".
    answer.headers["Referrer-Policy"] = "same-origin"
    if request.endpoint != "static":
        answer.headers["Cache-Control"] = "no-store"
    return answer


def say_error(error: HTTPException) -> tuple[Response, int]:
    return jsonify(error=error.name, path=request.path), error.code or 500
