"""Telegram Bot API under /telegram/bot<token>/<method>, for any token shaped like `123456:letters`.

What is sent lands in the inbox; a person's presses and words come back as updates, by webhook (with
X-Telegram-Bot-Api-Secret-Token) or by getUpdates. Unlike Telegram it takes webhook and button addresses
on this machine.
"""

from __future__ import annotations

import json
import re
import time
import zlib
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox import chaos, markup
from sandbox.desk import desk
from sandbox.store import Message
from sandbox.telegram_updates import as_telegram, bot_of, known_message, pending, person

bp = Blueprint("telegram", __name__, url_prefix="/telegram")
TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{3,}")
POLL_SECONDS_MOST = 50
Given = dict[str, Any]


class Refused(Exception):
    def __init__(self, description: str, code: int = 400, **parameters: Any) -> None:
        super().__init__(description)
        self.description, self.code, self.parameters = description, code, parameters


def _error(code: int, description: str, parameters: Given | None = None) -> Response:
    body: Given = {"ok": False, "error_code": code, "description": description}
    answer = jsonify(body | ({"parameters": parameters} if parameters else {}))
    answer.status_code = code
    return answer


def _refuse(status: int, retry_after: int = 0) -> Response:
    if status == 429:
        return _error(429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after})
    return _error(status, "Internal Server Error")


def _given() -> Given:
    """The parameters: query, form or JSON; nested ones may come as JSON text."""
    given: Given = request.args.to_dict() | request.form.to_dict()
    body = request.get_json(silent=True) if request.is_json else None
    given |= body if isinstance(body, dict) else {}
    for name, value in given.items():
        if isinstance(value, str) and value[:1] in "[{" and name not in ("text", "caption"):
            try:
                given[name] = json.loads(value)
            except ValueError:
                raise Refused(f"Bad Request: can't parse {name} JSON object") from None
    return given


@bp.route("/bot<token>/<method>", methods=["GET", "POST"])
def call_method(token: str, method: str) -> Response:
    name = method.lower()
    if fault := chaos.disturb("telegram", _refuse, count=name != "getupdates"):
        return fault
    if not TOKEN.fullmatch(token):
        return _error(401, "Unauthorized")
    act = METHODS.get(name)
    if act is None:
        return _error(404, "Not Found")
    bot_of(token)
    try:
        return jsonify(ok=True, result=act(token, _given()))
    except Refused as refused:
        return _error(refused.code, refused.description, refused.parameters)


# ---- chats and messages
def _chat(given: Given) -> Given:
    wanted = str(given.get("chat_id", "")).strip()
    if not wanted:
        raise Refused("Bad Request: chat_id is empty")
    if wanted.startswith("@"):
        return {
            "id": -1_000_000_000_000 - zlib.crc32(wanted.encode()),
            "type": "channel",
            "title": wanted[1:],
            "username": wanted[1:],
        }
    if not re.fullmatch(r"-?\d{1,16}", wanted):
        raise Refused("Bad Request: chat not found")
    if desk().store.value("telegram.blocked", wanted):
        raise Refused("Forbidden: bot was blocked by the user", 403)
    chat_id = int(wanted)
    if chat_id > 0:
        known = person(chat_id)
        return {"id": chat_id, "type": "private"} | {
            k: known[k] for k in ("first_name", "username") if k in known
        }
    title = desk().store.value("telegram.titles", wanted, f"Group {wanted}")
    return {"id": chat_id, "type": "supergroup" if wanted.startswith("-100") else "group", "title": title}


def _text(given: Given, name: str = "text", most: int = 4096) -> tuple[str, list[Given]]:
    try:
        text, entities = markup.parse(str(given.get(name) or ""), str(given.get("parse_mode") or ""))
    except markup.CannotParse as error:
        raise Refused(f"Bad Request: can't parse entities: {error}") from error
    if given.get("entities"):
        entities = given["entities"]
    if name == "text" and not text:
        raise Refused("Bad Request: message text is empty")
    if markup.units(text) > most:
        raise Refused(f"Bad Request: message {'caption ' if name == 'caption' else ''}is too long")
    return text, entities


def _buttons(reply_markup: Any) -> list[Given]:
    """The keyboard as a flat list, each with its row. An inline button does exactly one thing."""
    if not isinstance(reply_markup, dict):
        return []
    rows = reply_markup.get("inline_keyboard") or []
    flat = [_inline_button(button) | {"row": number} for number, row in enumerate(rows) for button in row]
    for number, row in enumerate(reply_markup.get("keyboard") or []):
        for button in row:
            whole = {"text": button} if isinstance(button, str) else dict(button)
            flat.append(whole | {"reply": True, "row": number})
    return flat


