"""Reserve, release, take, return, adjust: every change of stock, each one conditional UPDATE with a CHECK behind it.

on_hand changes only together with a movement, so it is always the sum of the movements; `reserved` is the sum of
what open orders hold. Locks are taken in ascending variant order, last in the transaction that needs them.
"""

from collections.abc import Mapping

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.catalog.models import Variant
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import pick
from app.inventory.errors import OutOfStock, StockWouldBreak
from app.inventory.models import MovementKind, Stock, StockMovement

Quantities = Mapping[int, int]
"""Variant id → units."""


def reserve(branch_id: int, quantities: Quantities) -> None:
    """Hold the units for an order: all of them or OutOfStock naming every short item."""
    for variant_id, quantity in sorted(quantities.items()):
        held = db.session.scalar(
            update(Stock)
            .where(Stock.branch_id == branch_id, Stock.variant_id == variant_id)
            .where(Stock.on_hand - Stock.reserved >= quantity)
            .values(reserved=Stock.reserved + quantity)
            .returning(Stock.id)
        )
        if held is None:
            raise OutOfStock(items=_short_items(branch_id, quantities))


def release(branch_id: int, quantities: Quantities) -> None:
    """Give a reservation back to the shelf."""
    for variant_id, quantity in sorted(quantities.items()):
        _change(branch_id, variant_id, reserved=-quantity)


def take(branch_id: int, quantities: Quantities, *, order_id: int, actor: Actor) -> None:
    """The reserved units leave the branch with the order."""
    for variant_id, quantity in sorted(quantities.items()):
        stock_id = _change(branch_id, variant_id, on_hand=-quantity, reserved=-quantity)
        _move(stock_id, MovementKind.sale, -quantity, order_id=order_id, actor=actor)


def take_back(branch_id: int, quantities: Quantities, *, order_id: int, actor: Actor) -> None:
    """Units of an order come back to the shelf."""
    for variant_id, quantity in sorted(quantities.items()):
        stock_id = _change(branch_id, variant_id, on_hand=quantity)
        _move(stock_id, MovementKind.returned, quantity, order_id=order_id, actor=actor)


def receive(
    branch_id: int,
    variant_id: int,
    quantity: int,
    *,
    actor: Actor,
    unit_cost_minor: int | None = None,
    reason: str = "",
) -> int:
    """Goods arrive; the stock row is made when it is the first time. Gives the stock's id."""
    db.session.execute(
        insert(Stock)
        .values(branch_id=branch_id, variant_id=variant_id, on_hand=0, reserved=0)
        .on_conflict_do_nothing(index_elements=["store_id", "branch_id", "variant_id"])
    )
    stock_id = _change(branch_id, variant_id, on_hand=quantity)
    _move(stock_id, MovementKind.receipt, quantity, actor=actor, cost=unit_cost_minor, reason=reason)
    return stock_id


def adjust(stock_id: int, new_on_hand: int, *, actor: Actor, reason: str) -> None:
    """Set on_hand to what was counted. StockWouldBreak when open orders hold more than that."""
    query = (
        select(Stock).where(Stock.id == stock_id).with_for_update().execution_options(populate_existing=True)
    )
    if (stock := db.session.scalar(query)) is None:
        raise NotFound
    if new_on_hand < stock.reserved or new_on_hand < 0:
        raise StockWouldBreak(reserved=stock.reserved, field="on_hand")
    if change := new_on_hand - stock.on_hand:
        stock.on_hand = new_on_hand
        _move(stock.id, MovementKind.adjustment, change, actor=actor, reason=reason)


def available(branch_id: int | None, variant_ids: list[int]) -> dict[int, int]:
    """Variant id → units that can be sold, at one branch or (None) at the best-stocked one."""
    query = select(Stock.variant_id, Stock.on_hand - Stock.reserved).where(Stock.variant_id.in_(variant_ids))
    if branch_id is not None:
        query = query.where(Stock.branch_id == branch_id)
    units: dict[int, int] = {}
    for variant_id, left in db.session.execute(query):
        units[variant_id] = max(units.get(variant_id, 0), left)
    return units


def _change(branch_id: int, variant_id: int, *, on_hand: int = 0, reserved: int = 0) -> int:
    stock_id = db.session.scalar(
        update(Stock)
        .where(Stock.branch_id == branch_id, Stock.variant_id == variant_id)
        .values(on_hand=Stock.on_hand + on_hand, reserved=Stock.reserved + reserved)
        .returning(Stock.id)
    )
    if stock_id is None:
        raise NotFound(what="stock")
    return stock_id


def _move(
    stock_id: int,
    kind: MovementKind,
    quantity: int,
    *,
    actor: Actor,
    order_id: int | None = None,
    cost: int | None = None,
    reason: str = "",
) -> None:
    db.session.add(
        StockMovement(
            stock_id=stock_id,
            kind=kind,
            quantity=quantity,
            order_id=order_id,
            actor_id=actor.user_id,
            unit_cost_minor=cost,
            reason=reason,
        )
    )


def _short_items(branch_id: int, quantities: Quantities) -> list[dict[str, object]]:
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
