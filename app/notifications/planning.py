"""From an event to deliveries: one row for each person and channel, with its words frozen."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.core.actor import SYSTEM
from app.core.db import db
from app.core.events import EventRecord, emit
from app.core.i18n import pick
from app.notifications.contexts import Context, Recipient, build_context
from app.notifications.events import AlarmDue, DeliveryQueued
from app.notifications.models import Delivery, DeliveryStatus, NotificationRule
from app.notifications.order_contexts import is_new_to_staff
from app.notifications.templates import render

ESCALATIONS = (timedelta(minutes=5), timedelta(minutes=10))
"""After placing: to the dispatchers by another way, then to the manager."""
URGENT = 1
"""From this priority on a message travels in the critical queue."""

Step = dict[str, str]
"""One channel of a chain: channel, to, title, body."""


def plan(record: EventRecord) -> list[int]:
    """Queue the deliveries of an event in the caller's transaction and answer their ids.

    Each active row of the matrix gives one delivery per recipient: on the first of its channels that has an
    address, with the others kept as its fallbacks. Planned twice for an event, nothing is added.
    """
    context = build_context(record)
    if context is None:
        return []
    rules = db.session.scalars(
        select(NotificationRule)
        .where(NotificationRule.event == context.key, NotificationRule.active.is_(True))
        .order_by(NotificationRule.audience, NotificationRule.position)
    )
    made = []
    for rule in rules:
        for recipient in context.audiences[rule.audience]:
            made.append(_plan_one(record.id, context, rule, recipient))
    return [delivery_id for delivery_id in made if delivery_id is not None]


def watch_alarm(record: EventRecord) -> None:
    """Ask about a new order after five and after ten minutes, in the caller's transaction.

    One that is to be paid first is new when it is paid.
    """
    if not is_new_to_staff(record):
        return
    for step, wait in enumerate(ESCALATIONS, start=1):
        due = AlarmDue(order_id=record.aggregate_id, code=record.payload["code"], step=step)
        emit(due, actor=SYSTEM, due_in=wait, occurred_at=record.occurred_at)


def _plan_one(event_id: int, context: Context, rule: NotificationRule, recipient: Recipient) -> int | None:
    link = context.links.get(rule.audience)
    words = context.words_for(rule.audience, recipient.locale) | {"link": link.url if link else ""}
    chain = []
    for channel in rule.channels:
        text = render(context.key, rule.audience, channel, recipient.locale, words)
        chain.append(
            {
                "channel": channel,
                "to": recipient.addresses.get(channel, ""),
                "title": text[0],
                "body": text[1],
            }
        )
    frozen = {
        "event_id": event_id,
        "order_id": context.order_id,
        "audience": rule.audience,
        "user_id": recipient.user_id,
        "priority": rule.priority,
        "locale": recipient.locale,
        "url": link.url if link else "",
    }
    extra: dict[str, Any] = {"url_title": link.titles.get(recipient.locale, "") if link else ""}
    if presses := context.presses.get(rule.audience):
        extra["presses"] = [[press.verb, pick(press.titles, recipient.locale)] for press in presses]
    return queue_chain(frozen, chain, extra)


def queue_chain(frozen: dict[str, Any], chain: Sequence[Step], extra: dict[str, Any]) -> int | None:
    """Queue the first channel of the chain that has an address; its id, or None when it was queued before.

    Without any address the first is kept as skipped, so that somebody can see who was not reached.
    """
    reachable = [step for step in chain if step["to"]]
    if not chain:
        return None
    first, rest = (reachable[0], reachable[1:]) if reachable else (chain[0], [])
    delivery_id = db.session.scalar(
        insert(Delivery)
        .values(
            **frozen,
            recipient=first["to"] or f"user {frozen['user_id']}",
            channel=first["channel"],
            fallbacks=[step["channel"] for step in rest],
            title=first["title"][:250],
            body=first["body"],
            extra=extra | {"chain": rest},
            status=DeliveryStatus.queued if reachable else DeliveryStatus.skipped,
            error="" if reachable else "no address",
            provider="",
            provider_id="",
            receipt="",
            attempts=0,
        )
        .on_conflict_do_nothing(index_elements=["store_id", "event_id", "audience", "recipient", "channel"])
        .returning(Delivery.id)
    )
    if delivery_id is not None and reachable:
        announce(delivery_id, frozen["priority"])
    return delivery_id


def announce(delivery_id: int, priority: int, due_in: timedelta | None = None) -> None:
    """Let a worker send it, now or after `due_in`."""
    queue = "critical" if priority >= URGENT else "default"
    emit(DeliveryQueued(delivery_id=delivery_id, queue=queue), actor=SYSTEM, due_in=due_in)
