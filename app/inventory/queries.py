"""What the console shows of shelves: a shelf with its lots and movements, and how old everything grows."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.core.money import Minor, allocate
from app.inventory.models import (
    Stock,
    StockLot,
    StockMovement,
    StockTransfer,
    StockTransferLine,
    TransferStatus,
)
from app.inventory.rules import BANDS, LotUnits, band_of, first_expired_first
from app.stores import local_today
from app.stores.models import Branch

BAND_KEYS = ("past", *(str(end) for end in BANDS), "later", "none", "unlotted")
"""Columns of the ageing report, in order: over, days to the band's end, later, without a date, without a lot."""


@dataclass
class Ageing:
    """One branch: band → (units, what they cost)."""

    branch_id: int
    branch: str
    bands: dict[str, tuple[int, Minor]] = field(default_factory=lambda: dict.fromkeys(BAND_KEYS, (0, 0)))

    @property
    def units(self) -> int:
        return sum(units for units, _value in self.bands.values())

    @property
    def value_minor(self) -> Minor:
        return sum(value for _units, value in self.bands.values())


def age_shelves() -> list[Ageing]:
    """Every branch's stock by days to its date; values sum exactly to the inventory's. Three queries."""
    today = local_today()
    names = dict(db.session.execute(select(Branch.id, Branch.name).order_by(Branch.name)).all())
    found = {branch_id: Ageing(branch_id, name) for branch_id, name in names.items()}
    parts: dict[int, dict[str, int]] = defaultdict(dict)
    lots = (
        select(StockLot.stock_id, StockLot.expires_on, func.sum(StockLot.remaining))
        .where(StockLot.remaining > 0)
        .group_by(StockLot.stock_id, StockLot.expires_on)
    )
    for stock_id, expires_on, units in db.session.execute(lots):
        band = band_of(expires_on, today)
        parts[stock_id][band] = parts[stock_id].get(band, 0) + int(units)
    columns = select(Stock.id, Stock.branch_id, Stock.on_hand - Stock.lotted, Stock.value_minor)
    for stock_id, branch_id, unlotted, value in db.session.execute(columns.where(Stock.on_hand > 0)):
        bands = parts[stock_id] | {"unlotted": unlotted}
        row = found[branch_id].bands
        for band, part in zip(bands, allocate(value, list(bands.values())), strict=True):
            row[band] = (row[band][0] + bands[band], row[band][1] + part)
    return list(found.values())


def lots_of(stock: Stock) -> list[StockLot]:
    """What is left on a shelf, first expired first."""
    rows = db.session.scalars(select(StockLot).where(StockLot.stock_id == stock.id, StockLot.remaining > 0))
    by_id = {lot.id: lot for lot in rows}
    order = first_expired_first(LotUnits(lot.id, lot.remaining, lot.expires_on) for lot in by_id.values())
    return [by_id[lot.id] for lot in order]


def latest_movements(stock: Stock, limit: int = 12) -> list[StockMovement]:
    """The newest first."""
    query = (
        select(StockMovement).where(StockMovement.stock_id == stock.id).options(joinedload(StockMovement.lot))
    )
    return list(
        db.session.scalars(query.order_by(StockMovement.at.desc(), StockMovement.id.desc()).limit(limit))
    )


def on_their_way(stock: Stock) -> int:
    """Units of the shelf's variant that were sent to its branch and did not arrive yet."""
    query = (
        select(func.coalesce(func.sum(StockTransferLine.quantity), 0))
        .join(StockTransfer, StockTransfer.id == StockTransferLine.transfer_id)
        .where(StockTransfer.status == TransferStatus.sent, StockTransfer.to_branch_id == stock.branch_id)
        .where(StockTransferLine.variant_id == stock.variant_id)
    )
    return int(db.session.scalar(query) or 0)


def days_left(expires_on: date | None) -> int | None:
    """Days to the last good day, below zero when it is over."""
    return (expires_on - local_today()).days if expires_on else None
