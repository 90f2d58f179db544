"""From the shop window to every phone, with the real relay, workers and providers' stand-in."""

import time
from collections import Counter
from datetime import datetime

import pytest
from sqlalchemy import select

from app.core.actor import SYSTEM
from app.core.db import db, transaction
from app.core.events import EventRecord, emit
from app.notifications.models import Delivery
from app.orders.events import OrderPlaced
from app.orders.models import Order
from jobs.queues import BULK, Entry, enqueue, queue, waiting_ids
from tests import factories
from tests.jobs.harness import deliveries, until
from tests.jobs.running.works import Works

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("inside")]

EVERYBODY_ONCE = {
    ("pushover", "carla-pushover-key"): 1,
    ("telegram", "700001"): 1,
    ("whatsapp", "+13055551234"): 1,
}


def place(cast) -> tuple[int, str]:
    """Ana orders: (id, code)."""
    order: Order = factories.place(("VITC", 1), actor=cast["ana"])
    placed = order.id, order.code
    db.session.rollback()
    return placed


def messages(works: Works, code: str) -> Counter[tuple[str, str]]:
    """(channel, recipient) → how many messages about the order the providers took."""
    found = works.sandbox.inbox(limit=1000)
    return Counter((one["channel"], one["to"]) for one in found if code in one["title"] + one["body"])


def told(order_id: int, channel: str = "") -> list[Delivery]:
    """The messages about an order, as they are now."""
    mine = [one for one in deliveries() if one.order_id == order_id]
    return [one for one in mine if one.channel == channel] if channel else mine


def job_of(message: Delivery) -> str:
    """How the job that hands this one message over begins: others of the same name may not have ended yet."""
    queued = select(EventRecord.id).where(
        EventRecord.type == "DeliveryQueued", EventRecord.aggregate_id == message.id
    )
    return f"e{db.session.scalars(queued).one()}-send_delivery"


def everybody_knows(works: Works, code: str) -> bool:
    return messages(works, code).keys() >= EVERYBODY_ONCE.keys()


def test_an_order_reaches_everybody_once(works: Works, cast) -> None:
    order_id, code = place(cast)
    until(lambda: everybody_knows(works, code))
    works.quiet()
    assert messages(works, code) == EVERYBODY_ONCE
    assert {delivery.status for delivery in told(order_id)} <= {"sent", "delivered", "read"}


def test_workers_killed_in_the_cascade_send_each_message_once(works: Works, cast) -> None:
    """All of them, with -9, while the messages are being written; others are started."""
    with works.locked("delivery", "SHARE") as wanted:
        order_id, code = place(cast)
        wanted()
        works.kill_workers()
    assert told(order_id) == []
    works.leases_end()
    until(lambda: everybody_knows(works, code))
    works.quiet()
    assert messages(works, code) == EVERYBODY_ONCE


def lose_the_answer(works: Works, cast, reports: str) -> tuple[int, str]:
    """WhatsApp takes the message and the worker dies before it can write that down: the order's (id, code)."""
    with works.answer_held("", provider="whatsapp", reports=reports) as called:
        order_id, code = place(cast)
        called()
        # The others are written down: theirs are channels that repeat when the answer is lost.
        until(lambda: [one.status for one in told(order_id) if one.channel != "whatsapp"] == ["sent", "sent"])
        works.kill_who_has(job_of(told(order_id, "whatsapp")[0]))
    # The call was on its way: the provider takes it although nobody waits for the answer any more.
    until(lambda: everybody_knows(works, code))
    return order_id, code


def test_a_message_whose_answer_was_lost_is_asked_about_not_repeated(works: Works, cast) -> None:
    """The provider's reports are lost, too: nobody knows of the message before the next worker asks."""
    order_id, code = lose_the_answer(works, cast, reports="lost")
    (message,) = told(order_id, "whatsapp")
    assert (message.status, message.provider_id) == ("sending", "")
    works.leases_end()
    works.quiet()
    assert messages(works, code) == EVERYBODY_ONCE
    (message,) = told(order_id, "whatsapp")
    assert (message.status, message.attempts, code in message.body) == ("sent", 2, True)


