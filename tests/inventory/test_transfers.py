"""Goods between two branches: in neither while on their way, whole in units and in cost at the end."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app import inventory
from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db
from app.core.errors import Forbidden, InvalidInput
from app.inventory import LotLabel, Stock, StockLot, transfers
from app.inventory.errors import BranchShort, NothingToSend, TransferMoved
from app.inventory.models import StockMovement
from app.verify import verify_store
from tests.factories import make_branch, make_staff, make_variant

GOOD = date(2089, 1, 1)


@pytest.fixture
def scene(store):
    """Ten of A in two lots at the north, none at the south, and a draft of seven."""
    north, south = make_branch("north"), make_branch("south")
    variant = make_variant(north, "A", on_hand=0)
    for code, days, cost in (("L1", 0, 100), ("L2", 9, 103)):
        label = LotLabel(code, GOOD + timedelta(days=days))
        inventory.receive(north.id, variant.id, 5, actor=SYSTEM, unit_cost_minor=cost, lot=label)
    dmitri = make_staff("Dmitri", "manager")
    transfer = transfers.draft_transfer(north.id, south.id, actor=dmitri)
    transfers.put_line(transfer.id, "A", 7, actor=dmitri)
    return transfer, variant, dmitri


def at(branch_id: int) -> Stock:
    return db.session.scalars(
        select(Stock).where(Stock.branch_id == branch_id).execution_options(populate_existing=True)
    ).one()


def proved() -> bool:
    db.session.flush()
    return not any(verify_store().values())


def test_on_its_way_it_is_nobodys(scene):
    transfer, variant, dmitri = scene
    transfers.send_transfer(transfer.id, actor=dmitri)
    assert inventory.available(None, [variant.id]) == {variant.id: 3}
    assert proved()
    transfers.receive_transfer(transfer.id, {variant.id: 7}, actor=dmitri)
    north, south = at(transfer.from_branch_id), at(transfer.to_branch_id)
    assert (north.on_hand, south.on_hand, south.lotted) == (3, 7, 7)
    assert north.value_minor + south.value_minor == 5 * 100 + 5 * 103
    lots = db.session.scalars(select(StockLot).where(StockLot.stock_id == south.id).order_by(StockLot.code))
    assert [(lot.code, lot.remaining, lot.expires_on) for lot in lots] == [
        ("L1", 5, GOOD),
        ("L2", 2, GOOD + timedelta(days=9)),
    ]
    assert proved()


@pytest.mark.parametrize(("counted", "difference"), [(5, -2), (0, -7), (9, 2), (7, 0)])
def test_a_difference_is_an_adjustment_where_it_was_counted(scene, counted, difference):
    transfer, variant, dmitri = scene
    transfers.send_transfer(transfer.id, actor=dmitri)
    transfers.receive_transfer(transfer.id, {variant.id: counted}, actor=dmitri)
    south = at(transfer.to_branch_id)
    adjusted = db.session.scalars(
        select(StockMovement.quantity).where(
            StockMovement.stock_id == south.id, StockMovement.cause.is_not(None)
        )
    )
    assert south.on_hand == counted and sum(adjusted) == difference
    assert transfer.lines[0].received == counted
    assert proved()


def test_what_expired_on_the_way_is_not_sold_there(store):
    north, south = make_branch("north"), make_branch("south")
    variant = make_variant(north, "A", on_hand=0)
    dmitri = make_staff("Dmitri", "manager")
    night = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
    with clock.frozen(night):
        inventory.receive(north.id, variant.id, 4, actor=SYSTEM, lot=LotLabel("L", date(2026, 11, 20)))
        transfer = transfers.draft_transfer(north.id, south.id, actor=dmitri)
        transfers.put_line(transfer.id, "A", 4, actor=dmitri)
        transfers.send_transfer(transfer.id, actor=dmitri)
    with clock.frozen(night + timedelta(hours=2)):
        transfers.receive_transfer(transfer.id, {variant.id: 3}, actor=dmitri)
        assert inventory.available(south.id, [variant.id]) == {variant.id: 0}
    assert at(south.id).on_hand == 0
    assert proved()


def test_what_is_promised_is_not_sent(scene):
    transfer, variant, dmitri = scene
    inventory.reserve(transfer.from_branch_id, {variant.id: 4})
    with pytest.raises(BranchShort, match="6 of 7"):
        transfers.send_transfer(transfer.id, actor=dmitri)


ACTS = {
    "put": lambda t, v, who: transfers.put_line(t.id, "A", 1, actor=who),
    "send": lambda t, v, who: transfers.send_transfer(t.id, actor=who),
    "receive": lambda t, v, who: transfers.receive_transfer(t.id, {v.id: 7}, actor=who),
    "cancel": lambda t, v, who: transfers.cancel_transfer(t.id, actor=who),
}
REACHED = {"draft": (), "sent": ("send",), "received": ("send", "receive"), "cancelled": ("cancel",)}
ALLOWED = {"draft": {"put", "send", "cancel"}, "sent": {"receive"}, "received": set(), "cancelled": set()}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", REACHED)
def test_the_table_of_states(scene, state, act):
    transfer, variant, dmitri = scene
    for step in REACHED[state]:
        ACTS[step](transfer, variant, dmitri)
    if act in ALLOWED[state]:
        ACTS[act](transfer, variant, dmitri)
    else:
        with pytest.raises(TransferMoved):
            ACTS[act](transfer, variant, dmitri)


def test_bad_input(scene):
    transfer, variant, dmitri = scene
    with pytest.raises(InvalidInput):
        transfers.draft_transfer(transfer.from_branch_id, transfer.from_branch_id, actor=dmitri)
    with pytest.raises(InvalidInput):
        transfers.put_line(transfer.id, "NOPE", 1, actor=dmitri)
    transfers.put_line(transfer.id, "A", 0, actor=dmitri)
    with pytest.raises(NothingToSend):
        transfers.send_transfer(transfer.id, actor=dmitri)
    with pytest.raises(Forbidden):
        transfers.draft_transfer(1, 2, actor=make_staff("Carla"))
    transfers_left = db.session.scalars(select(StockMovement.transfer_id)).all()
    assert set(transfers_left) == {None} and variant.sku == "A"


def test_a_count_is_needed_for_every_line(scene):
    transfer, variant, dmitri = scene
    transfers.send_transfer(transfer.id, actor=dmitri)
    with pytest.raises(InvalidInput) as refused:
        transfers.receive_transfer(transfer.id, {}, actor=dmitri)
    assert f"line-{variant.id}" in refused.value.errors
