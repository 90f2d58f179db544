"""Proof that stock, lots, value and transfers are what their movements say. Each check names the wrong rows."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select

from app.core.db import db
from app.inventory.models import (
    MovementKind,
    Stock,
    StockLot,
    StockMovement,
    StockTransfer,
    StockTransferLine,
    TransferStatus,
)


def check_stock() -> Iterator[str]:
    """A line for each shelf whose on_hand is not the sum of its movements, in the current store."""
    for stock_id, kept, moved in _against_movements(Stock.on_hand, StockMovement.quantity):
        yield f"stock {stock_id}: on_hand {kept}, movements {moved}"


def check_value() -> Iterator[str]:
    """A line for each shelf whose value is not the sum of its movements' value."""
    for stock_id, kept, moved in _against_movements(Stock.value_minor, StockMovement.value_minor):
        yield f"stock {stock_id}: value {kept}, movements {moved}"
    empty = select(Stock.id, Stock.value_minor).where(Stock.on_hand == 0, Stock.value_minor != 0)
    for stock_id, value in db.session.execute(empty.order_by(Stock.id)):
        yield f"stock {stock_id}: empty, yet worth {value}"


def check_lots() -> Iterator[str]:
    """A line for each shelf whose units in lots are not what its lots hold, and each lot unlike its movements.

    on_hand is then lots + units without one, since the database keeps `lotted` at or below on_hand.
    """
    held = (
        select(StockLot.stock_id, func.sum(StockLot.remaining).label("units"))
        .group_by(StockLot.stock_id)
        .subquery()
    )
    units = func.coalesce(held.c.units, 0)
    query = select(Stock.id, Stock.lotted, units).outerjoin(held, held.c.stock_id == Stock.id)
    for stock_id, lotted, held_units in db.session.execute(
        query.where(Stock.lotted != units).order_by(Stock.id)
    ):
        yield f"stock {stock_id}: {lotted} units in lots, its lots hold {held_units}"
    moved = (
        select(StockMovement.lot_id, func.sum(StockMovement.quantity).label("units"))
        .where(StockMovement.lot_id.is_not(None))
        .group_by(StockMovement.lot_id)
        .subquery()
    )
    units = func.coalesce(moved.c.units, 0)
    lots = select(StockLot.id, StockLot.remaining, units).outerjoin(moved, moved.c.lot_id == StockLot.id)
    for lot_id, remaining, total in db.session.execute(
        lots.where(StockLot.remaining != units).order_by(StockLot.id)
    ):
        yield f"lot {lot_id}: {remaining} left, movements {total}"


def check_transfers() -> Iterator[str]:
    """A line for each transfer whose movements are not what its state says: none, all on the way, or all arrived."""
    sent = (
        select(StockTransferLine.transfer_id, func.sum(StockTransferLine.quantity).label("units"))
        .group_by(StockTransferLine.transfer_id)
        .subquery()
    )
    moved = (
        select(StockMovement.transfer_id, func.sum(StockMovement.quantity).label("units"))
        .where(StockMovement.kind == MovementKind.transfer)
        .group_by(StockMovement.transfer_id)
        .subquery()
    )
    query = (
        select(
            StockTransfer.id,
            StockTransfer.status,
            func.coalesce(sent.c.units, 0),
            func.coalesce(moved.c.units, 0),
        )
        .outerjoin(sent, sent.c.transfer_id == StockTransfer.id)
        .outerjoin(moved, moved.c.transfer_id == StockTransfer.id)
        .order_by(StockTransfer.id)
    )
    for transfer_id, status, units, balance in db.session.execute(query):
        if balance != (-units if status is TransferStatus.sent else 0):
            yield f"transfer {transfer_id}: {status}, {units} units in its lines, movements {balance:+d}"


def _against_movements(kept: Any, moved: Any) -> Any:
    total = (
        select(StockMovement.stock_id, func.sum(moved).label("total"))
        .group_by(StockMovement.stock_id)
        .subquery()
    )
    amount = func.coalesce(total.c.total, 0)
    query = select(Stock.id, kept, amount).outerjoin(total, total.c.stock_id == Stock.id)
    return db.session.execute(query.where(kept != amount).order_by(Stock.id))
