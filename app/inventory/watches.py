"""Tell me when it is back: asked for by anybody with an e-mail address or a phone, told once, ended by a link."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app import stores
from app.catalog.models import Product, Variant
from app.core import clock, crypto
from app.core.actor import SYSTEM
from app.core.db import db, for_update, transaction
from app.core.errors import InvalidInput, NotFound, TooMany
from app.core.events import emit
from app.core.i18n import _, active_locale
from app.core.tenancy import current_store_id
from app.identity.emails import read_email
from app.identity.phones import normalise_phone
from app.inventory.events import WatchAnswered
from app.inventory.models import StockWatch
from app.inventory.service import available

MOST_ASKED = 10
"""Wishes from one address, and for one contact, in an hour: more is no customer."""
WINDOW = timedelta(hours=1)
LONGEST_WAIT = timedelta(days=180)
"""After that nobody remembers having asked."""
PURPOSE = "watch"


@transaction()
def watch_variant(sku: str, contact: str, *, user_id: int | None = None, ip: str = "") -> StockWatch:
    """Note the wish; the same again changes nothing. `contact` is an e-mail address or a phone as typed.

    Raises InvalidInput on `contact`, NotFound for a variant that is not sold, TooMany.
    """
    channel, address = read_contact(contact)
    query = (
        select(Variant.id)
        .join(Product, Product.id == Variant.product_id)
        .where(Variant.sku == sku, Variant.active, Product.active, Product.rx_required.is_(False))
    )
    if (variant_id := db.session.scalar(query)) is None:
        raise NotFound
    origin = crypto.keyed_hash(PURPOSE, ip) if ip else ""
    _require_patience(origin, address)
    values = {
        "variant_id": variant_id,
        "channel": channel,
        "contact": address,
        "locale": active_locale(),
        "user_id": user_id,
        "asked_from": origin,
        "created_at": clock.now(),
    }
    db.session.execute(insert(StockWatch).values(values).on_conflict_do_nothing())
    waiting = StockWatch.ended_at.is_(None)
    mine = select(StockWatch).where(
        StockWatch.variant_id == variant_id, StockWatch.contact == address, waiting
    )
    return db.session.scalars(mine).one()


def read_contact(typed: str) -> tuple[str, str]:
    """('email' or 'phone', the address in its one form). InvalidInput on `contact`."""
    text = typed.strip()
    if not text:
        raise InvalidInput({"contact": _("Enter your e-mail address or phone number.")})
    if "@" in text:
        return "email", read_email(text, field="contact")
    return "phone", normalise_phone(text, field="contact")


def _require_patience(origin: str, address: str) -> None:
    since = clock.now() - WINDOW
    mine = (StockWatch.asked_from == origin) if origin else (StockWatch.contact == address)
    asked = select(func.count()).where(StockWatch.created_at > since, mine | (StockWatch.contact == address))
    if (db.session.scalar(asked) or 0) >= MOST_ASKED:
        raise TooMany(retry_after=int(WINDOW.total_seconds()))


def answer_watchers(variant_id: int) -> int:
    """The variant is back: one WatchAnswered for each who waits, once. In the caller's transaction; how many.

    Nothing when it is gone again meanwhile: they go on waiting.
    """
    if available(None, [variant_id]).get(variant_id, 0) <= 0:
        return 0
    now = clock.now()
    waiting = (
        select(StockWatch)
        .where(StockWatch.variant_id == variant_id, StockWatch.ended_at.is_(None))
        .order_by(StockWatch.id)
    )
    told = 0
    for watch in db.session.scalars(for_update(waiting)):
        watch.ended_at = now
        if watch.created_at > now - LONGEST_WAIT:
            watch.noticed_at, told = now, told + 1
            emit(WatchAnswered(watch_id=watch.id), actor=SYSTEM)
    return told


def leave_url(watch: StockWatch) -> str:
    """The link that ends the wish, for whoever holds it."""
    return stores.public_url(f"/back-in-stock/{watch.id}?t={_signature(watch.id)}")


def goods_url(watch: StockWatch) -> str:
    """The way to the goods without their name in it: what somebody takes is nobody else's business."""
    return stores.public_url(f"/back-in-stock/{watch.id}/goods?t={_signature(watch.id)}")


def get_watch(watch_id: int, signature: str) -> StockWatch:
    """The wish of a signed link; NotFound when the signature is not ours."""
    if not crypto.signature_is_valid(PURPOSE, f"{current_store_id()}:{watch_id}", signature):
        raise NotFound
    if (watch := db.session.get(StockWatch, watch_id)) is None:
        raise NotFound
    return watch


@transaction()
def end_watch(watch_id: int, signature: str) -> StockWatch:
    """Stop waiting; again changes nothing. NotFound."""
    watch = get_watch(watch_id, signature)
    watch.ended_at = watch.ended_at or clock.now()
    return watch


def _signature(watch_id: int) -> str:
    return crypto.sign(PURPOSE, f"{current_store_id()}:{watch_id}")


def waiting_count(variant_id: int) -> int:
    """How many wait for it."""
    query = select(func.count()).where(StockWatch.variant_id == variant_id, StockWatch.ended_at.is_(None))
    return db.session.scalar(query) or 0
