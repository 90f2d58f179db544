"""One order beside the board: everything about it, and what this dispatcher may do with it now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app import identity, orders, promise, shipping, stores
from app.core import clock
from app.core.actor import Actor
from app.core.errors import Forbidden
from app.core.events import EventRecord, history
from app.core.i18n import _
from app.dispatch.board import shop_of
from app.dispatch.board_rules import (
    DriverCard,
    Haste,
    Suggestion,
    haste_of,
    minutes_and_seconds,
    show_distance,
    suggest_driver,
)
from app.dispatch.drivers import drivers_overview
from app.orders.alike import Alike, find_alike
from app.orders.labels import ACTION, PAYMENT, STATUS, SUBSTITUTION
from app.orders.models import Order, OrderNote, SubstitutionStatus
from app.orders.states import DISPATCH, FINAL, UNPAID, Action, Kind, PaymentStatus, Status, allowed
from app.orders.substitutions import OfferView, is_replaceable, offers_of
from app.shipping import Shipment, say_reason

WANTS_REASON = frozenset({Action.cancel, Action.unassign, Action.fail})
AT_COUNTER = frozenset({Action.collect, Action.deliver})
TOLD = frozenset(
    {"OrderPlaced", "OrderMoved", "OrderAcknowledged", "SubstitutionProposed", "SubstitutionAnswered"}
)
LEADS_ON = frozenset({Action.confirm, Action.ready, Action.hand_over, Action.retry})


@dataclass(frozen=True)
class Choice:
    """One thing that can be done. `form`: plain, reason, driver or counter, by what it must be told."""

    action: Action
    label: str
    form: str
    reasons: tuple[str, ...] = ()

    @property
    def is_main(self) -> bool:
        return self.action in LEADS_ON or self.form in {"driver", "counter"}


@dataclass(frozen=True)
class DriverOffer:
    """A driver one may give this order to. `note` says load, distance and when they were seen."""

    driver: DriverCard
    note: str
    reason: str = ""


@dataclass(frozen=True)
class Step:
    """One fact of the order's life. `detail` says who, and why when a reason was given."""

    title: str
    detail: str
    at: datetime
    state: str


@dataclass(frozen=True)
class PanelView:
    """The drawer."""

    order: Order
    status: str
    payment: str
    haste: Haste
    choices: tuple[Choice, ...]
    offers: tuple[DriverOffer, ...]
    driver: DriverCard | None
    steps: tuple[Step, ...]
    notes: tuple[OrderNote, ...]
    phone: str
    unacknowledged: bool
    acknowledged: str
    cash_due_minor: int
    questions: tuple[OfferView, ...] = ()
    alike: Mapping[str, list[Alike]] = field(default_factory=dict)
    parcel: Shipment | None = None

    @property
    def may_keep_change(self) -> bool:
        """Whether change can go into the wallet: a courier gives coins."""
        return self.order.kind in {Kind.driver, Kind.pickup}


def panel_view(code: str, actor: Actor) -> PanelView:
    """The order as this dispatcher sees it. Forbidden for others; NotFound for a code of another store."""
    if not actor.has(*DISPATCH):
        raise Forbidden
    order = orders.get_order(code, actor=actor)
    now = clock.now()
    world = promise.load_world(now)
    drivers = {line.id: DriverCard.of(line, now) for line in drivers_overview()}
    events = history("order", order.id)
    drive = next((a.eta_minutes[0] for a in world.areas if a.id == order.zone_id), 0)
    choices = _choices(order, actor)
    awaits = order.payment_status in UNPAID
    wants_driver = any(choice.form == "driver" for choice in choices)
    return PanelView(
        order=order,
        status=str(STATUS[order.status]),
        payment=str(PAYMENT[order.payment_status]),
        haste=haste_of(order.status, order.kind, order.promised_until, timedelta(minutes=drive), now),
        choices=choices,
        offers=_offers(order, list(drivers.values()), world) if wants_driver else (),
        driver=drivers.get(order.driver_id) if order.driver_id else None,
        steps=tuple(_steps(order, events, drivers)),
        notes=tuple(orders.notes_of(order)),
        phone=identity.show_phone(order.contact_phone) if order.contact_phone else "",
        unacknowledged=order.status is Status.PENDING and order.acknowledged_at is None and not awaits,
        acknowledged=_acknowledged(order, events),
        cash_due_minor=order.due_minor if order.payment_status is PaymentStatus.DUE else 0,
        questions=tuple(offers_of(order)),
        alike=find_alike(order) if is_replaceable(order) else {},
        parcel=shipping.shipment_of(order.id) if order.kind is Kind.courier else None,
    )