def test_a_message_whose_answer_was_lost_but_not_its_report_needs_no_asking(works: Works, cast) -> None:
    """The provider's report tells of the message before the claim ends: that is enough, and the event is done."""
    order_id, code = lose_the_answer(works, cast, reports="ok")
    until(lambda: told(order_id, "whatsapp")[0].status == "read")
    works.leases_end()
    works.quiet()
    assert messages(works, code) == EVERYBODY_ONCE
    (message,) = told(order_id, "whatsapp")
    assert (message.status, message.attempts, message.provider_id != "") == ("read", 1, True)


def test_a_valkey_that_forgets_everything_loses_nothing(works: Works, cast) -> None:
    """Once with the order's jobs in it, and once under processes that wait for some."""
    with works.workers_asleep():
        _first, first = place(cast)
        until(lambda: waiting_ids(works.valkey))
        works.line.restart(crash=True)
        assert waiting_ids(works.valkey) == set()
    works.regains(lambda: everybody_knows(works, first))
    works.line.restart(crash=True)
    _second, second = place(cast)
    works.regains(lambda: everybody_knows(works, second))
    works.regains(works.is_quiet)
    assert messages(works, first) == messages(works, second) == EVERYBODY_ONCE
    works.kill_workers()  # the next ones are in Valkey's list again


def test_placing_works_and_is_told_later_while_valkey_is_away(works: Works, cast) -> None:
    works.line.kill()
    _order_id, code = place(cast)
    works.line.start()
    works.regains(lambda: everybody_knows(works, code))
    works.regains(works.is_quiet)
    assert messages(works, code) == EVERYBODY_ONCE
    works.kill_workers()


def test_no_dispatcher_waits_for_a_newsletter(works: Works, cast) -> None:
    """Event → handed to Pushover: the slowest of 20 alarms while bulk work stands in line."""
    entries = [Entry(BULK, f"bulk-{n}", "time.sleep", (0.05,)) for n in range(10_000)]
    enqueue(works.valkey, entries)
    until(lambda: queue(BULK, works.valkey).count < 10_000)
    order_id, code = place(cast)
    for _alarm in range(20):
        with transaction():
            emit(OrderPlaced(order_id=order_id, code=code), actor=SYSTEM)
        time.sleep(0.2)
    sent = until(lambda: all_sent(order_id, 21))
    waits = sorted((delivery.sent_at - emitted_at(delivery)).total_seconds() for delivery in sent)
    print(f"event to Pushover, 21 alarms: median {waits[10]:.3f} s, slowest {waits[-1]:.3f} s")
    # Not a stop-watch: each alarm went out while most of the newsletter was still standing in line.
    assert queue(BULK, works.valkey).count > 5_000
    queue(BULK, works.valkey).empty()


def all_sent(order_id: int, count: int) -> list[Delivery]:
    """The Pushover deliveries once that many are sent."""
    sent = [one for one in told(order_id, "pushover") if one.sent_at]
    return sent if len(sent) >= count else []


def emitted_at(delivery: Delivery) -> datetime:
    """When the event of a delivery happened."""
    record = db.session.get(EventRecord, delivery.event_id)
    assert record is not None
    return record.occurred_at


def test_providers_report_back_to_the_stores_own_host(works: Works, cast) -> None:
    """Twilio's signed callback reaches the web process and is believed: the customer has read the message."""
    order_id, _code = place(cast)
    until(lambda: [one.status for one in told(order_id, "whatsapp")] == ["read"])
    log = works.sandbox.http.get("/callbacks.json").json()
    ours = [entry["status"] for entry in log if f":{works.port}/webhooks/twilio" in entry["url"]]
    assert ours and set(ours) == {204}
