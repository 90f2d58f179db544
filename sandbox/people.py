"""What a person does in the inbox: press, acknowledge, write back; and what tests do for them."""

from __future__ import annotations

import os
import re
import secrets
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox import pushover
from sandbox.desk import desk
from sandbox.telegram_updates import deliver, person, press, say
from sandbox.twilio import NUMBER, callback_headers, number_settings

bp = Blueprint("people", __name__)
Answer = Response | tuple[Response, int]
STOP_WORDS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"}
START_WORDS = {"START", "YES", "UNSTOP"}


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


@bp.post("/telegram/inject")
def inject_update() -> Response | tuple[Response, int]:
    """For tests: hand a bot any update. JSON: bot (id or token), update (without update_id)."""
    asked = request.get_json(silent=True) or {}
    wanted = str(asked.get("bot", ""))
    tokens = [t for t in desk().store.values("telegram.bots") if t == wanted or t.split(":")[0] == wanted]
    if not tokens or not isinstance(asked.get("update"), dict):
        return jsonify(error="bot is the id or token of a bot that has called; update is an object"), 400
    return jsonify(update_id=deliver(tokens[0], asked["update"]))


@bp.post("/telegram/people")
def set_person() -> Response:
    """Names and manners. JSON: id, first_name?, username?, title?, blocked?, left? (users who left)."""
    asked = request.get_json(silent=True) or {}
    key = str(asked.get("id", ""))
    if "blocked" in asked:
        desk().store.set_value("telegram.blocked", key, bool(asked["blocked"]))
    if "title" in asked:
        desk().store.set_value("telegram.titles", key, str(asked["title"]))
    if "left" in asked:
        desk().store.set_value("telegram.left", key, [str(user) for user in asked["left"]])
    named = {k: str(asked[k]) for k in ("first_name", "last_name", "username", "language_code") if k in asked}
    if named:
        desk().store.set_value("telegram.people", key, named)
    return jsonify(ok=True)


@bp.post("/twilio/inbound")
def write_back() -> Response | tuple[Response, int]:
    """A person answers an SMS or WhatsApp message. JSON: from, to, body, channel."""
    asked = request.get_json(silent=True) or {}
    number, body = str(asked.get("from", "")), str(asked.get("body", "")).strip()
    if not NUMBER.fullmatch(number) or not body:
        return jsonify(error="from is a number in E.164, body is not empty"), 400
    word = body.upper()
    if asked.get("channel") != "whatsapp" and word in STOP_WORDS | START_WORDS:
        settings = number_settings(number) | {"sms": "stop" if word in STOP_WORDS else "ok"}
        desk().store.set_value("twilio.numbers", number, settings)
    url = os.environ.get("TWILIO_INBOUND_URL", "")
    if url:
        prefix = "whatsapp:" if asked.get("channel") == "whatsapp" else ""
        sid = "SM" + secrets.token_hex(16)
        form = {
            "MessageSid": sid,
            "SmsSid": sid,
            "AccountSid": str(asked.get("account") or "ACsandbox"),
            "ApiVersion": "2010-04-01",
            "From": prefix + number,
            "To": prefix + str(asked.get("to", "")),
            "Body": body,
            "NumMedia": "0",
            "SmsStatus": "received",
        }
        here = desk()
        headers = callback_headers(url, form)
        here.callbacks.run([(0.0, lambda: here.callbacks.post("twilio", url, data=form, headers=headers))])
    return jsonify(ok=True, posted_to=url, settings=number_settings(number))
