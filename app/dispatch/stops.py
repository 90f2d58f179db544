"""A driver's stops: the orders in the bag, in the order they are due, and what is done at each door."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload, selectinload

from app import orders, stores
from app.core import clock
from app.core.actor import Actor
from app.core.db import db, transaction
from app.core.idempotency import once
from app.dispatch.drivers import driver_of
from app.dispatch.geo import Point, distance_m, drive_minutes, eta_minutes, route
from app.dispatch.listeners import Following
from app.orders.models import Order
from app.orders.states import ON_ROUTE, Action, PaymentStatus, Status

MADE_BY = {Action.pick_up: Status.PICKED_UP, Action.deliver: Status.DELIVERED, Action.fail: Status.FAILED}
"""What a driver does, and the state it leaves the order in."""


@dataclass(frozen=True)
class Stop:
    """One order as its driver needs it. `cash_due_minor` is 0 when nothing is to be collected."""

    number: int
    code: str
    status: Status
    name: str
    phone: str
    line1: str
    line2: str
    city: str
    zip: str
    note: str
    items: int
    currency: str
    cash_due_minor: int
    min_age: int
    promised_from: datetime | None
    promised_until: datetime | None
    branch_name: str
    branch_address: str
    branch: Point
    door: Point | None
    path: list[Point]
    target: Point | None
    minutes: int | None
    distance_m: int | None

    @property
    def is_picked_up(self) -> bool:
        return self.status is Status.PICKED_UP


def route_of(driver_id: int) -> list[Order]:
    """Orders assigned to the driver and on the road: what is in the bag first, then by when it was promised."""
    query = (
        select(Order)
        .where(Order.driver_id == driver_id, Order.status.in_(ON_ROUTE))
        .options(joinedload(Order.branch), selectinload(Order.lines))
        .order_by(
            case((Order.status == Status.PICKED_UP, 0), else_=1),
            func.coalesce(Order.promised_until, Order.placed_at),
            Order.id,
        )
    )
    return list(db.session.scalars(query))


def bag_version(actor: Actor) -> str:
    """A text that changes when the driver's stops, their states or the shift do. Raises NotADriver."""
    driver = driver_of(actor)
    query = select(Order.code, Order.status).where(Order.driver_id == driver.id, Order.status.in_(ON_ROUTE))
    facts = sorted(f"{code}:{status}" for code, status in db.session.execute(query))
    return hashlib.sha256("|".join([f"{driver.on_shift}", *facts]).encode()).hexdigest()[:16]


def door_of(order: Order) -> Point | None:
    """Where the order goes, as far as it is known."""
    address = order.address
    return (address["lat"], address["lng"]) if address.get("lat") and address.get("lng") else None


def doors_of(on_road: Sequence[Order]) -> tuple[Following, ...]:
    """Each order of a driver's bag with the doors up to its own."""
    following = []
    doors: list[Point] = []
    for order in on_road:
        door = door_of(order)
        if door is not None:
            doors.append(door)
        following.append(
            Following(
                order.id,
                order.code,
                order.status.value,
                tuple(doors) if door is not None else (),
                order.promised_until,
            )
        )
    return tuple(following)


def stops_of(actor: Actor) -> list[Stop]:
    """The driver's stops in order, with time and distance from where they were last seen. Raises NotADriver."""
    driver = driver_of(actor)
    here = (driver.lat, driver.lng) if driver.lat is not None and driver.lng is not None else None
    return [_stop(number, order, here) for number, order in enumerate(route_of(driver.id), start=1)]


def _stop(number: int, order: Order, here: Point | None) -> Stop:
    branch, door, address = (order.branch.lat, order.branch.lng), door_of(order), order.address
    target = door if order.status is Status.PICKED_UP else branch
    hour = local_hour()
    return Stop(
        number=number,
        code=order.code,
        status=order.status,
        name=order.contact_name,
        phone=order.contact_phone,
        line1=address.get("line1", ""),
        line2=address.get("line2", ""),
        city=address.get("city", ""),
        zip=address.get("zip", ""),
        note=order.customer_note,
        items=order.item_count,
        currency=order.currency,
        cash_due_minor=order.due_minor if order.payment_status is PaymentStatus.DUE else 0,
        min_age=order.min_age,
        promised_from=order.promised_from,
        promised_until=order.promised_until,
        branch_name=order.branch.name,
        branch_address=f"{order.branch.line1}, {order.branch.city}",
        branch=branch,
        door=door,
        path=route(branch, door) if door else [],
        target=target,
        minutes=max(1, round(drive_minutes(here, target, hour))) if here and target else None,
        distance_m=round(distance_m(here, target) * 1.35) if here and target else None,
    )


def local_hour() -> int:
    """The hour on the store's clock."""
    return clock.now().astimezone(stores.current_store().zone).hour


def reckon(here: Point, following: Following) -> float:
    """Minutes from here to the order's door, by way of the doors before it."""
    return eta_minutes(here, following.doors, local_hour())


def due_at_stop(code: str, actor: Actor) -> int:
    """What an order costs in cash, collected or not yet: its change is reckoned from it. NotFound for a stranger's."""
    return orders.get_order(code, actor=actor).due_minor


@transaction()
def act_at_stop(
    code: str, action: Action, *, actor: Actor, details: orders.Details | None = None, key: str = ""
) -> tuple[Order, bool]:
    """Pick up, deliver or fail an order of one's own; (the order, whether it moved now).

    A second tap changes nothing: an order that this driver has already brought to that state is simply given back,
    and a tap with the same `key` (a phone that was offline) has one effect. Raises what `orders.act` raises.
    """
    details = details or orders.Details()
    order = orders.get_order(code, actor=actor, lock=True)
    if order.status is MADE_BY.get(action) and order.driver_id == actor.driver_id:
        return order, False
    if not key:
        return orders.act(code, action, actor=actor, details=details), True

    def move() -> dict[str, Any]:
        return {"status": orders.act(code, action, actor=actor, details=details).status.value}

    body = {"code": order.code, "action": action.value, "details": details.__dict__}
    _answer, fresh = once("driver-tap", key, actor_key=f"driver:{actor.driver_id}", body=body, effect=move)
    return order, fresh
