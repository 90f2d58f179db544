"""What somebody waits for at sign-in: a code by SMS, a letter. At once, at most once; its reader asks again."""

import structlog

from app import stores
from app.identity.errors import CodeNotSent, LetterNotSent
from app.identity.ports import Letter, register_letter_sender, register_otp_sender
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


class SendGridLetterSender:
    """Sends a letter while the person waits: five seconds at most, no queue, no second try."""

    def send(self, email: str, letter: Letter) -> None:
        """Raises LetterNotSent when it certainly did not go out; when nobody knows, the person may have it."""
        message = Message(
            delivery_id=0,
            to=email,
            title=letter.subject,
            body=letter.body,
            url=letter.url,
            url_title=letter.url_title,
            extra={"sender": stores.current_store().name},
        )
        try:
            channel("email").send(message)
        except OutcomeUnknown as trouble:
            log.warning("letter may be late", reason=str(trouble))
        except SendError as trouble:
            log.warning("letter not sent", reason=str(trouble))
            raise LetterNotSent from trouble


def register() -> None:
    """Let sign-in send its codes and letters through here; called once when the application is made."""
    register_otp_sender(TwilioOtpSender())
    register_letter_sender(SendGridLetterSender())
