"""What providers report about messages they took: only ever forwards, in whatever order it arrives."""

import structlog
from sqlalchemy import select

from app.core.db import db, for_update, transaction
from app.core.events import EventRecord, consume
from app.notifications.channels import channel
from app.notifications.models import Delivery, DeliveryStatus
from app.notifications.policy import POLICIES, may_become
from app.notifications.ports import SendError
from app.notifications.sending import fall_back

log = structlog.get_logger()
S = DeliveryStatus

WORDS: dict[str, DeliveryStatus] = {
    "sent": S.sent,
    "delivered": S.delivered,
    "read": S.read,
    "undelivered": S.failed,
    "failed": S.failed,
    "canceled": S.failed,
}
"""Twilio's words; those that say nothing new (queued, accepted, sending …) are absent."""


@transaction()
def record_status(
    provider: str, provider_id: str, status: str, error: str = "", *, delivery_id: int | None = None
) -> bool:
    """Take a provider's report. True when it is about a message of ours, whether or not it said anything new.

    A report can overtake the answer that gave the provider's id; `delivery_id` (from the callback's signed
    address) finds the message then. A message that did not arrive goes out on its next channel.
    """
    delivery = _find(provider, provider_id, delivery_id)
    if delivery is None:
        return False
    new = WORDS.get(status)
    if new is None or not may_become(delivery.status, new):
        return True
    delivery.status = new
    if not delivery.provider_id:
        delivery.provider, delivery.provider_id = provider, provider_id
    if new is S.failed:
        delivery.error = f"{status} {error}".strip()[:300]
        fall_back(delivery)
    return True


def _find(provider: str, provider_id: str, delivery_id: int | None) -> Delivery | None:
    by_id = select(Delivery).where(Delivery.provider == provider, Delivery.provider_id == provider_id)
    if (found := db.session.scalar(for_update(by_id))) is not None or delivery_id is None:
        return found
    early = select(Delivery).where(Delivery.id == delivery_id, Delivery.provider_id == "")
    return db.session.scalar(for_update(early))


def check_overdue(record: EventRecord, *, subscriber: str) -> None:
    """A message that should have arrived by now: ask its provider; not delivered means failed, with fallback."""
    event_id, delivery_id = record.id, record.aggregate_id
    with transaction():
        delivery = db.session.get(Delivery, delivery_id)
        if delivery is None or delivery.status is not S.sent:
            consume(event_id, subscriber)
            return
        name, provider, provider_id = delivery.channel, delivery.provider, delivery.provider_id
    try:
        status, error = channel(name).status(provider_id)
    except SendError as trouble:
        log.warning("provider cannot be asked", delivery_id=delivery_id, error=str(trouble))
        status, error = "", ""
    with transaction():
        if WORDS.get(status) is not S.sent:
            record_status(provider, provider_id, status, error)
        late = db.session.scalar(for_update(select(Delivery).where(Delivery.id == delivery_id)))
        if late is not None and late.status is S.sent:
            after = POLICIES[name].overdue_after
            late.status, late.error = S.failed, f"not delivered within {after}"
            fall_back(late)
        consume(event_id, subscriber)