def _inline_button(button: Given) -> Given:
    text = str(button.get("text") or "")
    if not text:
        raise Refused('Bad Request: can\'t parse inline keyboard button: Field "text" must be non-empty')
    if "callback_data" in button and not 1 <= len(str(button["callback_data"]).encode()) <= 64:
        raise Refused("Bad Request: BUTTON_DATA_INVALID")
    if "url" in button and not re.match(r"(https?|tg)://[^\s/]+", str(button["url"])):
        raise Refused(f"Bad Request: inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    if not set(button) - {"text", "style", "icon_custom_emoji_id"}:
        words = "Text buttons are unallowed in the inline keyboard"
        raise Refused(f"Bad Request: can't parse inline keyboard button: {words}")
    return dict(button)


def _send(token: str, given: Given, text: str, entities: list[Given], extra: Given | None = None) -> Given:
    chat = _chat(given)
    keyboard = given.get("reply_markup") or {}
    if not isinstance(keyboard, dict):
        raise Refused("Bad Request: object expected as reply markup")
    number = desk().store.next_number("telegram.message")
    reply = given.get("reply_parameters") or {}
    bot = bot_of(token)
    message = desk().store.add(
        channel="telegram",
        provider="telegram",
        to=str(given["chat_id"]).strip(),
        title=chat.get("title", ""),
        body=text,
        buttons=_buttons(keyboard),
        sender=bot["first_name"],
        state="sent",
        note="keyboard removed" if keyboard.get("remove_keyboard") else "",
        ref=f"{bot['id']}:{chat['id']}:{number}",
        meta={
            "token": token,
            "bot": bot["username"],
            "chat": chat,
            "message_id": number,
            "date": int(time.time()),
            "entities": entities,
            "markup": keyboard,
            "extra": extra,
            "thread": given.get("message_thread_id"),
            "reply_to": (reply if isinstance(reply, dict) else {}).get("message_id")
            or given.get("reply_to_message_id"),
        },
    )
    return as_telegram(message)


def send_message(token: str, given: Given) -> Given:
    text, entities = _text(given)
    return _send(token, given, text, entities)


def _send_file(kind: str) -> Callable[[str, Given], Given]:
    def send(token: str, given: Given) -> Given:
        text, entities = _text(given, "caption", 1024)
        upload = request.files.get(kind) or next(iter(request.files.values()), None)
        if not upload and not given.get(kind):
            raise Refused(f"Bad Request: there is no {kind} in the request")
        name = (upload.filename if upload else str(given.get(kind))) or kind
        size = len(upload.read()) if upload else 0
        file = {
            "file_id": f"sandbox-{zlib.crc32(name.encode()):08x}",
            "file_unique_id": f"{zlib.crc32(name.encode()):08x}",
            "file_size": size,
        }
        shape: Any = file | {"file_name": name}
        if kind == "photo":
            shape = [file | {"width": 640, "height": 480}]
        return _send(token, given, text, entities, {kind: shape})

    return send


def send_location(token: str, given: Given) -> Given:
    try:
        point: Given = {name: float(given[name]) for name in ("latitude", "longitude")}
    except (KeyError, ValueError) as error:
        raise Refused("Bad Request: can't parse location") from error
    if given.get("live_period"):
        point["live_period"] = int(given["live_period"])
    return _send(token, given, "", [], {"location": point})


def _own_message(token: str, given: Given, action: str) -> Message:
    message = known_message(token, _chat(given)["id"], given.get("message_id"))
    if message is None or message.state == "deleted":
        raise Refused(f"Bad Request: message to {action} not found")
    return message


def _edit(message: Message, text: str, entities: list[Given], keyboard: Any) -> Given:
    """An edit that changes nothing is an error, as in Telegram. No keyboard given: it goes away."""
    keyboard = keyboard or {}
    if (text, keyboard) == (message.body, message.meta["markup"]) and entities == message.meta["entities"]:
        raise Refused(
            "Bad Request: message is not modified: specified new message content and reply markup are "
            "exactly the same as a current content and reply markup of the message"
        )
    meta = message.meta | {"entities": entities, "markup": keyboard, "edited": int(time.time())}
    desk().store.update(message.id, body=text, buttons=_buttons(keyboard), meta=meta, state="edited")
    return as_telegram(message)


def edit_text(token: str, given: Given) -> Given | bool:
    text, entities = _text(given)
    if given.get("inline_message_id"):
        return True
    return _edit(_own_message(token, given, "edit"), text, entities, given.get("reply_markup"))


def edit_caption(token: str, given: Given) -> Given:
    text, entities = _text(given, "caption", 1024)
    return _edit(_own_message(token, given, "edit"), text, entities, given.get("reply_markup"))


def edit_markup(token: str, given: Given) -> Given:
    message = _own_message(token, given, "edit")
    return _edit(message, message.body, message.meta["entities"], given.get("reply_markup"))


def delete_message(token: str, given: Given) -> bool:
    message = _own_message(token, given, "delete")
    desk().store.update(message.id, state="deleted", buttons=[])
    return True


def answer_callback(token: str, given: Given) -> bool:
    query_id = str(given.get("callback_query_id", ""))
    here = desk()
    if here.store.value("telegram.queries", query_id) is None:
        raise Refused("Bad Request: query is too old and response timeout expired or query ID is invalid")
    answer = {
        "answered": True,
        "text": given.get("text") or "",
        "url": given.get("url") or "",
        "show_alert": str(given.get("show_alert", "")).lower() == "true",
    }
    here.store.set_value("telegram.queries", query_id, answer)
    with here.updates:
        here.updates.notify_all()
    return True


# ---- bots and updates
def set_webhook(token: str, given: Given) -> bool:
    url, secret = str(given.get("url") or ""), str(given.get("secret_token") or "")
    if url and not re.match(r"https?://[^\s/]+", url):
        raise Refused("Bad Request: bad webhook: invalid webhook URL specified")
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise Refused("Bad Request: secret token contains unallowed characters")
    if str(given.get("drop_pending_updates", "")).lower() == "true":
        pending(token).clear()
    hook = {"url": url, "secret": secret, "allowed_updates": given.get("allowed_updates") or []}
    desk().store.set_value("telegram.webhooks", token, hook)
    return True


def delete_webhook(token: str, given: Given) -> bool:
    return set_webhook(token, given | {"url": "", "secret_token": ""})


def webhook_info(token: str, given: Given) -> Given:
    hook = desk().store.value("telegram.webhooks", token) or {}
    info: Given = {
        "url": hook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": len(pending(token)),
        "max_connections": 40,
    }
    return info | ({"allowed_updates": hook["allowed_updates"]} if hook.get("allowed_updates") else {})


def get_updates(token: str, given: Given) -> list[Given]:
    """Long polling; an offset confirms everything before it."""
    here = desk()
    if (here.store.value("telegram.webhooks", token) or {}).get("url"):
        raise Refused(
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to "
            "delete the webhook first",
            409,
        )
    offset, limit = int(given.get("offset") or 0), min(100, max(1, int(given.get("limit") or 100)))
    until = time.monotonic() + min(POLL_SECONDS_MOST, float(given.get("timeout") or 0))
    queue = pending(token)
    with here.updates:
        while True:
            if offset > 0:
                queue[:] = [update for update in queue if update["update_id"] >= offset]
            elif offset < 0:
                queue[:] = queue[offset:]
            left = until - time.monotonic()
            if queue or left <= 0 or here.closing.is_set():
                return queue[:limit]
            here.updates.wait(min(left, 0.5))


def _member(token: str, given: Given) -> Given:
    _chat(given)
    user = person(int(given.get("user_id") or 0))
    left = str(user["id"]) in desk().store.value("telegram.left", str(given["chat_id"]), [])
    return {"user": user, "status": "left" if left else "member"}


def _full_chat(token: str, given: Given) -> Given:
    return _chat(given) | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }


