"""Listings: what they show, in which order, with which counts, by how many queries."""

from datetime import timedelta

import pytest

from app import catalog
from app.catalog import Filters, Sort
from app.catalog.models import Product
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import InvalidInput, NotFound
from app.core.tenancy import store_scope
from tests.factories import JAKARTA, make_branch, make_category, make_variant
from tests.queries import counted


@pytest.fixture
def shelf(store):
    """Five remedies in two drawers, one drawer inside the other."""
    branch = make_branch()
    vitamins = make_category("vitamins", position=1)
    minerals = make_category("minerals", parent_id=vitamins.id, position=2, min_age=18)
    put = {"branch": branch}
    make_variant(
        **put, slug="zinc", category=minerals, price_minor=500, brand="Marea", tags=["daily"], sold_count=3
    )
    make_variant(
        **put, slug="iron", category=minerals, price_minor=1670, brand="Alba", tags=["daily", "iron"], sold_count=9,
        rating_centi=450, rating_count=4,
    )  # fmt: skip
    make_variant(**put, slug="c", category=vitamins, price_minor=1310, brand="Marea", tags=["daily", "kids"])
    make_variant(**put, slug="d3", category=vitamins, price_minor=1490, on_hand=0, sold_count=5)
    make_variant(
        **put, slug="omega", category=make_category("oils", position=3), price_minor=2650, brand="Marea",
        rating_centi=490, rating_count=30,
    )  # fmt: skip
    return branch


def slugs(filters=Filters(), sort=Sort.popular, **paging):  # noqa: B008 - frozen
    return [card.slug for card in catalog.list_products(filters, sort, **paging).items]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(), {"zinc", "iron", "c", "d3", "omega"}),
        (Filters(category="vitamins"), {"zinc", "iron", "c", "d3"}),
        (Filters(category="minerals"), {"zinc", "iron"}),
        (Filters(brands=("Marea",)), {"zinc", "c", "omega"}),
        (Filters(brands=("Marea", "Alba")), {"zinc", "c", "omega", "iron"}),
        (Filters(tags=("daily",)), {"zinc", "iron", "c"}),
        (Filters(tags=("daily", "kids")), {"c"}),
        (Filters(price_low_minor=1310, price_high_minor=1490), {"c", "d3"}),
        (Filters(price_high_minor=0), set()),
        (Filters(in_stock=True), {"zinc", "iron", "c", "omega"}),
        (Filters(min_rating_centi=450), {"iron", "omega"}),
        (Filters(category="minerals", brands=("Marea",), in_stock=True), {"zinc"}),
        (Filters(q="marea KIDS"), {"c"}),
        (Filters(q="minerals"), {"zinc", "iron"}),
        (Filters(q="%"), set()),  # no wildcard; a figure could be in a made-up SKU
        (Filters(q="_"), set()),
        (Filters(q="nothing of the sort"), set()),
    ],
)
def test_filters(shelf, filters, found):
    assert set(slugs(filters)) == found


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (Sort.popular, ["iron", "d3", "zinc", "omega", "c"]),
        (Sort.price_asc, ["zinc", "c", "d3", "iron", "omega"]),
        (Sort.price_desc, ["omega", "iron", "d3", "c", "zinc"]),
        (Sort.new, ["omega", "d3", "c", "iron", "zinc"]),
        (Sort.rating, ["omega", "iron", "d3", "c", "zinc"]),
    ],
)
def test_orders(shelf, sort, order):
    assert slugs(sort=sort) == order


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_and_cursors_go_through_everything_once(shelf, sort):
    whole = slugs(sort=sort)
    by_number = [slug for number in (1, 2, 3) for slug in slugs(sort=sort, page=number, size=2)]
    by_cursor, cursor = [], ""
    while cursor is not None:
        page = catalog.list_products(Filters(), sort, cursor=cursor, size=2)
        by_cursor += [card.slug for card in page.items]
        cursor = page.next_cursor

    assert by_number == whole
    assert by_cursor == whole
    assert slugs(sort=sort, page=9, size=2) == []


@pytest.mark.parametrize(
    "cursor", ["x", "é", "cG9wdWxhcjoxOjI6Mw", "cG9wdWxhcjphOjI", "cHJpY2VfYXNjOjE6Mg", "A" * 400]
)
def test_a_foreign_cursor_is_refused(shelf, cursor):
    with pytest.raises(InvalidInput):
        catalog.list_products(Filters(), Sort.popular, cursor=cursor)


def test_a_cursor_survives_what_is_put_in_before_it(shelf):
    first = catalog.list_products(Filters(), Sort.price_asc, size=2)
    make_variant(shelf, slug="cheap", price_minor=1)

    assert slugs(sort=Sort.price_asc, cursor=first.next_cursor, size=9) == ["d3", "iron", "omega"]


def test_facets_count_what_a_choice_would_leave(shelf):
    page = catalog.list_products(Filters(brands=("Marea",), price_high_minor=2000))

    assert {facet.value: facet.count for facet in page.facets.brands} == {"Marea": 2, "Alba": 1}
    assert {facet.value: facet.count for facet in page.facets.tags} == {"daily": 2}
    assert page.facets.in_stock == 2
    assert (page.facets.price_low_minor, page.facets.price_high_minor) == (500, 2650)
    assert (page.total, page.pages) == (2, 1)


def test_a_chosen_value_stays_in_the_facets_when_nothing_is_left(shelf):
    page = catalog.list_products(Filters(brands=("Gone",), tags=("daily",)))

    assert [(facet.value, facet.count) for facet in page.facets.brands if facet.value == "Gone"] == [
        ("Gone", 0)
    ]
    assert [(facet.value, facet.count) for facet in page.facets.tags] == [("daily", 0)]
    assert page.facets.price_low_minor is None


