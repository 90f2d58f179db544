"""The webhook inbox: kept first, believed later. The same call twice is one row; a forged one is counted."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.db import db, for_update, transaction
from app.core.errors import NotFound
from app.core.events import emit
from app.payments.events import WebhookKept
from app.payments.models import MessageStatus, WebhookMessage
from app.payments.ports import Heard

KEPT_HEADERS = 40
MOST_BYTES = 256 * 1024
NEVER_KEPT = frozenset({"cookie", "authorization", "x-callback-token", "proxy-authorization"})
"""Headers that are secrets themselves."""


@transaction()
def keep(
    provider: str, heard: Heard, headers: Mapping[str, str], body: bytes, *, genuine: bool
) -> WebhookMessage:
    """Write a call down exactly as it came, once per the provider's name for it; a genuine new one is read by a job.

    A forged call is kept apart from the genuine one of the same name: it cannot take its place.
    """
    kept = {
        name: value[:500]
        for name, value in list(headers.items())[:KEPT_HEADERS]
        if name.lower() not in NEVER_KEPT
    }
    event_id = heard.event_id if genuine else f"forged:{heard.event_id}"
    row = {
        "provider": provider,
        "event_id": event_id[:160],
        "headers": kept,
        "body": body[:MOST_BYTES],
        "status": MessageStatus.new if genuine else MessageStatus.forged,
        "about": heard.about[:80],
        "reference": heard.reference[:40],
        "external_id": heard.external_id[:120],
        "received_at": clock.now(),
    }
    message_id, times = db.session.execute(
        insert(WebhookMessage)
        .values(row)
        .on_conflict_do_update(
            index_elements=["store_id", "provider", "event_id"], set_={"times": WebhookMessage.times + 1}
        )
        .returning(WebhookMessage.id, WebhookMessage.times)
    ).one()
    if genuine and times == 1:
        emit(WebhookKept(message_id=message_id), actor=SYSTEM)
    return db.session.get_one(WebhookMessage, message_id)


@transaction()
def replay(message_id: int, *, actor: Actor) -> None:
    """Read a kept call again, as staff ask: it changes nothing that was done before. NotFound for a forged one."""
    message = db.session.scalar(for_update(select(WebhookMessage).where(WebhookMessage.id == message_id)))
    if message is None or message.status is MessageStatus.forged:
        raise NotFound
    message.status, message.replayed_by = MessageStatus.new, actor.user_id
    emit(WebhookKept(message_id=message.id), actor=actor)


def get(message_id: int) -> WebhookMessage:
    """One call. NotFound."""
    message = db.session.get(WebhookMessage, message_id)
    if message is None:
        raise NotFound
    return message


def note_problem(message_id: int, problem: str) -> None:
    """Why it is not read yet; in the caller's transaction."""
    get(message_id).problem = problem[:200]


def end(message_id: int, status: MessageStatus, problem: str = "") -> None:
    """How reading it ended; in the caller's transaction."""
    message = db.session.scalar(for_update(select(WebhookMessage).where(WebhookMessage.id == message_id)))
    assert message is not None  # messages are never deleted
    message.status, message.problem, message.processed_at = status, problem[:200], clock.now()


def messages(*, provider: str = "", status: str = "", limit: int = 100) -> Sequence[WebhookMessage]:
    """The latest calls, newest first."""
    query = select(WebhookMessage)
    if provider:
        query = query.where(WebhookMessage.provider == provider)
    if status:
        query = query.where(WebhookMessage.status == status)
    return db.session.scalars(query.order_by(WebhookMessage.id.desc()).limit(limit)).all()
