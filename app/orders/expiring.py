"""Goods that are promised to orders and pass their date before they are handed over: found ahead, told, shown.

A good lot on the same shelf is picked by itself (`inventory.take`), so what is named here has none: it can come from
another branch, or something else can be offered.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import inventory, stores
from app.catalog.models import Variant
from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db, transaction
from app.core.events import EventRecord, emit
from app.inventory.models import Stock, StockLot
from app.inventory.rules import LotUnits, Need, unserved
from app.orders.events import PromisedGoodsExpire
from app.orders.models import Order, OrderLine
from app.orders.states import HOLDS_STOCK, Kind
from app.stores import local_today

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class OrderAtRisk:
    """An order whose units will be past their date on the day it is handed over."""

    id: int
    code: str
    units: int
    day: date


@dataclass(frozen=True)
class ShelfAtRisk:
    """A shelf that cannot serve these orders in time. `elsewhere`: branch id → units free there."""

    stock: Stock
    expires_on: date
    orders: tuple[OrderAtRisk, ...]
    elsewhere: Mapping[int, int]

    @property
    def units(self) -> int:
        """Units that the orders need and will not get."""
        return sum(order.units for order in self.orders)


def find_at_risk() -> list[ShelfAtRisk]:
    """The shelves of the store with promised goods that will be past their date, the most urgent first. Five queries
    at most, one when nothing that is promised expires soon."""
    held = _held_orders()
    last = max((need.day for needs in held.values() for need, _code in needs), default=None)
    if last is None:
        return []
    shelves = _shelves(held, last)
    free = inventory.available_per_branch([stock.variant_id for stock, _lots in shelves])
    found = []
    for stock, lots in shelves:
        codes = {need.key: code for need, code in held[stock.branch_id, stock.variant_id]}
        needs = [need for need, _code in held[stock.branch_id, stock.variant_id]]
        units = [LotUnits(lot.id, lot.remaining, lot.expires_on) for lot in lots]
        short = unserved(units, stock.on_hand - stock.lotted, needs)
        dates = [lot.expires_on for lot in lots if lot.expires_on is not None]
        if short and dates:
            orders = tuple(OrderAtRisk(one.key, codes[one.key], one.units, one.day) for one in short)
            others = {
                branch: left[stock.variant_id]
                for branch, left in free.items()
                if branch != stock.branch_id and left.get(stock.variant_id, 0) > 0
            }
            found.append(ShelfAtRisk(stock, min(dates), orders, others))
    return sorted(found, key=lambda shelf: (shelf.expires_on, shelf.stock.id))


def _held_orders() -> dict[tuple[int, int], list[tuple[Need, str]]]:
    """(branch, variant) → what open orders hold of it."""
    query = (
        select(Order, OrderLine.variant_id, OrderLine.quantity)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(Order.status.in_(HOLDS_STOCK))
    )
    held: dict[tuple[int, int], list[tuple[Need, str]]] = defaultdict(list)
    for order, variant_id, quantity in db.session.execute(query):
        need = Need(order.id, quantity, leaving_day(order))
        held[order.branch_id, variant_id].append((need, order.code))
    return held


def leaving_day(order: Order) -> date:
    """The local day by which the goods surely leave the shelf: the promised one, today when that is over. At the
    counter people come the day after, too."""
    promised = order.promised_until or order.promised_from or order.placed_at
    day = max(promised.astimezone(stores.current_store().zone).date(), local_today())
    return day + _DAY if order.kind is Kind.pickup else day


def _shelves(held: Iterable[tuple[int, int]], last: date) -> list[tuple[Stock, Sequence[StockLot]]]:
    """The promised shelves that hold a lot whose date is over before `last`, with all their lots."""
    keys = set(held)
    query = (
        select(Stock)
        .where(Stock.reserved > 0, Stock.variant_id.in_({variant_id for _branch, variant_id in keys}))
        .where(
            Stock.id.in_(select(StockLot.stock_id).where(StockLot.remaining > 0, StockLot.expires_on < last))
        )
        .options(joinedload(Stock.variant).joinedload(Variant.product), joinedload(Stock.branch))
    )
    stocks = [one for one in db.session.scalars(query) if (one.branch_id, one.variant_id) in keys]
    lots: dict[int, list[StockLot]] = defaultdict(list)
    mine = StockLot.stock_id.in_([stock.id for stock in stocks])
    for lot in db.session.scalars(select(StockLot).where(StockLot.remaining > 0, mine)) if stocks else ():
        lots[lot.stock_id].append(lot)
    return [(stock, lots[stock.id]) for stock in stocks]


@transaction()
def warn_of_expiring() -> int:
    """Tell the managers, once a day for each shelf and again when another order joins; how many shelves were told."""
    told = 0
    for shelf in find_at_risk():
        codes = [order.code for order in shelf.orders]
        if _is_known(shelf.stock.id, codes):
            continue
        emit(
            PromisedGoodsExpire(
                stock_id=shelf.stock.id,
                units=shelf.units,
                codes=codes,
                expires_on=shelf.expires_on.isoformat(),
                elsewhere=sum(shelf.elsewhere.values()),
            ),
            actor=SYSTEM,
        )
        told += 1
    return told


def _is_known(stock_id: int, codes: Sequence[str]) -> bool:
    """Whether today's last word on the shelf named all of these orders."""
    query = (
        select(EventRecord)
        .where(EventRecord.aggregate == PromisedGoodsExpire.aggregate, EventRecord.aggregate_id == stock_id)
        .where(
            EventRecord.type == PromisedGoodsExpire.__name__, EventRecord.occurred_at > clock.now() - 2 * _DAY
        )
        .order_by(EventRecord.id.desc())
        .limit(1)
    )
    last = db.session.scalar(query)
    if last is None:
        return False
    day = last.occurred_at.astimezone(stores.current_store().zone).date()
    return day == local_today() and set(codes) <= set(last.payload["codes"])
