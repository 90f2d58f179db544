"""Reserve, release, take, return, receive, adjust: every change of stock, with a CHECK behind each.

on_hand changes only together with movements (shelf.py); `reserved` is the sum of what open orders hold. Locks are
taken in ascending variant order, last in the transaction that needs them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from app.catalog.models import Variant
from app.catalog.units import sellable
from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.db import db, transaction
from app.core.errors import InvalidInput, NotFound
from app.core.events import emit
from app.core.i18n import _, pick
from app.inventory import rules
from app.inventory.errors import OutOfStock, PastItsDate, StockWouldBreak
from app.inventory.events import StockRanLow
from app.inventory.models import Cause, MovementKind, Stock, StockLot, StockMovement
from app.inventory.shelf import Shelf, Why, open_shelf, open_shelves, tell_watchers
from app.stores import local_today

WITH_ORDERS = (MovementKind.sale, MovementKind.returned, MovementKind.taken_back)
Quantities = Mapping[int, int]
"""Variant id → units."""


@dataclass(frozen=True)
class LotLabel:
    """What is printed on a delivery: its code and last good day (None: it keeps)."""

    code: str
    expires_on: date | None = None


def reserve(branch_id: int, quantities: Quantities) -> None:
    """Hold the units for an order: all of them or OutOfStock naming every short item."""
    for variant_id, quantity in sorted(quantities.items()):
        if not (_hold(branch_id, variant_id, quantity) or _hold(branch_id, variant_id, quantity)):
            raise OutOfStock(items=short_items(branch_id, quantities))


def _hold(branch_id: int, variant_id: int, quantity: int) -> bool:
    """One conditional UPDATE; asked again, for while it waited an expired lot may have been written off."""
    left, now = sellable(Stock), clock.now()
    falls = Stock.low_since.is_(None) & (left - quantity <= Stock.low_at)
    held = db.session.execute(
        update(Stock)
        .where(Stock.branch_id == branch_id, Stock.variant_id == variant_id, left >= quantity)
        .values(
            reserved=Stock.reserved + quantity, low_since=case((falls, literal(now)), else_=Stock.low_since)
        )
        .returning(Stock.id, Stock.low_since)
    ).one_or_none()
    if held is not None and held.low_since == now:
        left_now = db.session.scalars(select(left).where(Stock.id == held.id)).one()
        emit(StockRanLow(stock_id=held.id, available=left_now), actor=SYSTEM)
    return held is not None


def release(branch_id: int, quantities: Quantities) -> None:
    """Give a reservation back to the shelf."""
    for variant_id, quantity in sorted(quantities.items()):
        found = db.session.scalar(
            update(Stock)
            .where(Stock.branch_id == branch_id, Stock.variant_id == variant_id)
            .values(reserved=Stock.reserved - quantity)
            .returning(Stock.id)
        )
        if found is None:
            raise NotFound(what="stock")
    tell_watchers(quantities)


def take(branch_id: int, quantities: Quantities, *, order_id: int, actor: Actor) -> dict[int, int]:
    """The reserved units leave with the order, first expired first; variant id → what they had cost.

    PastItsDate when the good units are gone and only such remain whose last day is over.
    """
    why = Why(kind=MovementKind.sale, actor=actor, order_id=order_id)
    costs: dict[int, int] = {}
    with open_shelves(branch_id, quantities) as shelves:
        for shelf in shelves:
            quantity = quantities[shelf.stock.variant_id]
            slices = rules.pick(shelf.units, shelf.stock.unlotted, quantity, shelf.today)
            if slices is None:
                variant = shelf.stock.variant
                raise PastItsDate(sku=variant.sku, name=pick(variant.product.name))
            shelf.stock.reserved -= quantity
            costs[shelf.stock.variant_id] = shelf.take_out(slices, why)
    return costs


def take_back(
    branch_id: int, quantities: Quantities, *, order_id: int, actor: Actor, sold: bool = False
) -> None:
    """Units of an order come back into the lots they left, at the cost they left with.

    `sold`: their customer had them.
    """
    kind = MovementKind.taken_back if sold else MovementKind.returned
    why = Why(kind=kind, actor=actor, order_id=order_id)
    with open_shelves(branch_id, quantities) as shelves:
        for shelf in shelves:
            _put_back(shelf, quantities[shelf.stock.variant_id], why)


def _put_back(shelf: Shelf, quantity: int, why: Why) -> None:
    assert why.order_id is not None  # whose goods they are
    for lot_id, units, value in _gone_with(shelf.stock.id, why.order_id):
        if part := min(units, quantity):
            if lot_id is not None:
                shelf.lots[lot_id] = db.session.get_one(StockLot, lot_id)
            shelf.put_in([(lot_id, part)], rules.cost_of(value, units, part), why)
            quantity -= part
    if quantity:
        shelf.put_in([(None, quantity)], shelf.cost_of(quantity), why)
    shelf.note_rise()


def _gone_with(stock_id: int, order_id: int) -> list[tuple[int | None, int, int]]:
    """(lot, units, their cost) that left with the order and did not come back."""
    units, value = -func.sum(StockMovement.quantity), -func.sum(StockMovement.value_minor)
    query = (
        select(StockMovement.lot_id, units, value)
        .where(StockMovement.stock_id == stock_id, StockMovement.order_id == order_id)
        .where(StockMovement.kind.in_(WITH_ORDERS))
        .group_by(StockMovement.lot_id)
        .having(units > 0)
        .order_by(StockMovement.lot_id)
    )
    return [(lot_id, int(left), int(cost)) for lot_id, left, cost in db.session.execute(query)]


def receive(
    branch_id: int,
    variant_id: int,
    quantity: int,
    *,
    actor: Actor,
    unit_cost_minor: int | None = None,
    lot: LotLabel | None = None,
    reason: str = "",
) -> int:
    """Goods arrive, at the price list's cost unless told; a shelf is made when it is the first time. Its id.

    Raises InvalidInput on `quantity`, and on `expires_on` for a lot that is past its date or known with another one.
    """
    if quantity < 1:
        raise InvalidInput({"quantity": _("Write a count of at least 1.")})
    make_shelf(branch_id, variant_id)
    with open_shelves(branch_id, [variant_id]) as (shelf,):
        cost = shelf.stock.variant.cost_minor if unit_cost_minor is None else unit_cost_minor
        lot_id = _lot_for(shelf, lot, cost).id if lot is not None else None
        why = Why(kind=MovementKind.receipt, actor=actor, reason=reason, unit_cost_minor=cost)
        shelf.put_in([(lot_id, quantity)], cost * quantity, why)
        shelf.note_rise()
    return shelf.stock.id


def make_shelf(branch_id: int, variant_id: int) -> None:
    """The empty row, unless there is one."""
    db.session.execute(
        insert(Stock)
        .values(branch_id=branch_id, variant_id=variant_id, on_hand=0, reserved=0)
        .on_conflict_do_nothing(index_elements=["store_id", "branch_id", "variant_id"])
    )


def _lot_for(shelf: Shelf, label: LotLabel, cost: int) -> StockLot:
    if rules.is_past(label.expires_on, shelf.today):
        raise InvalidInput({"expires_on": _("This date is over: such goods are not taken in.")})
    lot = shelf.lot(label.code, label.expires_on, cost)
    if lot.expires_on != label.expires_on:
        known = lot.expires_on.isoformat() if lot.expires_on else "–"
        raise InvalidInput({"expires_on": _("This lot is known with the date %(date)s.", date=known)})
    return lot


def adjust(
    stock_id: int,
    counted: int,
    *,
    actor: Actor,
    reason: str,
    cause: Cause = Cause.counted,
    lot_id: int | None = None,
) -> None:
    """Set on_hand, or what is left of one lot, to what was counted. StockWouldBreak when orders hold more than that."""
    why = Why(kind=MovementKind.adjustment, actor=actor, reason=reason, cause=cause)
    with open_shelf(stock_id) as shelf:
        if lot_id is not None and lot_id not in shelf.lots:
            lot = db.session.get(StockLot, lot_id)
            if lot is None or lot.stock_id != stock_id:
                raise NotFound
            shelf.lots[lot_id] = lot
        _set_count(shelf, counted, lot_id, why)


def _set_count(shelf: Shelf, counted: int, lot_id: int | None, why: Why) -> None:
    stock = shelf.stock
    change = counted - (stock.on_hand if lot_id is None else shelf.lots[lot_id].remaining)
    if counted < 0 or stock.on_hand + change < stock.reserved:
        raise StockWouldBreak(reserved=stock.reserved, field="on_hand")
    if change > 0:
        shelf.put_in([(lot_id, change)], shelf.cost_of(change), why)
        shelf.note_rise()
    elif change < 0:
        slices: rules.Slices | None = [(lot_id, -change)]
        if lot_id is None:
            slices = rules.shrink(shelf.units, stock.unlotted, -change)
        assert slices is not None  # a shelf never holds less than itself
        shelf.take_out(slices, why)
        shelf.note_fall()


def available(branch_id: int | None, variant_ids: list[int]) -> dict[int, int]:
    """Variant id → units that can be sold, at one branch or (None) at the best-stocked one."""
    query = select(Stock.variant_id, sellable(Stock)).where(Stock.variant_id.in_(variant_ids))
    if branch_id is not None:
        query = query.where(Stock.branch_id == branch_id)
    units: dict[int, int] = {}
    for variant_id, left in db.session.execute(query):
        units[variant_id] = max(units.get(variant_id, 0), left)
    return units


def available_per_branch(variant_ids: list[int]) -> dict[int, dict[int, int]]:
    """Branch id → variant id → units that can be sold there; one query."""
    query = select(Stock.branch_id, Stock.variant_id, sellable(Stock))
    units: dict[int, dict[int, int]] = {}
    for branch_id, variant_id, left in db.session.execute(query.where(Stock.variant_id.in_(variant_ids))):
        units.setdefault(branch_id, {})[variant_id] = left
    return units


def moving_average(branch_id: int, variants: Iterable[Variant]) -> dict[int, int]:
    """Variant id → what one unit costs at the branch now, to the nearest minor unit; the price list's where none is."""
    costs = {variant.id: variant.cost_minor for variant in variants}
    query = select(Stock.variant_id, Stock.value_minor, Stock.on_hand).where(
        Stock.branch_id == branch_id, Stock.variant_id.in_(costs), Stock.on_hand > 0
    )
    for variant_id, value, on_hand in db.session.execute(query):
        costs[variant_id] = rules.cost_of(value, on_hand, 1)
    return costs


