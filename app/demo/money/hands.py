"""How orders were paid by hand: the customer sends it, says so, and staff find it in the bank."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from app.core import clock
from app.core.money import Minor
from app.demo.money.plans import How
from app.demo.money.stage import Stage
from app.desk import claims, confirming, lapsing
from app.desk.models import ConfirmationStatus
from app.payments import attempts
from app.payments.models import PaymentAttempt

if TYPE_CHECKING:
    from app.demo.money.story import Played

PREFIXES = {"zelle": "BAC", "cashapp": "#", "venmo": "4"}


def pay(stage: Stage, one: "Played", attempt: PaymentAttempt) -> None:
    """The customer knows how much to whom; what happens then is planned."""
    _PLAYS.get(one.plan.how, _pay)(stage, one, attempt)


def number_of(stage: Stage, method: str) -> str:
    """A confirmation number as the app shows it."""
    return f"{PREFIXES[method]}{stage.random.randrange(10**8, 10**9)}"


def claim(stage: Stage, one: "Played", attempt: PaymentAttempt) -> None:
    """ "I have sent it." """
    number = number_of(stage, attempt.method)
    claims.write_down(attempt.id, one.order.contact_name, number, "", None, one.customer)


def see(stage: Stage, attempt: PaymentAttempt, amount_minor: Minor) -> None:
    """Staff have it in the bank: from the store's limit on, two of them."""
    confirmed = confirming.confirm(attempt.id, amount_minor, actor=stage.manager)
    if confirmed.status is ConfirmationStatus.waiting:
        confirming.confirm_second(confirmed.id, actor=stage.owner)


def _pay(stage: Stage, one: "Played", attempt: PaymentAttempt) -> None:
    said = one.life.placed_at + one.life.paid_after / 2
    if stage.random.random() < 0.8:
        stage.timeline.at(said, partial(claim, stage, one, attempt))
    stage.timeline.at(one.life.paid_at, partial(see, stage, attempt, attempt.amount_minor))


def _over(stage: Stage, one: "Played", attempt: PaymentAttempt) -> None:
    """Rounded up: the rest goes into the wallet."""
    rounded = -(-attempt.amount_minor // 500) * 500 + 500
    stage.timeline.at(one.life.paid_at, partial(see, stage, attempt, rounded))


def _part(stage: Stage, one: "Played", attempt: PaymentAttempt) -> None:
    """A round sum below: the rest is asked for, and comes."""
    first = max(100, attempt.amount_minor * 3 // 4 // 100 * 100)

    def rest() -> None:
        second = attempts.attempts_of(one.order.id)[-1]
        see(stage, second, second.amount_minor)

    half = one.life.placed_at + one.life.paid_after / 2
    stage.timeline.at(half, partial(see, stage, attempt, first))
    stage.timeline.at(one.life.paid_at, rest)


def _never(stage: Stage, _one: "Played", attempt: PaymentAttempt) -> None:
    stage.timeline.at(clock.now() + timedelta(minutes=59), partial(lapsing.lapse, attempt.id))


_PLAYS: dict[How, Callable[[Stage, "Played", PaymentAttempt], None]] = {
    How.over: _over,
    How.part: _part,
    How.never: _never,
}
