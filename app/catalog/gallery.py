"""The pictures of a product: adding, ordering, describing, removing; each in one transaction, with its files.

A file is kept before its row is written and removed after its row is gone, by a job: a row never lacks its file.
What a crash leaves without a row is swept away.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import select

from app.catalog import photos
from app.catalog.events import PicturesDropped
from app.catalog.models import Product, ProductPhoto
from app.catalog.service import require_editor, touch
from app.core import audit, clock, storage
from app.core.actor import Actor
from app.core.db import db, for_update, transaction
from app.core.errors import DomainError, ErrorKind, InvalidInput, NotFound
from app.core.events import emit
from app.core.i18n import _, _l
from app.core.threads import run_aside

MOST = 12
"""Pictures of one product."""
UNCLAIMED = timedelta(days=1)
"""A file may be without a row for the moment between the two; after a day nobody will claim it."""


class PicturesAway(DomainError):
    """The place where pictures are kept does not answer."""

    kind, message = (
        ErrorKind.unavailable,
        _l("Pictures cannot be kept at the moment. Please try again later."),
    )


def add_photo(product_id: int, content: bytes, alt: Mapping[str, str], *, actor: Actor) -> ProductPhoto:
    """Keep a picture of the product, drawn anew without what the camera wrote into it; it becomes the last one.

    Raises NotFound, PicturesAway, and InvalidInput on `photo` for what is no picture of ours (see photos.redraw).
    Nothing is left behind then.
    """
    require_editor(actor)
    if db.session.get(Product, product_id) is None:
        raise NotFound
    drawn = run_aside(photos.redraw, content)
    try:
        path = photos.keep(drawn)
    except storage.StorageError:
        raise PicturesAway from None
    try:
        return _write(product_id, path, drawn, alt, actor)
    except BaseException:
        with suppress(storage.StorageError):  # then the sweep finds it
            photos.forget([path])
        raise


@transaction()
def _write(
    product_id: int, path: str, drawn: photos.Drawn, alt: Mapping[str, str], actor: Actor
) -> ProductPhoto:
    product = _lock(product_id)
    row = _row_of(product_id)
    if len(row) >= MOST:
        raise InvalidInput({"photo": _("A product has at most %(count)s pictures.", count=MOST)})
    photo = ProductPhoto(
        product_id=product_id,
        path=path,
        alt=dict(alt),
        position=row[-1].position + 1 if row else 0,
        width=drawn.width,
        height=drawn.height,
    )
    db.session.add(photo)
    db.session.flush()
    touch(product, actor)
    audit.record("photo_added", actor=actor, subject=f"product:{product_id}", photo=photo.id)
    return photo


@transaction()
def remove_photo(photo_id: int, *, actor: Actor) -> int:
    """Take a picture away; gives the product's id. Its files go too when the store uploaded it. Raises NotFound."""
    require_editor(actor)
    photo = db.session.get(ProductPhoto, photo_id)
    if photo is None:
        raise NotFound
    product_id = photo.product_id
    touch(photo.product, actor)
    drop_photos(product_id, [photo], actor=actor)
    audit.record("photo_removed", actor=actor, subject=f"product:{product_id}", photo=photo_id)
    return product_id


def drop_photos(product_id: int, dropped: Iterable[ProductPhoto], *, actor: Actor) -> None:
    """Delete the rows in the caller's transaction; a job removes the files once that is final."""
    paths = []
    for photo in dropped:
        paths += [photo.path] if photo.path.startswith(photos.MEDIA) else []
        db.session.delete(photo)
    if paths:
        emit(PicturesDropped(product_id=product_id, paths=paths), actor=actor)


@transaction()
def move_photo(photo_id: int, step: int, *, actor: Actor) -> ProductPhoto:
    """Move a picture `step` places among its product's; the first is the cover. Raises NotFound."""
    require_editor(actor)
    photo = db.session.get(ProductPhoto, photo_id)
    if photo is None:
        raise NotFound
    product = _lock(photo.product_id)
    row = _row_of(product.id)
    here = row.index(photo)
    row.insert(min(max(here + step, 0), len(row) - 1), row.pop(here))
    _number(row, product, actor)
    return photo


@transaction()
def order_photos(product_id: int, wanted: Sequence[int], *, actor: Actor) -> None:
    """Put the pictures into this order; those not named (somebody has just added one) stay behind them. NotFound."""
    require_editor(actor)
    product = _lock(product_id)
    place = {photo_id: number for number, photo_id in enumerate(wanted)}
    row = sorted(_row_of(product_id), key=lambda photo: (place.get(photo.id, len(place)), photo.position))
    _number(row, product, actor)


@transaction()
def describe_photo(photo_id: int, alt: Mapping[str, str], *, actor: Actor) -> ProductPhoto:
    """What people hear who cannot see the picture. Raises NotFound."""
    require_editor(actor)
    photo = db.session.get(ProductPhoto, photo_id)
    if photo is None:
        raise NotFound
    photo.alt = dict(alt)
    touch(photo.product, actor)
    return photo


def sweep_files() -> int:
    """Remove this store's files that no picture has claimed for a day; how many. Raises StorageError."""
    place, prefix = storage.file_storage(), storage.area_of("media")
    long_ago = clock.now() - UNCLAIMED
    claimed = {
        file for path in db.session.scalars(select(ProductPhoto.path)) for file in photos.files_of(path)
    }
    lost = [
        file.key
        for file in place.list_files(prefix)
        if file.changed_at < long_ago and file.key not in claimed
    ]
    place.delete(lost)
    return len(lost)


def _lock(product_id: int) -> Product:
    product = db.session.scalar(for_update(select(Product).where(Product.id == product_id)))
    if product is None:
        raise NotFound
    return product


def _row_of(product_id: int) -> list[ProductPhoto]:
    query = select(ProductPhoto).where(ProductPhoto.product_id == product_id)
    return list(db.session.scalars(query.order_by(ProductPhoto.position, ProductPhoto.id)))


def _number(row: Sequence[ProductPhoto], product: Product, actor: Actor) -> None:
    for position, photo in enumerate(row):
        photo.position = position
    touch(product, actor)
    audit.record(
        "photos_ordered",
        actor=actor,
        subject=f"product:{product.id}",
        photos=[photo.id for photo in row],
    )
