"""Copies of what is on sale: no query for what is known, and never what staff have just changed."""

from datetime import timedelta

import pytest
from sqlalchemy import inspect

from app.catalog import on_sale, prices
from app.catalog.models import Product, Variant
from app.catalog.on_sale import copies_on_sale, sellable_variants
from app.core import cache, clock, freshness
from app.core.db import db, transaction
from app.core.tenancy import store_scope
from app.orders.basket import fill_basket
from app.orders.errors import UnknownItem
from tests.factories import JAKARTA, MIAMI, make_branch, make_category, make_variant
from tests.queries import counted


@pytest.fixture
def shop(committed, monkeypatch):
    """One remedy two drawers down, in a shop that keeps copies."""
    monkeypatch.setitem(committed.config, "PAGE_TTL", 60.0)
    monkeypatch.setattr(cache, "_away_until", 0.0)
    monkeypatch.setattr(on_sale, "_kept", {})
    room = make_category("room", min_age=25)
    cabinet = make_category("cabinet", parent_id=room.id)
    drawer = make_category("drawer", parent_id=cabinet.id)
    make_variant(make_branch(), "ZINC", category=drawer, price_minor=900)
    db.session.remove()
    return committed


@transaction()
def change(model, **columns):
    row = db.session.scalars(db.select(model)).one()
    for name, value in columns.items():
        setattr(row, name, value)


def test_what_is_known_needs_no_query(shop):
    first = copies_on_sale(["ZINC", "NONE"])
    assert fill_basket([("ZINC", 1)]).goods_minor == 900  # prices are known from here on
    with counted() as asked:
        again = copies_on_sale(["ZINC"])
        basket = fill_basket([("ZINC", 2)])
        said = (basket.goods_minor, basket.min_age)
    assert first.keys() == again.keys() == {"ZINC"}
    assert (asked, said) == ([], (1800, 25))
    assert inspect(again["ZINC"]).detached and inspect(again["ZINC"].product.category).detached


@pytest.mark.parametrize(
    ("model", "columns", "after"),
    [
        (Variant, {"price_minor": 700}, 700),
        (Variant, {"active": False}, None),
        (Product, {"active": False}, None),
        (Product, {"published_until": clock.now() - timedelta(days=1)}, None),
    ],
)
def test_a_change_by_staff_is_seen_at_once(shop, model, columns, after):
    assert copies_on_sale(["ZINC"])["ZINC"].price_minor == 900
    change(model, **columns)
    found = copies_on_sale(["ZINC"])
    assert (found["ZINC"].price_minor if found else None) == after


def test_what_comes_onto_the_shelf_is_found_at_once(shop):
    change(Variant, active=False)
    assert copies_on_sale(["ZINC"]) == {}
    change(Variant, active=True)
    assert copies_on_sale(["ZINC"]).keys() == {"ZINC"}


def test_the_last_day_of_a_copy_ends_on_time(shop, monkeypatch):
    until = clock.now() + timedelta(hours=1)
    change(Product, published_until=until)
    assert copies_on_sale(["ZINC"]).keys() == {"ZINC"}
    monkeypatch.setattr(clock, "now", lambda: until)
    with counted() as asked:
        assert copies_on_sale(["ZINC"]) == {}
    assert asked == []
    with pytest.raises(UnknownItem):
        fill_basket([("ZINC", 1)])


def test_a_copy_ages(shop):
    """A change that nobody told of, as by another program, is seen when the minute is over."""
    copies_on_sale(["ZINC"])
    for kept in on_sale._kept.values():
        kept.since -= 61
    with counted() as asked:
        copies_on_sale(["ZINC"])
    assert asked


def test_what_is_not_committed_is_not_kept(shop):
    copies_on_sale(["ZINC"])
    with pytest.raises(ZeroDivisionError), transaction():
        db.session.scalars(db.select(Variant)).one().price_minor = 1
        db.session.flush()
        assert copies_on_sale(["ZINC"])["ZINC"].price_minor == 1  # as the transaction sees it
        raise ZeroDivisionError
    assert copies_on_sale(["ZINC"])["ZINC"].price_minor == 900


def test_nothing_is_kept_while_nobody_can_tell_whether_it_is_fresh(shop, monkeypatch):
    monkeypatch.setattr(on_sale.freshness, "word", lambda _store_id: None)
    found = copies_on_sale(["ZINC"])
    assert not inspect(found["ZINC"]).detached
    assert found == sellable_variants(["ZINC"])


def test_an_answer_is_of_one_moment(shop, monkeypatch):
    """Goods and prices by one word, asked for once; the next answer asks again."""
    said = iter(["one", "two", "three"])
    monkeypatch.setattr(freshness, "_ask", lambda _store_id: next(said))
    with freshness.one_moment():
        assert fill_basket([("ZINC", 1)]).goods_minor == 900
    assert (on_sale._kept[MIAMI].word, prices._kept[MIAMI].word, next(said)) == ("one", "one", "two")
    assert freshness.word(MIAMI) == "three"


def test_no_store_is_given_the_copies_of_another(shop):
    copies_on_sale(["ZINC"])
    with store_scope(JAKARTA):
        assert copies_on_sale(["ZINC"]) == {}
