"""Orders that are paid by a gateway of this process, for tests of what happens to their money."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from app import orders
from app.core import clock
from app.core.actor import Actor
from app.core.db import db, transaction
from app.orders import paying
from app.orders.models import Order
from app.orders.states import Action
from app.payments import attempts
from app.payments.models import PaymentMethod
from app.payments.ports import (
    Charge,
    Credentials,
    Heard,
    News,
    NewsStatus,
    RefundAnswer,
    Refunding,
    Settled,
    Show,
    Started,
)
from tests.factories import place

CARD = "authorizenet"


@dataclass
class TestGateway:
    """Refunds each reference once, as providers that can be asked twice do; `answers` and `trouble` say how."""

    __test__ = False
    name: str = CARD
    currencies: frozenset[str] = frozenset({"USD"})
    settings: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    sent: dict[str, Refunding] = field(default_factory=dict)
    asked: int = 0
    done: bool = True
    trouble: Callable[[], Exception | None] = lambda: None
    listed: list[Settled] = field(default_factory=list)

    def start(self, account: Credentials, charge: Charge) -> Started:
        return Started(Show.redirect, url=f"https://pay.example/{charge.reference}")

    def ask(self, account: Credentials, reference: str, external_id: str) -> News | None:
        return None

    def is_genuine(self, account: Credentials, headers: Any, body: bytes) -> bool:
        return False

    def read(self, headers: Any, body: bytes) -> Heard:
        raise ValueError

    def refund(self, account: Credentials, refunding: Refunding) -> RefundAnswer:
        self.asked += 1
        if (error := self.trouble()) is not None:
            raise error
        self.sent.setdefault(refunding.reference, refunding)
        return RefundAnswer(f"re-{refunding.reference}", done=self.done)

    def settlements(self, account: Credentials, since: datetime, until: datetime) -> list[Settled]:
        return [one for one in self.listed if since <= one.at <= until]


@transaction()
def open_method(code: str = CARD) -> None:
    """Let the store take it."""
    db.session.add(
        PaymentMethod(
            code=code, active=True, position=1, settings={"handle": "pay@example.com"}, kinds=[], tiers=[]
        )
    )


def pay(order: Order, amount: int | None = None, *, external_id: str = "") -> None:
    """The money for the order's latest attempt comes in."""
    attempt = attempts.attempts_of(order.id)[-1]
    paying.accept_news(
        attempt.id,
        News(
            status=NewsStatus.paid,
            reference=attempt.reference,
            external_id=external_id or f"tx-{attempt.reference}",
            amount_minor=attempt.amount_minor if amount is None else amount,
            currency=attempt.currency,
        ),
        source="webhook",
    )


def paid_order(*items: tuple[str, int], actor: Actor, method: str = CARD, **changes: Any) -> Order:
    """An order that its customer has paid."""
    order = place(*items, actor=actor, payment_method=method, **changes)
    pay(order)
    return order


def deliver(order: Order, *, carla: Actor, boris: Actor, **door: Any) -> Order:
    """Through every state to the door."""
    orders.act(order.code, Action.confirm, actor=carla)
    orders.act(order.code, Action.ready, actor=carla)
    orders.act(order.code, Action.assign, actor=carla, details=orders.Details(driver_id=boris.driver_id))
    orders.act(order.code, Action.pick_up, actor=boris)
    return orders.act(
        order.code, Action.deliver, actor=boris, details=orders.Details(id_checked=True, **door)
    )


def days_ago(days: float) -> datetime:
    """A moment in the past."""
    return clock.now().astimezone(UTC) - timedelta(days=days)
