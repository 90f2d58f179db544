"""What becomes of one order of the history: the facts of its life, in order and at plausible times."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from app.inventory.models import MovementKind
from app.orders import projection
from app.orders.states import Action, Kind, PaymentStatus, Status, find

DISPATCHER = "Carla Mendez"
_DRIVER_LINE = (Action.confirm, Action.ready, Action.assign, Action.pick_up, Action.deliver)
_COURIER_LINE = (Action.confirm, Action.ready, Action.hand_over, Action.deliver)
_MINUTES = {
    Action.confirm: (1, 4),
    Action.ready: (5, 14),
    Action.assign: (1, 5),
    Action.pick_up: (2, 8),
    Action.hand_over: (4, 20),
    Action.deliver: (12, 34),
    Action.collect: (20, 120),
    Action.cancel: (2, 15),
    Action.fail: (15, 40),
    Action.take_back: (30, 90),
}
_REASONS = {
    Action.cancel: ("Ordered twice by mistake", "Changed my mind", "Item needed sooner"),
    Action.fail: ("Nobody at the door", "No ID to show", "Wrong address"),
}
_MOVES_STOCK = {
    Action.pick_up: (MovementKind.sale, -1),
    Action.hand_over: (MovementKind.sale, -1),
    Action.collect: (MovementKind.sale, -1),
    Action.take_back: (MovementKind.returned, 1),
}


@dataclass
class Fact:
    """One event to be written."""

    type: str
    at: datetime
    by: str
    role: str
    payload: dict[str, Any]


@dataclass
class Life:
    """An order from placing to where it ended (or stands)."""

    random: Random
    placed_at: datetime
    kind: Kind
    mode: str
    actions: tuple[Action, ...]
    slot_start: datetime
    facts: list[Fact] = field(default_factory=list)
    cash: bool = True
    paid_after: timedelta = timedelta()
    paid_minor: int = 0  # above zero: it came at the first try
    unpaid_minutes: int = 0  # above zero: nobody paid, and after so many it ended

    @property
    def paid_at(self) -> datetime:
        """When the last of the money came, of an order that is not paid at the door."""
        return self.placed_at + self.paid_after

    @property
    def promised_from(self) -> datetime:
        return self.slot_start if self.mode == "slot" else self.placed_at

    @property
    def promised_until(self) -> datetime:
        return (
            self.slot_start + timedelta(minutes=15)
            if self.mode == "slot"
            else self.placed_at + timedelta(minutes=50)
        )

    @property
    def keeps_slot(self) -> bool:
        """Whether the order still counts in its slot: brought by a driver, neither cancelled nor failed."""
        return self.kind is Kind.driver and not {Action.cancel, Action.fail} & set(self.actions)

    def fill(self, row: dict[str, Any], driver_id: int | None, driver: str, due_minor: int) -> None:
        """Play the life: every action becomes a fact with what it changed."""
        self.facts.append(
            Fact("OrderPlaced", self.placed_at, row["contact_name"], "customer", {"row": row, "lines": []})
        )
        if self.paid_minor:
            self.facts.append(self._paid())
        status, at = Status.PENDING, self.paid_at
        for action in self.actions:
            step = find(self.kind, status, action)
            assert step is not None
            at = self._later(at, action)
            changes = self._changes(action, step.target, at, driver_id, due_minor)
            if action is Action.confirm:
                self._acknowledge(at)
            who, role = self._by(action, driver, row["contact_name"])
            self.facts.append(
                Fact(
                    "OrderMoved",
                    at,
                    who,
                    role,
                    {
                        "action": action.value,
                        "source": status.value,
                        "target": step.target.value,
                        "reason": changes.get("reason", ""),
                        "changes": changes,
                    },
                )
            )
            status = step.target

    def _paid(self) -> Fact:
        changes = {"payment_status": PaymentStatus.PAID.value}
        payload = {"amount_minor": self.paid_minor, "in_full": True, "changes": changes}
        return Fact("OrderPaid", self.paid_at, "system", "system", payload)

    def _by(self, action: Action, driver: str, customer: str) -> tuple[str, str]:
        """Who does it, and as what."""
        if action is Action.cancel:
            return ("system", "system") if self.unpaid_minutes else (customer, "customer")
        if action not in {Action.pick_up, Action.deliver, Action.fail}:
            return DISPATCHER, "dispatcher"
        return (driver, "driver") if self.kind is Kind.driver else ("system", "system")

    def final_row(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row after all facts."""
        final = dict(row)
        for fact in self.facts[1:]:
            final.update(fact.payload["changes"])
        final["event_seq"] = len(self.facts)
        return final

    def stock_moves(self) -> Iterator[tuple[MovementKind, int, datetime]]:
        """(kind, sign, when) of each time the goods left or came back."""
        for fact in self.facts[1:]:
            action = fact.payload.get("action")
            if action and Action(action) in _MOVES_STOCK:
                kind, sign = _MOVES_STOCK[Action(action)]
                yield kind, sign, fact.at

    def _later(self, at: datetime, action: Action) -> datetime:
        low, high = _MINUTES[action]
        if self.unpaid_minutes:
            return self.placed_at + timedelta(minutes=self.unpaid_minutes, seconds=self.random.randint(5, 65))
        return at + timedelta(minutes=self.random.randint(low, high), seconds=self.random.randint(0, 59))

    def _acknowledge(self, at: datetime) -> None:
        changes = {"acknowledged_at": projection.encode(at - timedelta(seconds=25)), "acknowledged_by": None}
        seen = at - timedelta(seconds=25)
        self.facts.append(Fact("OrderAcknowledged", seen, DISPATCHER, "dispatcher", {"changes": changes}))

    def _changes(
        self, action: Action, target: Status, at: datetime, driver_id: int | None, due_minor: int
    ) -> dict[str, Any]:
        changes: dict[str, Any] = {"status": target.value, "status_at": projection.encode(at)}
        if action in _REASONS:
            unpaid = f"Not paid within {self.unpaid_minutes} minutes."
            changes["reason"] = unpaid if self.unpaid_minutes else self.random.choice(_REASONS[action])
        if action is Action.assign:
            changes["driver_id"] = driver_id
        if action is Action.take_back:
            changes["driver_id"] = None
        if action in {Action.fail, Action.cancel}:
            changes["slot_id"] = None
        if action in {Action.deliver, Action.collect}:
            changes["id_checked"] = True
        if action in {Action.deliver, Action.collect} and self.cash and due_minor:
            note = 100 if due_minor < 100_000 else 10_000
            received = -(-due_minor // note) * note
            changes |= {
                "payment_status": PaymentStatus.PAID.value,
                "cash_received_minor": received,
                "change_minor": received - due_minor,
            }
        return changes


def choose_life(
    random: Random,
    placed_at: datetime,
    until: Status | None = None,
    *,
    kind: Kind = Kind.driver,
    ending: Status | None = None,
) -> Life:
    """A life that begins then, brought by a driver or a courier, or collected; `until` cuts a delivery short at that
    state, `ending` says how it ends."""
    placed_at = placed_at.astimezone(UTC)
    chance = 0.5 if until else random.random()
    line = _DRIVER_LINE if kind is Kind.driver else _COURIER_LINE
    reached = (Status.PENDING, Status.CONFIRMED, Status.READY, Status.ASSIGNED, Status.PICKED_UP)
    ending = ending or next((end for most, end in _CHANCES if chance < most), Status.DELIVERED)
    actions: tuple[Action, ...] = line
    if until:
        actions = actions[: reached.index(until)]
    elif ending is Status.CANCELLED:
        actions = (Action.cancel,)
    elif ending is Status.RETURNED:
        actions = (*line[:-1], Action.fail, Action.take_back)
    elif ending is Status.COLLECTED:
        kind, actions = Kind.pickup, (Action.confirm, Action.ready, Action.collect)
    in_slot = kind is Kind.driver and not until and random.random() < 0.4
    start = placed_at + timedelta(minutes=60 if in_slot else 0)
    start = start.replace(minute=start.minute - start.minute % 15, second=0, microsecond=0)
    return Life(random, placed_at, kind, "slot" if in_slot else "asap", actions, start)


_CHANCES = ((0.05, Status.CANCELLED), (0.08, Status.RETURNED), (0.17, Status.COLLECTED))
"""Of a hundred orders five are cancelled, three come back, nine are collected."""
