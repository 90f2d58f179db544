"""The table of states against the drawing in the specification; no database."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.orders.states import (
    FINAL,
    HOLDS_STOCK,
    OPEN,
    TRANSITIONS,
    Action,
    Effect,
    Kind,
    Status,
    allowed,
    find,
)

DRAWN = {
    Kind.driver: ["PENDING", "CONFIRMED", "READY", "ASSIGNED", "PICKED_UP", "DELIVERED"],
    Kind.pickup: ["PENDING", "CONFIRMED", "READY", "COLLECTED"],
    Kind.courier: ["PENDING", "CONFIRMED", "READY", "HANDED_OVER", "DELIVERED"],
    Kind.parcel: ["PENDING", "CONFIRMED", "READY", "HANDED_OVER", "DELIVERED"],
}
LEFT_THE_SHOP = {Status.PICKED_UP, Status.HANDED_OVER, Status.COLLECTED, Status.DELIVERED}


def steps(kind: Kind) -> set[tuple[Status, Status]]:
    return {(t.source, t.target) for t in TRANSITIONS if kind in t.kinds}


@pytest.mark.parametrize("kind", Kind)
def test_the_main_line_is_as_drawn(kind):
    line = [Status(name) for name in DRAWN[kind]]
    assert set(pairwise(line)) <= steps(kind)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("status", Status)
def test_cancelling_ends_where_the_goods_leave(kind, status):
    reachable = {s for pair in steps(kind) for s in pair} | {Status.PENDING}
    may = find(kind, status, Action.cancel) is not None
    assert may == (status in HOLDS_STOCK and status in reachable)


def test_a_customer_may_cancel_while_pending_and_nothing_else():
    customers = {(t.source, t.action) for t in TRANSITIONS if "customer" in t.roles}
    assert customers == {(Status.PENDING, Action.cancel)}


@pytest.mark.parametrize("status", sorted(FINAL))
def test_nothing_leaves_a_final_state(status):
    assert not [t for t in TRANSITIONS if t.source == status]


@pytest.mark.parametrize("status", sorted(OPEN))
def test_an_open_state_can_be_left(status):
    assert [t for t in TRANSITIONS if t.source == status]


def test_assigning_again_is_another_driver():
    again = find(Kind.driver, Status.ASSIGNED, Action.assign)
    assert again is not None
    assert again.target is Status.ASSIGNED


def test_a_row_is_not_written_twice():
    keys = [(t.source, t.action, kind) for t in TRANSITIONS for kind in t.kinds]
    assert len(keys) == len(set(keys))


@given(st.sampled_from(list(Kind)), st.sampled_from(list(Status)), st.sampled_from(list(Action)))
def test_allowed_is_what_the_table_finds(kind, status, action):
    everyone = frozenset({"system"})
    assert (action in allowed(kind, status, everyone)) == (find(kind, status, action) is not None)


@given(st.data())
def test_stock_is_held_until_it_leaves_and_given_back_once(data):
    """Along any walk of the table, what is reserved and taken never goes below zero or is forgotten."""
    kind = data.draw(st.sampled_from(list(Kind)))
    status, reserved, gone = Status.PENDING, 1, 0
    for _step in range(data.draw(st.integers(0, 14))):
        choices = allowed(kind, status, frozenset({"system"}))
        if not choices:
            break
        step = find(kind, status, data.draw(st.sampled_from(choices)))
        assert step is not None
        for effect in step.effects:
            if effect is Effect.release_stock:
                reserved -= 1
            elif effect is Effect.take_stock:
                reserved, gone = reserved - 1, gone + 1
            elif effect is Effect.return_stock:
                gone -= 1
            elif effect is Effect.reserve_again:
                reserved += 1
        status = step.target
        assert (reserved, gone) == (
            int(status in HOLDS_STOCK),
            int(status in LEFT_THE_SHOP | {Status.FAILED}),
        )
