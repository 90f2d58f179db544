"""What providers say of payments: their calls are read by a job, and their API is asked where a call may be missing.

A call only says which payment to ask about; what counts is the answer of the provider's own API. Reading one twice,
or beside a browser that comes back, changes nothing: `paying.accept_news` locks the order and moves forward only.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from app.core.actor import SYSTEM
from app.core.db import db, release_connection, transaction
from app.core.errors import NotFound
from app.core.events import EventRecord, consume, emit
from app.orders import paying
from app.payments import attempts, inbox, methods
from app.payments.events import WebhookKept
from app.payments.gateways import GATEWAYS, gateway
from app.payments.models import AttemptStatus, MessageStatus, PaymentAttempt
from app.payments.ports import Credentials, News, SendError
from app.payments.states import OPEN

log = structlog.get_logger()
WAITS = tuple(timedelta(seconds=s) for s in (5, 20, 60, 300, 900, 3600, 3 * 3600, 12 * 3600))
"""Between two tries to ask about a call that came while the provider did not answer."""
ASK_EVERY = timedelta(seconds=60)
LOOK_EVERY = timedelta(seconds=5)
"""So often at most a page that waits makes us ask."""
COMING_BACK = timedelta(seconds=1)
"""So often at most somebody who comes back from the provider makes us ask."""


@dataclass(frozen=True)
class _Question:
    """What to ask of a provider about an attempt."""

    attempt_id: int
    method: str
    reference: str
    external_id: str
    account: Credentials


def read_message(record: EventRecord, subscriber: str) -> None:
    """Ask the provider about the payment that a kept call speaks of, and take its answer.

    The answer, the message's end and the event's consumption are one transaction: killed before it, all is done again.
    """
    message_id, tries = int(record.payload["message_id"]), int(record.payload.get("tries", 0))
    question = _question_of(record.id, message_id, subscriber)
    if question is None:
        return
    release_connection()
    try:
        news = _ask(question)
    except SendError as error:
        _later(record.id, message_id, subscriber, tries, str(error))
        return
    with transaction():
        if consume(record.id, subscriber):
            inbox.end(message_id, *_take(question, news, "webhook"))


@transaction()
def _question_of(event_id: int, message_id: int, subscriber: str) -> _Question | None:
    """What to ask about a message; None when it needs nothing (any more)."""
    message = inbox.get(message_id)
    if message.status is not MessageStatus.new:
        consume(event_id, subscriber)
        return None
    attempt = attempts.find_attempt(message.provider, message.reference, message.external_id)
    if attempt is None:
        consume(event_id, subscriber)
        inbox.end(message_id, MessageStatus.ignored, "no payment of ours")
        return None
    return _about(attempt, message.external_id)


def _about(attempt: PaymentAttempt, external_id: str = "") -> _Question:
    return _Question(
        attempt.id,
        attempt.method,
        attempt.reference,
        external_id or attempt.external_id,
        methods.credentials(attempt.method),
    )


def _ask(question: _Question) -> News | None:
    return gateway(question.method).ask(question.account, question.reference, question.external_id)


def _take(question: _Question, news: News | None, source: str) -> tuple[MessageStatus, str]:
    """Take the answer, in the caller's transaction; how that ended."""
    if news is None:
        return MessageStatus.ignored, "the provider knows of no such payment"
    if news.reference and news.reference != question.reference:
        log.error("another payment than asked for", asked=question.reference, told=news.reference)
        return MessageStatus.failed, f"the provider speaks of {news.reference}"
    paying.accept_news(question.attempt_id, news, source=source)
    return MessageStatus.done, ""


@transaction()
def _later(event_id: int, message_id: int, subscriber: str, tries: int, problem: str) -> None:
    """The provider does not answer: the message waits, longer each time, and at last for staff."""
    if not consume(event_id, subscriber):
        return
    if tries >= len(WAITS):
        inbox.end(message_id, MessageStatus.failed, problem)
        return
    inbox.note_problem(message_id, problem)
    emit(WebhookKept(message_id=message_id, tries=tries + 1), actor=SYSTEM, due_in=WAITS[tries])


def look(attempt_id: int, *, every: timedelta = LOOK_EVERY) -> None:
    """Somebody waits for this attempt on a page: ask about it, unless somebody has just done so (within `every`).

    A provider that does not answer is no news: the page goes on waiting, the poller asks again.
    """
    with transaction():
        _order, attempt = paying.lock_both(attempt_id)
        asks = attempt.method in GATEWAYS and attempt.status in OPEN
        question = _about(attempt) if asks and attempts.take_turn(attempt, every) else None
    if question is not None:
        _ask_about(question, "customer")


def look_after_attempts() -> int:
    """Ask about each attempt that may have been paid without a call; end those whose time is over. How many moved."""
    with transaction():
        due = list(attempts.to_ask(list(GATEWAYS), ASK_EVERY))
    return sum(_look_after(attempt_id) for attempt_id in due)


def _look_after(attempt_id: int) -> bool:
    try:
        with transaction():
            _order, attempt = paying.lock_both(attempt_id)
            before = attempt.status
            ours = attempt.status in OPEN and attempts.take_turn(attempt, ASK_EVERY)
            question = _about(attempt) if ours else None
    except NotFound:  # the store has no account with the provider any more
        return False
    if question is None:
        return False
    # Only an answer ends it: while the provider is away nobody knows whether it was paid.
    return _ask_about(question, "poller") and _end_if_over(attempt_id) is not before


def _ask_about(question: _Question, source: str) -> bool:
    """Ask and take the answer; whether there was one."""
    release_connection()
    try:
        news = _ask(question)
    except SendError as error:
        log.info("payment not known yet", reference=question.reference, why=str(error))
        return False
    with transaction():
        _take(question, news, source)
    return True


@transaction()
def _end_if_over(attempt_id: int) -> AttemptStatus:
    """An attempt that nobody paid in its time has expired; money that still comes on it counts all the same."""
    _order, attempt = paying.lock_both(attempt_id)
    if attempt.status in (AttemptStatus.started, AttemptStatus.pending) and attempts.is_over(attempt):
        attempts.move(attempt, AttemptStatus.expired, source="poller")
    db.session.flush()
    return attempt.status
