"""Handing one message to its provider: claim it, call outside any transaction, write down what became of it.

The claim is a lease with a number. Whoever finds a claim that ran out knows that a handover was begun and not
finished, so nobody can say whether the provider has the message: the channel's policy decides what then.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import select

from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db, for_update, transaction
from app.core.events import EventRecord, consume, emit
from app.core.settings import setting
from app.notifications import links
from app.notifications.channels import channel
from app.notifications.events import DeliveryOverdue
from app.notifications.models import Delivery, DeliveryStatus
from app.notifications.planning import announce, queue_chain
from app.notifications.policy import POLICIES, Unknown, may_become, wait_before
from app.notifications.ports import Message, OutcomeUnknown, Refused, SendError, Sent, TryLater
from app.notifications.sirens import EMERGENCY, still_rings

log = structlog.get_logger()
S = DeliveryStatus


@dataclass(frozen=True)
class Claim:
    """The right to hand over one message until the lease runs out. `doubtful`: an earlier one may have worked."""

    message: Message
    channel: str
    attempt: int
    doubtful: bool
    known: Collection[str]


def send(record: EventRecord, *, subscriber: str) -> None:
    """Hand over the delivery that the event speaks of, and consume the event with the outcome.

    While another worker holds the delivery nothing happens and the event stays: it comes back by its lease.
    """
    event_id, delivery_id = record.id, record.aggregate_id
    claim = _claim(event_id, delivery_id, subscriber)
    if claim is None:
        return
    outcome: Sent | SendError
    try:
        outcome = _hand_over(claim)
    except SendError as trouble:
        outcome = trouble
    _finish(event_id, delivery_id, subscriber, claim, outcome)


@transaction()
def _claim(event_id: int, delivery_id: int, subscriber: str) -> Claim | None:
    delivery = _locked(delivery_id)
    if delivery is None or delivery.status not in {S.queued, S.sending}:
        consume(event_id, subscriber)
        return None
    if delivery.priority >= EMERGENCY and not still_rings(delivery):
        delivery.status, delivery.error = S.skipped, "answered before it was sent"
        consume(event_id, subscriber)
        return None
    now = clock.now()
    doubtful = delivery.status is S.sending
    if doubtful and delivery.leased_until is not None and delivery.leased_until > now:
        return None
    delivery.status = S.sending
    delivery.attempts += 1
    delivery.leased_until = now + timedelta(seconds=setting("DELIVERY_LEASE_SECONDS"))
    return Claim(
        message=_message(delivery),
        channel=delivery.channel,
        attempt=delivery.attempts,
        doubtful=doubtful,
        known=_known_ids(delivery) if doubtful else (),
    )


def _locked(delivery_id: int) -> Delivery | None:
    return db.session.scalar(for_update(select(Delivery).where(Delivery.id == delivery_id)))


def _message(delivery: Delivery) -> Message:
    callbacks = {
        "sms": lambda: links.status_callback_url(delivery.id),
        "whatsapp": lambda: links.status_callback_url(delivery.id),
        "pushover": links.receipt_callback_url,
    }
    callback = callbacks.get(delivery.channel)
    return Message(
        delivery_id=delivery.id,
        to=delivery.recipient,
        title=delivery.title,
        body=delivery.body,
        url=delivery.url,
        url_title=str(delivery.extra.get("url_title", "")),
        priority=delivery.priority,
        callback=callback() if callback else "",
        presses=links.presses_of(delivery.id, delivery.extra),
        created_at=delivery.created_at,
    )


def _known_ids(delivery: Delivery) -> list[str]:
    """What the provider gave for other messages to this address: an equal text among them is not this one."""
    query = select(Delivery.provider_id).where(
        Delivery.recipient == delivery.recipient, Delivery.provider_id != "", Delivery.id != delivery.id
    )
    return list(db.session.scalars(query))


def _hand_over(claim: Claim) -> Sent:
    adapter, policy = channel(claim.channel), POLICIES[claim.channel]
    if claim.doubtful and policy.unknown is Unknown.never:
        raise OutcomeUnknown("an earlier try may have arrived")
    if claim.doubtful and policy.unknown is Unknown.ask:
        found = adapter.find(claim.message, known=claim.known)
        if found is not None:
            return found
    return adapter.send(claim.message)


@transaction()
def _finish(
    event_id: int, delivery_id: int, subscriber: str, claim: Claim, outcome: Sent | SendError
) -> None:
    delivery = _locked(delivery_id)
    if delivery is None or delivery.attempts != claim.attempt:
        log.warning("delivery was taken over", delivery_id=delivery_id, attempt=claim.attempt)
        return
    consume(event_id, subscriber)
    delivery.leased_until = None
    if isinstance(outcome, Sent):
        _note_sent(delivery, outcome)
        return
    if delivery.status is not S.sending:  # the provider has reported on it meanwhile, so it has it
        return
    delivery.error = f"{type(outcome).__name__}: {outcome}"[:300]
    log.warning("not sent", delivery_id=delivery_id, channel=delivery.channel, error=delivery.error)
    if isinstance(outcome, Refused):
        delivery.status = S.failed
        fall_back(delivery)
        return
    _try_again(delivery, outcome)


def _note_sent(delivery: Delivery, sent: Sent) -> None:
    delivery.provider, delivery.provider_id, delivery.receipt = sent.provider, sent.provider_id, sent.receipt
    delivery.sent_at, delivery.error = clock.now(), ""
    if may_become(delivery.status, S.sent):  # its report may have been faster than this line
        delivery.status = S.sent
    overdue_after = POLICIES[delivery.channel].overdue_after
    if overdue_after and delivery.status is S.sent and delivery.extra.get("chain"):
        emit(DeliveryOverdue(delivery_id=delivery.id), actor=SYSTEM, due_in=overdue_after)


def _try_again(delivery: Delivery, outcome: SendError) -> None:
    policy = POLICIES[delivery.channel]
    unknown = isinstance(outcome, OutcomeUnknown)
    if policy.fall_back_at_once:
        fall_back(delivery)
    if delivery.attempts >= policy.tries or (unknown and policy.unknown is Unknown.never):
        delivery.status = S.unknown if unknown else S.failed
        fall_back(delivery)
        return
    # A claim without a lease says to the next one: an earlier try may have arrived.
    delivery.status = S.sending if unknown else S.queued
    retry_after = outcome.retry_after if isinstance(outcome, TryLater) else None
    announce(delivery.id, delivery.priority, wait_before(delivery.attempts, retry_after))


def fall_back(delivery: Delivery) -> int | None:
    """Queue the next channel of the chain, once, in the caller's transaction; its delivery's id if there is one."""
    chain = delivery.extra.get("chain") or []
    if not chain:
        return None
    extra = {name: value for name, value in delivery.extra.items() if name != "chain"}
    delivery.extra = extra | {"chain": []}
    frozen = {
        "event_id": delivery.event_id,
        "order_id": delivery.order_id,
        "audience": delivery.audience,
        "user_id": delivery.user_id,
        "priority": delivery.priority,
        "locale": delivery.locale,
        "url": delivery.url,
    }
    return queue_chain(frozen, chain, extra)
