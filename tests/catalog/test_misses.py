"""Searches in vain: counted by words, without people, within limits."""

import pytest

from app.catalog import misses
from app.catalog.search_models import SearchMiss
from app.core import cache
from app.core.db import db
from app.core.errors import Forbidden, NotFound
from app.core.tenancy import store_scope
from tests.factories import JAKARTA, make_customer, make_staff


@pytest.fixture
def visitor(store, monkeypatch, request):
    """An address of this test alone: the count of a minute outlives a test."""
    monkeypatch.setattr(cache, "_away_until", 0.0)
    return request.node.name


def kept():
    return {(row.words, row.locale): row.count for row in db.session.query(SearchMiss)}


def test_the_same_words_are_one_line(visitor):
    for typed in ("Krill Oil", "krill  oil!", "KRILL-OIL"):
        assert misses.record_miss(typed, visitor=visitor)

    assert kept() == {("krill oil", "en"): 3}


@pytest.mark.parametrize(
    "typed",
    [
        "ana@example.com",
        "+1 305 555 0123",
        "4111 1111",
        "",
        "!?",
        "x" * 61,
        "where can i find my lost order now",
    ],
)
def test_what_may_be_personal_is_not_kept(visitor, typed):
    assert not misses.record_miss(typed, visitor=visitor)
    assert kept() == {}


def test_no_column_could_hold_a_person():
    assert set(SearchMiss.__table__.columns.keys()) == {
        "store_id",
        "id",
        "words",
        "locale",
        "count",
        "last_at",
    }


def test_one_visitor_counts_so_often_a_minute(visitor):
    taken = [misses.record_miss("krill", visitor=visitor) for _ in range(misses.MOST_A_MINUTE + 3)]

    assert taken.count(True) == misses.MOST_A_MINUTE
    assert misses.record_miss("krill", visitor=f"{visitor} another")


def test_a_store_keeps_so_many_and_goes_on_counting_those(visitor, monkeypatch):
    misses.record_miss("krill", visitor=visitor)
    monkeypatch.setattr(misses, "MOST_KEPT", 1)

    assert not misses.record_miss("squid", visitor=visitor)
    assert misses.record_miss("krill", visitor=visitor)


def test_without_valkey_nothing_is_counted_and_nothing_breaks(visitor, monkeypatch):
    monkeypatch.setattr(cache, "_away_until", float("inf"))

    assert not misses.record_miss("krill", visitor=visitor)


def test_staff_take_a_line_off_the_list(visitor):
    misses.record_miss("krill", visitor=visitor)
    key = db.session.query(SearchMiss).one().id
    with pytest.raises(Forbidden):
        misses.forget_miss(key, actor=make_customer())
    misses.forget_miss(key, actor=make_staff("Dmitri", "manager"))

    assert kept() == {}
    with pytest.raises(NotFound):
        misses.forget_miss(key, actor=make_staff("Dmitri", "manager"))


def test_another_store_has_a_list_of_its_own(visitor):
    misses.record_miss("krill", visitor=visitor)
    with store_scope(JAKARTA):
        assert kept() == {}
