"""Keeping and forgetting cards at the provider's, outside any transaction; killed at any step, it is done again.

Keeping one card twice gives the same one, and forgetting one that is gone is fine: nothing here needs more care.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import select

from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db, for_update, release_connection, transaction
from app.core.errors import NotFound
from app.core.events import Event, EventRecord, consume, emit
from app.core.tenancy import current_store_id
from app.identity.models import Customer
from app.payments import cards, methods
from app.payments.card_models import SavedCard
from app.payments.events import CardRemoved, CardWanted
from app.payments.gateways import CARD_KEEPERS
from app.payments.models import PaymentAttempt, PaymentReceipt
from app.payments.ports import CardNumbers, CardOwner, Credentials, KeptCard, Refused, SendError

log = structlog.get_logger()
WAITS = tuple(timedelta(seconds=s) for s in (5, 30, 300, 3600, 6 * 3600, 24 * 3600))
"""Between two tries while the provider does not answer; after the last one staff read of it in the log."""


@dataclass(frozen=True)
class _Wish:
    """A payment whose card is to be kept."""

    method: str
    payment_id: str
    owner: CardOwner
    account: Credentials


def keep_card(record: EventRecord, subscriber: str) -> None:
    """Let the provider keep the card of a payment, and write down what it is known by."""
    customer_id, tries = int(record.payload["customer_id"]), int(record.payload.get("tries", 0))
    attempt_id, event_id = int(record.payload["attempt_id"]), record.id
    wish = _wish(attempt_id, customer_id)
    if wish is None:
        _end(event_id, subscriber)
        return
    release_connection()
    try:
        kept = CARD_KEEPERS[wish.method].keep(wish.account, wish.payment_id, wish.owner)
    except Refused as error:
        log.warning("card not kept", attempt=attempt_id, why=str(error))
        _end(event_id, subscriber)
    except SendError as error:
        again = CardWanted(attempt_id=attempt_id, customer_id=customer_id, tries=tries + 1)
        _later(event_id, subscriber, tries, again, str(error))
    else:
        _write(event_id, subscriber, customer_id, wish.method, kept)


@transaction()
def _wish(attempt_id: int, customer_id: int) -> _Wish | None:
    """What to ask of the provider; None when nothing was paid, or the store has no account there any more."""
    attempt, customer = db.session.get(PaymentAttempt, attempt_id), db.session.get(Customer, customer_id)
    if attempt is None or customer is None or attempt.method not in CARD_KEEPERS:
        return None
    paid = select(PaymentReceipt.external_id).where(PaymentReceipt.attempt_id == attempt_id)
    payment_id = db.session.scalars(paid.order_by(PaymentReceipt.id.desc())).first()
    try:
        account = methods.credentials(attempt.method)
    except NotFound:
        return None
    if payment_id is None:
        return None
    owner = CardOwner(
        reference=f"{current_store_id()}-{customer_id}",
        email=customer.user.contact_email or "",
        profile_id=cards.profile_of(customer_id, attempt.method),
    )
    return _Wish(attempt.method, payment_id, owner, account)


@transaction()
def _write(event_id: int, subscriber: str, customer_id: int, method: str, kept: KeptCard) -> None:
    if consume(event_id, subscriber):
        cards.write_card(customer_id, method, kept)


def forget_card(record: EventRecord, subscriber: str) -> None:
    """Let the provider forget a removed card."""
    card_id, tries = int(record.payload["card_id"]), int(record.payload.get("tries", 0))
    event_id = record.id
    known = _removed(card_id)
    if known is None:
        _end(event_id, subscriber)
        return
    method, numbers, account = known
    release_connection()
    try:
        CARD_KEEPERS[method].forget(account, numbers)
    except Refused as error:
        log.error("card not forgotten", card=card_id, why=str(error))
        _end(event_id, subscriber)
    except SendError as error:
        _later(event_id, subscriber, tries, CardRemoved(card_id=card_id, tries=tries + 1), str(error))
    else:
        _forgotten(event_id, subscriber, card_id)


@transaction()
def _removed(card_id: int) -> tuple[str, CardNumbers, Credentials] | None:
    """Which card of which account to forget; None when it is forgotten, or is used again."""
    card = db.session.get(SavedCard, card_id)
    if card is None or card.removed_at is None or card.forgotten_at is not None:
        return None
    try:
        return card.method, cards.numbers_of(card), methods.credentials(card.method)
    except NotFound:
        return None


@transaction()
def _forgotten(event_id: int, subscriber: str, card_id: int) -> None:
    """Kept anew in the meantime or not: it is gone over there, so it is gone here."""
    if consume(event_id, subscriber):
        card = db.session.scalars(for_update(select(SavedCard).where(SavedCard.id == card_id))).one()
        card.forgotten_at = clock.now()
        card.removed_at = card.removed_at or card.forgotten_at


@transaction()
def _end(event_id: int, subscriber: str) -> None:
    consume(event_id, subscriber)


@transaction()
def _later(event_id: int, subscriber: str, tries: int, again: Event, why: str) -> None:
    if not consume(event_id, subscriber):
        return
    if tries >= len(WAITS):
        log.error("provider away for good", fact=type(again).__name__, why=why)
        return
    emit(again, actor=SYSTEM, due_in=WAITS[tries])
