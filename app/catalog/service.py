"""What staff change in the catalogue: each change in one transaction, with its audit entry."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from app.catalog import photos
from app.catalog.models import Category, Product, ProductPhoto, Variant
from app.catalog.rules import barcode_is_valid, slug_is_valid, would_loop
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db, for_update, transaction
from app.core.errors import Forbidden, InvalidInput, NotFound
from app.core.i18n import _

EDITORS = ("manager", "store_admin", "platform_admin")
HIGHEST_PRICE = 10**11


def _require_editor(actor: Actor) -> None:
    if not actor.has(*EDITORS):
        raise Forbidden


def _get_variant(variant_id: int) -> Variant:
    if (variant := db.session.scalar(for_update(select(Variant).where(Variant.id == variant_id)))) is None:
        raise NotFound
    return variant


@transaction()
def set_price(variant_id: int, price_minor: int, *, actor: Actor) -> Variant:
    """The price from now on; orders placed keep theirs. Raises InvalidInput on `price` and NotFound."""
    _require_editor(actor)
    if not 0 <= price_minor <= HIGHEST_PRICE:
        raise InvalidInput({"price": _("This price is out of range.")})
    variant = _get_variant(variant_id)
    if variant.price_minor != price_minor:
        before, variant.price_minor = variant.price_minor, price_minor
        _touch(variant.product, actor)
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
    _require_editor(actor)
    variant = _get_variant(variant_id)
    if variant.active != active:
        variant.active = active
        _touch(variant.product, actor)
        audit.record(
            "variant_switched", actor=actor, subject=f"variant:{variant.id}", sku=variant.sku, active=active
        )
    return variant


@transaction()
def set_product_active(product_id: int, active: bool, *, actor: Actor) -> Product:
    """Show the product in the shop or hide it. Raises NotFound."""
    _require_editor(actor)
    product = db.session.scalar(for_update(select(Product).where(Product.id == product_id)))
    if product is None:
        raise NotFound
    if product.active != active:
        product.active = active
        _touch(product, actor)
        audit.record("product_switched", actor=actor, subject=f"product:{product.id}", active=active)
    return product


def save_product(product: Product, values: Mapping[str, Any], *, actor: Actor) -> Product:
    """Write the values into a product, new or known, in the caller's transaction.

    Raises InvalidInput naming `slug`, `published_until` or `max_per_order`.
    """
    _require_editor(actor)
    errors = {}
    if not slug_is_valid(values["slug"]):
        errors["slug"] = _("Small letters, figures and hyphens only, for example vitamin-c.")
    start, end = values.get("published_from"), values.get("published_until")
    if start and end and end <= start:
        errors["published_until"] = _("This must be later than the beginning.")
    if errors:
        raise InvalidInput(errors)
    for name, value in values.items():
        if getattr(product, name) != value:
            setattr(product, name, value)
    _touch(product, actor)
    return product


def save_variant(
    variant: Variant, values: Mapping[str, Any], *, actor: Actor, tax_classes: set[str]
) -> Variant:
    """Write the values into a variant, new or known, in the caller's transaction.

    Raises InvalidInput naming `barcode`, `compare_at_minor` or `tax_class`.
    """
    _require_editor(actor)
    errors = {}
    if values["barcode"] and not barcode_is_valid(values["barcode"]):
        errors["barcode"] = _("The check digit of this barcode is wrong.")
    compare_at = values.get("compare_at_minor")
    if compare_at is not None and compare_at <= values["price_minor"]:
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
        _touch(product, actor)
    return variant


def save_category(category: Category, values: Mapping[str, Any], *, actor: Actor) -> Category:
    """Write the values into a category, new or known, in the caller's transaction.

    Raises InvalidInput naming `slug` or `parent_id` (a category cannot stand inside itself).
    """
    _require_editor(actor)
    if not slug_is_valid(values["slug"]):
        raise InvalidInput({"slug": _("Small letters, figures and hyphens only, for example vitamin-c.")})
    parents = dict(db.session.execute(select(Category.id, Category.parent_id)).all())
    if category.id is not None and would_loop(category.id, values["parent_id"], parents):
        raise InvalidInput({"parent_id": _("A category cannot stand inside itself.")})
    for name, value in values.items():
        if getattr(category, name) != value:
            setattr(category, name, value)
    return category


@transaction()
def add_photo(product_id: int, content: bytes, alt: Mapping[str, str], *, actor: Actor) -> ProductPhoto:
    """Keep a picture of the product, drawn anew without what the camera wrote into it; it becomes the last one.

    Raises NotFound, and InvalidInput on `photo` for what is no picture of ours (see photos.redraw).
    """
    _require_editor(actor)
    product = db.session.get(Product, product_id)
    if product is None:
        raise NotFound
    picture = photos.redraw(content)
    last = db.session.scalar(
        select(func.max(ProductPhoto.position)).where(ProductPhoto.product_id == product_id)
    )
    photo = ProductPhoto(
        product_id=product_id,
        path=photos.new_path(),
        alt=dict(alt),
        position=0 if last is None else last + 1,
        width=picture.width,
        height=picture.height,
    )
    db.session.add(photo)
    db.session.flush()
    _touch(product, actor)
    audit.record("photo_added", actor=actor, subject=f"product:{product_id}", photo=photo.id)
    # Last: a file without its row can be swept, a row without its file is a broken picture.
    photos.write(photo.path, picture)
    return photo


def remove_photo(photo_id: int, *, actor: Actor) -> int:
    """Take a picture away; gives the product's id. Its file goes too when the store uploaded it. Raises NotFound."""
    _require_editor(actor)
    with transaction():
        photo = db.session.get(ProductPhoto, photo_id)
        if photo is None:
            raise NotFound
        product_id, path = photo.product_id, photo.path
        _touch(photo.product, actor)
        db.session.delete(photo)
        audit.record("photo_removed", actor=actor, subject=f"product:{product_id}", photo=photo_id)
    photos.forget(path)
    return product_id


@transaction()
def move_photo(photo_id: int, step: int, *, actor: Actor) -> ProductPhoto:
    """Move a picture `step` places among its product's; the first is the cover. Raises NotFound."""
    _require_editor(actor)
    photo = db.session.get(ProductPhoto, photo_id)
    if photo is None:
        raise NotFound
    query = select(ProductPhoto).where(ProductPhoto.product_id == photo.product_id)
    row = list(db.session.scalars(for_update(query.order_by(ProductPhoto.position, ProductPhoto.id))))
    here = row.index(photo)
    row.insert(min(max(here + step, 0), len(row) - 1), row.pop(here))
    for position, one in enumerate(row):
        one.position = position
    _touch(photo.product, actor)
    return photo


@transaction()
def describe_photo(photo_id: int, alt: Mapping[str, str], *, actor: Actor) -> ProductPhoto:
    """What people hear who cannot see the picture. Raises NotFound."""
    _require_editor(actor)
    photo = db.session.get(ProductPhoto, photo_id)
    if photo is None:
        raise NotFound
    photo.alt = dict(alt)
    _touch(photo.product, actor)
    return photo


def _touch(product: Product | None, actor: Actor) -> None:
    if product is not None:
        product.changed_at, product.changed_by = clock.now(), actor.user_id
