"""Refusals of sign-in and accounts."""

from app.core.errors import DomainError, ErrorKind, InvalidInput
from app.core.i18n import _, _l, _n


class WrongCredentials(DomainError):
    """E-mail and password do not belong together; which of the two is wrong is never said."""

    kind, message = ErrorKind.unauthenticated, _l("E-mail or password is wrong.")
    field = "password"


class WrongCode(InvalidInput):
    """The code from the SMS does not match; `tries_left` says how many tries remain."""

    def __init__(self, tries_left: int) -> None:
        text = _n(
            "This code is wrong. You have %(num)d more try.",
            "This code is wrong. You have %(num)d more tries.",
            tries_left,
        )
        if not tries_left:
            text = _("This code is wrong. Ask for a new one.")
        super().__init__({"code": text}, tries_left=tries_left)


class CodeExpired(InvalidInput):
    """No code is waiting for this phone: it ran out, was used, or none was sent."""

    def __init__(self) -> None:
        super().__init__({"code": _("This code has run out. Ask for a new one.")})


class CodeNotSent(DomainError):
    """The provider of text messages did not take the code; nothing was counted."""

    kind = ErrorKind.unavailable
    message = _l("We cannot send a text message right now. Please try again in a minute.")


class LetterNotSent(DomainError):
    """The provider of e-mail did not take the letter; nothing was counted."""

    kind = ErrorKind.unavailable
    message = _l("We cannot send an e-mail right now. Please try again in a minute.")


class AccountClosed(DomainError):
    """The person proved who they are, and the account is closed."""

    kind, message = ErrorKind.forbidden, _l("This account is closed. Please call the pharmacy.")


class TokenRejected(DomainError):
    """An access or refresh token is not valid here and now."""

    kind, message = ErrorKind.unauthenticated, _l("Please sign in again.")


class LastAdministrator(DomainError):
    """A store keeps at least one administrator."""

    kind, message = ErrorKind.conflict, _l("A store needs at least one administrator.")
