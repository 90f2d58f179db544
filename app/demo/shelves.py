"""The shelves of the demo: deliveries in lots with dates and costs, what was sold out of them, what expired.

Written directly, but by the same arithmetic as the real services: the moving average is played through in the order
of time, so every proof of `flask verify` holds over ninety days.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zlib import crc32

from sqlalchemy import insert, select
from sqlalchemy.orm import joinedload

from app.catalog.models import Variant
from app.core import clock
from app.core.db import db
from app.demo.lives import Life
from app.inventory import rules
from app.inventory.models import MovementKind, Stock, StockLot, StockMovement
from app.orders.models import Order, OrderLine
from app.orders.states import HOLDS_STOCK
from app.stores import local_today

SOON = 12, 26, 41, 55, 74, 88
"""Days to the last good day of lots that are to be looked after."""
DELIVERY = timedelta(days=30)


@dataclass
class _Move:
    """One movement to be; `value` is filled when its turn comes."""

    at: datetime
    kind: MovementKind
    quantity: int
    lot: StockLot | None
    order: Order | None = None
    unit_cost: int | None = None
    reason: str = ""
    value: int = 0
    written: bool = False


@dataclass
class _Story:
    """Everything that happened to one shelf."""

    stock: Stock
    cost: int
    moves: list[_Move] = field(default_factory=list)
    lots: dict[tuple[str, int], StockLot] = field(default_factory=dict)

    def lot(self, name: str, number: int, received: datetime, good_days: int, cost: int) -> StockLot:
        """The lot of this name and number, made when it is first asked for."""
        if (name, number) not in self.lots:
            self.lots[name, number] = StockLot(
                stock_id=self.stock.id,
                code=f"{name}{received:%y%m}-{_spread(f'{self.stock.id}{number}', 9000) + 1000}",
                expires_on=(received + timedelta(days=good_days)).date(),
                remaining=0,
                unit_cost_minor=cost,
                received_at=received,
            )
        return self.lots[name, number]


def _spread(text: str, most: int) -> int:
    return crc32(text.encode()) % most


def stock_up(stock: Stock, sku: str, units: int, cost_minor: int) -> None:
    """What lies on the shelf as the demo opens: one to three lots, some of them close to their date."""
    story = _Story(stock, cost_minor)
    parts = [units - units // 3, units // 3] if units >= 12 else [units]
    now, today = clock.now(), local_today()
    for number, part in enumerate(parts):
        seed = f"{sku}/{stock.branch_id}/{number}"
        received = now - timedelta(days=3 + _spread(seed, 35), minutes=_spread(seed, 500))
        dated = (
            SOON[_spread(seed, len(SOON))]
            if _spread(sku, 7) == 0 and not number
            else 150 + _spread(seed, 550)
        )
        cost = cost_minor * (100 + _spread(seed, 9) - 4) // 100
        lot = story.lot("L", number, received, 0, cost)
        lot.expires_on = today + timedelta(days=dated)
        story.moves.append(_Move(received, MovementKind.receipt, part, lot, unit_cost=cost))
    _fold(story)
    write_stories([story])


def play_sales(made: Iterable[tuple[Order, Life]]) -> list[_Story]:
    """What the orders took and gave back, from deliveries of just that.

    Fixes the cost on every order line that left a shelf; `write_stories` writes it once the orders have their ids.
    """
    stories = _stories()
    for order, life in made:
        for line in order.lines:
            _play(stories[order.branch_id, line.variant_id], order, line, life)
    for story in stories.values():
        _deliver(story)
        if _spread(f"old{story.stock.id}", 23) == 0:
            _expire_something(story)
        _fold(story)
    return list(stories.values())


def _stories() -> dict[tuple[int, int], _Story]:
    """The shelves with the deliveries that stock_up has written."""
    costs = dict(db.session.execute(select(Variant.id, Variant.cost_minor)).all())
    stocks = {s.id: s for s in db.session.scalars(select(Stock).order_by(Stock.id))}
    stories = {key: _Story(stock, costs[stock.variant_id]) for key, stock in stocks.items()}
    for row in db.session.scalars(select(StockMovement).order_by(StockMovement.id)):
        move = _Move(row.at, row.kind, row.quantity, None, value=row.value_minor, written=True)
        stories[row.stock_id].moves.append(move)
    return {(s.stock.branch_id, s.stock.variant_id): s for s in stories.values()}


def _play(story: _Story, order: Order, line: OrderLine, life: Life) -> None:
    """One line's goods leave, and may come back; what an open order holds lies on the shelf."""
    number = (clock.now() - order.placed_at) // DELIVERY
    received = clock.now() - DELIVERY * (number + 1) - timedelta(hours=30)
    cost = story.cost * (100 + _spread(f"{story.stock.id}c{number}", 7) - 3) // 100
    lot = story.lot("H", number, received, 240 + _spread(f"{story.stock.id}", 300), cost)
    for kind, sign, at in life.stock_moves():
        story.moves.append(_Move(at, kind, sign * line.quantity, lot, order))
    if order.status in HOLDS_STOCK:
        story.stock.reserved += line.quantity
        lot.remaining += line.quantity  # delivered below, on top of what was sold