@transaction()
def set_low_at(stock_id: int, units: int) -> Stock:
    """Move the threshold of a shelf's alert; a shelf that is below it now is told of."""
    with open_shelf(stock_id) as shelf:
        shelf.stock.low_at = units
        shelf.note_fall()
        shelf.note_rise()
    return shelf.stock


def write_off_expired() -> int:
    """Take off what is past its date, shelf by shelf, but for what is promised; how many units. Twice is harmless."""
    past = select(StockLot.stock_id).where(StockLot.remaining > 0, StockLot.expires_on < local_today())
    with transaction():
        stock_ids = sorted(set(db.session.scalars(past)))
    return sum(_write_off(stock_id) for stock_id in stock_ids)


@transaction()
def _write_off(stock_id: int) -> int:
    with open_shelf(stock_id) as shelf:
        units = shelf.write_off(shelf.past)
        shelf.note_fall()
    return units


def short_items(branch_id: int, quantities: Quantities) -> list[dict[str, object]]:
    """The items of which the branch has fewer than wanted, as OutOfStock names them."""
    left = available(branch_id, list(quantities))
    variants = db.session.scalars(select(Variant).where(Variant.id.in_(quantities)).order_by(Variant.id))
    return [
        {
            "sku": variant.sku,
            "name": pick(variant.product.name),
            "requested": quantities[variant.id],
            "available": max(0, left.get(variant.id, 0)),
        }
        for variant in variants
        if left.get(variant.id, 0) < quantities[variant.id]
    ]
