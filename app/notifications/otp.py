"""One-time codes by SMS: at once, at most once. A code that did not come is asked for again by its reader."""

import structlog

from app.identity.errors import CodeNotSent
from app.identity.ports import register_otp_sender
from app.notifications.channels import channel
from app.notifications.ports import Message, OutcomeUnknown, SendError

log = structlog.get_logger()


class TwilioOtpSender:
    """Sends a text to a phone (E.164) while the person waits: five seconds at most, no queue, no second try."""

    def send(self, phone: str, text: str, locale: str) -> None:
        """Raises CodeNotSent when it certainly did not go out; when nobody knows, the person may have it."""
        try:
            channel("sms").send(Message(delivery_id=0, to=phone, title="", body=text))
        except OutcomeUnknown as trouble:
            log.warning("code may be late", reason=str(trouble), locale=locale)
        except SendError as trouble:
            log.warning("code not sent", reason=str(trouble), locale=locale)
            raise CodeNotSent from trouble


def register() -> None:
    """Let sign-in send its codes through here; called once when the application is made."""
    register_otp_sender(TwilioOtpSender())
