"""What people do in Telegram: presses, words, places, as updates to the bots; and mini-app sign-in."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from typing import Any
from urllib.parse import quote, urlencode

from sandbox.desk import desk
from sandbox.store import Message

Given = dict[str, Any]
ANSWER_SECONDS = 2.0


def bot_of(token: str, name: str = "") -> Given:
    """The bot's User object; remembers each bot that calls."""
    store = desk().store
    number = int(token.split(":", maxsplit=1)[0])
    known: Given | None = store.value("telegram.bots", token)
    if known is None or (name and known["first_name"] != name):
        known = {
            "id": number,
            "is_bot": True,
            "first_name": name or f"Bot {number}",
            "username": f"sandbox_{number}_bot",
        }
        store.set_value("telegram.bots", token, known)
    return known


def person(user_id: int) -> Given:
    named = desk().store.value("telegram.people", str(user_id), {})
    return {"id": user_id, "is_bot": False, "first_name": "Person", "language_code": "en"} | named


def as_telegram(message: Message) -> Given:
    """The Message object of the Bot API."""
    meta = message.meta
    sent: Given = {
        "message_id": meta["message_id"],
        "date": meta["date"],
        "chat": meta["chat"],
        "from": bot_of(meta["token"]),
    }
    if meta.get("edited"):
        sent["edit_date"] = meta["edited"]
    if meta.get("reply_to"):
        original = known_message(meta["token"], meta["chat"]["id"], meta["reply_to"])
        if original:
            sent["reply_to_message"] = as_telegram(original)
    if meta.get("thread"):
        sent["message_thread_id"] = meta["thread"]
    extra: Given = meta.get("extra") or {}
    words, marks = ("caption", "caption_entities") if extra else ("text", "entities")
    if message.body:
        sent[words] = message.body
    if meta["entities"]:
        sent[marks] = meta["entities"]
    if "inline_keyboard" in (meta["markup"] or {}):
        sent["reply_markup"] = meta["markup"]
    return sent | extra


def known_message(token: str, chat_id: Any, message_id: Any) -> Message | None:
    ref = f"{token.split(':', maxsplit=1)[0]}:{chat_id}:{message_id}"
    return desk().store.by_ref("telegram", ref)


def pending(token: str) -> list[Given]:
    """Updates waiting for getUpdates. They live in memory: a restart forgets them."""
    return desk().queues.setdefault(token, [])


def deliver(token: str, update: Given) -> int:
    """Send an update by the bot's webhook, or queue it; gives back its update_id."""
    here = desk()
    whole = {"update_id": here.store.next_number("telegram.update")} | update
    hook = here.store.value("telegram.webhooks", token) or {}
    mode = here.chaos.take_callback("telegram")
    copies = 2 if mode == "duplicate" else 1
    if not hook.get("url"):
        with here.updates:
            pending(token).extend([whole] * copies)
            here.updates.notify_all()
        return int(whole["update_id"])
    headers = {}
    if hook["secret"]:
        secret = "forged" if mode == "forged" else hook["secret"]
        headers["X-Telegram-Bot-Api-Secret-Token"] = secret
    # Reordered: this one is held back, so that the next press overtakes it.
    delay = 1.0 if mode == "reordered" else 0.0

    def post() -> None:
        here.callbacks.post("telegram", hook["url"], json=whole, headers=headers)

    here.callbacks.run([(delay, post)] * copies)
    return int(whole["update_id"])


def _user(message: Message, user: Given | None) -> Given:
    """Who acts: the given user; in a private chat its owner; in a group the one who acted last."""
    store, chat = desk().store, message.meta["chat"]
    if user and user.get("id"):
        chosen = int(user["id"])
        named = {
            k: str(user[k]) for k in ("first_name", "last_name", "username", "language_code") if user.get(k)
        }
        if named:
            store.set_value(
                "telegram.people", str(chosen), store.value("telegram.people", str(chosen), {}) | named
            )
        store.set_value("telegram.actors", str(chat["id"]), chosen)
        return person(chosen)
    if chat["id"] > 0:
        return person(chat["id"])
    return person(int(store.value("telegram.actors", str(chat["id"]), 1)))


