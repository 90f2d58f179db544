"""Goods between branches, in two steps: sent (off the one shelf), received (onto the other). In between, nobody's.

Whoever moves a transfer locks it first, then shelves of one branch in ascending variant order, so a transfer and a
sale of the same unit are one after the other, and neither deadlocks the other.
"""

from collections.abc import Mapping

from sqlalchemy import select

from app.catalog.models import Variant
from app.core import audit, clock
from app.core.actor import MANAGERS, Actor
from app.core.db import db, for_update, transaction
from app.core.errors import Forbidden, InvalidInput, NotFound
from app.core.i18n import _, _l, pick
from app.inventory import rules
from app.inventory.errors import BranchShort, NothingToSend, TransferMoved
from app.inventory.models import (
    Cause,
    MovementKind,
    Stock,
    StockLot,
    StockMovement,
    StockTransfer,
    StockTransferLine,
    TransferStatus,
)
from app.inventory.service import make_shelf, short_items
from app.inventory.shelf import Shelf, Why, open_shelves
from app.stores.models import Branch

S = TransferStatus
MOST_UNITS = 100_000

TRANSITIONS: dict[tuple[TransferStatus, str], TransferStatus] = {
    (S.draft, "send"): S.sent,
    (S.draft, "cancel"): S.cancelled,
    (S.sent, "receive"): S.received,
}
"""From, act → to. What is sent is received, with a difference if there is one: there is no way back unseen."""
STATES = {
    S.draft: _l("a draft"),
    S.sent: _l("on its way"),
    S.received: _l("received"),
    S.cancelled: _l("cancelled"),
}


@transaction()
def draft_transfer(from_branch_id: int, to_branch_id: int, *, actor: Actor, note: str = "") -> StockTransfer:
    """A new transfer without lines. Raises Forbidden, InvalidInput on `to_branch_id`, NotFound for a foreign branch."""
    _require_mover(actor)
    if from_branch_id == to_branch_id:
        raise InvalidInput({"to_branch_id": _("Choose another branch than the one it comes from.")})
    for branch_id in (from_branch_id, to_branch_id):
        if db.session.get(Branch, branch_id) is None:
            raise NotFound
    transfer = StockTransfer(
        from_branch_id=from_branch_id,
        to_branch_id=to_branch_id,
        note=note.strip()[:200],
        created_by=actor.name[:128],
        created_at=clock.now(),
    )
    db.session.add(transfer)
    db.session.flush()
    audit.record("transfer_drafted", actor=actor, subject=f"transfer:{transfer.id}")
    return transfer


@transaction()
def put_line(transfer_id: int, sku: str, quantity: int, *, actor: Actor) -> None:
    """Set how many of a SKU (or barcode) a draft holds; 0 takes the line out. InvalidInput on `sku`, `quantity`."""
    transfer = _lock(transfer_id, actor)
    _require(transfer, S.draft)
    known = (Variant.sku == sku.strip()) | (Variant.barcode == sku.strip()) & (Variant.barcode != "")
    variant = db.session.scalars(select(Variant).where(known).order_by(Variant.id)).first()
    if variant is None:
        raise InvalidInput({"sku": _("There is no variant with this SKU or barcode.")})
    if not 0 <= quantity <= MOST_UNITS:
        raise InvalidInput({"quantity": _("Write a count of at least 1.")})
    line = next((one for one in transfer.lines if one.variant_id == variant.id), None)
    if line is None and quantity:
        transfer.lines.append(StockTransferLine(variant_id=variant.id, quantity=quantity))
    elif line is not None and quantity:
        line.quantity = quantity
    elif line is not None:
        transfer.lines.remove(line)


@transaction()
def send_transfer(transfer_id: int, *, actor: Actor) -> StockTransfer:
    """Take the goods off the sending branch's shelves, first expired first.

    Raises TransferMoved, NothingToSend, BranchShort when something of it is not there (any more): nothing leaves then.
    """
    transfer = _move(transfer_id, "send", actor)
    if not transfer.lines:
        raise NothingToSend
    wanted = {line.variant_id: line.quantity for line in transfer.lines}
    for variant_id in sorted(wanted):
        make_shelf(transfer.from_branch_id, variant_id)
    lines = {line.variant_id: line for line in transfer.lines}
    with open_shelves(transfer.from_branch_id, wanted) as shelves:
        for shelf in shelves:
            line = lines[shelf.stock.variant_id]
            line.value_minor = _send(shelf, line, transfer, actor, wanted)
    transfer.sent_at, transfer.sent_by = clock.now(), actor.name[:128]
    return transfer


def _send(
    shelf: Shelf, line: StockTransferLine, transfer: StockTransfer, actor: Actor, wanted: Mapping[int, int]
) -> int:
    slices = rules.pick(shelf.units, shelf.stock.unlotted, line.quantity, shelf.today)
    if shelf.sellable < line.quantity or slices is None:
        raise BranchShort(why=_say_short(transfer.from_branch_id, wanted))
    why = Why(kind=MovementKind.transfer, actor=actor, transfer_id=transfer.id)
    value = shelf.take_out(slices, why)
    shelf.note_fall()
    return value


