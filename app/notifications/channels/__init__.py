"""The adapters, by channel. Addresses and secrets are settings: the sandbox is only another address."""

from app.notifications.channels.pushover import Pushover
from app.notifications.channels.telegram import Telegram
from app.notifications.channels.twilio import Twilio
from app.notifications.ports import Channel, SirenChannel

__all__ = ["channel", "siren"]

PUSHOVER = Pushover()
_CHANNELS: dict[str, Channel] = {
    "pushover": PUSHOVER,
    "telegram": Telegram(),
    "whatsapp": Twilio("whatsapp"),
    "sms": Twilio("sms"),
}


def channel(name: str) -> Channel:
    """The adapter of a channel; KeyError for a name that is none."""
    return _CHANNELS[name]


def siren() -> SirenChannel:
    """The channel that rings until it is acknowledged."""
    return PUSHOVER
