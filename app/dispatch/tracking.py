"""What a customer may know of their order on its way: never more, and only while it lasts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import shipping
from app.core import clock
from app.core.db import db
from app.core.events import EventRecord, history
from app.core.i18n import _
from app.dispatch.geo import Estimate, Point, distance_m, next_estimate, route
from app.dispatch.models import Driver
from app.dispatch.stops import door_of, doors_of, reckon, route_of
from app.orders.models import Order
from app.orders.states import Kind, PaymentStatus, Status
from app.shipping import Shipment

S = Status
LINE: dict[Kind, tuple[Status, ...]] = {
    Kind.driver: (S.PENDING, S.CONFIRMED, S.READY, S.ASSIGNED, S.PICKED_UP, S.DELIVERED),
    Kind.pickup: (S.PENDING, S.CONFIRMED, S.READY, S.COLLECTED),
    Kind.courier: (S.PENDING, S.CONFIRMED, S.READY, S.HANDED_OVER, S.DELIVERED),
    Kind.parcel: (S.PENDING, S.CONFIRMED, S.READY, S.HANDED_OVER, S.DELIVERED),
}
"""The good way of each kind; anything else is said as it happened."""
ENDED = frozenset({S.DELIVERED, S.COLLECTED, S.CANCELLED, S.RETURNED, S.FAILED})
HAS_DRIVER = frozenset({S.ASSIGNED, S.PICKED_UP, S.DELIVERED, S.FAILED})


@dataclass(frozen=True)
class Step:
    """One line of the journey. state: done, now, todo."""

    status: Status
    title: str
    state: str
    at: datetime | None


@dataclass(frozen=True)
class Courier:
    """Who brings it: the first name, an initial and the vehicle, no more."""

    name: str
    first_name: str
    vehicle: str


@dataclass(frozen=True)
class TrackingView:
    """The tracking page's facts. `position`, `estimate` and all that hangs on them are None outside PICKED_UP."""

    order: Order
    steps: list[Step]
    courier: Courier | None
    branch: Point
    door: Point | None
    path: list[Point]
    position: Point | None
    fix_at: datetime | None
    estimate: Estimate | None
    minutes: int | None
    distance_m: int | None
    stops_before: int
    is_delayed: bool
    cash_due_minor: int
    address: str
    parcel: Shipment | None = None

    @property
    def is_live(self) -> bool:
        """Whether something may still happen to it."""
        return self.order.status not in ENDED

    @property
    def progress(self) -> int:
        """How many steps of the journey lie behind or are under way."""
        return sum(step.state != "todo" for step in self.steps)


def mask_address(address: dict[str, Any]) -> str:
    """The street without its numbers, and the ZIP: enough to know it again, not enough to go there."""
    street = re.sub(r"\w*\d[\w/-]*", "•••", str(address.get("line1", ""))).strip()
    return ", ".join(part for part in (street, str(address.get("zip", ""))) if part)


def is_delayed(promised_until: datetime | None, arrives_at: datetime | None, now: datetime) -> bool:
    """Whether the promise will not hold, or has not: said as soon as it is known, never rounded away."""
    if promised_until is None:
        return False
    return max(arrives_at or now, now) > promised_until


def tracking_view(order: Order, before: Estimate | None = None) -> TrackingView:
    """What the holder of the order's link sees. `before` is the last estimate that was shown, so that it moves
    smoothly; without it the estimate is reckoned afresh."""
    driver = _driver(order)
    on_road = order.status is S.PICKED_UP and driver is not None and driver.lat is not None
    position = (driver.lat, driver.lng) if on_road and driver and driver.lat and driver.lng else None
    estimate, left, doors_before = _expect(order, driver, position, before)
    now = clock.now()
    arrives = estimate.arrives_at if estimate else None
    branch, door = (order.branch.lat, order.branch.lng), door_of(order)
    return TrackingView(
        order=order,
        steps=journey(order, history("order", order.id), driver.user.first_name if driver else ""),
        courier=_courier(driver),
        branch=branch,
        door=door,
        path=route(branch, door) if door and order.kind is Kind.driver else [],
        position=position,
        fix_at=driver.fix_at if driver and position else None,
        estimate=estimate,
        minutes=estimate.minutes_left(now) if estimate else None,
        distance_m=left,
        stops_before=doors_before,
        is_delayed=order.status not in ENDED
        and order.kind is Kind.driver
        and is_delayed(order.promised_until, arrives, now),
        cash_due_minor=order.due_minor
        if order.payment_status is PaymentStatus.DUE and order.status not in ENDED
        else 0,
        address=mask_address(order.address),
        parcel=shipping.shipment_of(order.id) if order.kind is Kind.courier else None,
    )


