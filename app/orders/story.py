"""What became of an order, told to its customer: the states it went through and those still ahead."""

from dataclasses import dataclass
from datetime import datetime

from app.core.events import history
from app.core.i18n import _l
from app.orders.labels import status_label
from app.orders.models import Order
from app.orders.states import FINAL, Kind, Status
from app.shipping import say_reason

S = Status
ROADS: dict[Kind, tuple[Status, ...]] = {
    Kind.driver: (S.PENDING, S.CONFIRMED, S.READY, S.ASSIGNED, S.PICKED_UP, S.DELIVERED),
    Kind.pickup: (S.PENDING, S.CONFIRMED, S.READY, S.COLLECTED),
    Kind.courier: (S.PENDING, S.CONFIRMED, S.READY, S.HANDED_OVER, S.DELIVERED),
    Kind.parcel: (S.PENDING, S.CONFIRMED, S.READY, S.HANDED_OVER, S.DELIVERED),
}
"""The states of an order with which nothing goes wrong."""
TOLD = {
    S.PENDING: _l("We have your order"),
    S.CONFIRMED: _l("Checked by the pharmacist"),
    S.READY: _l("Packed"),
    S.ASSIGNED: _l("A rider has been found"),
    S.PICKED_UP: _l("On its way to you"),
    S.HANDED_OVER: _l("With the courier"),
    S.DELIVERED: _l("Delivered to you"),
    S.COLLECTED: _l("Collected by you"),
}


@dataclass(frozen=True)
class Chapter:
    """One state: `state` is done, now or todo; `when` aware, None while it lies ahead."""

    state: str
    status: Status
    when: datetime | None = None
    detail: str = ""

    @property
    def title(self) -> str:
        return str(TOLD[self.status]) if self.status in TOLD else status_label(self.status)


def tell_story(order: Order) -> list[Chapter]:
    """Oldest first. Reads the order's events: one query."""
    happened = [(S.PENDING, order.placed_at, "")]
    for record in history("order", order.id):
        target = record.payload.get("target")
        if target and target != happened[-1][0]:
            happened.append((S(target), record.occurred_at, say_reason(record.payload.get("reason", ""))))
    told = [Chapter("done", status, when, detail) for status, when, detail in happened]
    if order.status in FINAL:
        return told
    last = told[-1]
    told[-1] = Chapter("now", last.status, last.when, last.detail)
    road = ROADS[order.kind]
    ahead = road[road.index(order.status) + 1 :] if order.status in road else ()
    return [*told, *(Chapter("todo", status) for status in ahead)]
