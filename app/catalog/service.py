"""What staff change in the catalogue: each change in one transaction, with its audit entry."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.catalog.models import Category, Product, Variant
from app.catalog.rules import (
    HIGHEST_PRICE,
    barcode_is_valid,
    period_fits,
    slug_is_valid,
    struck_price_fits,
    would_loop,
)
from app.core import audit, clock
from app.core.actor import MANAGERS, Actor
from app.core.db import db, for_update, transaction
from app.core.errors import Forbidden, InvalidInput, NotFound
from app.core.i18n import _


def require_editor(actor: Actor) -> None:
    """Forbidden for everybody who may not change the catalogue."""
    if not actor.has(*MANAGERS):
        raise Forbidden


def _get_variant(variant_id: int) -> Variant:
    if (variant := db.session.scalar(for_update(select(Variant).where(Variant.id == variant_id)))) is None:
        raise NotFound
    return variant


@transaction()
def set_price(variant_id: int, price_minor: int, *, actor: Actor) -> Variant:
    """The price from now on; orders placed keep theirs. Raises InvalidInput on `price` and NotFound."""
    require_editor(actor)
    if not 0 <= price_minor <= HIGHEST_PRICE:
        raise InvalidInput({"price": _("This price is out of range.")})
    variant = _get_variant(variant_id)
    if variant.price_minor != price_minor:
        before, variant.price_minor = variant.price_minor, price_minor
        touch(variant.product, actor)
        audit.record(
            "price_changed",
            actor=actor,
            subject=f"variant:{variant.id}",
            sku=variant.sku,
            changes=[before, price_minor],
        )
    return variant


@transaction()
def set_variant_active(variant_id: int, active: bool, *, actor: Actor) -> Variant:
    """Offer the variant or take it off the shelf. Raises NotFound."""
    require_editor(actor)
    variant = _get_variant(variant_id)
    if variant.active != active:
        variant.active = active
        touch(variant.product, actor)
        audit.record(
            "variant_switched", actor=actor, subject=f"variant:{variant.id}", sku=variant.sku, active=active
        )
    return variant


@transaction()
def set_product_active(product_id: int, active: bool, *, actor: Actor) -> Product:
    """Show the product in the shop or hide it. Raises NotFound."""
    require_editor(actor)
    product = db.session.scalar(for_update(select(Product).where(Product.id == product_id)))
    if product is None:
        raise NotFound
    if product.active != active:
        product.active = active
        touch(product, actor)
        audit.record("product_switched", actor=actor, subject=f"product:{product.id}", active=active)
    return product


def save_product(product: Product, values: Mapping[str, Any], *, actor: Actor) -> Product:
    """Write the values into a product, new or known, in the caller's transaction.

    Raises InvalidInput naming `slug`, `published_until` or `max_per_order`.
    """
    require_editor(actor)
    errors = {}
    if not slug_is_valid(values["slug"]):
        errors["slug"] = _("Small letters, figures and hyphens only, for example vitamin-c.")
    if not period_fits(values.get("published_from"), values.get("published_until")):
        errors["published_until"] = _("This must be later than the beginning.")
    if errors:
        raise InvalidInput(errors)
    for name, value in values.items():
        if getattr(product, name) != value:
            setattr(product, name, value)
    touch(product, actor)
    return product


def save_variant(
    variant: Variant, values: Mapping[str, Any], *, actor: Actor, tax_classes: set[str]
) -> Variant:
    """Write the values into a variant, new or known, in the caller's transaction.

    Raises InvalidInput naming `barcode`, `compare_at_minor` or `tax_class`.
    """
    require_editor(actor)
    errors = {}
    if values["barcode"] and not barcode_is_valid(values["barcode"]):
        errors["barcode"] = _("The check digit of this barcode is wrong.")
    if not struck_price_fits(values["price_minor"], values.get("compare_at_minor")):
        errors["compare_at_minor"] = _("The price before must be higher than the price.")
    if values["tax_class"] not in tax_classes:
        errors["tax_class"] = _("The store has no such tax class.")
    if errors:
        raise InvalidInput(errors)
    for name, value in values.items():
        if getattr(variant, name) != value:
            setattr(variant, name, value)
    if (
        variant.product_id is not None
        and (product := db.session.get(Product, variant.product_id)) is not None
    ):
        touch(product, actor)
    return variant


def save_category(category: Category, values: Mapping[str, Any], *, actor: Actor) -> Category:
    """Write the values into a category, new or known, in the caller's transaction.

    Raises InvalidInput naming `slug` or `parent_id` (a category cannot stand inside itself).
    """
    require_editor(actor)
    if not slug_is_valid(values["slug"]):
        raise InvalidInput({"slug": _("Small letters, figures and hyphens only, for example vitamin-c.")})
    parents = dict(db.session.execute(select(Category.id, Category.parent_id)).all())
    if category.id is not None and would_loop(category.id, values["parent_id"], parents):
        raise InvalidInput({"parent_id": _("A category cannot stand inside itself.")})
    for name, value in values.items():
        if getattr(category, name) != value:
            setattr(category, name, value)
    return category


def touch(product: Product | None, actor: Actor) -> None:
    """Note who changed the product, and when."""
    if product is not None:
        product.changed_at, product.changed_by = clock.now(), actor.user_id