def _driver(order: Order) -> Driver | None:
    if order.driver_id is None or order.status not in HAS_DRIVER:
        return None
    return db.session.scalar(
        select(Driver).where(Driver.id == order.driver_id).options(joinedload(Driver.user))
    )


def _courier(driver: Driver | None) -> Courier | None:
    if driver is None:
        return None
    first, last = driver.user.first_name, driver.user.last_name
    # The plate stands after the comma: it is the store's business.
    vehicle = driver.vehicle.split(",")[0].strip()
    return Courier(f"{first} {last[:1]}." if last else first, first, vehicle)


def _expect(
    order: Order, driver: Driver | None, position: Point | None, before: Estimate | None
) -> tuple[Estimate | None, int | None, int]:
    """(estimate, metres to go, doors before this one) from the last known position."""
    if position is None or driver is None:
        return None, None, 0
    bag = [o for o in route_of(driver.id) if o.status is S.PICKED_UP]
    mine = next((f for f in doors_of(bag) if f.order_id == order.id), None)
    if mine is None or not mine.doors:
        return None, None, 0
    legs = zip([position, *mine.doors], mine.doors, strict=False)
    metres = round(sum(distance_m(a, b) for a, b in legs) * 1.35)
    seen = min(driver.fix_at or clock.now(), clock.now())
    if before is not None and before.made_at >= seen:
        return before, metres, len(mine.doors) - 1
    return next_estimate(before, reckon(position, mine), seen), metres, len(mine.doors) - 1


def journey(order: Order, events: Iterable[EventRecord], driver_name: str) -> list[Step]:
    """The order's life as steps: what happened with its time, what stands now, what is still to come."""
    reached: dict[Status, datetime] = {}
    for event in events:
        if event.type == "OrderPlaced":
            reached[S.PENDING] = event.occurred_at
        elif target := event.payload.get("target"):
            reached[S(target)] = event.occurred_at
    line = LINE[order.kind]
    if order.status in line:
        at = line.index(order.status)
        shown = [(status, "done" if i < at else "todo") for i, status in enumerate(line)]
        shown[at] = (order.status, "done" if order.status in ENDED else "now")
    else:
        shown = [(status, "done") for status in line if status in reached] + [(order.status, "now")]
    return [
        Step(
            status,
            _title(status, order.kind, driver_name),
            state,
            reached.get(status) if state != "todo" else None,
        )
        for status, state in shown
    ]


def _title(status: Status, kind: Kind, driver_name: str) -> str:
    if status is S.ASSIGNED:
        return _("%(name)s will bring it", name=driver_name) if driver_name else _("A driver takes it")
    if status is S.READY and kind is Kind.pickup:
        return _("Ready to collect")
    return {
        S.PENDING: _("Order received"),
        S.CONFIRMED: _("Confirmed by the pharmacy"),
        S.READY: _("Packed"),
        S.PICKED_UP: _("Picked up, on the way to you"),
        S.DELIVERED: _("At your door"),
        S.COLLECTED: _("Collected"),
        S.HANDED_OVER: _("With the courier"),
        S.CANCELLED: _("Cancelled"),
        S.FAILED: _("Could not be delivered"),
        S.RETURNED: _("Back at the pharmacy"),
    }[status]