@pytest.mark.parametrize(
    "change",
    [
        {"active": False},
        {"published_from": clock.now() + timedelta(hours=1)},
        {"published_until": clock.now() - timedelta(hours=1)},
    ],
)
def test_what_is_not_published_does_not_exist(shelf, change):
    with transaction():
        product = db.session.query(Product).filter_by(slug="zinc").one()
        for name, value in change.items():
            setattr(product, name, value)

    assert "zinc" not in slugs()
    with pytest.raises(NotFound):
        catalog.get_product("zinc")
    assert "zinc" not in dict(catalog.list_slugs())
    assert catalog.load_tree().by_slug["minerals"].count == 1


def test_a_closed_drawer_hides_all_that_is_inside_it(shelf):
    with transaction():
        product = db.session.query(Product).filter_by(slug="c").one()
        product.category.active = False

    assert slugs() == ["omega"]
    for slug in ("vitamins", "minerals"):
        with pytest.raises(NotFound):
            catalog.list_products(Filters(category=slug))
    with pytest.raises(NotFound):
        catalog.get_product("zinc")


def test_without_an_active_variant_there_is_nothing_to_show(shelf):
    with transaction():
        db.session.query(Product).filter_by(slug="zinc").one().variants[0].active = False

    assert "zinc" not in slugs()
    with pytest.raises(NotFound):
        catalog.get_product("zinc")


def test_a_card_speaks_of_the_first_variant_that_can_be_bought(shelf):
    from app import inventory
    from app.catalog.models import Variant
    from app.core.actor import SYSTEM

    with transaction():
        product = db.session.query(Product).filter_by(slug="d3").one()
        big = Variant(
            product_id=product.id, sku="D3-BIG", price_minor=4000, label={"en": "240 pieces"}, position=1
        )
        db.session.add(big)
        db.session.flush()
        assert catalog.list_products(Filters(q=product.name["en"])).items[0].available == 0
        inventory.receive(shelf.id, big.id, 7, actor=SYSTEM)
    card = next(card for card in catalog.list_products(Filters()).items if card.slug == "d3")

    assert (card.sku, card.price_minor, card.available, card.subtitle) == ("D3-BIG", 4000, 7, "240 pieces")


def test_the_best_branch_counts_and_a_closed_one_does_not(shelf):
    from app import inventory
    from app.core.actor import SYSTEM

    other, shut = make_branch("beach"), make_branch("shut")
    variant = db.session.query(Product).filter_by(slug="zinc").one().variants[0]
    with transaction():
        inventory.receive(other.id, variant.id, 25, actor=SYSTEM)
        inventory.receive(shut.id, variant.id, 99, actor=SYSTEM)
        shut.active = False
    view = catalog.get_product("zinc")

    assert view.available == 25
    assert [(stock.name, stock.available) for stock in view.variants[0].stock] == [
        ("Brickell", 10),
        ("Beach", 25),
    ]
    assert (
        next(card for card in catalog.list_products(Filters()).items if card.slug == "zinc").available == 25
    )


def test_the_age_of_a_drawer_holds_for_what_is_inside(shelf):
    assert catalog.get_product("zinc").age_min == 18
    assert {card.age_min for card in catalog.list_products(Filters(category="minerals")).items} == {18}
    assert catalog.get_product("omega").age_min == 0


def test_neighbours_come_from_the_same_drawer(shelf):
    assert [card.slug for card in catalog.get_product("zinc").related] == ["iron"]


def test_home_shows_what_can_be_bought_now(shelf):
    make_variant(shelf, slug="rx", rx_required=True, sold_count=99)
    home = catalog.load_home()

    assert [card.slug for card in home.popular] == ["iron", "zinc", "omega", "c"]
    assert [drawer.slug for drawer, _picture in home.drawers][:2] == ["vitamins", "oils"] or len(
        home.drawers
    ) == 3


def test_another_store_sees_nothing_of_it(shelf, other_store):
    db.session.remove()
    with store_scope(JAKARTA):
        assert slugs() == []
        with pytest.raises(NotFound):
            catalog.get_product("zinc")
        with pytest.raises(NotFound):
            catalog.list_products(Filters(category="vitamins"))


def test_names_fall_back_to_the_stores_language(shelf):
    from flask_babel import force_locale

    with transaction():
        db.session.query(Product).filter_by(slug="zinc").one().name = {"en": "Zinc", "es": "Cinc"}
    with force_locale("es"):
        assert catalog.get_product("zinc").name == "Cinc"
        assert slugs(Filters(q="cinc")) == ["zinc"]
    with force_locale("ru"):
        assert catalog.get_product("zinc").name == "Zinc"
        assert slugs(Filters(q="zinc")) == ["zinc"]


@pytest.mark.parametrize(
    ("ask", "most"),
    [
        (lambda: catalog.list_products(Filters(category="vitamins")), 3),
        (lambda: catalog.list_products(Filters(q="a", brands=("Marea",), tags=("daily",), in_stock=True)), 3),
        (lambda: catalog.get_product("zinc"), 5),
        (catalog.load_home, 4),
        (catalog.load_tree, 1),
    ],
)
def test_the_number_of_queries_does_not_grow(shelf, ask, most):
    ask()  # the directory of stores is read anew every few seconds, by whoever asks first
    with counted() as few:
        ask()
    category = db.session.query(Product).filter_by(slug="zinc").one().category
    for number in range(30):
        make_variant(shelf, category=category, brand=f"Brand {number}", tags=[f"tag-{number}"])
    ask()
    db.session.expire_all()
    with counted() as many:
        ask()

    assert len(few) == len(many) <= most
