"""Search in PostgreSQL: languages, accents, typos, order, and that nothing typed is an operator."""

import pytest
from flask_babel import force_locale

from app import catalog
from app.catalog import Filters, Sort
from app.catalog.models import Category, Product
from app.catalog.search_models import ProductSearch
from app.catalog.spelling import is_near, slips
from app.core.db import db, transaction
from app.core.tenancy import store_scope
from tests.factories import JAKARTA, make_branch, make_category, make_variant
from tests.queries import counted

GOODS = {
    "magnesium": {"en": "Magnesium citrate", "ru": "Магния цитрат", "es": "Citrato de magnesio"},
    "vitamin-c": {"en": "Vitamin C 1000", "ru": "Витамин C 1000", "es": "Vitamina C 1000"},
    "vitamin-d": {"en": "Vitamin D3", "ru": "Витамин D3", "es": "Vitamina D3"},
    "ibuprofen": {"en": "Ibuprofen tablets", "ru": "Ибупрофен таблетки", "es": "Ibuprofeno tabletas"},
    "elder": {"en": "Elder syrup", "ru": "Сироп чёрной бузины", "es": "Jarabe de saúco para niños"},
    "balm": {"en": "Menthol balm"},
}


@pytest.fixture
def shelf(store):
    branch = make_branch()
    drawer = make_category("remedies")
    for place, (slug, name) in enumerate(GOODS.items()):
        variant = make_variant(branch, slug=slug, category=drawer, sold_count=place)
        with transaction():
            product = db.session.get(Product, variant.product_id)
            product.name = name
            product.tags = {"magnesium": ["sleep", "calm"], "elder": ["hay-fever"]}.get(slug, [])
            product.brand = "O'Brien & Sons" if slug == "balm" else "Marea"
    return branch


def find(words, locale="en", **options):
    with force_locale(locale):
        return [card.slug for card in catalog.list_products(Filters(q=words), **options).items]


@pytest.mark.parametrize(
    ("locale", "words", "found"),
    [
        ("en", "magnesium", {"magnesium"}),
        ("en", "MAGNES", {"magnesium"}),
        ("en", "citrate magnesium", {"magnesium"}),
        ("en", "tablet", {"ibuprofen"}),  # the stem of "tablets"
        ("en", "vitamins", {"vitamin-c", "vitamin-d"}),
        ("en", "vitamin c", {"vitamin-c"}),
        ("en", "the vitamin c", {"vitamin-c"}),  # a stop word asks for nothing
        ("en", "d3", {"vitamin-d"}),
        ("en", "sleep", {"magnesium"}),
        ("en", "hay-fever", {"elder"}),
        ("en", "o'brien", {"balm"}),
        ("en", "marea ibuprofen", {"ibuprofen"}),
        ("en", "remedies balm", {"balm"}),  # its drawer's name
        ("ru", "магний", {"magnesium"}),
        ("ru", "витамины", {"vitamin-c", "vitamin-d"}),
        ("ru", "черная бузина", {"elder"}),  # ё is е
        ("ru", "сон", {"magnesium"}),  # a tag's word in the reader's language
        ("ru", "balm", {"balm"}),  # the store's language stands in for a missing one
        ("es", "ninos", {"elder"}),
        ("es", "NIÑOS", {"elder"}),
        ("es", "saúco", {"elder"}),
        ("es", "vitaminas", {"vitamin-c", "vitamin-d"}),
        ("en", "витамин", {"vitamin-c", "vitamin-d"}),  # in any language, when the reader's has nothing
        ("en", "jarabe", {"elder"}),
        ("en", "", set(GOODS)),
        ("en", "zzzzzz", set()),
        ("en", "magnesium zzzzzz", set()),
    ],
)
def test_words_find_goods(shelf, locale, words, found):
    assert set(find(words, locale)) == found


