"""Pushover: https://pushover.net/api, under /pushover.

A wrong token or user is a 400 with Pushover's own words, as in the real service (which has no 401).
Well-formed here means 8 to 64 letters, digits, `_` or `-`; the real ones are 30 letters and digits.
"""

from __future__ import annotations

import re
import secrets
import time
import uuid
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox import chaos
from sandbox.desk import Desk, desk
from sandbox.store import Message

bp = Blueprint("pushover", __name__, url_prefix="/pushover")
KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
MONTHLY_LIMIT = 10_000
PRIORITY_NAMES = {"-2": "lowest", "-1": "low", "0": "normal", "1": "high", "2": "emergency"}
LIMITS = {"title": 250, "url": 512, "url_title": 100}


def _fields() -> dict[str, str]:
    if request.is_json:
        given = request.get_json(silent=True)
        return {k: str(v) for k, v in given.items()} if isinstance(given, dict) else {}
    return {key: str(value) for key, value in request.values.items()}


def _answer(status: int, body: dict[str, Any]) -> Response:
    answer = jsonify(body | {"status": 1 if status < 400 else 0, "request": str(uuid.uuid4())})
    answer.status_code = status
    return answer


def _refuse(status: int, retry_after: int = 0) -> Response:
    words = "application is sending too many messages, slow down" if status == 429 else "internal error"
    return _answer(status, {"errors": [words]})


@bp.before_request
def _disturb() -> Response | None:
    return chaos.disturb("pushover", _refuse)


def _bad_fields(asked: dict[str, str]) -> dict[str, str]:
    """Field name → what is wrong with it, in Pushover's words."""
    bad: dict[str, str] = {}
    if not KEY.fullmatch(asked.get("token", "")):
        bad["token"] = "application token is invalid, see https://pushover.net/api"
    users = asked.get("user", "").split(",")
    if len(users) > 50 or not all(KEY.fullmatch(user) for user in users):
        bad["user"] = "user identifier is not a valid user, group, or subscribed user key"
    message = asked.get("message", "")
    if not message.strip():
        bad["message"] = "message cannot be blank"
    elif len(message) > 1024:
        bad["message"] = "message is too long, it must be at most 1024 characters"
    for name, most in LIMITS.items():
        if len(asked.get(name, "")) > most:
            bad[name] = f"{name} is too long, it must be at most {most} characters"
    return bad | _bad_priority(asked)


def _bad_priority(asked: dict[str, str]) -> dict[str, str]:
    bad: dict[str, str] = {}
    if asked.get("priority", "0") not in PRIORITY_NAMES:
        bad["priority"] = "priority is invalid, must be between -2 and 2"
    elif asked.get("priority") == "2":
        retry, expire = asked.get("retry", ""), asked.get("expire", "")
        if not retry.isdigit() or int(retry) < 30:
            bad["retry"] = "retry must be supplied with priority=2 and be at least 30 seconds"
        if not expire.isdigit() or not 0 < int(expire) <= 10_800:
            bad["expire"] = "expire must be supplied with priority=2 and be at most 10800 seconds"
    return bad


@bp.post("/1/messages.json")
def send_message() -> Response:
    asked = _fields()
    if bad := _bad_fields(asked):
        return _answer(400, dict.fromkeys(bad, "invalid") | {"errors": list(bad.values())})
    emergency = asked.get("priority") == "2"
    receipt = secrets.token_hex(15) if emergency else ""
    for user in asked["user"].split(","):
        _keep(asked, user, receipt)
    answer = _answer(200, {"receipt": receipt} if emergency else {})
    used = len([1 for m in desk().store.newest(hidden=True) if m.provider == "pushover"])
    answer.headers["X-Limit-App-Limit"] = str(MONTHLY_LIMIT)
    answer.headers["X-Limit-App-Remaining"] = str(max(0, MONTHLY_LIMIT - used))
    answer.headers["X-Limit-App-Reset"] = str(int(time.time()) + 30 * 86_400)
    return answer


def _keep(asked: dict[str, str], user: str, receipt: str) -> Message:
    now = int(time.time())
    meta: dict[str, Any] = {
        "token": asked["token"],
        "priority": int(asked.get("priority", "0")),
        "sound": asked.get("sound", ""),
        "html": asked.get("html") == "1",
        "device": asked.get("device", ""),
        "sent_at": now,
    }
    buttons: list[dict[str, Any]] = []
    if receipt:
        meta |= {
            "receipt": receipt,
            "retry": int(asked["retry"]),
            "expires_at": now + int(asked["expire"]),
            "callback": asked.get("callback", ""),
            "tags": [t for t in asked.get("tags", "").split(",") if t],
            "acknowledged_at": 0,
            "cancelled_at": 0,
            "called_back_at": 0,
        }
        buttons.append({"text": "Acknowledge", "action": "acknowledge"})
    if url := asked.get("url"):
        buttons.append({"text": asked.get("url_title") or url, "url": url})
    return desk().store.add(
        channel="pushover",
        provider="pushover",
        to=user,
        title=asked.get("title", ""),
        body=asked["message"],
        buttons=buttons,
        state="ringing" if receipt else "delivered",
        sender="Pushover",
        note=PRIORITY_NAMES[asked.get("priority", "0")],
        ref=receipt,
        meta=meta,
    )


