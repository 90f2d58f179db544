"""What staff do to a shelf by hand: count it, take a delivery in, move its threshold. Each with its audit entry."""

from datetime import date

from sqlalchemy import select

from app import inventory
from app.catalog.models import Variant
from app.core import audit
from app.core.actor import MANAGERS, Actor
from app.core.db import db, transaction
from app.core.errors import Forbidden, InvalidInput
from app.core.i18n import _
from app.inventory import Cause, LotLabel
from app.inventory.service import set_low_at
from app.stores.models import Branch

MOST_UNITS = 1_000_000


def read_count(typed: str | None, field: str = "on_hand", least: int = 0) -> int:
    """Units of what was typed. InvalidInput on `field` when it is no count."""
    text = (typed or "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 9) or not least <= int(text) <= MOST_UNITS:
        raise InvalidInput({field: _("Write a count between %(least)s and 1,000,000.", least=least)})
    return int(text)


def _require_counter(actor: Actor) -> None:
    if not actor.has(*MANAGERS):
        raise Forbidden


@transaction()
def count_stock(
    stock_id: int,
    counted: int,
    *,
    actor: Actor,
    reason: str,
    cause: Cause = Cause.counted,
    lot_id: int | None = None,
) -> None:
    """Set what a shelf, or one lot of it, holds, with a movement and its reason.

    Raises Forbidden, InvalidInput on `reason`, StockWouldBreak below what is promised to customers, NotFound.
    """
    _require_counter(actor)
    why = reason.replace("\x00", "").strip()
    if not 3 <= len(why) <= 160:
        raise InvalidInput({"reason": _("Say why, in 3 to 160 characters.")})
    inventory.adjust(stock_id, counted, actor=actor, reason=why, cause=cause, lot_id=lot_id)
    audit.record(
        "stock_counted",
        actor=actor,
        subject=f"stock:{stock_id}",
        on_hand=counted,
        reason=why,
        cause=cause.value,
        lot=lot_id,
    )


@transaction()
def take_delivery(
    branch_id: int,
    sku: str,
    quantity: int,
    *,
    actor: Actor,
    unit_cost_minor: int | None,
    lot_code: str,
    expires_on: date | None,
    reason: str,
) -> int:
    """Put a delivery onto the shelf of a SKU (or barcode); the shelf's id.

    Raises Forbidden, InvalidInput on the field that is wrong.
    """
    _require_counter(actor)
    errors = {}
    known = (Variant.sku == sku) | (Variant.barcode == sku) & (Variant.barcode != "")
    variant = db.session.scalars(select(Variant).where(known).order_by(Variant.id)).first()
    if variant is None:
        errors["sku"] = _("There is no variant with this SKU or barcode.")
    if db.session.get(Branch, branch_id) is None:
        errors["branch_id"] = _("Choose a branch.")
    if expires_on is not None and not lot_code:
        errors["lot_code"] = _("A date belongs to a lot: write its code.")
    if errors or variant is None:
        raise InvalidInput(errors)
    stock_id = inventory.receive(
        branch_id,
        variant.id,
        quantity,
        actor=actor,
        unit_cost_minor=unit_cost_minor,
        lot=LotLabel(lot_code, expires_on) if lot_code else None,
        reason=reason,
    )
    audit.record("stock_received", actor=actor, subject=f"stock:{stock_id}", units=quantity, lot=lot_code)
    return stock_id


@transaction()
def move_threshold(stock_id: int, units: int, *, actor: Actor) -> None:
    """Tell managers from here on down. Raises Forbidden, NotFound."""
    _require_counter(actor)
    set_low_at(stock_id, units)
    audit.record("stock_threshold_set", actor=actor, subject=f"stock:{stock_id}", low_at=units)
