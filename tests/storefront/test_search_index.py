"""What a browser gets to search by itself, and the answers for one that cannot."""

import gzip
import json

import pytest
from flask import g

from app.catalog.models import Product, Variant
from app.core import cache, freshness
from app.core.db import db, transaction
from app.core.tenancy import store_scope
from blueprints.storefront import search
from tests.factories import JAKARTA, MIAMI, make_branch, make_category, make_variant
from tests.queries import counted

HOST, NEXT_DOOR = "http://miami.localhost", "http://jakarta.localhost"
URL = "/search-index.json"


@pytest.fixture
def shop(store, world, monkeypatch):
    monkeypatch.setitem(world.config, "PAGE_TTL", 60.0)
    monkeypatch.setattr(cache, "_away_until", 0.0)
    branch, drawer = make_branch(), make_category("vitamins")
    make_variant(branch, "ZINC", slug="zinc", category=drawer, brand="Marea", tags=["sleep"], sold_count=2)
    make_variant(branch, "GONE", slug="gone", category=drawer, on_hand=0)
    with transaction():
        db.session.query(Product).filter_by(slug="zinc").one().name = {"en": "Zinc", "ru": "Цинк"}
    with store_scope(JAKARTA):
        make_variant(make_branch("kemang"), "JAMU", slug="jamu", category=make_category("jamu"))
    for store_id in (MIAMI, JAKARTA):
        freshness.renew(store_id)


@pytest.fixture
def ask(shop, world):
    def get(path=URL, host=HOST, **headers):
        for name in list(g):
            g.pop(name)
        asked = {name.replace("_", "-"): value for name, value in headers.items()}
        return world.test_client().get(path, base_url=host, headers={"Accept": "application/json", **asked})

    return get


def goods(answer):
    return [row[0] for row in answer.json["goods"]]


def test_the_goods_that_can_be_seen_most_asked_for_first(ask):
    answer = ask()

    assert answer.json["large"] is False
    zinc, gone = answer.json["goods"]
    assert zinc == ["Zinc", "", "Marea", "Sleep", "$10.00", "/p/zinc", "", 150, 1]
    assert gone[5:] == ["/p/gone", "", 150, 0]


def test_it_speaks_the_readers_language_and_is_of_one_store(ask):
    assert goods(ask())[0] == "Zinc"
    assert goods(ask(Accept_Language="ru"))[0] == "Цинк"
    assert ask(Accept_Language="ru").json["goods"][0][3] == "Сон"
    assert [row[5] for row in ask(host=NEXT_DOOR).json["goods"]] == ["/p/jamu"]


def test_it_is_made_once_and_anew_after_a_change(ask):
    ask()
    with counted() as seen:
        again = ask()
    assert not any("product" in statement for statement in seen)
    assert ask(If_None_Match=again.headers["ETag"]).status_code == 304
    with transaction():
        db.session.query(Variant).filter_by(sku="ZINC").one().price_minor = 1234
    answer = ask(If_None_Match=again.headers["ETag"])

    assert answer.status_code == 200
    assert answer.json["goods"][0][4] == "$12.34"
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_it_travels_packed_to_whoever_can_unpack(ask):
    packed = ask(Accept_Encoding="gzip")

    assert packed.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.data)) == ask().json
    assert "Content-Encoding" not in ask().headers


def test_what_is_hidden_is_not_in_it(ask):
    with transaction():
        db.session.query(Product).filter_by(slug="zinc").one().active = False

    assert "/p/zinc" not in ask().text


def test_a_large_catalogue_is_searched_here(ask, monkeypatch):
    monkeypatch.setattr(search, "MOST_IN_BROWSER", 1)

    assert ask().json == {"goods": [], "large": True}
    assert goods(ask("/search.json?q=zink")) == ["Zinc"]
    assert ask("/search.json?q=zink").json["instead"] == "zinc"
    assert ask("/search.json?q=").json == {"goods": [], "instead": ""}


def test_it_asks_few_questions(ask, world, monkeypatch):
    monkeypatch.setitem(world.config, "PAGE_TTL", 0.0)
    ask()
    with counted() as seen:
        ask()

    assert len(seen) <= 2, seen


def test_without_valkey_it_is_made_each_time(ask, monkeypatch):
    monkeypatch.setattr(cache, "_away_until", float("inf"))

    assert goods(ask())[0] == "Zinc"
