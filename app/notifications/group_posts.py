"""A branch's group sees one message per order, which tells how far the order is and who did what.

The words are worked out anew from the order's history each time, so however often and in whatever order the edits
come, the last one is right. Replaced goods are among them: what is packed is what was agreed.
"""

from dataclasses import dataclass, replace

import structlog
from sqlalchemy import select

from app import shipping
from app.core.db import db, transaction
from app.core.events import EventRecord, consume, history
from app.core.i18n import _, speaking
from app.notifications import links
from app.notifications.audiences import BRANCH
from app.notifications.branch_notes import COURIER, PREPARED, clock_time
from app.notifications.channels import team_bot
from app.notifications.models import Delivery
from app.notifications.order_contexts import placed_text
from app.notifications.ports import Message, Refused
from app.orders.labels import status_label
from app.orders.models import Order
from app.orders.states import FINAL, Action, Status

log = structlog.get_logger()
TELLS = {Action.ready: "✓", Action.hand_over: "→", Action.assign: "→", Action.pick_up: "→"}
"""Moves that the group sees while the order is under way, each with its mark."""
TURNS = 3
"""How often an edit looks whether the order has moved on meanwhile."""


@dataclass(frozen=True)
class Post:
    """A message of the group as it should stand now. `seq` is the order's, to see whether it moved on."""

    message_id: int
    message: Message
    seq: tuple[int, str]


def refresh_posts(record: EventRecord, *, subscriber: str) -> None:
    """Bring the group's messages about the event's order up to date; consume the event.

    TryLater and OutcomeUnknown leave the event, which comes back.
    """
    event_id, order_id = record.id, int(record.payload["order_id"])
    shown: tuple[int, str] | None = None
    for _turn in range(TURNS):
        posts = _posts(order_id)
        if not posts or posts[0].seq == shown:
            break
        for post in posts:
            _edit(post)
        shown = posts[0].seq
    with transaction():
        consume(event_id, subscriber)


def _edit(post: Post) -> None:
    try:
        team_bot().edit(post.message_id, post.message)
    except Refused as refusal:  # deleted by hand, or the bot has left: there is nothing to keep up to date
        log.warning("group message not edited", delivery_id=post.message.delivery_id, refusal=str(refusal))


@transaction()
def _posts(order_id: int) -> list[Post]:
    query = (
        select(Delivery)
        .where(Delivery.order_id == order_id, Delivery.audience == BRANCH, Delivery.provider == "telegram")
        .order_by(Delivery.id)
    )
    sent = [row for row in db.session.scalars(query) if row.extra.get("presses")]
    order = db.session.get(Order, order_id, populate_existing=True) if sent else None
    return [_post(row, order) for row in sent] if order is not None else []


def _post(delivery: Delivery, order: Order) -> Post:
    shipment = shipping.shipment_of(order.id)
    with speaking(delivery.locale):
        told = _story(order, delivery.locale)
        if shipment is not None and order.status is Status.HANDED_OVER:
            who = ", ".join(part for part in (shipment.driver_name, shipment.driver_phone) if part)
            told.append(": ".join(part for part in (shipment.title, who) if part))
        if order.status in FINAL or order.status is Status.FAILED:
            told.append(status_label(order.status))
    title, body = placed_text(order, delivery.locale)
    message = Message(
        delivery_id=delivery.id,
        to=delivery.recipient,
        title=title,
        body="\n".join((body, "", *told)) if told else body,
        url=delivery.url,
        url_title=str(delivery.extra.get("url_title", "")),
    )
    left = _left(order)
    presses = tuple(p for p in links.presses_of(delivery.id, delivery.extra) if p[1].split(":")[0] in left)
    state = shipment.status.value if shipment is not None else ""
    number = int(delivery.provider_id.rpartition(":")[2])
    return Post(number, replace(message, presses=presses), (order.event_seq, state))


def _story(order: Order, locale: str) -> list[str]:
    told = []
    for record in history("order", order.id):
        action = record.payload.get("action")
        if action in TELLS:
            state = status_label(Status(record.payload["target"]))
            mark, time = TELLS[Action(action)], clock_time(record.occurred_at, locale)
            who = record.actor_name
            told.append(
                _("%(mark)s %(state)s: %(who)s, %(time)s", mark=mark, state=state, who=who, time=time)
            )
    return told


def _left(order: Order) -> set[str]:
    """The buttons that still mean something."""
    if order.status in FINAL or order.status is Status.FAILED:
        return set()
    return {PREPARED, COURIER} if order.status in {Status.PENDING, Status.CONFIRMED} else {COURIER}
