"""Refusals of the road, each named by its outcome."""

from app.core.errors import DomainError, ErrorKind
from app.core.i18n import _l


class NotADriver(DomainError):
    """The actor carries no orders for this store."""

    kind, message = ErrorKind.forbidden, _l("You are not a driver of this store.")


class DeliveriesOpen(DomainError):
    """A shift does not end with orders in the bag. `codes` names them."""

    kind, message = ErrorKind.conflict, _l("Finish or hand back your deliveries first: %(codes)s.")


class DriverFull(DomainError):
    """The driver carries as many orders as fit."""

    kind, message = ErrorKind.conflict, _l("%(name)s already carries %(load)s of %(capacity)s orders.")
    field = "driver_id"
