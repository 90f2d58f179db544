"""Moving categories about the tree: no circle, no lost place, each move in the audit trail."""

from collections.abc import Sequence

from sqlalchemy import select

from app.catalog.models import Category
from app.catalog.rules import depth_below, depth_of, would_loop
from app.catalog.service import require_editor
from app.core import audit
from app.core.actor import Actor
from app.core.db import db, for_update, transaction
from app.core.errors import DomainError, ErrorKind, InvalidInput, NotFound
from app.core.i18n import _, _l

DEEPEST = 5
"""Levels of the tree: what a person still finds their way in."""
STEPS = ("up", "down", "in", "out")


class InsideItself(DomainError):
    """The new place is inside the category that moves."""

    kind, message = ErrorKind.conflict, _l("A category cannot stand inside itself.")


class TooDeep(DomainError):
    """The tree would have more levels than people find their way in."""

    kind, message = ErrorKind.conflict, _l("The tree has at most %(most)s levels.")


@transaction()
def place_category(
    category_id: int, parent_id: int | None, before_id: int | None = None, *, actor: Actor
) -> Category:
    """Put a category under a parent (None: the top), before a neighbour (None, or one that has left: at the end).

    Raises NotFound, InsideItself, TooDeep. The rows of the tree are locked, so two moves come one after the other.
    """
    require_editor(actor)
    rows = _lock_tree()
    if category_id not in rows or (parent_id is not None and parent_id not in rows):
        raise NotFound
    _require_place(category_id, parent_id, rows)
    moved = rows[category_id]
    before = moved.parent_id, moved.position
    row = [one for one in _row(parent_id, rows) if one.id != category_id]
    place = next((n for n, one in enumerate(row) if one.id == before_id), len(row))
    row.insert(place, moved)
    moved.parent_id = parent_id
    for position, one in enumerate(row):
        one.position = position
    if (moved.parent_id, moved.position) != before:
        audit.record(
            "category_moved",
            actor=actor,
            subject=f"category:{moved.id}",
            changes={"parent_id": [before[0], parent_id], "position": [before[1], moved.position]},
        )
    return moved


@transaction()
def step_category(category_id: int, step: str, *, actor: Actor) -> Category:
    """One step by keyboard: `up` or `down` among its neighbours, `in` below the one above it, `out` behind its parent.

    A step that leads nowhere changes nothing. Raises NotFound, InvalidInput on `step`, TooDeep.
    """
    require_editor(actor)
    if step not in STEPS:
        raise InvalidInput({"step": _("There is no such step.")})
    rows = _lock_tree()
    if (category := rows.get(category_id)) is None:
        raise NotFound
    row = _row(category.parent_id, rows)
    here = row.index(category)
    if step == "up" and here:
        return place_category(category_id, category.parent_id, row[here - 1].id, actor=actor)
    if step == "down" and here + 1 < len(row):
        after = row[here + 2].id if here + 2 < len(row) else None
        return place_category(category_id, category.parent_id, after, actor=actor)
    if step == "in" and here:
        return place_category(category_id, row[here - 1].id, actor=actor)
    if step == "out" and category.parent_id is not None:
        parent = rows[category.parent_id]
        above = _row(parent.parent_id, rows)
        after = above.index(parent) + 1
        before_id = above[after].id if after < len(above) else None
        return place_category(category_id, parent.parent_id, before_id, actor=actor)
    return category


def _lock_tree() -> dict[int, Category]:
    found = db.session.scalars(for_update(select(Category).order_by(Category.id)))
    return {category.id: category for category in found}


def _row(parent_id: int | None, rows: dict[int, Category]) -> list[Category]:
    """The children of a category in the order they are shown."""
    inside = (one for one in rows.values() if one.parent_id == parent_id)
    return sorted(inside, key=lambda one: (one.position, one.id))


def _require_place(category_id: int, parent_id: int | None, rows: dict[int, Category]) -> None:
    parents = {key: one.parent_id for key, one in rows.items()}
    if would_loop(category_id, parent_id, parents):
        raise InsideItself
    if depth_of(parent_id, parents) + 1 + depth_below(category_id, parents) > DEEPEST:
        raise TooDeep(most=DEEPEST)


def load_rows() -> Sequence[Category]:
    """Every category, hidden ones too, in the order they are shown among their neighbours."""
    return list(db.session.scalars(select(Category).order_by(Category.position, Category.id)))
