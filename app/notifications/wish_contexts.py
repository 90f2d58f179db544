"""What is told about the expansion list: one letter that asks whether it was really you."""

from app import stores
from app.core.db import db
from app.core.events import EventRecord
from app.notifications.audiences import CUSTOMER, locale_of
from app.notifications.contexts import Context, Link, Recipient, context_for
from app.promise.models import ExpansionWish

CONFIRM = {"en": "Yes, tell me", "ru": "Да, сообщите мне", "es": "Sí, avísenme"}


@context_for("WishMade")
def _asked(record: EventRecord) -> Context | None:
    """Nobody is written to who has confirmed or gone since."""
    wish = db.session.get(ExpansionWish, record.payload["wish_id"])
    if wish is None or wish.confirmed_at is not None:
        return None
    words = {"store": stores.current_store().name, "zip": wish.zip}
    return Context(
        key="expansion.asked",
        words=lambda _locale: words,
        audiences={CUSTOMER: [Recipient({"email": wish.email}, locale_of([wish.locale]))]},
        links={CUSTOMER: Link(stores.public_url(f"/delivery/wish/{wish.token}"), CONFIRM)},
    )
