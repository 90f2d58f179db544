"""A shelf in the hands of one transaction: locked, with its lots, every change written as movements.

Everything that changes on_hand goes through here, so on_hand, lots and value are always the sums of the movements.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import defer

from app.core import clock, money
from app.core.actor import SYSTEM, Actor
from app.core.db import db, for_update
from app.core.errors import NotFound
from app.core.events import emit
from app.inventory import books, rules
from app.inventory.events import StockRanLow, VariantCameBack
from app.inventory.models import Cause, MovementKind, Stock, StockLot, StockMovement, StockWatch
from app.inventory.rules import LotUnits, Slices
from app.stores import local_today


@dataclass(frozen=True, kw_only=True)
class Why:
    """What a movement says besides its figures."""

    kind: MovementKind
    actor: Actor
    reason: str = ""
    cause: Cause | None = None
    order_id: int | None = None
    transfer_id: int | None = None
    unit_cost_minor: int | None = None


class Shelf:
    """One locked stock row."""

    def __init__(self, stock: Stock) -> None:
        self.stock = stock
        query = select(StockLot).where(StockLot.stock_id == stock.id, StockLot.remaining > 0)
        # Read after the lock was had: what another transaction did to the lots is seen.
        rows = db.session.scalars(query.order_by(StockLot.id).execution_options(populate_existing=True))
        self.lots = {lot.id: lot for lot in rows}
        self.today: date = local_today()
        self.movements: list[StockMovement] = []
        self.actor = SYSTEM  # who moved something last

    @property
    def units(self) -> list[LotUnits]:
        return [LotUnits(lot.id, lot.remaining, lot.expires_on) for lot in self.lots.values()]

    @property
    def past(self) -> Slices:
        """What may not be sold any more."""
        return [
            (lot.id, lot.units)
            for lot in rules.first_expired_first(self.units)
            if rules.is_past(lot.expires_on, self.today) and lot.units
        ]

    @property
    def sellable(self) -> int:
        """What may be promised to somebody else."""
        return self.stock.on_hand - self.stock.reserved - sum(units for _lot, units in self.past)

    def cost_of(self, units: int) -> int:
        """What `units` cost by the moving average; of an empty shelf, by the price list."""
        if self.stock.on_hand:
            return rules.cost_of(self.stock.value_minor, self.stock.on_hand, units)
        return self.stock.variant.cost_minor * units

    def put_in(self, slices: Slices, value_minor: int, why: Why) -> None:
        """Units arrive, costing `value_minor` in all. What arrives past its date is written off at once."""
        self._post(slices, value_minor, why, sign=1)
        arrived = {lot_id for lot_id, _units in slices}
        if late := [(lot_id, units) for lot_id, units in self.past if lot_id in arrived]:
            self.write_off(late, why.actor)

    def arrive_short(
        self, lot_id: int | None, units: int, value_minor: int, missing: int, why: Why, why_not: Why
    ) -> None:
        """All that was sent arrives at its cost, then what was not in the box goes again; the rest is looked at."""
        self._post([(lot_id, units)], value_minor, why, sign=1)
        if missing:
            lost = rules.cost_of(value_minor, units, missing)
            self._post([(lot_id, missing)], lost, why_not, sign=-1)
        if late := [(late_id, left) for late_id, left in self.past if late_id == lot_id]:
            self.write_off(late, why.actor)

    def take_out(self, slices: Slices, why: Why) -> int:
        """Units leave at the moving average; gives what they had cost."""
        value = self.cost_of(sum(units for _lot, units in slices))
        self._post(slices, value, why, sign=-1)
        return value

    def write_off(self, slices: Slices, actor: Actor = SYSTEM) -> int:
        """Take these off as expired, but for what is promised to customers; how many units went."""
        left, gone = self.stock.on_hand - self.stock.reserved, []
        for lot_id, units in slices:
            if part := min(units, left):
                gone.append((lot_id, part))
                left -= part
        if gone:
            self.take_out(gone, Why(kind=MovementKind.expiry, actor=actor))
        return sum(units for _lot, units in gone)

    def _post(self, slices: Slices, value_minor: int, why: Why, *, sign: int) -> None:
        values = money.allocate(value_minor, [units for _lot, units in slices])
        for (lot_id, units), value in zip(slices, values, strict=True):
            self.stock.on_hand += sign * units
            self.stock.value_minor += sign * value
            if lot_id is not None:
                self.stock.lotted += sign * units
                self.lots[lot_id].remaining += sign * units
            self.movements.append(
                StockMovement(
                    stock_id=self.stock.id,
                    lot_id=lot_id,
                    kind=why.kind,
                    quantity=sign * units,
                    value_minor=sign * value,
                    unit_cost_minor=why.unit_cost_minor,
                    cause=why.cause,
                    reason=why.reason,
                    order_id=why.order_id,
                    transfer_id=why.transfer_id,
                    actor_id=why.actor.user_id,
                    at=clock.now(),
                )
            )
        self.actor = why.actor

    def lot(self, code: str, expires_on: date | None, unit_cost_minor: int) -> StockLot:
        """The lot of this code, made when it is new. A known lot keeps its date: ask `expires_on` of what comes."""
        query = select(StockLot).where(StockLot.stock_id == self.stock.id, StockLot.code == code)
        found = db.session.scalar(query.execution_options(populate_existing=True))
        if found is None:
            found = StockLot(
                stock_id=self.stock.id,
                code=code,
                expires_on=expires_on,
                remaining=0,
                unit_cost_minor=unit_cost_minor,
                received_at=clock.now(),
            )
            db.session.add(found)
            db.session.flush()
        self.lots[found.id] = found
        return found

    def note_fall(self) -> None:
        """Tell the managers when the shelf has fallen to its threshold and they do not know."""
        if self.stock.low_since is None and self.sellable <= self.stock.low_at:
            self.stock.low_since = clock.now()
            emit(StockRanLow(stock_id=self.stock.id, available=self.sellable), actor=SYSTEM)

    def note_rise(self) -> None:
        """Goods are there: the next fall is told again, and so is whoever waits for the variant."""
        if self.stock.low_since is not None and self.sellable > self.stock.low_at:
            self.stock.low_since = None
        if self.sellable > 0:
            tell_watchers([self.stock.variant_id])


@contextmanager
def open_shelves(branch_id: int, variant_ids: Iterable[int]) -> Iterator[list[Shelf]]:
    """Lock the branch's shelves of these variants in ascending order. NotFound when one is missing.

    As they are closed, what moved is written down and goes to the ledger in as few entries as it makes.
    """
    shelves = [
        _open(Stock.branch_id == branch_id, Stock.variant_id == variant_id)
        for variant_id in sorted(variant_ids)
    ]
    yield shelves
    _close(shelves)


@contextmanager
def open_shelf(stock_id: int) -> Iterator[Shelf]:
    """Lock one shelf by its id; closed as `open_shelves` does. NotFound."""
    shelf = _open(Stock.id == stock_id)
    yield shelf
    _close([shelf])


def _open(*which: ColumnElement[bool]) -> Shelf:
    if (stock := db.session.scalar(_locked().where(*which))) is None:
        raise NotFound(what="stock")
    return Shelf(stock)


def _close(shelves: list[Shelf]) -> None:
    movements = [movement for shelf in shelves for movement in shelf.movements]
    if movements:
        db.session.add_all(movements)
        books.book(shelves[0].stock.branch_id, movements, shelves[0].actor)


def _locked() -> Select[Stock]:
    # `available` counts lots: read together with the lock it could be older than the row it stands in.
    return for_update(select(Stock)).options(defer(Stock.available))


def tell_watchers(variant_ids: Iterable[int]) -> None:
    """Say that these may be back, for those that somebody waits for."""
    waiting = select(StockWatch.variant_id).where(
        StockWatch.variant_id.in_(list(variant_ids)), StockWatch.ended_at.is_(None)
    )
    for variant_id in db.session.scalars(
        waiting.group_by(StockWatch.variant_id).order_by(func.min(StockWatch.id))
    ):
        emit(VariantCameBack(variant_id=variant_id), actor=SYSTEM)
