"""The real python-telegram-bot against the sandbox."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update, WebAppInfo
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter

from .conftest import Receiver, Sandbox, wait_until

TOKEN = "4201:branch-bot-demo"
KEYS = InlineKeyboardMarkup(
    [
        [InlineKeyboardButton("Prepared", callback_data="prep:1")],
        [InlineKeyboardButton("Open", url="http://miami.localhost:8000/o/1")],
    ]
)


def with_bot(sandbox: Sandbox, work: Callable[[Bot], Awaitable[Any]], token: str = TOKEN) -> Any:
    async def run() -> Any:
        async with Bot(token, base_url=f"{sandbox.url}/telegram/bot") as bot:
            return await work(bot)

    return asyncio.run(run())


def test_a_formatted_message_with_buttons(sandbox: Sandbox):
    text = "<b>Order MIA-1</b> &amp; <a href='http://x.test/1'>map</a>"
    sent = with_bot(sandbox, lambda bot: bot.send_message(77, text, parse_mode="HTML", reply_markup=KEYS))
    assert sent.text == "Order MIA-1 & map"
    assert [(e.type, e.offset, e.length) for e in sent.entities] == [("bold", 0, 11), ("text_link", 14, 3)]
    assert sent.reply_markup == KEYS
    [message] = sandbox.inbox(to="77", channel="telegram")
    assert message["body"] == "Order MIA-1 & map"
    assert [(b["text"], b.get("callback_data"), b.get("url")) for b in message["buttons"]] == [
        ("Prepared", "prep:1", None),
        ("Open", None, "http://miami.localhost:8000/o/1"),
    ]


@pytest.mark.parametrize(
    ("source", "mode", "text", "entities"),
    [
        pytest.param(
            "*Paid* _1\\.00_", "MarkdownV2", "Paid 1.00", [("bold", 0, 4), ("italic", 5, 4)], id="v2"
        ),
        pytest.param(
            "[a *b*](http://x.test/?q=1)",
            "MarkdownV2",
            "a b",
            [("text_link", 0, 3), ("bold", 2, 1)],
            id="link",
        ),
        pytest.param(
            "see `x.y` and __z__",
            "MarkdownV2",
            "see x.y and z",
            [("code", 4, 3), ("underline", 12, 1)],
            id="code",
        ),
        pytest.param("💊 <b>Да</b>", "HTML", "💊 Да", [("bold", 3, 2)], id="UTF-16 units"),
        pytest.param("*old* 1.00", "Markdown", "old 1.00", [("bold", 0, 3)], id="old Markdown"),
    ],
)
def test_parse_modes(
    sandbox: Sandbox, source: str, mode: str, text: str, entities: list[tuple[str, int, int]]
):
    sent = with_bot(sandbox, lambda bot: bot.send_message(76, source, parse_mode=mode))
    assert sent.text == text
    assert [(e.type, e.offset, e.length) for e in sent.entities] == entities


def test_a_press_comes_by_polling_and_the_message_is_edited(sandbox: Sandbox):
    async def work(bot: Bot) -> tuple[str, str, bool]:
        await bot.delete_webhook(drop_pending_updates=True)
        await bot.send_message(-100500, "Order MIA-2", reply_markup=KEYS)
        [message] = sandbox.inbox(to="-100500")
        user = {"id": 501, "first_name": "Carla"}
        pressing = asyncio.to_thread(
            sandbox.http.post, f"/inbox/{message['id']}/press", json={"text": "Prepared", "user": user}
        )
        press = asyncio.create_task(pressing)
        [update] = await bot.get_updates(timeout=5)
        query = update.callback_query
        await bot.answer_callback_query(query.id, text="Noted")
        edited = await bot.edit_message_text(
            f"Order MIA-2, prepared by {query.from_user.first_name}", -100500, query.message.message_id
        )
        outcome = (await press).json()
        with pytest.raises(BadRequest, match="not modified"):
            await bot.edit_message_text(edited.text, -100500, edited.message_id)
        confirmed = await bot.get_updates(offset=update.update_id + 1)
        return query.data, outcome["text"], confirmed == ()

    assert with_bot(sandbox, work) == ("prep:1", "Noted", True)
    [message] = sandbox.inbox(to="-100500")
    assert (message["body"], message["buttons"]) == ("Order MIA-2, prepared by Carla", [])


def test_a_press_comes_by_webhook_with_the_secret(sandbox: Sandbox, receiver: Receiver):
    async def arm(bot: Bot) -> None:
        await bot.set_webhook(f"{receiver.url}/tg", secret_token="s3cret")
        with pytest.raises(Conflict):
            await bot.get_updates()
        await bot.send_message(78, "Order", reply_markup=KEYS)

    with_bot(sandbox, arm)
    [message] = sandbox.inbox(to="78")
    # The bot never answers here, so the press would wait: it is left to its own thread.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(sandbox.http.post, f"/inbox/{message['id']}/press", json={"index": 0})
        [call] = receiver.wait_for(1)
    assert call.headers["X-Telegram-Bot-Api-Secret-Token"] == "s3cret"
    update = Update.de_json(json.loads(call.body))
    assert update.callback_query.data == "prep:1" and update.callback_query.from_user.id == 78
    with_bot(sandbox, lambda bot: bot.delete_webhook())


def test_forged_and_doubled_updates(sandbox: Sandbox, receiver: Receiver):
    with_bot(sandbox, lambda bot: bot.set_webhook(f"{receiver.url}/tg", secret_token="s3cret"))
    say = {"bot": "4201", "chat_id": 79, "text": "/start ref_ANA", "user": {"id": 79, "first_name": "Ana"}}
    sandbox.chaos("telegram", "forged", times=1)
    sandbox.http.post("/telegram/say", json=say).raise_for_status()
    [forged] = receiver.wait_for(1)
    assert forged.headers["X-Telegram-Bot-Api-Secret-Token"] != "s3cret"
    sandbox.chaos("telegram", "duplicate", times=1)
    sandbox.http.post("/telegram/say", json=say).raise_for_status()
    _, first, second = receiver.wait_for(3)
    assert json.loads(first.body) == json.loads(second.body)
    assert json.loads(first.body)["message"]["entities"][0]["type"] == "bot_command"
    assert sandbox.inbox(to="79") == []  # what a person wrote is not a message sent
    with_bot(sandbox, lambda bot: bot.delete_webhook())


def test_refusals_are_telegrams_own(sandbox: Sandbox):
    async def work(bot: Bot) -> None:
        with pytest.raises(BadRequest, match="Message text is empty"):
            await bot.send_message(80, " ")
        with pytest.raises(BadRequest, match='unsupported start tag "div"'):
            await bot.send_message(80, "<div>x</div>", parse_mode="HTML")
        with pytest.raises(BadRequest, match=r"character '\.' is reserved"):
            await bot.send_message(80, "Paid 1.00", parse_mode="MarkdownV2")
        with pytest.raises(BadRequest, match=r"(?i)button_data_invalid"):
            data = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="x" * 65)]])
            await bot.send_message(80, "x", reply_markup=data)
        with pytest.raises(BadRequest, match=r"(?i)query is too old"):
            await bot.answer_callback_query("1")
        sandbox.http.post("/telegram/people", json={"id": 80, "blocked": True})
        with pytest.raises(Forbidden):
            await bot.send_message(80, "x")
        sandbox.http.post("/telegram/people", json={"id": 80, "blocked": False})
        sandbox.chaos("telegram", "429", seconds=7, times=1)
        with pytest.raises(RetryAfter, match="7 seconds"):
            await bot.send_message(80, "x")
        await bot.send_message(80, "x")

    with_bot(sandbox, work)
    with pytest.raises(InvalidToken):
        with_bot(sandbox, lambda bot: bot.get_me(), token="4201:!")


def test_a_mini_app_opens_signed_in(sandbox: Sandbox):
    app = WebAppInfo("https://shop.test/app")
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("Shop", web_app=app)]])
    with_bot(sandbox, lambda bot: bot.send_message(81, "Shop", reply_markup=keys))
    [message] = sandbox.inbox(to="81")
    outcome = sandbox.http.post(f"/inbox/{message['id']}/press", json={"index": 0}).json()
    fragment = dict(parse_qsl(urlsplit(outcome["url"]).fragment))
    fields = dict(parse_qsl(fragment["tgWebAppData"]))
    given = fields.pop("hash")
    check = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    key = hmac.new(b"WebAppData", TOKEN.encode(), hashlib.sha256).digest()
    assert hmac.new(key, check.encode(), hashlib.sha256).hexdigest() == given
    assert json.loads(fields["user"])["id"] == 81


def test_a_held_back_update_is_overtaken(sandbox: Sandbox, receiver: Receiver):
    with_bot(sandbox, lambda bot: bot.set_webhook(f"{receiver.url}/tg"))
    sandbox.chaos("telegram", "reordered", times=1)
    for text in ("first", "second"):
        sandbox.http.post("/telegram/say", json={"bot": "4201", "chat_id": 82, "text": text})
    wait_until(lambda: len(receiver.calls) == 2)
    assert [json.loads(call.body)["message"]["text"] for call in receiver.calls] == ["second", "first"]
    with_bot(sandbox, lambda bot: bot.delete_webhook())
