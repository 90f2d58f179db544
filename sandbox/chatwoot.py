"""Chatwoot's website widget: the page that shops put into a frame, and somebody who answers.

Spoken as the real one does: the frame says `loaded`, the embedding page answers `config-set`, either may close it.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from flask import Blueprint, Response, g, jsonify, render_template, request

bp = Blueprint("chatwoot", __name__, url_prefix="/chatwoot")
GREETING = {
    "en": "Hello! Ask our pharmacist anything.",
    "ru": "Здравствуйте! Спросите нашего фармацевта о чём угодно.",
    "es": "¡Hola! Pregunte lo que quiera a nuestro farmacéutico.",
}
ANSWER = {
    "en": "Thank you. In the demo nobody is at the counter, but your message has arrived.",
    "ru": "Спасибо. В демонстрации за прилавком никого нет, но ваше сообщение дошло.",
    "es": "Gracias. En la demostración no hay nadie en el mostrador, pero su mensaje ha llegado.",
}
HINT = {"en": "Your message", "ru": "Ваше сообщение", "es": "Su mensaje"}
SEND = {"en": "Send", "ru": "Отправить", "es": "Enviar"}
MOST = 200
_guard = threading.Lock()
_said: list[dict[str, Any]] = []


def _language() -> str:
    asked = request.args.get("locale", "en")[:2]
    return asked if asked in GREETING else "en"


@bp.get("/widget")
def widget() -> tuple[Response, int] | Response:
    """The widget's page; any site may embed it, as Chatwoot's."""
    if not request.args.get("website_token"):
        return jsonify(error="web widget does not exist"), 404
    language = _language()
    page = Response(
        render_template(
            "chat.html",
            language=language,
            greeting=GREETING[language],
            hint=HINT[language],
            send=SEND[language],
            nonce=g.nonce,
        )
    )
    page.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'nonce-{g.nonce}'; style-src 'self'; font-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
    )
    return page


@bp.post("/widget/messages")
def say() -> tuple[Response, int]:
    """Take what a visitor wrote and answer."""
    body = request.get_json(silent=True)
    text = str(body.get("content", "")).strip()[:2000] if isinstance(body, dict) else ""
    if not text:
        return jsonify(error="content is missing"), 422
    with _guard:
        _said.append({"content": text, "at": time.time()})
        del _said[:-MOST]
    return jsonify(content=ANSWER[_language()]), 201


@bp.get("/messages.json")
def list_messages() -> Response:
    """What visitors wrote, oldest first, for whoever tries the demo."""
    with _guard:
        return jsonify(list(_said))
