"""The cards that a customer lets us keep, at the provider's: who has which, and which can be used."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app import stores
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db, for_update, transaction
from app.core.errors import NotFound
from app.core.events import emit
from app.core.i18n import _
from app.payments.card_models import SavedCard
from app.payments.events import CardRemoved, CardWanted
from app.payments.gateways import CARD_KEEPERS
from app.payments.ports import CardNumbers, KeptCard

MOST = 10
"""The provider keeps no more for one customer."""


def cards_of(customer_id: int | None, methods: Collection[str] = ()) -> Sequence[SavedCard]:
    """A customer's kept cards, the one used last first; with `methods`, those of these alone."""
    if customer_id is None:
        return ()
    query = select(SavedCard).where(SavedCard.customer_id == customer_id, SavedCard.removed_at.is_(None))
    if methods:
        query = query.where(SavedCard.method.in_(methods))
    last_use = func.coalesce(SavedCard.used_at, SavedCard.kept_at)
    return db.session.scalars(query.order_by(last_use.desc(), SavedCard.id.desc())).all()


def get_card(card_id: int, *, actor: Actor, lock: bool = False) -> SavedCard:
    """The actor's own card. NotFound for anybody else's, and for one that was removed."""
    query = select(SavedCard).where(
        SavedCard.id == card_id,
        SavedCard.customer_id == actor.customer_id,
        SavedCard.removed_at.is_(None),
    )
    card = db.session.scalar(for_update(query) if lock else query)
    if card is None or actor.customer_id is None:
        raise NotFound
    return card


def is_over(card: SavedCard) -> bool:
    """Whether its month has passed at the store."""
    today = clock.now().astimezone(stores.current_store().zone)
    return bool(card.expires) and f"{today:%Y-%m}" > card.expires


def name_of(card: SavedCard) -> str:
    """As its owner knows it."""
    return _("%(brand)s ending in %(last)s", brand=card.brand or _("Card"), last=card.last_four)


def keeps(method: str) -> bool:
    """Whether cards are kept by this method at all."""
    return method in CARD_KEEPERS


def may_keep(method: str, customer_id: int | None) -> bool:
    """Whether one more card of the customer can be kept."""
    return keeps(method) and customer_id is not None and len(cards_of(customer_id)) < MOST


def want_card(attempt_id: int, customer_id: int, *, actor: Actor) -> None:
    """The card that has paid this attempt is to be kept: a job lets the provider do it."""
    emit(CardWanted(attempt_id=attempt_id, customer_id=customer_id), actor=actor)


def write_card(customer_id: int, method: str, kept: KeptCard) -> None:
    """Know a card that the provider keeps; one that is known is as good as new."""
    row = {
        "brand": kept.brand,
        "last_four": kept.last_four,
        "expires": kept.expires,
        "kept_at": clock.now(),
        "removed_at": None,
    }
    keys = {
        "method": method,
        "profile_id": kept.numbers.profile_id,
        "payment_profile_id": kept.numbers.payment_profile_id,
    }
    made = insert(SavedCard).values(customer_id=customer_id, **keys, **row)
    db.session.execute(
        made.on_conflict_do_update(
            index_elements=["store_id", *keys], set_=row, where=SavedCard.customer_id == customer_id
        )
    )


def numbers_of(card: SavedCard) -> CardNumbers:
    """What the provider knows it by."""
    return CardNumbers(card.profile_id, card.payment_profile_id)


def profile_of(customer_id: int, method: str) -> str:
    """The provider's number of the customer, when it has kept a card of theirs; else empty."""
    query = select(SavedCard.profile_id).where(
        SavedCard.customer_id == customer_id, SavedCard.method == method
    )
    return db.session.scalars(query.order_by(SavedCard.id.desc())).first() or ""


@transaction()
def remove_card(card_id: int, *, actor: Actor) -> SavedCard:
    """Gone for the customer at once; a job lets the provider forget it. NotFound."""
    card = get_card(card_id, actor=actor, lock=True)
    card.removed_at = clock.now()
    emit(CardRemoved(card_id=card.id), actor=actor)
    audit.record("saved_card.removed", actor=actor, subject=str(card.id), card=str(card))
    return card
