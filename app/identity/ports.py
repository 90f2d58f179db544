"""What sign-in needs of the outside: somebody who carries a code to a phone, and a letter to a mailbox."""

from dataclasses import dataclass
from typing import Protocol


class OtpSender(Protocol):
    """Sends one text, now. The store of the request is set while it is called; no transaction is open."""

    def send(self, phone: str, text: str, locale: str) -> None:
        """Hand the text to the provider within a few seconds. `phone` is E.164, `locale` is the text's language.

        Raises a DomainError of kind unavailable (CodeNotSent) when it certainly did not go out, and nothing when
        nobody knows: the reader may have it.
        """
        ...


_sender: list[OtpSender] = []


def register_otp_sender(sender: OtpSender) -> None:
    """Set the one sender of this process; the last call counts."""
    _sender[:] = [sender]


def otp_sender() -> OtpSender | None:
    """The registered sender, if any."""
    return _sender[0] if _sender else None


@dataclass(frozen=True)
class Letter:
    """Words in the reader's language, paragraphs between empty lines, and where the button leads."""

    subject: str
    body: str
    url: str
    url_title: str


class LetterSender(Protocol):
    """Sends one letter, now. The store of the request is set while it is called; no transaction is open."""

    def send(self, email: str, letter: Letter) -> None:
        """Hand it to the provider within a few seconds. Raises LetterNotSent when it certainly did not go out."""
        ...


_letter_sender: list[LetterSender] = []


def register_letter_sender(sender: LetterSender) -> None:
    """Set the one sender of this process; the last call counts."""
    _letter_sender[:] = [sender]


def letter_sender() -> LetterSender | None:
    """The registered sender, if any."""
    return _letter_sender[0] if _letter_sender else None
