"""Stock per branch and variant: never oversold, and always the sum of its movements."""

from app.inventory.errors import OutOfStock, StockWouldBreak
from app.inventory.models import MovementKind, Stock, StockMovement
from app.inventory.service import adjust, available, receive, release, reserve, take, take_back
from app.inventory.verify import check_stock

__all__ = [
    "MovementKind",
    "OutOfStock",
    "Stock",
    "StockMovement",
    "StockWouldBreak",
    "adjust",
    "available",
    "check_stock",
    "receive",
    "release",
    "reserve",
    "take",
    "take_back",
]
