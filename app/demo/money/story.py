"""One order of the history from its placing to what became of its money.

Its row goes back to what it was when it was placed and is moved on by its facts, in time with what it is paid.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from app import ledger
from app.core.actor import SYSTEM, Actor
from app.core.db import db, refresh_statistics
from app.core.events import EventRecord, untold
from app.demo.lives import Fact, Life
from app.demo.money import afterwards, coins, gateways, hands, lists, purses, today
from app.demo.money.plans import How, Plan
from app.demo.money.stage import Stage
from app.orders import books, paying, projection, settling
from app.orders.models import Order
from app.orders.states import Action, PaymentStatus
from app.payments import attempts
from app.payments.attempts import Owed
from app.payments.catalogue import METHODS, Flow
from app.stores import current_store

PLAYERS = {Flow.gateway: gateways.pay, Flow.chain: coins.pay, Flow.manual: hands.pay}
HANDS_OVER = frozenset({Action.deliver, Action.collect})
GIVES_BACK = frozenset({Action.cancel, Action.take_back})
NOTE_MINOR = {"USD": 2_000, "IDR": 50_000}
"""The note that is handed over where the change stays in the wallet."""


@dataclass
class Played:
    """An order with its plan, and the facts of its life that are still to come."""

    order: Order
    life: Life
    plan: Plan
    facts: deque[Fact] = field(default_factory=deque)

    @property
    def customer(self) -> Actor:
        return Actor(
            roles=frozenset({"customer"}),
            name=self.order.contact_name,
            customer_id=self.order.customer_id,
        )


def play_all(stage: Stage, played: Iterable[Played], moments: Iterable[ledger.Moment]) -> None:
    """Play all orders up to now, beside what the others and the shelves posted, which is plain: `moments`."""
    for one in played:
        first, *rest = one.life.facts
        projection.apply(one.order, first.payload["row"])
        one.facts = deque(rest)
        stage.timeline.at(min(one.life.placed_at, stage.now), partial(_place, stage, one))
    _post_by_day(stage, moments)
    for days in (86, 70, 40):  # the books have grown: the planner should know
        stage.timeline.at(stage.now - timedelta(days=days), refresh_statistics)
    lists.plan(stage)
    purses.plan(stage)
    today.plan(stage)
    with untold(stage.now):
        stage.timeline.play(stage.now)
    coins.look_again(stage.now)


def _post_by_day(stage: Stage, moments: Iterable[ledger.Moment]) -> None:
    days: dict[Any, list[ledger.Moment]] = {}
    zone = current_store().zone
    for moment in sorted(moments, key=lambda one: one.fact.at or stage.now):
        at = moment.fact.at or stage.now
        days.setdefault(at.astimezone(zone).date(), []).append(moment)
    for several in days.values():
        last = several[-1].fact.at or stage.now
        stage.timeline.at(min(last, stage.now), partial(ledger.post_all, several))


def _place(stage: Stage, one: Played) -> None:
    """Placed: its wallet money is spent, its first try to be paid is there; the rest is planned."""
    order = one.order
    books.post_wallet_spent(order, one.customer)
    for fact in one.facts:
        action = Action(fact.payload["action"]) if "action" in fact.payload else None
        if action in HANDS_OVER | GIVES_BACK:
            stage.timeline.at(min(fact.at, stage.now), partial(_live, stage, one, fact))
    if order.payment_status is not PaymentStatus.AWAITING:
        return
    owed = Owed(order.id, order.code, order.due_minor, order.currency)
    until = paying.valid_until(order, order.payment_method)
    attempt = attempts.open_attempt(owed, order.payment_method, source="customer", until=until)
    if not today.wait(stage, one, attempt):
        PLAYERS[METHODS[order.payment_method].flow](stage, one, attempt)


def _live(stage: Stage, one: Played, upto: Fact) -> None:
    """Its life goes on, up to and with this fact."""
    while one.facts:
        fact = one.facts.popleft()
        changes = dict(fact.payload["changes"])
        action = Action(fact.payload["action"]) if "action" in fact.payload else None
        if action in HANDS_OVER:
            changes |= _hand_over(one, Actor(name=fact.by, source="web"))
        if action in GIVES_BACK:
            before = afterwards.open_refunds(one.order)
            reason = changes.get("reason", one.order.reason)
            changes |= settling.give_back_all(one.order, Actor(name=fact.by), reason)
            afterwards.send_new(stage, one.order, before)
        _write(one.order, fact, changes)
        if action in HANDS_OVER:
            afterwards.plan(stage, one.order, one.plan)
        if fact is upto:
            return


def _hand_over(one: Played, actor: Actor) -> dict[str, Any]:
    """What the hand-over posts, as `orders.moves` has it done; what changes with it."""
    order, changes = one.order, {}
    if order.payment_status is PaymentStatus.DUE:
        received, kept = _cash(one)
        books.post_cash(order, actor, change_to_wallet_minor=kept)
        changes = {
            "cash_received_minor": received,
            "change_minor": received - order.due_minor - kept,
            "change_to_wallet_minor": kept or None,
        }
    books.post_sale(order, actor)
    return changes


def _cash(one: Played) -> tuple[int, int]:
    """What was handed over, and what of it stays in the wallet."""
    due, currency = one.order.due_minor, one.order.currency
    if one.plan.how is How.change:
        received = (due // NOTE_MINOR[currency] + 1) * NOTE_MINOR[currency]
        return received, received - due
    note = NOTE_MINOR[currency] // 20 if currency == "USD" else NOTE_MINOR[currency] // 5
    return -(-due // note) * note, 0


def _write(order: Order, fact: Fact, changes: dict[str, Any]) -> None:
    """The fact as it happened, folded into the row."""
    order.event_seq += 1
    payload = {"order_id": order.id, "code": order.code, **fact.payload, "changes": changes}
    db.session.add(
        EventRecord(
            type=fact.type,
            aggregate="order",
            aggregate_id=order.id,
            seq=order.event_seq,
            payload=payload,
            actor_role=fact.role,
            actor_name=fact.by,
            source=SYSTEM.source if fact.role == "system" else "web",
            occurred_at=fact.at,
            due_at=fact.at,
            published_at=fact.at,
        )
    )
    projection.apply(order, changes)
