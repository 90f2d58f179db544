"""Refusals at the desk where transfers are confirmed."""

from app.core.errors import DomainError, ErrorKind
from app.core.i18n import _l


class TransferSettled(DomainError):
    """Somebody has confirmed or refused it before. `who` and `when` are words."""

    kind, message = ErrorKind.conflict, _l("This transfer is settled already: %(who)s, %(when)s.")


class AwaitsSecond(DomainError):
    """An amount is written down and waits for somebody else."""

    kind, message = (
        ErrorKind.conflict,
        _l("An amount is written down for this transfer: a second person has to confirm it."),
    )


class SamePerson(DomainError):
    """The first cannot be the second."""

    kind, message = ErrorKind.forbidden, _l("You wrote this amount down: somebody else has to confirm it.")


class LineUsed(DomainError):
    """The line of the bank is matched, or was put aside."""

    kind, message = ErrorKind.conflict, _l("This line is settled already.")


class StatementMoved(DomainError):
    """Somebody else has taken the next step already."""

    kind, message = ErrorKind.conflict, _l("This list is no longer waiting for that.")


class PicturesAway(DomainError):
    """The place where pictures are kept does not answer."""

    kind, message = (
        ErrorKind.unavailable,
        _l("Your picture cannot be kept at the moment. Type the confirmation number, or try again later."),
    )
