"""Refusals of the shelf."""

from app.core.errors import DomainError, ErrorKind
from app.core.i18n import _l


class OutOfStock(DomainError):
    """Some items are short. `items`: [{sku, name, requested, available}]; nothing was taken."""

    kind, message = ErrorKind.conflict, _l("Some items are no longer available in the quantity you chose.")


class StockWouldBreak(DomainError):
    """An adjustment would leave less than what is reserved, or less than nothing."""

    kind, message = (
        ErrorKind.conflict,
        _l("That would leave less than the %(reserved)s already promised to customers."),
    )
