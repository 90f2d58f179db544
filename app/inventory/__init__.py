"""Stock per branch and variant: never oversold, first expired first out, and always the sum of its movements."""

from app.inventory.books import past_moments
from app.inventory.errors import OutOfStock, PastItsDate, StockWouldBreak
from app.inventory.models import Cause, MovementKind, Stock, StockLot, StockMovement
from app.inventory.service import (
    LotLabel,
    adjust,
    available,
    available_per_branch,
    moving_average,
    receive,
    release,
    reserve,
    take,
    take_back,
    write_off_expired,
)

__all__ = [
    "Cause",
    "LotLabel",
    "MovementKind",
    "OutOfStock",
    "PastItsDate",
    "Stock",
    "StockLot",
    "StockMovement",
    "StockWouldBreak",
    "adjust",
    "available",
    "available_per_branch",
    "moving_average",
    "past_moments",
    "receive",
    "release",
    "reserve",
    "take",
    "take_back",
    "write_off_expired",
]
