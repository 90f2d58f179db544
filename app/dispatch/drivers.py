"""Drivers and their shifts: who works now, with how much in the bag."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from app import orders, stores
from app.core import clock
from app.core.actor import Actor
from app.core.db import db, for_update, transaction
from app.core.tenancy import current_store_id
from app.dispatch.errors import DeliveriesOpen, DriverFull, NotADriver
from app.dispatch.listeners import ShiftChanged, tell
from app.dispatch.models import Driver, Shift
from app.orders.errors import DriverUnavailable
from app.orders.models import Order
from app.orders.states import ON_ROUTE, Status


@dataclass(frozen=True)
class DriverLine:
    """A driver as the board sees one. `load` counts orders assigned and on the road."""

    id: int
    name: str
    vehicle: str
    active: bool
    on_shift: bool
    load: int
    capacity: int
    delivered_today: int
    cash_today_minor: int
    """Cash kept from today's deliveries: received less change given. Not a count of the envelope."""
    lat: float | None
    lng: float | None
    fix_at: datetime | None
    last_seen: datetime | None


def driver_of(actor: Actor, *, lock: bool = False) -> Driver:
    """The driver this actor is. Raises NotADriver."""
    if actor.driver_id is None:
        raise NotADriver
    query = select(Driver).where(Driver.id == actor.driver_id, Driver.active.is_(True))
    query = for_update(query) if lock else query.options(joinedload(Driver.user))
    if (driver := db.session.scalar(query)) is None:
        raise NotADriver
    return driver


@transaction()
def start_shift(actor: Actor) -> Driver:
    """Come on shift. Again changes nothing."""
    driver = driver_of(actor, lock=True)
    opened = (
        insert(Shift)
        .values(driver_id=driver.id, started_at=clock.now())
        .on_conflict_do_nothing(
            index_elements=["store_id", "driver_id"], index_where=Shift.ended_at.is_(None)
        )
    )
    db.session.execute(opened)
    _set_shift(driver, on_shift=True)
    return driver


@transaction()
def end_shift(actor: Actor) -> Driver:
    """Go off shift. Raises DeliveriesOpen while orders are in the bag; again changes nothing."""
    driver = driver_of(actor, lock=True)
    codes = db.session.scalars(
        select(Order.code)
        .where(Order.driver_id == driver.id, Order.status.in_(ON_ROUTE))
        .order_by(Order.placed_at)
    ).all()
    if codes:
        raise DeliveriesOpen(codes=", ".join(codes))
    db.session.execute(
        update(Shift)
        .where(Shift.driver_id == driver.id, Shift.ended_at.is_(None))
        .values(ended_at=clock.now())
    )
    _set_shift(driver, on_shift=False)
    return driver


def _set_shift(driver: Driver, *, on_shift: bool) -> None:
    driver.seen_at = clock.now()
    if driver.on_shift != on_shift:
        driver.on_shift = on_shift
        tell(ShiftChanged(current_store_id() or 0, driver.id, on_shift))


@transaction()
def touch_driver(actor: Actor) -> None:
    """Note that the driver's phone was heard of just now."""
    db.session.execute(update(Driver).where(Driver.id == actor.driver_id).values(seen_at=clock.now()))


def check_driver(order: Order, _actor: Actor, details: orders.Details) -> None:
    """Whether a driver may be given an order: works here, is on shift, has room. The guard of `assign`."""
    query = for_update(select(Driver).where(Driver.id == details.driver_id))
    driver = db.session.scalar(query)
    if driver is None or not (driver.active and driver.on_shift):
        raise DriverUnavailable(name=driver.user.full_name if driver else "—")
    if order.driver_id == driver.id:
        return
    load = load_of(driver.id)
    if load >= driver.capacity:
        raise DriverFull(name=driver.user.full_name, load=load, capacity=driver.capacity)


orders.register_driver_check(check_driver)


def load_of(driver_id: int) -> int:
    """Orders assigned to the driver or on the road with them."""
    query = select(func.count()).where(Order.driver_id == driver_id, Order.status.in_(ON_ROUTE))
    return int(db.session.scalar(query) or 0)


def drivers_overview() -> list[DriverLine]:
    """Every driver who works here, those on shift first: two queries however many there are."""
    today = _today()
    done = Order.status.in_({Status.DELIVERED}) & (Order.status_at >= today)
    counts = {
        row.driver_id: row
        for row in db.session.execute(
            select(
                Order.driver_id,
                func.count().filter(Order.status.in_(ON_ROUTE)).label("load"),
                func.count().filter(done).label("delivered"),
                func.coalesce(
                    func.sum(Order.cash_received_minor - func.coalesce(Order.change_minor, 0)).filter(done), 0
                ).label("cash"),
            )
            .where(
                Order.driver_id.is_not(None),
                Order.status.in_(ON_ROUTE)
                | (Order.status.in_({Status.DELIVERED}) & (Order.status_at >= today)),
            )
            .group_by(Order.driver_id)
        )
    }
    rows = db.session.scalars(
        select(Driver)
        .where(Driver.active.is_(True))
        .options(joinedload(Driver.user))
        .order_by(Driver.on_shift.desc(), Driver.id)
    )
    return [_line(driver, counts.get(driver.id)) for driver in rows]


def day_of(driver: Driver) -> DriverLine:
    """The driver's own line of the overview."""
    return next(line for line in drivers_overview() if line.id == driver.id)


def _line(driver: Driver, counted: object | None) -> DriverLine:
    return DriverLine(
        id=driver.id,
        name=driver.user.full_name,
        vehicle=driver.vehicle,
        active=driver.active,
        on_shift=driver.on_shift,
        load=getattr(counted, "load", 0),
        capacity=driver.capacity,
        delivered_today=getattr(counted, "delivered", 0),
        cash_today_minor=int(getattr(counted, "cash", 0)),
        lat=driver.lat,
        lng=driver.lng,
        fix_at=driver.fix_at,
        last_seen=driver.seen_at,
    )


def _today() -> datetime:
    """The local midnight that began the store's day."""
    local = clock.now().astimezone(stores.current_store().zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)
