"""What moves on a shelf moves in the ledger: its value, to the cent, in the same transaction."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, select

from app import ledger, stores
from app.core.actor import SYSTEM, Actor
from app.core.db import db
from app.inventory.models import (
    MovementKind,
    Stock,
    StockMovement,
    StockTransfer,
    StockTransferLine,
    TransferStatus,
)

K, A = MovementKind, ledger.AccountKind

MOMENTS: dict[tuple[MovementKind, bool], str] = {
    # kind, comes in
    (K.receipt, True): "stock_received",
    (K.sale, False): "stock_sold",
    (K.returned, True): "stock_returned",
    (K.taken_back, True): "stock_taken_back",
    (K.adjustment, True): "stock_found",
    (K.adjustment, False): "stock_lost",
    (K.transfer, False): "stock_sent",
    (K.transfer, True): "stock_arrived",
    (K.expiry, False): "stock_lost",
}


@dataclass(frozen=True)
class _Group:
    """Movements that are one fact in the ledger."""

    branch_id: int
    moment: str
    cause: str
    order_id: int | None
    transfer_id: int | None
    day: date | None = None


def book(branch_id: int, movements: Iterable[StockMovement], actor: Actor) -> None:
    """Post what these movements, new in this transaction, put on the branch's shelves and took off them."""
    db.session.flush()  # the references carry the movements' ids
    groups: dict[_Group, list[StockMovement]] = defaultdict(list)
    for movement in movements:
        groups[_group(branch_id, movement)].append(movement)
    ledger.post_all(_moment(group, members, actor) for group, members in groups.items())


def past_moments() -> Iterator[ledger.Moment]:
    """What every movement of the current store would have posted, for books that begin with a filled shelf.

    Movements of no order and no transfer are taken together by day.
    """
    groups: dict[_Group, list[StockMovement]] = defaultdict(list)
    query = select(StockMovement, Stock.branch_id).join(Stock, Stock.id == StockMovement.stock_id)
    for movement, branch_id in db.session.execute(query.order_by(StockMovement.at, StockMovement.id)):
        group = _group(branch_id, movement)
        if group.order_id is None and group.transfer_id is None:
            group = replace(group, day=movement.at.date())
        groups[group].append(movement)
    for group, members in groups.items():
        yield _moment(group, members, SYSTEM)


def _group(branch_id: int, movement: StockMovement) -> _Group:
    cause = movement.cause.value if movement.cause else movement.kind.value
    moment = MOMENTS[movement.kind, movement.quantity > 0]
    return _Group(branch_id, moment, cause, movement.order_id, movement.transfer_id)


def _moment(group: _Group, members: list[StockMovement], actor: Actor) -> ledger.Moment:
    document, document_id = "stock", members[0].stock_id
    if group.order_id is not None:
        document, document_id = "order", group.order_id
    elif group.transfer_id is not None:
        document, document_id = "transfer", group.transfer_id
    fact = ledger.Fact(
        reference=f"stock:{members[0].id}",
        currency=stores.current_store().currency,
        actor=actor,
        document=document,
        document_id=document_id,
        note=members[0].reason if len(members) == 1 else "",
        at=members[0].at,
    )
    value = sum(abs(movement.value_minor) for movement in members)
    whose: dict[ledger.AccountKind, str | int] = {
        A.inventory: group.branch_id,
        A.stock_losses: group.cause,
    }
    return ledger.Moment(group.moment, fact, {"value": value}, whose)


def check_inventory_value() -> Iterator[str]:
    """A line for each branch whose shelves, and for goods between branches whose transfers, are not worth what the
    ledger says."""
    currency = stores.current_store().currency
    kept = ledger.balances(A.inventory, currency)
    query = select(Stock.branch_id, func.sum(Stock.value_minor)).group_by(Stock.branch_id)
    worth = {str(branch_id): int(value) for branch_id, value in db.session.execute(query)}
    for branch_id in sorted(kept.keys() | worth.keys()):
        if kept.get(branch_id, 0) != worth.get(branch_id, 0):
            yield f"branch {branch_id}: shelves {worth.get(branch_id, 0)}, ledger {kept.get(branch_id, 0)}"
    sent = (
        select(func.coalesce(func.sum(StockTransferLine.value_minor), 0))
        .join(StockTransfer, StockTransfer.id == StockTransferLine.transfer_id)
        .where(StockTransfer.status == TransferStatus.sent)
    )
    moving, booked = db.session.scalars(sent).one(), ledger.balance(A.goods_moving, currency)
    if moving != booked:
        yield f"goods between branches: transfers {moving}, ledger {booked}"
