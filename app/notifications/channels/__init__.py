"""The adapters, by channel. Addresses and secrets are settings: the sandbox is only another address."""

from app.notifications.channels.pushover import Pushover
from app.notifications.channels.sendgrid import SendGrid
from app.notifications.channels.telegram import Telegram
from app.notifications.channels.transport import trusted
from app.notifications.channels.twilio import Twilio
from app.notifications.channels.twilio import warm_up as _warm_up_twilio
from app.notifications.ports import Channel, SirenChannel

__all__ = ["channel", "siren", "team_bot", "warm_up"]

PUSHOVER, TELEGRAM = Pushover(), Telegram()
_CHANNELS: dict[str, Channel] = {
    "pushover": PUSHOVER,
    "telegram": TELEGRAM,
    "whatsapp": Twilio("whatsapp"),
    "sms": Twilio("sms"),
    "email": SendGrid(),
}


def channel(name: str) -> Channel:
    """The adapter of a channel; KeyError for a name that is none."""
    return _CHANNELS[name]


def siren() -> SirenChannel:
    """The channel that rings until it is acknowledged."""
    return PUSHOVER


def team_bot() -> Telegram:
    """The bot whose buttons staff press."""
    return TELEGRAM


def warm_up() -> None:
    """Do what each channel does once a process, so that the first message does not wait for it."""
    trusted()
    _warm_up_twilio()
