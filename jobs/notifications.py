"""Events → messages: who is told, the handing over to providers, the siren's end."""

from collections.abc import Mapping
from typing import Any

from app import notifications
from app.core.events import EventRecord
from jobs.base import subscriber
from jobs.queues import CRITICAL, NAMES


def _queue_of_delivery(payload: Mapping[str, Any]) -> str:
    wanted = str(payload.get("queue", ""))
    return wanted if wanted in NAMES else CRITICAL


@subscriber(queue=CRITICAL)
def notify(record: EventRecord) -> None:
    """Look the event up in the matrix and queue a message for everybody it names."""
    notifications.plan(record)


@subscriber(queue=CRITICAL)
def watch_alarm(record: EventRecord) -> None:
    """OrderPlaced, or OrderPaid where staff wait for that → two questions for later: has anybody acknowledged it?"""
    notifications.watch_alarm(record)


@subscriber(queue=_queue_of_delivery, external=True)
def send_delivery(record: EventRecord) -> None:
    """Hand one message to its provider."""
    notifications.send(record, subscriber="send_delivery")


@subscriber(external=True)
def check_overdue(record: EventRecord) -> None:
    """A message that should have arrived by now: ask the provider, fall back when it has not."""
    notifications.check_overdue(record, subscriber="check_overdue")


@subscriber(queue=CRITICAL, external=True)
def silence_sirens(record: EventRecord) -> None:
    """The order was acknowledged or moved on: stop what still rings for it."""
    notifications.silence(record, subscriber="silence_sirens")


@subscriber(queue=CRITICAL, external=True)
def check_receipt(record: EventRecord) -> None:
    """Pushover says somebody acknowledged: ask it whether that is true."""
    notifications.check_receipt(record, subscriber="check_receipt")


@subscriber(queue=CRITICAL, external=True)
def answer_press(record: EventRecord) -> None:
    """A button under a message was pressed: do what it says, within the second that the phone waits."""
    notifications.answer_press(record, subscriber="answer_press")


@subscriber(external=True)
def refresh_posts(record: EventRecord) -> None:
    """The order or its parcel moved: the branch's group sees it in the message it has."""
    notifications.refresh_posts(record, subscriber="refresh_posts")


def listen_for_presses() -> None:
    """Every few minutes: see that Telegram knows where buttons are heard."""
    notifications.listen_for_presses()


def look_after_sirens() -> None:
    """Every few seconds: ask Pushover about each siren that still rings."""
    notifications.look_after_sirens()
