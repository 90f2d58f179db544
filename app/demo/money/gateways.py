"""How orders were paid by a gateway: at once, at the second try, twice, wrongly, or not at all."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from app.core import clock
from app.core.money import Minor
from app.demo.money import providers
from app.demo.money.plans import How, Then
from app.demo.money.providers import Taken
from app.demo.money.stage import Stage
from app.orders import paying, reviewing
from app.payments import attempts, inbox, receipts
from app.payments.models import AttemptStatus, MessageStatus, PaymentAttempt
from app.payments.ports import News, NewsStatus, Show, Started

if TYPE_CHECKING:
    from app.demo.money.story import Played

DECLINED = "This transaction has been declined."
SHORT = {"USD": 100, "IDR": 1_000}
FIRST_TRY = timedelta(minutes=15)
"""How long a provider's own page stays open."""
S = AttemptStatus


def pay(stage: Stage, one: "Played", attempt: PaymentAttempt) -> None:
    """The customer is at the provider's page; what happens there is planned."""
    show(stage, attempt)
    play = _PLAYS.get(one.plan.how, _pay)
    play(stage, one, attempt)


def show(stage: Stage, attempt: PaymentAttempt) -> None:
    """The provider has it, some seconds later."""
    code_id = f"qr_{stage.book.number()}" if attempt.method == "xendit" else ""
    kind = Show.qr if code_id else Show.redirect
    with clock.frozen(clock.now() + timedelta(seconds=stage.random.randint(1, 4))):
        attempts.show(attempt, Started(kind, external_id=code_id), source="system")


def _pay(stage: Stage, one: "Played", attempt: PaymentAttempt) -> None:
    stage.timeline.at(one.life.paid_at, partial(_paid, stage, one, attempt))


def _paid(stage: Stage, one: "Played", attempt: PaymentAttempt) -> None:
    taken = stage.book.take(attempt, one.order.code, clock.now())
    if one.plan.then is Then.unlisted:
        taken.listed = False
    how = one.plan.how
    hear(attempt, taken, source="poller" if how is How.polled else "webhook")
    if how is How.repeated:
        for _time in range(2):
            keep_call(taken)
    if one.plan.then is Then.listed_otherwise:
        taken.amount_minor -= SHORT[taken.currency] // 4


def hear(attempt: PaymentAttempt, taken: Taken, *, source: str) -> None:
    """The provider says that it is paid: by its call, or because it was asked."""
    message_id = keep_call(taken) if source == "webhook" else None
    news = News(
        status=NewsStatus.paid,
        reference=taken.reference,
        external_id=taken.transaction,
        amount_minor=taken.amount_minor,
        currency=taken.currency,
        at=taken.paid_at,
    )
    paying.accept_news(attempt.id, news, source=source)
    if message_id is not None:
        inbox.end(message_id, MessageStatus.done)


def keep_call(taken: Taken) -> int:
    """The provider's call in the inbox; the same one again counts there."""
    heard, headers, body = providers.call_of(taken)
    return inbox.keep(taken.provider, heard, headers, body, genuine=True).id


def _declined(stage: Stage, one: "Played", attempt: PaymentAttempt) -> None:
    """The card is refused; another one, on a try of its own, pays."""
    half = one.life.placed_at + one.life.paid_after / 2

    def decline() -> None:
        paying.lock_both(attempt.id)
        attempts.move(attempt, S.failed, source="webhook", note=DECLINED)
        stage.timeline.at(clock.now() + timedelta(seconds=40), partial(_again, stage, one))

    stage.timeline.at(half, decline)


def _again(stage: Stage, one: "Played") -> None:
    attempt = paying.next_attempt(one.order.code, actor=one.customer)
    show(stage, attempt)
    _pay(stage, one, attempt)


def _expired(stage: Stage, one: "Played", attempt: PaymentAttempt) -> None:
    stage.timeline.at(one.life.placed_at + FIRST_TRY, partial(_run_out, attempt))
    stage.timeline.at(one.life.placed_at + FIRST_TRY + timedelta(minutes=1), partial(_again, stage, one))


def _run_out(attempt: PaymentAttempt) -> None:
    paying.lock_both(attempt.id)
    attempts.move(attempt, S.expired, source="poller")


def _twice(stage: Stage, one: "Played", attempt: PaymentAttempt) -> None:
    """Two tabs: the second payment finds the order paid and goes into the wallet."""

    def second_tab() -> None:
        second = paying.next_attempt(one.order.code, actor=one.customer)
        show(stage, second)
        stage.timeline.at(one.life.paid_at + timedelta(seconds=70), partial(_paid, stage, one, second))

    stage.timeline.at(one.life.placed_at + timedelta(seconds=30), second_tab)
    _pay(stage, one, attempt)


def _wrong(stage: Stage, one: "Played", attempt: PaymentAttempt) -> None:
    """The provider took another amount; staff let it pay before the order is confirmed."""
    more = SHORT[attempt.currency]

    def take() -> None:
        taken = stage.book.take(attempt, one.order.code, clock.now(), attempt.amount_minor + more)
        hear(attempt, taken, source="webhook")

    def decide() -> None:
        (receipt,) = receipts.receipts_of(one.order.id)
        reviewing.accept(
            receipt.id, reason="The customer rounded up; the rest is in the wallet", actor=stage.manager
        )

    stage.timeline.at(one.life.placed_at + timedelta(minutes=2), take)
    stage.timeline.at(one.life.paid_at, decide)


def _unheard(stage: Stage, one: "Played", attempt: PaymentAttempt) -> None:
    """Paid long after we had given up: nobody told us, and nobody asks about an attempt that is over."""
    stage.timeline.at(attempt.expires_at + attempts.GRACE - timedelta(minutes=3), partial(_run_out, attempt))
    late = one.life.placed_at + timedelta(hours=2)
    stage.plan(late, partial(_only_there, stage, one, attempt))


def _only_there(stage: Stage, one: "Played", attempt: PaymentAttempt) -> None:
    stage.book.take(attempt, one.order.code, clock.now())


def _never(stage: Stage, _one: "Played", attempt: PaymentAttempt) -> None:
    stage.timeline.at(attempt.expires_at - timedelta(minutes=1), partial(_run_out, attempt))


_PLAYS: dict[How, Callable[[Stage, "Played", PaymentAttempt], None]] = {
    How.declined: _declined,
    How.expired: _expired,
    How.twice: _twice,
    How.wrong: _wrong,
    How.unheard: _unheard,
    How.never: _never,
}


def wait_for(
    stage: Stage, attempt: PaymentAttempt, amount_minor: Minor, currency: str, at: datetime
) -> Taken:
    """Money that does not fit came at that time, and waits for a decision."""
    code = attempt.reference.rpartition("_")[0]
    taken = stage.book.take(attempt, code, at, amount_minor)
    taken.currency = currency
    hear(attempt, taken, source="webhook")
    return taken