def _yes(token: str, given: Given) -> bool:
    return True


def _keep_commands(token: str, given: Given) -> bool:
    desk().store.set_value("telegram.commands", token, given.get("commands") or [])
    return True


METHODS: dict[str, Callable[[str, Given], Any]] = {
    "getme": lambda token, given: (
        bot_of(token)
        | {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": True}
    ),
    "sendmessage": send_message,
    "sendphoto": _send_file("photo"),
    "senddocument": _send_file("document"),
    "sendlocation": send_location,
    "editmessagetext": edit_text,
    "editmessagecaption": edit_caption,
    "editmessagereplymarkup": edit_markup,
    "deletemessage": delete_message,
    "answercallbackquery": answer_callback,
    "answerinlinequery": _yes,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": webhook_info,
    "getupdates": get_updates,
    "getchat": _full_chat,
    "getchatmember": _member,
    "getchatadministrators": lambda token, given: [],
    "getmycommands": lambda token, given: desk().store.value("telegram.commands", token, []),
    "setmycommands": _keep_commands,
    "setmyname": lambda token, given: bool(bot_of(token, str(given.get("name") or ""))),
    "logout": _yes,
    "close": _yes,
    "deletemycommands": _yes,
    "setchatmenubutton": _yes,
    "setmydescription": _yes,
    "setmyshortdescription": _yes,
    "sendchataction": _yes,
    "pinchatmessage": _yes,
    "unpinchatmessage": _yes,
    "setmessagereaction": _yes,
}