def _say_short(branch_id: int, wanted: Mapping[int, int]) -> str:
    return "; ".join(
        _(
            "%(name)s (%(sku)s): %(left)s of %(asked)s",
            name=item["name"],
            sku=item["sku"],
            left=item["available"],
            asked=item["requested"],
        )
        for item in short_items(branch_id, wanted)
    )


@transaction()
def receive_transfer(transfer_id: int, counted: Mapping[int, int], *, actor: Actor) -> StockTransfer:
    """Put what arrived onto the receiving branch's shelves: variant id → units counted.

    All that was sent arrives at its cost and in its lots; the difference to the count is an adjustment there, so
    nothing vanishes between two branches. Raises TransferMoved, InvalidInput on `line-<variant id>`.
    """
    transfer = _move(transfer_id, "receive", actor)
    errors = {
        f"line-{line.variant_id}": _("Write how many arrived, 0 for none.")
        for line in transfer.lines
        if not 0 <= counted.get(line.variant_id, -1) <= MOST_UNITS
    }
    if errors:
        raise InvalidInput(errors)
    lines = {line.variant_id: line for line in transfer.lines}
    for variant_id in sorted(lines):
        make_shelf(transfer.to_branch_id, variant_id)
    with open_shelves(transfer.to_branch_id, lines) as shelves:
        for shelf in shelves:
            line = lines[shelf.stock.variant_id]
            line.received = counted[line.variant_id]
            _receive(shelf, line, transfer, actor)
    return transfer


def _receive(shelf: Shelf, line: StockTransferLine, transfer: StockTransfer, actor: Actor) -> None:
    assert line.received is not None  # the caller has counted
    fell = line.received < line.quantity
    why = Why(kind=MovementKind.adjustment, actor=actor, cause=Cause.transfer, transfer_id=transfer.id)
    missing = max(0, line.quantity - line.received)
    for lot, units, value in reversed(_sent_slices(transfer, line)):
        arriving = shelf.lot(lot.code, lot.expires_on, lot.unit_cost_minor) if lot else None
        lot_id = arriving.id if arriving else None
        # What is missing is taken off before the rest is looked at: goods past their date are written off at once.
        part = min(missing, units)
        missing -= part
        arrived = Why(kind=MovementKind.transfer, actor=actor, transfer_id=transfer.id)
        shelf.arrive_short(lot_id, units, value, part, arrived, why)
    if line.received > line.quantity:
        extra = line.received - line.quantity
        shelf.put_in([(None, extra)], rules.cost_of(line.value_minor, line.quantity, extra), why)
    if fell:
        shelf.note_fall()
    shelf.note_rise()


def _sent_slices(transfer: StockTransfer, line: StockTransferLine) -> list[tuple[StockLot | None, int, int]]:
    """(lot at the sending branch, units, cost) as they left, first expired first."""
    query = (
        select(StockLot, StockMovement.quantity, StockMovement.value_minor)
        .select_from(StockMovement)
        .join(Stock, Stock.id == StockMovement.stock_id)
        .outerjoin(StockLot, StockLot.id == StockMovement.lot_id)
        .where(StockMovement.transfer_id == transfer.id, StockMovement.kind == MovementKind.transfer)
        .where(Stock.branch_id == transfer.from_branch_id, Stock.variant_id == line.variant_id)
        .order_by(StockMovement.id)
    )
    return [(lot, -units, -value) for lot, units, value in db.session.execute(query)]


@transaction()
def cancel_transfer(transfer_id: int, *, actor: Actor) -> StockTransfer:
    """Drop a draft. TransferMoved once it was sent: then it is received, with what arrived."""
    return _move(transfer_id, "cancel", actor)


def get_transfer(transfer_id: int) -> StockTransfer:
    """The transfer with its lines; NotFound."""
    if (transfer := db.session.get(StockTransfer, transfer_id)) is None:
        raise NotFound
    return transfer


def describe_lines(transfer: StockTransfer) -> str:
    """The goods in one line, for lists."""
    return ", ".join(f"{line.quantity} × {pick(line.variant.product.name)}" for line in transfer.lines)


def _move(transfer_id: int, act: str, actor: Actor) -> StockTransfer:
    transfer = _lock(transfer_id, actor)
    if (new := TRANSITIONS.get((transfer.status, act))) is None:
        raise TransferMoved(state=STATES[transfer.status])
    transfer.status = new
    if new in {S.received, S.cancelled}:
        transfer.closed_at, transfer.closed_by = clock.now(), actor.name[:128]
    audit.record(f"transfer_{new}", actor=actor, subject=f"transfer:{transfer.id}")
    return transfer


def _require(transfer: StockTransfer, status: TransferStatus) -> None:
    if transfer.status is not status:
        raise TransferMoved(state=STATES[transfer.status])


def _require_mover(actor: Actor) -> None:
    if not actor.has(*MANAGERS):
        raise Forbidden


def _lock(transfer_id: int, actor: Actor) -> StockTransfer:
    _require_mover(actor)
    transfer = db.session.scalar(for_update(select(StockTransfer).where(StockTransfer.id == transfer_id)))
    if transfer is None:
        raise NotFound
    return transfer
