"""kill -9 at each step of what moves money: real workers, real PostgreSQL and Valkey, the sandbox's books.

Each time: the worker stands at a known line, dies there, another takes over as in production (the event's lease runs
out, or the scheduler's next minute), and there is exactly one effect, here and at the provider.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db
from app.orders import refunding
from app.orders.models import Order
from app.orders.refunding import RefundWish, What
from app.payments import reconciliation
from app.payments.gateways import gateway
from app.payments.methods import credentials
from app.payments.models import MessageStatus, RefundStatus, RefundTo
from app.payments.ports import Charge
from app.payments.settlement_models import RunStatus, SettlementRun
from jobs.queues import waiting_ids
from tests.jobs.harness import until
from tests.jobs.running.works import (
    CARD,
    Works,
    act,
    assert_paid_once,
    assert_sent_once,
    begin_order,
    entries,
    fresh,
    is_paid,
    lines_of,
    message_of,
    sent_back,
    status_of,
)
from tests.payments.money import deliver

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("inside")]


# --- capture -----------------------------------------------------------------------------------------------


@contextmanager
def before_it_is_read(works: Works, reference: str) -> Iterator[None]:
    with works.locked("payment_attempt") as wanted:
        act(works, reference, "pay")
        wanted()
        yield


@contextmanager
def while_the_provider_is_asked(works: Works, reference: str) -> Iterator[None]:
    with works.answer_held("getTransactionDetailsRequest") as asked:
        act(works, reference, "pay")
        asked()
        yield


@contextmanager
def while_it_is_written(works: Works, reference: str) -> Iterator[None]:
    with works.locked("ledger_entry", "SHARE") as wanted:
        act(works, reference, "pay")
        wanted()
        yield


@contextmanager
def after_it_is_written(works: Works, reference: str) -> Iterator[None]:
    """Committed, but the queue does not know yet."""
    with ExitStack() as shut:
        with works.locked("ledger_entry", "SHARE") as wanted:
            act(works, reference, "pay")
            wanted()
            shut.enter_context(works.queues_shut())
        until(lambda: fresh(lambda: message_of(reference).status) is MessageStatus.done, 20)
        yield


@pytest.mark.parametrize(
    "step", [before_it_is_read, while_the_provider_is_asked, while_it_is_written, after_it_is_written]
)
def test_a_payment_counts_once_wherever_its_reader_dies(works: Works, cast, step) -> None:
    order_id, _attempt, reference = begin_order(cast)
    with step(works, reference):
        works.kill_who_has("read_message")
        assert is_paid(order_id) is (step is after_it_is_written)
    works.leases_end()
    until(lambda: is_paid(order_id), 30)
    works.quiet()
    assert_paid_once(order_id)
    message = message_of(reference)
    assert (message.status, message.times) == (MessageStatus.done, 1)


def test_the_poller_dies_asking_and_the_next_minute_asks_again(works: Works, cast) -> None:
    """A payment of which no call ever came."""
    order_id, attempt, reference = begin_order(cast)
    works.sandbox.chaos(CARD, "lost", times=1)
    act(works, reference, "pay")
    long_ago = ("payment_attempt", attempt, 5, "created_at", "asked_at")
    works.minutes_pass(*long_ago)
    with works.answer_held("getUnsettledTransactionListRequest") as asked:
        works.next_minute("look_after_attempts")
        asked()
        works.kill_who_has("look_after_attempts")
    assert not is_paid(order_id)
    works.minutes_pass(*long_ago)
    works.next_minute("look_after_attempts")
    until(lambda: is_paid(order_id), 30)
    works.quiet()
    assert_paid_once(order_id)


# --- refunds -----------------------------------------------------------------------------------------------


@pytest.fixture
def settled(works: Works, cast) -> tuple[str, str]:
    """A delivered order whose payment is in the bank, so that a refund is money sent: (code, reference)."""
    order_id, _attempt, reference = begin_order(cast)
    act(works, reference, "pay")
    until(lambda: is_paid(order_id), 30)
    order = deliver(db.session.get_one(Order, order_id), carla=cast["carla"], boris=cast["boris"])
    act(works, reference, "settle")
    code = order.code
    db.session.rollback()
    return code, reference


def give_back(cast, code: str) -> int:
    """Staff send all of it back along its way."""
    wish = RefundWish(What.all, RefundTo.source, "Two bottles were broken")
    (refund,) = refunding.refund_order(code, wish, key=code, actor=cast["dmitri"])
    refund_id = refund.id
    db.session.rollback()
    return refund_id


@contextmanager
def before_it_begins(works: Works, give) -> Iterator[int]:
    with ExitStack() as held:
        with works.queues_shut():  # or a worker would be faster than the lock
            refund_id = give()
            wanted = held.enter_context(works.locked("refund", "EXCLUSIVE"))
        wanted()
        yield refund_id


@contextmanager
def while_the_payment_is_looked_up(works: Works, give) -> Iterator[int]:
    with works.answer_held("getTransactionDetailsRequest") as asked:
        refund_id = give()
        asked()
        yield refund_id


@contextmanager
def while_the_provider_sends_it(works: Works, give) -> Iterator[int]:
    """The provider does it after the worker's death, and nobody here hears that."""
    with works.answer_held("refundTransaction") as asked:
        refund_id = give()
        asked()
        yield refund_id


@contextmanager
def while_the_answer_is_written(works: Works, give) -> Iterator[int]:
    with ExitStack() as locks:
        with works.answer_held("refundTransaction") as asked:
            refund_id = give()
            asked()
            wanted = locks.enter_context(works.locked("refund", "EXCLUSIVE"))
        wanted()
        yield refund_id


