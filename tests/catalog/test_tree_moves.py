"""The tree of categories: every place can be reached, no circle can be made, two people do not spoil it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.catalog import branches
from app.catalog.models import Category
from app.catalog.rules import depth_below, depth_of, would_loop
from app.core.actor import SYSTEM, Actor
from app.core.audit import AuditEntry
from app.core.db import db
from app.core.errors import Forbidden, InvalidInput, NotFound
from tests.factories import make_category

parents = st.integers(1, 8).flatmap(
    lambda size: st.tuples(*(st.integers(0, number) for number in range(size))).map(
        lambda above: {number + 1: (above[number] or None) for number in range(size)}
    )
)


@given(parents, st.data())
def test_a_move_that_is_allowed_leaves_a_tree(tree, data):
    moved = data.draw(st.sampled_from(sorted(tree)))
    parent = data.draw(st.sampled_from([None, *sorted(tree)]))
    if would_loop(moved, parent, tree):
        return
    after = tree | {moved: parent}
    for one in after:
        assert 1 <= depth_of(one, after) <= len(after)  # every category is reached from the top
    deepest = depth_of(parent, tree) + 1 + depth_below(moved, tree)
    assert (
        max(depth_of(one, after) for one in after if one == moved or would_loop(moved, one, tree)) <= deepest
    )


@pytest.fixture
def tree(store):
    """a (a1, a2), b, c."""
    a, b, c = (make_category(slug, position=place).id for place, slug in enumerate("abc"))
    a1, a2 = (make_category(slug, parent_id=a, position=place).id for place, slug in enumerate(("a1", "a2")))
    return {"a": a, "b": b, "c": c, "a1": a1, "a2": a2}


def shape(parent_id=None) -> list:
    query = select(Category).where(
        Category.parent_id.is_(None) if parent_id is None else Category.parent_id == parent_id
    )
    rows = db.session.scalars(query.order_by(Category.position, Category.id)).all()
    return [(row.slug, inside) if (inside := shape(row.id)) else row.slug for row in rows]


@pytest.mark.parametrize(
    ("moved", "parent", "before", "result"),
    [
        ("c", None, "a", ["c", ("a", ["a1", "a2"]), "b"]),
        ("c", "a", "a2", [("a", ["a1", "c", "a2"]), "b"]),
        ("a2", None, None, [("a", ["a1"]), "b", "c", "a2"]),
        ("a2", "a", "a1", [("a", ["a2", "a1"]), "b", "c"]),
        ("a", "b", None, [("b", [("a", ["a1", "a2"])]), "c"]),
        ("b", None, "a1", [("a", ["a1", "a2"]), "c", "b"]),  # the neighbour has left: at the end
    ],
)
def test_every_place_can_be_reached(tree, moved, parent, before, result):
    branches.place_category(tree[moved], tree.get(parent), tree.get(before), actor=SYSTEM)
    assert shape() == result
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "category_moved")).one()
    assert entry.subject == f"category:{tree[moved]}"


@pytest.mark.parametrize(
    ("moved", "steps", "result"),
    [
        ("b", ["up"], ["b", ("a", ["a1", "a2"]), "c"]),
        ("b", ["down", "down"], [("a", ["a1", "a2"]), "c", "b"]),
        ("b", ["in"], [("a", ["a1", "a2", "b"]), "c"]),
        ("a1", ["out"], [("a", ["a2"]), "a1", "b", "c"]),
        ("a2", ["out", "down", "down", "down"], [("a", ["a1"]), "b", "c", "a2"]),
        ("a", ["up", "in", "out"], [("a", ["a1", "a2"]), "b", "c"]),
        ("b", ["in", "out"], [("a", ["a1", "a2"]), "b", "c"]),
    ],
)
def test_the_keyboard_reaches_them_too(tree, moved, steps, result):
    for step in steps:
        branches.step_category(tree[moved], step, actor=SYSTEM)
    assert shape() == result


def test_what_is_refused(tree):
    with pytest.raises(branches.InsideItself):
        branches.place_category(tree["a"], tree["a1"], actor=SYSTEM)
    with pytest.raises(branches.InsideItself):
        branches.place_category(tree["a"], tree["a"], actor=SYSTEM)
    for wrong in ((tree["a"], 10**9), (10**9, None)):
        with pytest.raises(NotFound):
            branches.place_category(*wrong, actor=SYSTEM)
    with pytest.raises(InvalidInput):
        branches.step_category(tree["a"], "sideways", actor=SYSTEM)
    with pytest.raises(Forbidden):
        branches.step_category(tree["a"], "down", actor=Actor(roles=frozenset({"dispatcher"})))
    assert shape() == [("a", ["a1", "a2"]), "b", "c"]


def test_the_tree_is_not_deeper_than_people_find_their_way(tree):
    last = tree["a1"]
    for level in range(3, branches.DEEPEST + 1):
        last = make_category(f"level-{level}", parent_id=last).id
    with pytest.raises(branches.TooDeep):
        branches.place_category(tree["b"], last, actor=SYSTEM)
    with pytest.raises(branches.TooDeep):
        branches.place_category(tree["a"], tree["b"], actor=SYSTEM)