def _deliver(story: _Story) -> None:
    """Receipts of what each lot gave away and still holds for open orders."""
    for lot in story.lots.values():
        held, lot.remaining = lot.remaining, 0
        units = held - sum(m.quantity for m in story.moves if m.lot is lot and m.quantity < 0)
        if units:
            cost = lot.unit_cost_minor
            story.moves.append(_Move(lot.received_at, MovementKind.receipt, units, lot, unit_cost=cost))


def _expire_something(story: _Story) -> None:
    """A small lot that nobody bought in time."""
    now, units = clock.now(), 2 + _spread(f"{story.stock.id}", 6)
    lot = story.lot("E", 0, now - timedelta(days=80), 62, story.cost)
    gone = now - timedelta(days=17, minutes=_spread(f"{story.stock.id}", 600))
    story.moves += [
        _Move(lot.received_at, MovementKind.receipt, units, lot, unit_cost=story.cost),
        _Move(gone, MovementKind.expiry, -units, lot),
    ]


def write_stories(stories: Sequence[_Story]) -> None:
    """The lots and the movements of these shelves."""
    lots = [lot for story in stories for lot in story.lots.values() if any(m.lot is lot for m in story.moves)]
    db.session.add_all(lots)
    db.session.flush()
    rows = [_row(story, move) for story in stories for move in story.moves if not move.written]
    if rows:
        db.session.execute(insert(StockMovement), rows)


def _fold(story: _Story) -> None:
    """Play the shelf through in the order of time: the moving average gives what leaves its cost."""
    units = value = 0
    # Deliveries first where two things happen at once: nothing leaves a shelf before it came.
    for move in sorted(story.moves, key=lambda m: (m.at, -m.quantity)):
        if not move.written:
            move.value = _value_of(move, story, units, value)
            if move.lot is not None:
                move.lot.remaining += move.quantity
                story.stock.lotted += move.quantity
        units, value = units + move.quantity, value + move.value
    story.stock.on_hand, story.stock.value_minor = units, value
    low = units - story.stock.reserved <= story.stock.low_at
    story.stock.low_since = clock.now() if low else None


def _value_of(move: _Move, story: _Story, units: int, value: int) -> int:
    if move.unit_cost is not None:
        return move.quantity * move.unit_cost
    if move.kind is MovementKind.returned:
        return next(-m.value for m in story.moves if m.order is move.order and m.kind is MovementKind.sale)
    cost = -rules.cost_of(value, units, -move.quantity)
    if move.order is not None:
        for line in move.order.lines:
            if line.variant_id == story.stock.variant_id:
                line.cost_minor = -cost
                line.unit_cost_minor = rules.cost_of(value, units, 1)
    return cost


def _row(story: _Story, move: _Move) -> dict[str, object]:
    return {
        "stock_id": story.stock.id,
        "lot_id": move.lot.id if move.lot else None,
        "kind": move.kind,
        "quantity": move.quantity,
        "value_minor": move.value,
        "unit_cost_minor": move.unit_cost,
        "order_id": move.order.id if move.order else None,
        "reason": move.reason,
        "at": move.at,
    }


def count_sold(orders: Iterable[Order]) -> None:
    """How often each product was bought."""
    sold: Counter[int] = Counter()
    for order in orders:
        for line in order.lines:
            sold[line.variant_id] += line.quantity
    for variant in db.session.scalars(
        select(Variant).where(Variant.id.in_(sold)).options(joinedload(Variant.product))
    ):
        variant.product.sold_count += sold[variant.id]
