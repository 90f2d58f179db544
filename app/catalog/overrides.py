"""What staff change about price overrides."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.catalog.models import PriceOverride, Variant
from app.catalog.rules import HIGHEST_PRICE, period_fits
from app.catalog.service import require_editor, touch
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import InvalidInput
from app.core.i18n import _
from app.identity.models import Customer, Membership

FIELDS = ("price_minor", "customer_id", "doctor_id", "tier", "starts_at", "ends_at", "reason")


def save_override(override: PriceOverride, values: Mapping[str, Any], *, actor: Actor) -> PriceOverride:
    """Write the values into a price override, new or known, in the caller's transaction.

    `values` names the variant by `sku`. Raises InvalidInput naming the field. Two overrides of one variant for the
    same buyer never overlap: the database refuses the second (constraint ex_price_override_overlap).
    """
    require_editor(actor)
    variant = db.session.scalar(select(Variant).where(Variant.sku == values["sku"].strip()))
    errors = _wrong(values)
    if variant is None:
        errors["sku"] = _("There is no such SKU.")
    if errors or variant is None:
        raise InvalidInput(errors)
    override.variant_id = variant.id
    for name in FIELDS:
        if getattr(override, name) != values[name]:
            setattr(override, name, values[name])
    if override.created_by is None:
        override.created_by = actor.user_id
    touch(variant.product, actor)
    return override


def _wrong(values: Mapping[str, Any]) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not 0 <= values["price_minor"] <= HIGHEST_PRICE:
        errors["price_minor"] = _("This price is out of range.")
    if not values["reason"].strip():
        errors["reason"] = _("Say why, so that colleagues understand this price.")
    start, end = values["starts_at"], values["ends_at"]
    if not period_fits(start, end):
        errors["ends_at"] = _("This must be later than the beginning.")
    meant = [name for name in ("customer_id", "doctor_id", "tier") if values[name]]
    if len(meant) > 1:
        errors[meant[1]] = _("A price is for one customer, one doctor or one tier.")
    elif not meant and not (start or end):
        errors["starts_at"] = _(
            "A price for everybody needs a beginning or an end. Otherwise change the price."
        )
    return errors | _unknown(values)


def _unknown(values: Mapping[str, Any]) -> dict[str, str]:
    errors = {}
    if values["customer_id"] and db.session.get(Customer, values["customer_id"]) is None:
        errors["customer_id"] = _("The store has no such customer.")
    if values["doctor_id"]:
        query = select(Membership.id).where(
            Membership.user_id == values["doctor_id"], Membership.role == "doctor"
        )
        if db.session.scalar(query) is None:
            errors["doctor_id"] = _("The store has no such doctor.")
    return errors
