"""Telegram's Bot API by python-telegram-bot: the team's bot, started by people and taken into groups."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from typing import TypeVar

import httpx
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from app.core.settings import setting
from app.notifications.channels.transport import trusted
from app.notifications.ports import Message, OutcomeUnknown, Refused, Sent, TryLater

TIMEOUT, CONNECT_TIMEOUT = 5.0, 2.0
MOST_CHARACTERS, MOST_IN_ANSWER = 4096, 200
PLAIN = LinkPreviewOptions(is_disabled=True)


T = TypeVar("T")


class Telegram:
    """At least once: a bot cannot read what it sent, and a second copy of a line is harmless.

    Every call blocks, with a bot and an event loop of its own: neither survives a fork or a second loop. It raises
    Refused, TryLater or OutcomeUnknown.
    """

    def send(self, message: Message) -> Sent:
        async def work(bot: Bot) -> int:
            sent = await bot.send_message(
                chat_id=message.to,
                text=text_of(message.title, message.body),
                reply_markup=_keyboard(message),
                link_preview_options=PLAIN,
            )
            return sent.message_id

        return Sent("telegram", f"{message.to}:{_run(work)}")

    def find(self, message: Message, *, known: Collection[str]) -> Sent | None:
        return None

    def status(self, provider_id: str) -> tuple[str, str]:
        return "", ""

    def edit(self, message_id: int, message: Message) -> None:
        """Put other words and buttons into a message of ours; one that says so already is left alone."""

        async def work(bot: Bot) -> None:
            await bot.edit_message_text(
                text=text_of(message.title, message.body),
                chat_id=message.to,
                message_id=message_id,
                reply_markup=_keyboard(message),
                link_preview_options=PLAIN,
            )

        try:
            _run(work)
        except Refused as error:
            if "message is not modified" not in str(error).lower():
                raise

    def answer(self, query_id: str, text: str, *, alert: bool) -> None:
        """Tell whoever pressed a button what came of it. `alert`: to be closed by hand."""

        async def work(bot: Bot) -> None:
            await bot.answer_callback_query(query_id, text=text[:MOST_IN_ANSWER], show_alert=alert)

        _run(work)

    def chat_title(self, chat: str) -> str:
        """The name of a chat that the bot is in."""

        async def work(bot: Bot) -> str:
            return (await bot.get_chat(chat)).title or ""

        return _run(work)

    def listening_at(self) -> str:
        """The address that is told of pressed buttons; empty when none is."""

        async def work(bot: Bot) -> str:
            return (await bot.get_webhook_info()).url

        return _run(work)

    def listen(self, url: str, secret: str) -> None:
        """Have pressed buttons told to this address, with the secret in a header."""

        async def work(bot: Bot) -> None:
            await bot.set_webhook(url, secret_token=secret, allowed_updates=["callback_query"])

        _run(work)


def text_of(title: str, body: str) -> str:
    """A message as it stands in the chat."""
    return (f"{title}\n{body}" if title else body)[:MOST_CHARACTERS]


def _keyboard(message: Message) -> InlineKeyboardMarkup | None:
    rows = [[InlineKeyboardButton(text, callback_data=data) for text, data in message.presses]]
    if message.url:
        rows.append([InlineKeyboardButton(message.url_title or "↗", url=message.url)])
    rows = [row for row in rows if row]
    return InlineKeyboardMarkup(rows) if rows else None


def _run(work: Callable[[Bot], Awaitable[T]]) -> T:
    """Do it with a bot of its own, and sort what may go wrong."""
    if not setting("TELEGRAM_DISPATCH_TOKEN"):
        raise Refused("Telegram is not configured")
    try:
        return asyncio.run(_with_bot(work))
    except RetryAfter as error:
        raise TryLater("429", _seconds(error.retry_after)) from error
    except (BadRequest, Forbidden, InvalidToken) as error:
        raise Refused(_words(error)) from error
    except NetworkError as error:
        raise _not_sent_or_unknown(error) from error
    except TelegramError as error:
        raise Refused(_words(error)) from error


async def _with_bot(work: Callable[[Bot], Awaitable[T]]) -> T:
    request = HTTPXRequest(
        connection_pool_size=1,
        read_timeout=TIMEOUT,
        write_timeout=TIMEOUT,
        connect_timeout=CONNECT_TIMEOUT,
        pool_timeout=1.0,
        httpx_kwargs={"trust_env": False, "verify": trusted()},
    )
    bot = Bot(
        setting("TELEGRAM_DISPATCH_TOKEN"),
        base_url=f"{setting('TELEGRAM_URL')}/bot",
        request=request,
        get_updates_request=request,
    )
    await request.initialize()  # not `async with bot`: that asks getMe first, a second call for every message
    try:
        return await work(bot)
    finally:
        await request.shutdown()


def _not_sent_or_unknown(error: NetworkError) -> TryLater | OutcomeUnknown:
    cause = error.__cause__
    if isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return TryLater(type(cause).__name__)
    if cause is None:  # an answer did come: 5xx
        return TryLater(_words(error))
    return OutcomeUnknown(type(cause).__name__)


def _seconds(wait: float | timedelta) -> float:
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def _words(error: TelegramError) -> str:
    return error.message[:200]
