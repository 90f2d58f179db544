"""Questions to the catalogue, each a fixed number of queries whatever the number of rows.

`load_tree` one; `list_products` two, `get_product` four, `load_home` three, each one more when no tree is given;
words to search for are understood by one more, two when they are misspelt.
Prices are those of whoever is asking, on cards, in filters and in the order alike.
What is unpublished, inactive, without a variant or inside a closed category does not exist.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, BigInteger, ColumnElement, cast, func, literal, select, true, union_all
from sqlalchemy.dialects.postgresql import distinct_on

from app.catalog import cursors
from app.catalog.models import Product, ProductPhoto
from app.catalog.prices import asked_prices
from app.catalog.search import found_products, understand
from app.catalog.shelf import chosen, is_published, select_shelf
from app.catalog.tree import load_tree, say
from app.catalog.variants import shelf_variants
from app.catalog.views import (
    CategoryView,
    Facet,
    Facets,
    Filters,
    HomeView,
    Page,
    PhotoView,
    ProductCard,
    ProductView,
    Sort,
    Tree,
)
from app.catalog.windows import price_cards, price_product
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound

PAGE_SIZE = 24
MAX_PAGE = 1000
HOME_POPULAR, HOME_NEW, RELATED = 10, 5, 5
FEWEST_FOR_TAG = 2  # a tag of one product is a link to that product, not a filter

Order = tuple[ColumnElement[Any], bool]
"""A whole-number key, and whether it falls."""


def list_products(
    filters: Filters,
    sort: Sort = Sort.popular,
    *,
    page: int = 1,
    cursor: str = "",
    size: int = PAGE_SIZE,
    tree: Tree | None = None,
) -> Page:
    """A page of a listing, by number or, for programs, after a cursor (then `total` counts what follows it).

    A page past the end is empty. NotFound for a category that is not there, InvalidInput for a foreign cursor.
    """
    tree = tree or load_tree()
    category = tree.by_slug.get(filters.category)
    if filters.category and category is None:
        raise NotFound
    search = understand(filters.q) if filters.q else None
    if filters.q and search is None:
        trail = _trail(tree, category)
        return Page((), total=0, number=1, pages=0, next_cursor=None, category=category, trail=trail)
    ids = tree.ids_below(category) if category else list(tree.by_id)
    shelf = select_shelf(clock.now(), ids, found_products(search) if search else None, asked_prices())
    order = _order(sort, shelf, by_rank=search is not None)
    page = min(max(page, 1), MAX_PAGE)
    tests = chosen(filters, shelf)
    if cursor:
        tests.append(cursors.after(cursor, sort, order[0], shelf.c.id, falling=order[1]))
    rows = _card_rows(shelf, tests, order, limit=size + 1, offset=0 if cursor else (page - 1) * size)
    total, shown = (rows[0]["total"] if rows else 0), rows[:size]
    return Page(
        items=price_cards(_card(row, tree) for row in shown),
        total=total,
        number=page,
        pages=math.ceil(total / size),
        next_cursor=cursors.make(sort, shown[-1]["key"], shown[-1]["id"]) if len(rows) > size else None,
        facets=_facets(filters, shelf),
        category=category,
        trail=_trail(tree, category),
        instead=search.instead if search else "",
    )


def _trail(tree: Tree, category: CategoryView | None) -> tuple[CategoryView, ...]:
    return tree.trail(category) if category else ()


def get_product(slug: str, tree: Tree | None = None) -> ProductView:
    """A product with its variants, stock by branch, photos and neighbours; NotFound when it is not for sale."""
    tree = tree or load_tree()
    query = select(Product).where(Product.slug == slug, is_published(clock.now()))
    product = db.session.scalar(query.where(Product.category_id.in_(tree.by_id)))
    if product is None or not (variants := shelf_variants([product.id]).get(product.id)):
        raise NotFound
    category = tree.by_id[product.category_id]
    view = ProductView(
        id=product.id,
        slug=product.slug,
        name=say(product.name),
        subtitle=say(product.subtitle),
        description=say(product.description),
        brand=product.brand,
        tags=tuple(product.tags),
        hue=product.hue,
        category=category,
        trail=tree.trail(category),
        rx_required=product.rx_required,
        age_min=max(product.min_age, tree.age_of(category.id)),
        max_per_order=product.max_per_order,
        rating_centi=product.rating_centi,
        rating_count=product.rating_count,
        variants=variants,
        photos=_photos(product.id),
        related=_shown(tree, Sort.popular, RELATED, category_id=category.id, but=product.id),
    )
    return price_product(view)


def load_home(tree: Tree | None = None) -> HomeView:
    """The drawers with a picture each, the most asked for and the newest."""
    tree = tree or load_tree()
    pictures = _drawer_pictures(tree)
    return HomeView(
        drawers=tuple((drawer, pictures.get(drawer.id, "")) for drawer in tree.top),
        popular=_shown(tree, Sort.popular, HOME_POPULAR, ready=True),
        new=_shown(tree, Sort.new, HOME_NEW, ready=True),
    )


def list_slugs(tree: Tree | None = None) -> list[tuple[str, datetime]]:
    """Every product that can be seen, with the time of its last change: for sitemaps."""
    tree = tree or load_tree()
    shelf = select_shelf(clock.now(), list(tree.by_id))
    query = select(Product.slug, Product.changed_at).join(shelf, shelf.c.id == Product.id)
    return [(slug, changed) for slug, changed in db.session.execute(query.order_by(Product.id))]


def list_index(most: int, tree: Tree | None = None) -> tuple[tuple[ProductCard, tuple[str, ...]], ...]:
    """The `most` products asked for most with their tags: what a browser needs to search by itself."""
    tree = tree or load_tree()
    shelf = select_shelf(clock.now(), list(tree.by_id))
    rows = _card_rows(shelf, [], _order(Sort.popular, shelf), limit=most)
    cards = price_cards(_card(row, tree) for row in rows)
    return tuple((card, tuple(row["tags"])) for card, row in zip(cards, rows, strict=True))


# --- listing -------------------------------------------------------------------------------------------------


def _order(sort: Sort, shelf: CTE, *, by_rank: bool = False) -> Order:
    """The order asked for. A search without a wish goes by fit, and among what fits alike by what is asked for."""
    row = shelf.c
    if by_rank and sort is Sort.popular:
        asked_for = func.least(row.sold_count, literal(999)) * literal(1000) + func.least(
            row.rating_count, literal(999)
        )
        return cast(row.rank, BigInteger) * literal(1_000_000) + asked_for, True
    orders: dict[Sort, Order] = {
        Sort.popular: (row.sold_count * literal(1_000_000) + row.rating_count, True),
        Sort.price_asc: (row.asked_minor, False),
        Sort.price_desc: (row.asked_minor, True),
        Sort.new: (func.floor(func.extract("epoch", row.since)), True),
        Sort.rating: (row.rating_centi * literal(1_000_000) + row.rating_count, True),
    }
    return orders[sort]


def _card_rows(
    shelf: CTE, tests: Sequence[ColumnElement[bool]], order: Order, *, limit: int, offset: int = 0
) -> Sequence[Any]:
    """The rows of a page: texts and pictures are fetched for the page alone, not for all that it was cut from."""
    key, falling = order
    cut = select(shelf, key.label("key"), func.count().over().label("total")).where(*tests)
    cut = cut.order_by(key.desc() if falling else key.asc(), shelf.c.id.desc()).limit(limit).offset(offset)
    page = cut.subquery("page")
    cover = (
        select(ProductPhoto.path, ProductPhoto.alt)
        .where(ProductPhoto.product_id == page.c.id)
        .order_by(ProductPhoto.position, ProductPhoto.id)
        .limit(1)
        .lateral("cover")
    )
    query = select(page, Product, cover.c.path, cover.c.alt).join(Product, Product.id == page.c.id)
    query = query.outerjoin(cover, true())
    ordered = query.order_by(page.c.key.desc() if falling else page.c.key.asc(), page.c.id.desc())
    return db.session.execute(ordered).mappings().all()


def _card(row: Any, tree: Tree) -> ProductCard:
    product: Product = row["Product"]
    label = say(row["label"])
    return ProductCard(
        id=product.id,
        slug=product.slug,
        name=say(product.name),
        # The subtitle speaks of the first variant; a card that sells another one has to say which.
        subtitle=say(product.subtitle) if row["is_first"] or not label else label,
        brand=product.brand,
        category_slug=tree.by_id[product.category_id].slug,
        hue=product.hue,
        image_path=row["path"] or "",
        image_alt=say(row["alt"]),
        sku=row["sku"],
        variant_label=label,
        price_minor=row["price_minor"],
        compare_at_minor=row["compare_at_minor"],
        available=max(row["units"], 0),
        rating_centi=product.rating_centi,
        rating_count=product.rating_count,
        rx_required=product.rx_required,
        age_min=max(product.min_age, tree.age_of(product.category_id)),
        max_per_order=product.max_per_order,
    )


def _facets(filters: Filters, shelf: CTE) -> Facets:
    """Brands widen, so their counts leave the chosen brands out; tags narrow, so theirs do not."""
    row, count = shelf.c, func.count()
    tag = func.unnest(row.tags).table_valued("value", name="tag").render_derived()
    unpriced = chosen(filters, shelf, without=("low", "high"))
    parts: list[Any] = [
        select(literal("brand"), row.brand, count)
        .where(row.brand != "", *chosen(filters, shelf, without=("brands",)))
        .group_by(row.brand),
        select(literal("tag"), tag.c.value, count)
        .select_from(shelf)
        .join(tag, true())
        .where(*chosen(filters, shelf))
        .group_by(tag.c.value),
        select(literal("in_stock"), literal(""), count)
        .select_from(shelf)
        .where(row.units > 0, *chosen(filters, shelf, without=("in_stock",))),
        select(literal("low"), literal(""), func.min(row.asked_minor)).where(*unpriced),
        select(literal("high"), literal(""), func.max(row.asked_minor)).where(*unpriced),
    ]
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for kind, value, number in db.session.execute(union_all(*parts)):
        found[kind][value] = number
    return Facets(
        brands=_ranked(found["brand"], filters.brands, fewest=1),
        tags=_ranked(found["tag"], filters.tags, fewest=FEWEST_FOR_TAG),
        in_stock=found["in_stock"][""],
        price_low_minor=found["low"][""],
        price_high_minor=found["high"][""],
    )


def _ranked(counts: dict[str, int], kept: tuple[str, ...], *, fewest: int) -> tuple[Facet, ...]:
    """Most first; what is chosen stays in the list even when nothing is left of it."""
    values = {value for value, count in counts.items() if count >= fewest} | set(kept)
    facets = (Facet(value, counts.get(value, 0)) for value in values)
    return tuple(sorted(facets, key=lambda facet: (-facet.count, facet.value)))


# --- one product, home ---------------------------------------------------------------------------------------


def _shown(
    tree: Tree, sort: Sort, limit: int, *, category_id: int | None = None, but: int = 0, ready: bool = False
) -> tuple[ProductCard, ...]:
    """A shelf of cards; `ready` keeps what anybody can put into the cart now."""
    shelf = select_shelf(clock.now(), [category_id] if category_id else list(tree.by_id))
    tests = [shelf.c.id != but, *([shelf.c.rx_required.is_(False), shelf.c.units > 0] if ready else [])]
    rows = _card_rows(shelf, tests, _order(sort, shelf), limit=limit)
    return price_cards(_card(row, tree) for row in rows)


def _photos(product_id: int) -> tuple[PhotoView, ...]:
    query = select(ProductPhoto).where(ProductPhoto.product_id == product_id)
    rows = db.session.scalars(query.order_by(ProductPhoto.position, ProductPhoto.id))
    return tuple(PhotoView(row.path, say(row.alt), row.width, row.height) for row in rows)


def _drawer_pictures(tree: Tree) -> dict[int, str]:
    """Top category → the cover of what sells best in it or below."""
    shelf = select_shelf(clock.now(), list(tree.by_id))
    query = (
        select(shelf.c.category_id, ProductPhoto.path)
        .join(ProductPhoto, ProductPhoto.product_id == shelf.c.id)
        .ext(distinct_on(shelf.c.category_id))
        .order_by(shelf.c.category_id, shelf.c.sold_count.desc(), shelf.c.id, ProductPhoto.position)
    )
    best: dict[int, str] = {row.category_id: row.path for row in db.session.execute(query)}
    return {
        drawer.id: next((best[found] for found in tree.ids_below(drawer) if found in best), "")
        for drawer in tree.top
    }
