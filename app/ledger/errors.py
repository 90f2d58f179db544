"""Refusals of the ledger."""

from app.core.errors import DomainError, ErrorKind
from app.core.i18n import _l


class AlreadyReversed(DomainError):
    """An entry is undone once."""

    kind, message = ErrorKind.conflict, _l("This entry has been reversed already.")
