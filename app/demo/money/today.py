"""What waits for somebody as the demo begins: orders to be paid, transfers to look for, money that does not fit, a
refund that was refused, a call that could not be read."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from app.core import clock
from app.demo.money import gateways, hands, providers
from app.demo.money.plans import Ending, How, Plan
from app.demo.money.stage import Stage
from app.payments import inbox
from app.payments.models import MessageStatus, PaymentAttempt
from app.payments.ports import Heard

if TYPE_CHECKING:
    from app.demo.money.story import Played

W = Ending.waiting
WAITING: dict[str, tuple[tuple[int, Plan], ...]] = {
    "miami": (
        (3, Plan("authorizenet", ending=W)),
        (6, Plan("btc", ending=W)),
        (9, Plan("zelle", ending=W)),
        (24, Plan("zelle", How.polled, ending=W)),
        (31, Plan("venmo", How.polled, ending=W)),
        (75, Plan("authorizenet", How.wrong, ending=W)),
        (180, Plan("authorizenet", How.over, ending=W)),
    ),
    "jakarta": (
        (4, Plan("xendit", ending=W)),
        (8, Plan("midtrans", ending=W)),
        (95, Plan("midtrans", How.wrong, ending=W)),
    ),
}
"""Minutes ago, and what was begun: `polled` says that the customer claims to have sent it, `wrong` that another amount
came, `over` that it came in another currency."""
NO_ANSWER = "TryLater: the provider did not answer"


def wait(stage: Stage, one: "Played", attempt: PaymentAttempt) -> bool:
    """Play the beginning of an order that waits now; whether it is one."""
    if one.plan.ending is not W:
        return False
    if one.plan.how is How.polled:
        said = clock.now() + timedelta(minutes=8)
        stage.timeline.at(said, partial(hands.claim, stage, one, attempt))
    elif act := _MISFITS.get(one.plan.how):
        gateways.show(stage, attempt)
        stage.timeline.at(clock.now() + timedelta(minutes=4), partial(act, stage, one, attempt))
    return True


def _short(stage: Stage, one: "Played", attempt: PaymentAttempt) -> None:
    less = attempt.amount_minor - gateways.SHORT[attempt.currency]
    taken = stage.book.take(attempt, one.order.code, clock.now(), less)
    gateways.hear(attempt, taken, source="webhook")


def _foreign(stage: Stage, one: "Played", attempt: PaymentAttempt) -> None:
    taken = stage.book.take(attempt, one.order.code, clock.now())
    taken.currency = "EUR"
    gateways.hear(attempt, taken, source="webhook")


_MISFITS: dict[How, Callable[[Stage, "Played", PaymentAttempt], None]] = {
    How.wrong: _short,
    How.over: _foreign,
}


def plan(stage: Stage) -> None:
    """The inbox of the last night: a call that could not be read, one of a stranger, a forged one."""
    stage.plan(stage.now - timedelta(hours=7), partial(_calls, stage))


def _calls(stage: Stage) -> None:
    paid = [one for one in stage.book.payments.values() if one.paid_at < clock.now()]
    for taken in paid[-1:]:
        heard, headers, body = providers.call_of(taken)
        again = Heard(f"{heard.event_id}-settled", heard.reference, heard.external_id, heard.about)
        inbox.end(
            inbox.keep(taken.provider, again, headers, body, genuine=True).id,
            MessageStatus.failed,
            NO_ANSWER,
        )
        forged = Heard(f"{stage.random.getrandbits(64):x}", heard.reference, "", heard.about)
        inbox.keep(taken.provider, forged, headers, body, genuine=False)
        stranger = Heard(f"{stage.random.getrandbits(64):x}", "", "40000000001", heard.about)
        message = inbox.keep(taken.provider, stranger, headers, b'{"id": "40000000001"}', genuine=True)
        inbox.end(message.id, MessageStatus.ignored, "no payment of ours")