def _choices(order: Order, actor: Actor) -> tuple[Choice, ...]:
    return tuple(_choice(action, order) for action in allowed(order.kind, order.status, actor.roles))


def _choice(action: Action, order: Order) -> Choice:
    label = _("Give to another driver") if _is_change(action, order) else str(ACTION[action])
    if action is Action.assign:
        return Choice(action, label, "driver")
    if action in WANTS_REASON:
        return Choice(action, label, "reason", _reasons(action))
    return Choice(action, label, "counter" if action in AT_COUNTER else "plain")


def _is_change(action: Action, order: Order) -> bool:
    return action is Action.assign and order.status is Status.ASSIGNED


def _reasons(action: Action) -> tuple[str, ...]:
    """The usual ones, to be picked or overwritten."""
    if action is Action.cancel:
        return _("Out of stock"), _("The customer asked for it"), _("Cannot reach the customer")
    if action is Action.unassign:
        return _("The driver is delayed"), _("Another driver is nearer"), _("The driver asked for it")
    return _("Nobody at the door"), _("Wrong address"), _("ID could not be checked")


def _offers(order: Order, drivers: list[DriverCard], world: promise.World) -> tuple[DriverOffer, ...]:
    """Drivers with room, the suggested one first, with the reason."""
    shop, imperial = shop_of(world, order.branch_id), world.country == "US"
    others = [d for d in drivers if d.id != order.driver_id and d.has_room]
    best = suggest_driver(others, shop, imperial=imperial)
    ranked = sorted(others, key=lambda d: (best is not None and d.id != best.driver.id, d.load, d.name))
    return tuple(_offer(driver, best, shop, imperial) for driver in ranked)


def _offer(
    driver: DriverCard, best: Suggestion | None, shop: tuple[float, float] | None, imperial: bool
) -> DriverOffer:
    away = driver.away(shop)
    words = [driver.stops, driver.seen]
    if away is not None:
        words.insert(1, show_distance(away, imperial))
    suggested = best is not None and best.driver.id == driver.id
    return DriverOffer(driver, ", ".join(words), best.reason if best and suggested else "")


def _steps(order: Order, events: Iterable[EventRecord], drivers: dict[int, DriverCard]) -> Iterable[Step]:
    known = [record for record in events if record.type in TOLD]
    for record in known:
        ended = order.status in FINAL or record is not known[-1]
        yield Step(_title(record), _detail(record, drivers), record.occurred_at, "done" if ended else "now")


def _title(record: EventRecord) -> str:
    if record.type == "OrderPlaced":
        return _("Placed")
    if record.type == "OrderAcknowledged":
        return _("Acknowledged")
    if record.type == "SubstitutionProposed":
        return _("Replacement offered")
    if record.type == "SubstitutionAnswered":
        answer = SubstitutionStatus(record.payload["answer"])
        return _("Replacement: %(answer)s", answer=SUBSTITUTION[answer])
    if record.payload["action"] == Action.unassign:
        return _("Taken back from the driver")
    return str(STATUS[Status(record.payload["target"])])


def _detail(record: EventRecord, drivers: dict[int, DriverCard]) -> str:
    payload = record.payload
    to = drivers.get((payload.get("changes") or {}).get("driver_id") or 0)
    parts = [
        record.actor_name,
        _("to %(driver)s", driver=to.name) if to else "",
        say_reason(payload.get("reason", "")),
    ]
    return ", ".join(part for part in parts if part)


def _acknowledged(order: Order, events: Iterable[EventRecord]) -> str:
    """Who saw it first, and after how long."""
    if order.acknowledged_at is None:
        return ""
    who = next((r.actor_name for r in events if r.type == "OrderAcknowledged"), "")
    after = minutes_and_seconds(order.acknowledged_at - order.placed_at)
    return _("Acknowledged by %(name)s after %(time)s", name=who or stores.current_store().name, time=after)


__all__ = ["Choice", "DriverOffer", "Kind", "PanelView", "Step", "panel_view"]
