"""Opaque places in a listing: continue after the last item, whatever was put in before it meanwhile."""

import base64
import binascii
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from app.catalog.views import Sort
from app.core.errors import InvalidInput
from app.core.i18n import _

LARGEST = 2**62


def make(sort: Sort, key: int, product_id: int) -> str:
    """The cursor of an item: its order, its key in that order, its id."""
    return base64.urlsafe_b64encode(f"{sort}:{int(key)}:{product_id}".encode()).decode().rstrip("=")


def after(
    cursor: str, sort: Sort, key: ColumnElement[Any], product_id: ColumnElement[int], *, falling: bool
) -> ColumnElement[bool]:
    """Whether an item comes later; equal keys go by falling id. InvalidInput unless `make` made it for this order."""
    last_key, last_id = _read(cursor, sort)
    beyond = key < last_key if falling else key > last_key
    return or_(beyond, and_(key == last_key, product_id < last_id))


def _read(cursor: str, sort: Sort) -> tuple[int, int]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        order, key, product_id = text.split(":")
        numbers = int(key), int(product_id)
    except (binascii.Error, ValueError):
        raise InvalidInput({"cursor": _("This place in the list is not known.")}) from None
    if order != sort or max(map(abs, numbers)) > LARGEST:
        raise InvalidInput({"cursor": _("This place in the list is not known.")})
    return numbers