@pytest.mark.parametrize(
    ("locale", "words", "found", "instead"),
    [
        ("en", "magnezium", {"magnesium"}, "magnesium"),
        ("en", "ibuprofn tablets", {"ibuprofen"}, "ibuprofen tablets"),
        ("en", "ibupforen", {"ibuprofen"}, "ibuprofen"),
        ("en", "vitmain", {"vitamin-c", "vitamin-d"}, "vitamin"),
        ("ru", "ветамин", {"vitamin-c", "vitamin-d"}, "витамин"),
        ("ru", "ибупрафен", {"ibuprofen"}, "ибупрофен"),
        ("ru", "вматмин", {"vitamin-c", "vitamin-d"}, "витамин"),
        ("es", "magneso", {"magnesium"}, ""),  # begins as the stem does
        ("es", "ibuporfeno", {"ibuprofen"}, "ibuprofeno"),
    ],
)
def test_typos_find_goods_and_are_said(shelf, locale, words, found, instead):
    with force_locale(locale):
        page = catalog.list_products(Filters(q=words))

    assert {card.slug for card in page.items} == found
    assert page.instead == instead


def test_what_fits_better_comes_first(shelf):
    with transaction():
        balm = db.session.query(Product).filter_by(slug="balm").one()
        balm.description = {"en": "Goes well with magnesium."}
        balm.sold_count = 900

    assert find("magnesium") == ["magnesium", "balm"]
    assert find("magnesium", sort=Sort.new) == ["balm", "magnesium"]
    assert find("vitamin") == ["vitamin-d", "vitamin-c"]  # alike: what is asked for more


def test_pages_of_a_search_go_on_after_a_cursor(shelf):
    first = catalog.list_products(Filters(q="vitamin"), size=1)
    second = catalog.list_products(Filters(q="vitamin"), size=1, cursor=first.next_cursor)

    assert [card.slug for page in (first, second) for card in page.items] == ["vitamin-d", "vitamin-c"]
    assert second.next_cursor is None


@pytest.mark.parametrize(
    "words",
    ["'", "''", "a' | 'b", "!!", "&&&", ":*", "<->", "(", "%", "_", "\\", "½", "💊", "x" * 80, "1 " * 40],
)
def test_nothing_that_is_typed_is_an_operator(shelf, words):
    assert find(words) == []


def test_a_document_follows_its_product_and_its_drawer(shelf):
    with transaction():
        db.session.query(Product).filter_by(slug="balm").one().name = {"en": "Camphor rub"}
        db.session.query(Category).filter_by(slug="remedies").one().name = {"en": "Cupboard"}

    assert find("camphor") == ["balm"]
    assert find("menthol") == []
    assert len(find("cupboard")) == len(GOODS)


def test_a_deleted_product_takes_its_document_along(shelf):
    variant = make_variant(shelf, slug="gone", on_hand=0)
    with transaction():
        product = variant.product
        db.session.delete(variant)
        db.session.flush()
        db.session.delete(product)

    assert db.session.query(ProductSearch).filter_by(product_id=product.id).count() == 0


def test_another_store_finds_nothing_of_it(shelf):
    db.session.remove()
    with store_scope(JAKARTA):
        assert find("magnesium") == find("magnezium") == []


@pytest.mark.parametrize(
    ("words", "most"), [("magnesium", 4), ("магний", 4), ("magnezium", 5), ("zzzzzz", 3)]
)
def test_a_search_asks_few_questions(shelf, words, most):
    find(words)
    with counted() as seen:
        find(words)

    assert len(seen) <= most, seen


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("", "abc", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("kitten", "sitting", 3), ("ca", "abc", 3)],
)
def test_slips(one, other, count):
    assert slips(one, other) == slips(other, one) == count


@pytest.mark.parametrize(
    ("typed", "known", "near"),
    [("cat", "cut", False), ("zink", "zinc", True), ("zicn", "zinc", True), ("zinc", "iron", False),
     ("magnezi", "magnesium", True), ("aspirin", "aspartame", False)],
)  # fmt: skip
def test_what_may_be_a_slip(typed, known, near):
    assert is_near(typed, known) is near
