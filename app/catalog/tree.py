"""The tree of categories with what each of them holds, in one query."""

from collections import defaultdict

from sqlalchemy import CTE, exists, func, select

from app import stores
from app.catalog.models import Category, Product, Variant
from app.catalog.shelf import is_published
from app.catalog.views import CategoryView, Tree
from app.core import clock
from app.core.db import db
from app.core.i18n import pick

_Rows = dict[int | None, list[tuple[Category, int]]]


def load_tree() -> Tree:
    """The active categories with their counts. What lies below an inactive category is left out with it."""
    sold = exists().where(Variant.product_id == Product.id, Variant.active)
    query = (
        select(Category, func.count(Product.id))
        .outerjoin(Product, (Product.category_id == Category.id) & is_published(clock.now()) & sold)
        .where(Category.active)
        .group_by(Category.store_id, Category.id)
        .order_by(Category.position, Category.id)
    )
    below: _Rows = defaultdict(list)
    for category, count in db.session.execute(query):
        below[category.parent_id].append((category, count))
    top = _grow(None, below)
    by_id: dict[int, CategoryView] = {}
    _index(top, by_id)
    return Tree(top=top, by_id=by_id, by_slug={view.slug: view for view in by_id.values()})


def open_categories() -> CTE:
    """(id) of every category that is open with all above it."""
    top = select(Category.id).where(Category.parent_id.is_(None), Category.active)
    opened = top.cte("open_category", recursive=True)
    below = select(Category.id).join(opened, Category.parent_id == opened.c.id).where(Category.active)
    return opened.union(below)


def say(texts: dict[str, str] | None) -> str:
    """A text in the reader's language, else in the store's own."""
    return pick(texts, default=stores.current_store().default_locale)


def _grow(parent_id: int | None, below: _Rows) -> tuple[CategoryView, ...]:
    return tuple(
        _view(category, count, number, _grow(category.id, below))
        for number, (category, count) in enumerate(below[parent_id], start=1)
    )


def _view(category: Category, count: int, number: int, children: tuple[CategoryView, ...]) -> CategoryView:
    return CategoryView(
        id=category.id,
        parent_id=category.parent_id,
        slug=category.slug,
        name=say(category.name),
        description=say(category.description),
        icon=category.icon,
        hue=category.hue,
        min_age=category.min_age,
        number=number,
        count=count + sum(child.count for child in children),
        children=children,
    )


def _index(views: tuple[CategoryView, ...], by_id: dict[int, CategoryView]) -> None:
    for view in views:
        by_id[view.id] = view
        _index(view.children, by_id)
