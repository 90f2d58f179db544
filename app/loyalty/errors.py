"""Refusals of the wallet."""

from app.core.errors import DomainError, ErrorKind
from app.core.i18n import _l


class WalletShort(DomainError):
    """There is less in the wallet than was to be spent. `available` is money in words, `available_minor` a number."""

    kind, message = ErrorKind.conflict, _l("There is %(available)s in the wallet now. Nothing was charged.")
    field = "wallet"
