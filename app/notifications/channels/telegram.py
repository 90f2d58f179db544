"""Telegram's Bot API by python-telegram-bot: the dispatchers' bot writes to people it was started by."""

import asyncio
from collections.abc import Collection
from datetime import timedelta

import httpx
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest

from app.core.settings import setting
from app.notifications.channels.transport import trusted
from app.notifications.ports import Message, OutcomeUnknown, Refused, Sent, TryLater

TIMEOUT, CONNECT_TIMEOUT = 5.0, 2.0
MOST_CHARACTERS = 4096


class Telegram:
    """At least once: a bot cannot read what it sent, and a second copy of a line is harmless."""

    def send(self, message: Message) -> Sent:
        """Blocking, with a bot and an event loop of its own: neither survives a fork or a second loop."""
        if not setting("TELEGRAM_DISPATCH_TOKEN"):
            raise Refused("Telegram is not configured")
        try:
            number = asyncio.run(_send(message))
        except RetryAfter as error:
            raise TryLater("429", _seconds(error.retry_after)) from error
        except (BadRequest, Forbidden, InvalidToken) as error:
            raise Refused(_words(error)) from error
        except TimedOut as error:
            raise _not_sent_or_unknown(error) from error
        except NetworkError as error:
            raise _not_sent_or_unknown(error) from error
        except TelegramError as error:
            raise Refused(_words(error)) from error
        return Sent("telegram", f"{message.to}:{number}")

    def find(self, message: Message, *, known: Collection[str]) -> Sent | None:
        return None

    def status(self, provider_id: str) -> tuple[str, str]:
        return "", ""


async def _send(message: Message) -> int:
    request = HTTPXRequest(
        connection_pool_size=1,
        read_timeout=TIMEOUT,
        write_timeout=TIMEOUT,
        connect_timeout=CONNECT_TIMEOUT,
        pool_timeout=1.0,
        httpx_kwargs={"trust_env": False, "verify": trusted()},
    )
    text = f"{message.title}\n{message.body}" if message.title else message.body
    buttons = None
    if message.url:
        buttons = InlineKeyboardMarkup([[InlineKeyboardButton(message.url_title or "↗", url=message.url)]])
    bot = Bot(
        setting("TELEGRAM_DISPATCH_TOKEN"),
        base_url=f"{setting('TELEGRAM_URL')}/bot",
        request=request,
        get_updates_request=request,
    )
    await request.initialize()  # not `async with bot`: that asks getMe first, a second call for every message
    try:
        sent = await bot.send_message(
            chat_id=message.to,
            text=text[:MOST_CHARACTERS],
            reply_markup=buttons,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )
        return sent.message_id
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