def press(message: Message, index: int, user: Given | None = None) -> Given:
    """Press a button. Gives {"kind": …}: callback (with the bot's answer), url, web_app, said or none."""
    if not 0 <= index < len(message.buttons):
        return {"kind": "none"}
    button, who = message.buttons[index], _user(message, user)
    if "url" in button:
        return {"kind": "url", "url": button["url"]}
    if "web_app" in button:
        return {"kind": "web_app", "url": mini_app_url(message.meta["token"], button["web_app"]["url"], who)}
    if "callback_data" in button:
        return _press_callback(message, button, who)
    if button.get("reply"):
        content = _reply_content(button, who)
        say(message.meta["token"], message.meta["chat"], who, content)
        return {"kind": "said"}
    return {"kind": "none"}


def _reply_content(button: Given, who: Given) -> Given:
    if button.get("request_contact"):
        phone = desk().store.value("telegram.phones", str(who["id"]), "+13055550101")
        return {"contact": {"phone_number": phone, "first_name": who["first_name"], "user_id": who["id"]}}
    if button.get("request_location"):
        return {"location": {"latitude": 25.7617, "longitude": -80.1918}}
    return {"text": button["text"]}


def _press_callback(message: Message, button: Given, who: Given) -> Given:
    here, query_id = desk(), str(secrets.randbits(62))
    here.store.set_value("telegram.queries", query_id, {"answered": False})
    query = {
        "id": query_id,
        "from": who,
        "message": as_telegram(message),
        "data": button["callback_data"],
        "chat_instance": str(message.meta["chat"]["id"]),
    }
    update_id = deliver(message.meta["token"], {"callback_query": query})
    until = time.monotonic() + ANSWER_SECONDS
    with here.updates:
        while not here.closing.is_set() and time.monotonic() < until:
            answer = here.store.value("telegram.queries", query_id)
            if answer["answered"]:
                break
            here.updates.wait(0.2)
    return {
        "kind": "callback",
        "update_id": update_id,
        "query_id": query_id,
        **here.store.value("telegram.queries", query_id),
    }


def say(token: str, chat: Given, who: Given, content: Given) -> int:
    """A person writes to a bot: text (a leading /word is a command), contact or location."""
    number = desk().store.next_number("telegram.message")
    message: Given = {"message_id": number, "date": int(time.time()), "chat": chat, "from": who} | content
    text = str(content.get("text", ""))
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}]
    desk().store.add(
        channel="telegram",
        provider="telegram",
        to=str(chat["id"]),
        title=chat.get("title", ""),
        body=text or ("[contact]" if "contact" in content else "[location]"),
        buttons=[],
        state="received",
        sender=who["first_name"],
        hidden=False,
        meta={
            "token": token,
            "bot": bot_of(token)["username"],
            "chat": chat,
            "message_id": number,
            "entities": [],
            "markup": {},
            "incoming": True,
        },
    )
    return deliver(token, {"message": message})


def mini_app_url(token: str, url: str, who: Given) -> str:
    """The address of a mini-app as Telegram opens it, signed in as `who` (initData in the fragment)."""
    fields = {
        "query_id": secrets.token_urlsafe(12),
        "auth_date": str(int(time.time())),
        "user": json.dumps({k: v for k, v in who.items() if k != "is_bot"}, separators=(",", ":")),
    }
    check = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    key = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    fields["hash"] = hmac.new(key, check.encode(), hashlib.sha256).hexdigest()
    data = quote(urlencode(fields, quote_via=quote), safe="")
    return f"{url}{'&' if '#' in url else '#'}tgWebAppData={data}&tgWebAppVersion=8.0&tgWebAppPlatform=web"
