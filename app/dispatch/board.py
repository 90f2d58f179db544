"""The dispatcher's board as one object: columns of cards, the figures of the day, slots ahead, drivers.

Read-only. `board_view` makes a constant number of queries (at most twelve with a cold promise world).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app import promise, stores
from app.core import clock
from app.core.actor import Actor
from app.core.errors import Forbidden
from app.core.i18n import _
from app.dispatch.board_rows import FINISHED, DayRow, day_row, order_rows
from app.dispatch.board_rules import (
    DriverCard,
    Haste,
    Suggestion,
    haste_of,
    short_span,
    suggest_driver,
)
from app.dispatch.board_slots import StripSlot, slots_ahead
from app.dispatch.drivers import drivers_overview
from app.dispatch.geo import Point
from app.orders.labels import PAYMENT, STATUS
from app.orders.states import DISPATCH, UNPAID, Kind, PaymentStatus, Status
from app.shipping import say_reason

LANES: tuple[tuple[Status, frozenset[Status]], ...] = (
    (Status.PENDING, frozenset({Status.PENDING})),
    (Status.CONFIRMED, frozenset({Status.CONFIRMED})),
    (Status.READY, frozenset({Status.READY})),
    (Status.ASSIGNED, frozenset({Status.ASSIGNED})),
    (Status.PICKED_UP, frozenset({Status.PICKED_UP, Status.HANDED_OVER})),
)
"""Columns of the board and what stands in each."""
ESCALATES_AFTER = timedelta(minutes=10)
"""An order nobody has acknowledged goes to the managers after this long."""


@dataclass(frozen=True)
class Filters:
    """What the dispatcher asked to see. `query` looks into code, phone, name, ZIP and driver."""

    zone_id: int | None = None
    mine: bool = False
    query: str = ""

    @property
    def is_set(self) -> bool:
        return self.zone_id is not None or bool(self.query)


@dataclass(frozen=True)
class Card:
    """One order on the board. `note` is what to know about it at a glance, `note_kind` late, risk, act or note."""

    id: int
    code: str
    status: Status
    kind: Kind
    seq: int
    name: str
    phone: str
    zip: str
    zone_id: int | None
    branch_id: int
    spot: Point | None
    total_minor: int
    currency: str
    payment_status: PaymentStatus
    payment: str
    items: int
    express: bool
    promised_until: datetime | None
    placed_at: datetime
    status_at: datetime
    age: str
    haste: Haste
    unacknowledged: bool
    awaits_payment: bool
    mine: bool
    driver: DriverCard | None
    staff_notes: int
    note: str = ""
    note_kind: str = ""

    @property
    def short(self) -> str:
        """The last part of the code, which is what people say."""
        return self.code.rsplit("-", 1)[-1]

    @property
    def label(self) -> str:
        return str(STATUS[self.status])


@dataclass(frozen=True)
class Lane:
    """A column. `oldest` is how long its first card has waited in this state."""

    status: Status
    label: str
    cards: tuple[Card, ...]
    oldest: str = ""


@dataclass(frozen=True)
class Figures:
    """The head of the board. `inside_percent` is None while nothing has been delivered today."""

    open_now: int
    to_confirm: timedelta | None
    inside_percent: int | None
    cash_minor: int


@dataclass(frozen=True)
class Siren:
    """The order that has waited longest for an acknowledgement."""

    card: Card
    waiting: int
    escalates_at: datetime


@dataclass(frozen=True)
class BoardView:
    """Everything on the page but the order drawer. `offer` is the suggestion for the most urgent ready order."""

    now: datetime
    lanes: tuple[Lane, ...]
    failed: tuple[Card, ...]
    done: tuple[Card, ...]
    figures: Figures
    siren: Siren | None
    slots: tuple[StripSlot, ...]
    drivers: tuple[DriverCard, ...]
    offer: tuple[Card, Suggestion] | None
    places: tuple[promise.Place, ...]
    areas: tuple[promise.Area, ...]
    filters: Filters
    imperial: bool
    hidden: int = 0
    ringing: tuple[str, ...] = ()
    """Codes nobody has acknowledged, whatever the filters."""

    @property
    def on_shift(self) -> tuple[DriverCard, ...]:
        return tuple(d for d in self.drivers if d.on_shift or d.load)


def board_view(actor: Actor, filters: Filters | None = None) -> BoardView:
    """The board of the current store. Forbidden for anybody but its dispatchers and managers."""
    if not actor.has(*DISPATCH):
        raise Forbidden
    filters = filters or Filters()
    now = clock.now()
    store = stores.current_store()
    today = now.astimezone(store.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    world = promise.load_world(now)
    drivers = [DriverCard.of(line, now) for line in drivers_overview()]
    cards = _cards(world, drivers, actor, today, now)
    shown = [card for card in cards if _matches(card, filters)]
    waiting = sorted((c for c in cards if c.unacknowledged), key=lambda c: c.placed_at)
    imperial = world.country == "US"
    return BoardView(
        now=now,
        lanes=tuple(_lane(status, inside, shown, now) for status, inside in LANES),
        failed=tuple(c for c in shown if c.status is Status.FAILED),
        done=tuple(c for c in sorted(shown, key=_ended_last) if c.status in FINISHED),
        figures=_figures(cards, drivers, day_row(today)),
        siren=Siren(waiting[0], len(waiting), waiting[0].placed_at + ESCALATES_AFTER) if waiting else None,
        slots=tuple(slots_ahead(world, now)),
        drivers=tuple(drivers),
        offer=_offer(shown, drivers, world, imperial),
        places=world.places,
        areas=tuple(a for a in world.areas if a.active),
        filters=filters,
        imperial=imperial,
        hidden=len(cards) - len(shown),
        ringing=tuple(c.code for c in waiting),
    )


def _ended_last(card: Card) -> float:
    return -card.status_at.timestamp()


def _cards(
    world: promise.World, drivers: list[DriverCard], actor: Actor, today: datetime, now: datetime
) -> list[Card]:
    by_id = {driver.id: driver for driver in drivers}
    drives = {area.id: timedelta(minutes=area.eta_minutes[0]) for area in world.areas}
    return [
        _card(row, by_id.get(row.driver_id), drives.get(row.zone_id, timedelta()), actor, now)
        for row in order_rows(today)
    ]


def _card(row: Any, driver: DriverCard | None, drive: timedelta, actor: Actor, now: datetime) -> Card:
    haste = haste_of(row.status, row.kind, row.promised_until, drive, now)
    awaits = row.payment_status in UNPAID
    note_kind, note = _note(row, driver, haste, now)
    lat, lng = row.address.get("lat"), row.address.get("lng")
    return Card(
        id=row.id,
        code=row.code,
        status=row.status,
        kind=row.kind,
        seq=row.event_seq,
        name=row.contact_name,
        phone=row.contact_phone,
        zip=row.address.get("zip", ""),
        zone_id=row.zone_id,
        branch_id=row.branch_id,
        spot=(lat, lng) if lat is not None and lng is not None else None,
        total_minor=row.total_minor,
        currency=row.currency,
        payment_status=row.payment_status,
        payment=_payment(row.payment_status, row.payment_method),
        items=row.items,
        express=row.mode == promise.Mode.asap,
        promised_until=row.promised_until,
        placed_at=row.placed_at,
        status_at=row.status_at,
        age=short_span(now - row.placed_at),
        haste=haste,
        unacknowledged=row.status is Status.PENDING and row.acknowledged_at is None and not awaits,
        awaits_payment=awaits,
        mine=row.acknowledged_by is not None and row.acknowledged_by == actor.user_id,
        driver=driver,
        staff_notes=row.notes,
        note=note,
        note_kind=note_kind,
    )


def _payment(status: PaymentStatus, method: str) -> str:
    if status is PaymentStatus.DUE and method == "cash":
        return _("Cash")
    return str(PAYMENT[status])


def _note(row: Any, driver: DriverCard | None, haste: Haste, now: datetime) -> tuple[str, str]:
    """The one line under a card: the most pressing of what there is to know."""
    for kind, words in (
        (Haste.late.value, _late(row, haste, now)),
        ("act", _needs_act(row, driver, now)),
        (Haste.at_risk.value, _at_risk(row, haste, now)),
        ("note", _to_know(row)),
    ):
        if words:
            return kind, words
    return "", ""


def _late(row: Any, haste: Haste, now: datetime) -> str:
    if haste is not Haste.late:
        return ""
    return _("%(span)s over the promise", span=short_span(now - row.promised_until))


def _needs_act(row: Any, driver: DriverCard | None, now: datetime) -> str:
    if row.status is Status.FAILED:
        return say_reason(row.reason)
    if row.status is Status.READY and row.kind is Kind.driver:
        return _("Needs a driver, %(span)s", span=short_span(now - row.status_at))
    if row.status is Status.PICKED_UP and driver and driver.silent and driver.seen_at:
        return _("Driver silent %(span)s", span=short_span(now - driver.seen_at))
    return ""


def _at_risk(row: Any, haste: Haste, now: datetime) -> str:
    if haste is not Haste.at_risk:
        return ""
    return _("%(span)s left", span=short_span(row.promised_until - now))


def _to_know(row: Any) -> str:
    if row.status in FINISHED:
        return ""
    if row.customer_note:
        return str(row.customer_note)
    if row.min_age and row.status is not Status.PENDING:
        return _("Check ID %(age)s+", age=row.min_age)
    return ""


def _matches(card: Card, filters: Filters) -> bool:
    if filters.zone_id is not None and card.zone_id != filters.zone_id:
        return False
    if filters.mine and not (card.mine or card.unacknowledged):
        return False
    if not filters.query:
        return True
    wanted = filters.query.casefold().strip()
    words = f"{card.code} {card.name} {card.zip} {card.driver.name if card.driver else ''}".casefold()
    digits = "".join(c for c in wanted if c.isdigit())
    return wanted in words or (len(digits) >= 4 and digits in card.phone)


def _lane(status: Status, inside: frozenset[Status], cards: list[Card], now: datetime) -> Lane:
    mine = tuple(sorted((c for c in cards if c.status in inside), key=_urgency))
    waits = [now - c.status_at for c in mine]
    shown = status is Status.READY and bool(waits)
    return Lane(status, str(STATUS[status]), mine, short_span(max(waits)) if shown else "")


def _urgency(card: Card) -> tuple[bool, bool, float]:
    """Nobody has seen it, then no longer waiting for money, then by promise."""
    until = card.promised_until or card.placed_at
    return (not card.unacknowledged, card.awaits_payment, until.timestamp())


def _figures(cards: list[Card], drivers: list[DriverCard], day: DayRow) -> Figures:
    is_open: Callable[[Card], bool] = lambda card: card.status not in FINISHED  # noqa: E731
    return Figures(
        open_now=sum(map(is_open, cards)),
        to_confirm=day.to_confirm,
        inside_percent=round(100 * day.inside / day.ended) if day.ended else None,
        cash_minor=sum(driver.cash_minor for driver in drivers),
    )


def _offer(
    cards: list[Card], drivers: list[DriverCard], world: promise.World, imperial: bool
) -> tuple[Card, Suggestion] | None:
    ready = [c for c in cards if c.status is Status.READY and c.kind is Kind.driver]
    if not ready:
        return None
    card = min(ready, key=_urgency)
    found = suggest_driver(drivers, shop_of(world, card.branch_id), imperial=imperial)
    return (card, found) if found else None


def shop_of(world: promise.World, branch_id: int) -> Point | None:
    """Where a branch stands."""
    return next(((place.lat, place.lng) for place in world.places if place.id == branch_id), None)
