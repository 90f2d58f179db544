"""The inbox: JSON for programs, a page for people, and what people can press on it."""

from __future__ import annotations

import zlib
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, g, jsonify, render_template, request

from sandbox.chaos import CALL_MODES, CALLBACK_MODES, PROVIDERS
from sandbox.desk import desk
from sandbox.store import CHANNELS, Message

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
    faults = desk().chaos.report()
    revision = f"{store.revision}-{zlib.crc32(repr(faults).encode())}"
    if request.args.get("rev") == revision:
        return Response(status=304)
    counts = dict.fromkeys(CHANNELS, 0)
    for message in store.newest():
        counts[message.channel] += 1
    shown = [_for_page(message) for message in _search()]
    bots = [{"token": t, "name": b["first_name"]} for t, b in store.values("telegram.bots").items()]
    return jsonify(rev=revision, counts=counts, messages=shown, bots=bots, chaos=faults)


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
    if message.channel == "telegram":
        whole["meta"]["person"] = meta["chat"].get("first_name", "")
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
    page = Response(
        '<!doctype html><base target="_blank"><style>body{font:15px/1.5 system-ui,sans-serif}</style>'
        + message.meta["html"],
        mimetype="text/html",
    )
    page.headers["Content-Security-Policy"] = (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
        "img-src http: https: data:; font-src data:; frame-ancestors 'self'"
    )
    return page