@contextmanager
def after_the_answer_is_written(works: Works, give) -> Iterator[int]:
    """Done, but the event is not consumed yet."""
    with ExitStack() as locks:
        with works.answer_held("refundTransaction") as asked:
            refund_id = give()
            asked()
            wanted = locks.enter_context(works.locked("event_consumption", "SHARE"))
        wanted()
        until(lambda: status_of(refund_id) is RefundStatus.done, 20)
        yield refund_id


@pytest.mark.parametrize(
    ("step", "status", "sent"),
    [
        (before_it_begins, RefundStatus.requested, 0),
        (while_the_payment_is_looked_up, RefundStatus.sending, 0),
        (while_the_provider_sends_it, RefundStatus.sending, 1),
        (while_the_answer_is_written, RefundStatus.sending, 1),
        (after_the_answer_is_written, RefundStatus.done, 1),
    ],
)
def test_a_refund_is_sent_once_wherever_its_sender_dies(
    works: Works, cast, settled: tuple[str, str], step, status: RefundStatus, sent: int
) -> None:
    code, reference = settled
    with step(works, lambda: give_back(cast, code)) as refund_id:
        works.kill_who_has("send_refund")
        assert status_of(refund_id) is status
    until(lambda: sent_back(works, reference) == sent, 20)
    works.leases_end()
    works.quiet()
    if status is RefundStatus.sending:
        # The first may still be at it: the event ends without a call, the scheduler's job goes on.
        assert (status_of(refund_id), sent_back(works, reference)) == (status, sent)
        works.minutes_pass("refund", refund_id, 3, "asked_at")
        works.next_minute("ask_about_refunds")
    until(lambda: status_of(refund_id) is RefundStatus.done, 30)
    works.quiet()
    assert_sent_once(works, refund_id, reference)


# --- reconciliation ----------------------------------------------------------------------------------------


@pytest.fixture
def stray(works: Works, settled: tuple[str, str]) -> str:
    """A payment in the provider's list that nothing here knows of."""
    reference = f"{settled[0]}_pay9"
    charge = Charge(
        reference=reference,
        order_code=settled[0],
        amount_minor=4_200,
        currency="USD",
        return_url="http://shop.test/back",
        cancel_url="http://shop.test/back",
        expires_at=clock.now() + timedelta(minutes=30),
    )
    gateway(CARD).start(credentials(CARD), charge)
    works.sandbox.chaos(CARD, "lost", times=1)
    act(works, reference, "pay")
    act(works, reference, "settle")
    db.session.rollback()
    return reference


def compare(cast) -> int:
    """Staff have the list compared."""
    run_id = reconciliation.ask_run(CARD, actor=cast["dmitri"], until=clock.now() + timedelta(minutes=1)).id
    db.session.rollback()
    return run_id


@contextmanager
def while_the_list_is_fetched(works: Works, ask) -> Iterator[int]:
    with works.answer_held("getSettledBatchListRequest") as asked:
        run_id = ask()
        asked()
        yield run_id


@contextmanager
def while_lines_are_kept(works: Works, ask) -> Iterator[int]:
    """The lines stand in an open transaction, and a difference is about to be written."""
    with works.locked("settlement_difference", "SHARE") as wanted:
        run_id = ask()
        wanted()
        yield run_id


@contextmanager
def before_it_is_closed(works: Works, ask) -> Iterator[int]:
    """Lines and differences are committed."""
    with ExitStack() as locks:
        with works.answer_held("getSettledBatchListRequest") as asked:
            run_id = ask()
            asked()
            wanted = locks.enter_context(works.locked("settlement_run", "EXCLUSIVE"))
        wanted()
        yield run_id


@pytest.mark.parametrize("step", [while_the_list_is_fetched, while_lines_are_kept, before_it_is_closed])
def test_a_comparison_finds_each_difference_once_wherever_it_dies(
    works: Works, cast, settled: tuple[str, str], stray: str, step
) -> None:
    with step(works, lambda: compare(cast)) as run_id:
        works.kill_who_has("compare_settlements")
        assert fresh(lambda: len(lines_of(settled[1]))) == (step is before_it_is_closed)
    works.leases_end()
    until(lambda: fresh(lambda: db.session.get_one(SettlementRun, run_id).status) is RunStatus.done, 30)
    works.quiet()
    (line,) = lines_of(settled[1])
    assert line.booked_at is not None and entries(f"settled:{line.id}") == 1
    (unknown,) = lines_of(stray)
    (difference,) = [one for one in reconciliation.open_differences(CARD) if one.line_id == unknown.id]
    assert (difference.theirs_minor, difference.ours_minor) == (4_200, None)
    run = db.session.get_one(SettlementRun, run_id)
    assert run.differences == len(reconciliation.open_differences(CARD))


def test_a_night_whose_worker_dies_is_finished_by_another(works: Works) -> None:
    job = "compare_every_settlement"
    with works.locked("settlement_run", "SHARE") as wanted:
        works.next_minute(job)
        wanted()
        works.kill_who_has(job)
    works.next_minute(job)  # the scheduler offers it again, too early
    until(lambda: not waiting_ids(works.valkey))
    assert fresh(asked_tonight) == []
    works.period_is_free(job)
    for _again in range(2):
        works.next_minute(job)
        until(lambda: CARD in fresh(asked_tonight), 30)
    until(lambda: not waiting_ids(works.valkey))
    works.quiet()
    found = asked_tonight()
    assert len(found) == len(set(found))


def asked_tonight() -> list[str]:
    """The methods whose lists nobody but the scheduler has had compared."""
    return list(db.session.scalars(select(SettlementRun.method).where(SettlementRun.asked_by == SYSTEM.name)))
