"""What moves on a shelf moves in the ledger: its value, to the cent, in the same transaction."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app import ledger, stores
from app.core.actor import Actor
from app.core.db import db
from app.inventory.models import MovementKind, StockMovement

K, A = MovementKind, ledger.AccountKind

MOMENTS: dict[tuple[MovementKind, bool], str] = {
    # kind, comes in
    (K.receipt, True): "stock_received",
    (K.sale, False): "stock_sold",
    (K.returned, True): "stock_returned",
    (K.adjustment, True): "stock_found",
    (K.adjustment, False): "stock_lost",
    (K.transfer, False): "stock_sent",
    (K.transfer, True): "stock_arrived",
    (K.expiry, False): "stock_lost",
}


@dataclass(frozen=True)
class _Group:
    """Movements that are one fact in the ledger."""

    moment: str
    cause: str
    order_id: int | None
    transfer_id: int | None


def book(branch_id: int, movements: Iterable[StockMovement], actor: Actor) -> None:
    """Post what these movements, new in this transaction, put on the branch's shelves and took off them."""
    groups: dict[_Group, list[StockMovement]] = defaultdict(list)
    for movement in movements:
        moment = MOMENTS[movement.kind, movement.quantity > 0]
        cause = movement.cause.value if movement.cause else movement.kind.value
        groups[_Group(moment, cause, movement.order_id, movement.transfer_id)].append(movement)
    if not groups:
        return
    db.session.flush()  # the references carry the movements' ids
    for group, members in groups.items():
        _post(branch_id, group, members, actor)


def _post(branch_id: int, group: _Group, members: list[StockMovement], actor: Actor) -> None:
    document, document_id = "stock", members[0].stock_id
    if group.order_id is not None:
        document, document_id = "order", group.order_id
    elif group.transfer_id is not None:
        document, document_id = "transfer", group.transfer_id
    ledger.post(
        group.moment,
        ledger.Fact(
            reference=f"stock:{members[0].id}",
            currency=stores.current_store().currency,
            actor=actor,
            document=document,
            document_id=document_id,
            note=members[0].reason,
            at=members[0].at,
        ),
        {"value": sum(abs(movement.value_minor) for movement in members)},
        {A.inventory: branch_id, A.stock_losses: group.cause},
    )
