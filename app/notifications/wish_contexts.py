"""What is told about the expansion list: a letter that asks whether it was you, and one when the wish came true."""

from app import stores
from app.core.db import db
from app.core.events import EventRecord
from app.notifications.audiences import CUSTOMER, locale_of
from app.notifications.contexts import Context, Link, Recipient, context_for
from app.promise.models import ExpansionWish

CONFIRM = {"en": "Yes, tell me", "ru": "Да, сообщите мне", "es": "Sí, avísenme"}


SHOP = {"en": "Go to the shop", "ru": "В магазин", "es": "Ir a la tienda"}


@context_for("WishGranted")
def _granted(record: EventRecord) -> Context | None:
    """Nobody is written to who has left the list since."""
    wish = db.session.get(ExpansionWish, record.payload["wish_id"])
    return _letter("expansion.granted", wish, Link(stores.public_url("/"), SHOP)) if wish else None


@context_for("WishMade")
def _asked(record: EventRecord) -> Context | None:
    """Nobody is written to who has confirmed or gone since."""
    wish = db.session.get(ExpansionWish, record.payload["wish_id"])
    if wish is None or wish.confirmed_at is not None:
        return None
    return _letter("expansion.asked", wish, Link(stores.public_url(f"/delivery/wish/{wish.token}"), CONFIRM))


def _letter(key: str, wish: ExpansionWish, link: Link) -> Context:
    words = {"store": stores.current_store().name, "zip": wish.zip}
    return Context(
        key=key,
        words=lambda _locale: words,
        audiences={CUSTOMER: [Recipient({"email": wish.email}, locale_of([wish.locale]))]},
        links={CUSTOMER: link},
    )
