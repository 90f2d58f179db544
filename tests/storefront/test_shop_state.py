"""A listing's state in its URL, and the paths that forms may send a browser back to."""

import pytest
from werkzeug.datastructures import MultiDict

from app.catalog import Filters, Sort
from blueprints.storefront.listing_state import read_state
from blueprints.storefront.returning import safe_path


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        ([("q", "  zinc   drops ")], Filters(q="zinc drops")),
        (
            [("brand", "Marea"), ("brand", "Alba"), ("brand", "Marea"), ("brand", " ")],
            Filters(brands=("Marea", "Alba")),
        ),
        ([("tag", "daily")], Filters(tags=("daily",))),
        ([("from", "5"), ("to", "12,50")], Filters(price_low_minor=500, price_high_minor=1250)),
        ([("from", "five"), ("to", "-1")], Filters()),
        ([("from", "NaN"), ("to", "1e99")], Filters()),
        ([("stock", "1")], Filters(in_stock=True)),
        ([("stock", "yes"), ("stars", "9")], Filters()),
        ([("stars", "4.5")], Filters(min_rating_centi=450)),
        ([("q", "a\0b")], Filters(q="ab")),
        ([("q", "x" * 500)], Filters(q="x" * 80)),
        ([("tag", str(number)) for number in range(50)], Filters(tags=tuple(map(str, range(20))))),
    ],
)
def test_reading(store, query, filters):
    assert read_state(MultiDict(query), "/shop").filters == filters


@pytest.mark.parametrize(
    ("sort", "read"), [("price_asc", Sort.price_asc), ("", Sort.popular), ("evil", Sort.popular)]
)
def test_sorts(store, sort, read):
    assert read_state(MultiDict({"sort": sort}), "/shop").sort is read


@pytest.mark.parametrize(("page", "read"), [("3", 3), ("0", 0), ("-1", 1), ("x", 1), ("²", 1), ("99999", 1)])
def test_page_numbers(store, page, read):
    assert read_state(MultiDict({"page": page}), "/shop").page == read


def test_a_state_writes_itself_and_is_undone_chip_by_chip(store):
    query = "q=zinc&brand=A+%26+W&tag=daily&from=5&to=12.50&stock=1&stars=4.5&sort=new"
    pairs = [("q", "zinc"), ("brand", "A & W"), ("tag", "daily"), ("from", "5"), ("to", "12.50")]
    state = read_state(
        MultiDict([*pairs, ("stock", "1"), ("stars", "4.5"), ("sort", "new"), ("page", "3")]), "/c/x"
    )

    assert state.url() == f"/c/x?{query}"
    assert state.url(page=2) == f"/c/x?{query}&page=2"
    assert [chip.url for chip in state.chips()] == [
        f"/c/x?{query.replace(part, '')}"
        for part in ("&brand=A+%26+W", "&tag=daily", "&from=5", "&to=12.50", "&stock=1", "&stars=4.5")
    ]


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/shop", "/shop"),
        ("/shop?q=a&lang=ru&page=2", "/shop?q=a&page=2"),
        ("/?lang=es", "/"),
        ("", "/"),
        (None, "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("\n//evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("shop", "/"),
        ("http:/evil.example", "/"),
        ("//[", "/"),
    ],
)
def test_only_paths_of_this_shop_are_gone_back_to(app, wanted, path):
    with app.test_request_context("/"):
        assert safe_path(wanted) == path
