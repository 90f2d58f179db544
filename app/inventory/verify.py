"""Proof that stock is what its movements say."""

from collections.abc import Iterator

from sqlalchemy import func, select

from app.core.db import db
from app.inventory.models import Stock, StockMovement


def check_stock() -> Iterator[str]:
    """A line for each stock row whose on_hand is not the sum of its movements, in the current store."""
    moved = (
        select(StockMovement.stock_id, func.sum(StockMovement.quantity).label("moved"))
        .group_by(StockMovement.stock_id)
        .subquery()
    )
    query = (
        select(Stock.id, Stock.on_hand, func.coalesce(moved.c.moved, 0))
        .outerjoin(moved, moved.c.stock_id == Stock.id)
        .where(Stock.on_hand != func.coalesce(moved.c.moved, 0))
        .order_by(Stock.id)
    )
    for stock_id, on_hand, total in db.session.execute(query):
        yield f"stock {stock_id}: on_hand {on_hand}, movements {total}"
