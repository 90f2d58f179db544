"""One-time codes by SMS: at once, at most once. A code that did not come is asked for again by its reader."""

import structlog

from app.core.errors import DomainError, ErrorKind
from app.core.i18n import _l
from app.notifications.channels import channel
from app.notifications.ports import Message, OutcomeUnknown, SendError

log = structlog.get_logger()


class CodeNotSent(DomainError):
    """The provider did not take the message; nothing went out."""

    kind, message = ErrorKind.unavailable, _l("We could not send the code. Please try again in a moment.")


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
