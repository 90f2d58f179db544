"""Lists in pages. A cursor is opaque and signed: it continues the list it came from, in the store it came from."""

from typing import NoReturn

from app.core import crypto
from app.core.errors import InvalidInput
from app.core.i18n import _
from app.core.tenancy import current_store_id


def seal(listing: str, place: str | int | None) -> str | None:
    """The cursor of a place in a listing; None stays None: there is no next page."""
    if place is None:
        return None
    return f"{place}.{crypto.sign('cursor', _bound(listing, str(place)))}"


def unseal(listing: str, cursor: str) -> str:
    """The place of a cursor that `seal` made for this listing; '' for ''. Raises InvalidInput on `cursor`."""
    if not cursor:
        return ""
    place, _dot, signature = cursor.rpartition(".")
    if not place or not crypto.signature_is_valid("cursor", _bound(listing, place), signature):
        _refuse()
    return place


def _bound(listing: str, place: str) -> str:
    return f"{current_store_id()}:{listing}:{place}"


def _refuse() -> NoReturn:
    raise InvalidInput({"cursor": _("This place in the list is not known.")})
