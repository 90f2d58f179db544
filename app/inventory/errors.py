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


class PastItsDate(DomainError):
    """What is left of an item on the shelf may not leave it: its last day is over."""

    kind, message = (
        ErrorKind.conflict,
        _l("%(name)s: what is left on the shelf is past its date. Replace the item or cancel the order."),
    )


class TransferMoved(DomainError):
    """The transfer is not in the state this act begins from; `state` says where it is."""

    kind, message = ErrorKind.conflict, _l("This transfer is already %(state)s.")


class NothingToSend(DomainError):
    """A transfer without lines."""

    message = _l("Put something into the transfer first.")


class BranchShort(DomainError):
    """The sending branch does not have it all. `why` names the items."""

    kind, message = ErrorKind.conflict, _l("There is not enough to send: %(why)s")
