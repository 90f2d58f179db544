"""The inbox: JSON for programs, a page for people, and what people can press on it."""

from __future__ import annotations

import os
import re
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, g, jsonify, render_template, request

from sandbox import pushover
from sandbox.chaos import CALL_MODES, CALLBACK_MODES, PROVIDERS
from sandbox.desk import desk
from sandbox.store import CHANNELS, Message
from sandbox.telegram_updates import person, press, say

bp = Blueprint("inbox", __name__)
PAGE_LIMIT = 300
Answer = Response | tuple[Response, int]


def _search() -> list[Message]:
    asked = request.args
    return desk().store.search(
        to=asked.get("to", ""),
        channel=asked.get("channel", ""),
        q=asked.get("q", ""),
        since=asked.get("since", 0, type=int),
        limit=max(1, min(1000, asked.get("limit", 100, type=int))),
    )


@bp.get("/inbox.json")
def list_inbox() -> Response:
    """Newest first. Filters: to (exact, or the last digits), channel, q, since (id), limit (100)."""
    return jsonify([m.public() for m in _search() if not m.meta.get("incoming")])


@bp.delete("/inbox.json")
def clear_inbox() -> Response:
    return jsonify(cleared=desk().store.clear())


@bp.get("/healthz")
def healthz() -> Response:
    return jsonify(ok=True, messages=sum(1 for _ in desk().store.newest()))


@bp.get("/callbacks.json")
def list_callbacks() -> Response:
    """How the store answered the last 200 callbacks, newest first; status 0 means no answer."""
    return jsonify(list(reversed(desk().callbacks.log)))


@bp.get("/")
def show_inbox() -> str:
    return render_template(
        "inbox.html",
        nonce=g.nonce,
        channels=CHANNELS,
        providers=PROVIDERS,
        call_modes=CALL_MODES,
        callback_modes=CALLBACK_MODES,
    )


@bp.get("/feed.json")
def feed() -> Answer:
    """What the page shows; 304 when nothing changed since the revision it has."""
    store = desk().store
    revision = store.revision
    if request.args.get("rev") == str(revision):
        return Response(status=304)
    counts = dict.fromkeys(CHANNELS, 0)
    for message in store.newest():
        counts[message.channel] += 1
    shown = [_for_page(message) for message in _search()]
    bots = [{"token": t, "name": b["first_name"]} for t, b in store.values("telegram.bots").items()]
    return jsonify(rev=revision, counts=counts, messages=shown, bots=bots, chaos=desk().chaos.report())


def _for_page(message: Message) -> dict[str, Any]:
    whole = asdict(message)
    meta = whole.pop("meta")
    kept = (
        "entities",
        "priority",
        "expires_at",
        "sent_at",
        "html",
        "files",
        "bot",
        "token",
        "from",
        "account",
        "edited",
        "incoming",
        "sound",
    )
    whole["meta"] = {name: meta[name] for name in kept if name in meta}
    whole["meta"]["html"] = bool(meta.get("html"))
    whole["meta"]["private"] = meta.get("chat", {}).get("type", "private") == "private"
    location = (meta.get("extra") or {}).get("location")
    if location:
        whole["meta"]["location"] = location
    return whole


@bp.get("/mail/<int:message_id>")
def show_letter(message_id: int) -> Answer:
    """A letter's own HTML, shut in: no script, no network but pictures."""
    message = desk().store.get(message_id)
    if message is None or not message.meta.get("html") or message.channel != "email":
        return jsonify(error="no such letter"), 404
    page = Response('<!doctype html><base target="_blank">' + message.meta["html"], mimetype="text/html")
    page.headers["Content-Security-Policy"] = (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
        "img-src http: https: data:; font-src data:; frame-ancestors 'self'"
    )
    return page


# ---- what a person does
def _asked() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


@bp.post("/inbox/<int:message_id>/press")
def press_button(message_id: int) -> Answer:
    """Press a Telegram button. JSON: index (or text), user {id, first_name}?. Waits for the bot's answer."""
    message, asked = desk().store.get(message_id), _asked()
    if message is None or message.provider != "telegram":
        return jsonify(error="no such message"), 404
    index = asked.get("index", -1)
    if "text" in asked:
        index = next((i for i, b in enumerate(message.buttons) if b["text"] == asked["text"]), -1)
    outcome = press(message, int(index), asked.get("user"))
    return (jsonify(outcome), 409) if outcome["kind"] == "none" else jsonify(outcome)


@bp.post("/inbox/<int:message_id>/acknowledge")
def acknowledge(message_id: int) -> Answer:
    """Press Pushover's Acknowledge: stops the ringing and calls back; 409 when it does not ring."""
    message = desk().store.get(message_id)
    if message is None:
        return jsonify(error="no such message"), 404
    if not pushover.acknowledge(message):
        return jsonify(error="not ringing", state=message.state), 409
    return jsonify(state=message.state)


@bp.post("/telegram/say")
def say_to_bot() -> Answer:
    """Write to a bot. JSON: bot (id or token), chat_id, text, user {id, first_name}?, phone?, location?."""
    asked, store = _asked(), desk().store
    wanted = str(asked.get("bot", ""))
    tokens = [t for t in store.values("telegram.bots") if t == wanted or t.split(":")[0] == wanted]
    chat_id = str(asked.get("chat_id", ""))
    if not tokens or not re.fullmatch(r"-?\d{1,16}", chat_id):
        return jsonify(error="bot is one that has called; chat_id is a number"), 400
    user = asked.get("user") or {"id": chat_id if int(chat_id) > 0 else 1}
    if named := {k: str(user[k]) for k in ("first_name", "username", "language_code") if user.get(k)}:
        store.set_value("telegram.people", str(user["id"]), named)
    who = person(int(user["id"]))
    chat: dict[str, Any] = {"id": int(chat_id), "type": "private", "first_name": who["first_name"]}
    if int(chat_id) < 0:
        title = store.value("telegram.titles", chat_id, f"Group {chat_id}")
        chat = {
            "id": int(chat_id),
            "type": "supergroup" if chat_id.startswith("-100") else "group",
            "title": title,
        }
    content: dict[str, Any] = {"text": str(asked.get("text", ""))[:4096]}
    if asked.get("phone"):
        content = {
            "contact": {
                "phone_number": str(asked["phone"]),
                "first_name": who["first_name"],
                "user_id": who["id"],
            }
        }
    if isinstance(asked.get("location"), dict):
        content = {"location": asked["location"]}
    if content.get("text") == "":
        return jsonify(error="text is empty"), 400
    return jsonify(update_id=say(tokens[0], chat, who, content))


@bp.app_context_processor
def links() -> dict[str, str]:
    return {"store_url": os.environ.get("SANDBOX_STORE_URL", "")}