def _ringing(token: str, receipt: str) -> list[Message]:
    """The emergency message of a receipt, once for each recipient; only for the application that sent it."""
    if not receipt:
        return []
    return [
        message
        for message in desk().store.newest(hidden=True)
        if message.meta.get("receipt") == receipt and message.meta["token"] == token
    ]


def _not_found() -> Response:
    return _answer(404, {"receipt": "not found", "errors": ["receipt not found; may be invalid or expired"]})


@bp.get("/1/receipts/<receipt>.json")
def show_receipt(receipt: str) -> Response:
    messages = _ringing(request.args.get("token", ""), receipt)
    if not messages:
        return _not_found()
    # A group's receipt keeps the first acknowledger.
    acknowledged = [m for m in messages if m.meta["acknowledged_at"]]
    first = min(acknowledged, key=lambda m: m.meta["acknowledged_at"]) if acknowledged else messages[-1]
    meta, now = first.meta, int(time.time())
    stopped = meta["acknowledged_at"] or meta["cancelled_at"] or min(now, meta["expires_at"])
    rings = max(0, stopped - meta["sent_at"]) // meta["retry"]
    return _answer(
        200,
        {
            "acknowledged": int(bool(meta["acknowledged_at"])),
            "acknowledged_at": meta["acknowledged_at"],
            "acknowledged_by": first.to if acknowledged else "",
            "acknowledged_by_device": "sandbox" if acknowledged else "",
            "last_delivered_at": meta["sent_at"] + rings * meta["retry"],
            "expired": int(bool(meta["cancelled_at"]) or (not acknowledged and now >= meta["expires_at"])),
            "expires_at": meta["cancelled_at"] or meta["expires_at"],
            "called_back": int(bool(meta["called_back_at"])),
            "called_back_at": meta["called_back_at"],
        },
    )


def _cancel(messages: list[Message]) -> int:
    count = 0
    for message in messages:
        if not message.meta["acknowledged_at"] and not message.meta["cancelled_at"]:
            meta = message.meta | {"cancelled_at": int(time.time())}
            buttons = [b for b in message.buttons if b.get("action") != "acknowledge"]
            desk().store.update(message.id, meta=meta, state="cancelled", buttons=buttons)
            count += 1
    return count


@bp.post("/1/receipts/<receipt>/cancel.json")
def cancel_receipt(receipt: str) -> Response:
    messages = _ringing(_fields().get("token", ""), receipt)
    if not messages:
        return _not_found()
    _cancel(messages)
    return _answer(200, {})


@bp.post("/1/receipts/cancel_by_tag/<tag>.json")
def cancel_by_tag(tag: str) -> Response:
    token = _fields().get("token", "")
    tagged = [
        message
        for message in desk().store.newest(hidden=True)
        if message.meta.get("receipt") and message.meta["token"] == token and tag in message.meta["tags"]
    ]
    return _answer(200, {"canceled": _cancel(tagged)})


@bp.post("/1/users/validate.json")
def validate_user() -> Response:
    asked = _fields()
    bad = _bad_fields(asked | {"message": "-"})
    if bad:
        return _answer(400, dict.fromkeys(bad, "invalid") | {"errors": list(bad.values())})
    return _answer(200, {"group": 0, "devices": ["sandbox"], "licenses": ["Android"]})


def acknowledge(message: Message) -> bool:
    """Do what the Acknowledge button does, for every recipient of the receipt. False: not ringing."""
    here = desk()
    if message.provider != "pushover" or message.state != "ringing" or not message.meta.get("receipt"):
        return False
    now = int(time.time())
    for twin in _ringing(message.meta["token"], message.meta["receipt"]):
        meta = twin.meta | ({"acknowledged_at": now} if twin.id == message.id else {})
        buttons = [button for button in twin.buttons if button.get("action") != "acknowledge"]
        note = f"after {now - twin.meta['sent_at']} s"
        here.store.update(twin.id, meta=meta, state="acknowledged", note=note, buttons=buttons)
    if message.meta["callback"]:
        _call_back(here, message, now)
    return True


def _call_back(here: Desk, message: Message, at: int) -> None:
    mode = here.chaos.take_callback("pushover")
    # Pushover signs nothing: a forged call is one about a receipt that was never given out.
    receipt = secrets.token_hex(15) if mode == "forged" else message.meta["receipt"]
    form = {
        "receipt": receipt,
        "acknowledged": "1",
        "acknowledged_at": str(at),
        "acknowledged_by": message.to,
        "acknowledged_by_device": "sandbox",
    }

    def call() -> None:
        here.callbacks.post("pushover", message.meta["callback"], data=form)
        here.store.update(message.id, meta=message.meta | {"called_back_at": int(time.time())})

    delay = 2.0 if mode == "reordered" else 0.05
    here.callbacks.run([(delay, call)] * (2 if mode == "duplicate" else 1))
