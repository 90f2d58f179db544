"""A page rendered for one stranger and shown to others: what they share, and everything they must not."""

import re

import pytest
from flask import g
from sqlalchemy import text

from app import inventory
from app.catalog import service
from app.catalog.models import Product, Variant
from app.core import cache, freshness
from app.core.actor import SYSTEM
from app.core.db import db, transaction
from app.core.tenancy import store_scope
from app.web import pages
from tests.factories import JAKARTA, MIAMI, make_branch, make_category, make_customer, make_variant, make_zone
from tests.queries import counted

HOST, NEXT_DOOR = "http://miami.localhost", "http://jakarta.localhost"
GROWN = {"day": "30", "month": "4", "year": "1986"}
BLANK = re.compile(r"\b[nt][0-9a-f]{24}\b")


class Visitor:
    """A browser; each request has a `g` of its own, as in real life."""

    def __init__(self, world, host=HOST):
        self.client, self.host = world.test_client(), host

    def get(self, path, **headers):
        for name in list(g):
            g.pop(name)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, base_url=self.host, headers=headers)

    def post(self, path, token, **form):
        for name in list(g):
            g.pop(name)
        return self.client.post(path, base_url=self.host, data={"csrf_token": token, **form})

    def pass_gate(self):
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/age").text)[1]
        assert self.post("/age", token, **GROWN).status_code == 303
        return self


@pytest.fixture
def shop(store, world, monkeypatch):
    """A shop that shares its pages, with one remedy, and the same address next door."""
    monkeypatch.setitem(world.config, "PAGE_TTL", 60.0)
    monkeypatch.setattr(cache, "_away_until", 0.0)
    branch = make_branch()
    branch_id = branch.id
    make_zone(branch)
    make_variant(branch, "ZINC", slug="zinc", category=make_category("vitamins"), brand="Marea")
    with store_scope(JAKARTA):
        make_variant(make_branch("kemang"), "JAMU", slug="zinc", category=make_category("vitamins"))
    for store_id in (MIAMI, JAKARTA):
        freshness.renew(store_id)
    return branch_id


@pytest.fixture
def guest(shop, world):
    return Visitor(world).pass_gate()


@pytest.fixture
def other(shop, world):
    """Another stranger who passed the gate too."""
    return Visitor(world).pass_gate()


def rendered(ask):
    """Whether answering took a question to the catalogue."""
    with counted() as seen:
        answer = ask()
    return answer, any("product" in statement for statement in seen)


def token_of(answer):
    return re.search(r'csrf-token" content="([^"]+)"', answer.text)[1]


def nonces_of(answer):
    return {*re.findall(r'nonce="([^"]+)"', answer.text)}


@pytest.mark.parametrize("path", ["/", "/shop", "/shop?brand=Marea&stock=1", "/c/vitamins", "/p/zinc"])
def test_the_second_stranger_gets_the_copy_with_values_of_their_own(guest, other, path):
    first, made = rendered(lambda: guest.get(path))
    second, made_again = rendered(lambda: other.get(path))

    assert (made, made_again) == (True, False)
    assert second.status_code == 200
    for answer in (first, second):
        assert not BLANK.search(answer.text)
        policy = answer.headers["Content-Security-Policy"]
        assert all(f"'nonce-{nonce}'" in policy for nonce in nonces_of(answer))
    assert nonces_of(first).isdisjoint(nonces_of(second))
    assert token_of(first) != token_of(second)
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
    assert first.headers["Cache-Control"] == second.headers["Cache-Control"] == "private, no-cache"


def test_the_token_of_a_copy_is_good_for_its_visitor_alone(guest, other):
    guest.get("/shop")
    token = token_of(other.get("/shop"))

    assert guest.post("/theme", token, theme="theriac").status_code == 400
    assert other.post("/theme", token, theme="theriac").status_code == 303


def test_a_first_visit_gets_a_session_and_a_working_form(shop, world):
    here, there = Visitor(world, NEXT_DOOR), Visitor(world, NEXT_DOOR)
    here.get("/shop")
    answer, made = rendered(lambda: there.get("/shop"))

    assert not made
    assert "theriac=" in answer.headers["Set-Cookie"]
    assert there.post("/theme", token_of(answer), theme="theriac").status_code == 303


# --- what a copy never crosses --------------------------------------------------------------------------------


def test_the_store(guest, world):
    assert "Marea" in guest.get("/p/zinc").text
    answer, made = rendered(lambda: Visitor(world, NEXT_DOOR).get("/p/zinc"))

    assert made
    assert "Marea" not in answer.text and 'data-store="jakarta"' in answer.text


def test_the_language(guest, other):
    guest.get("/shop")

    assert '<html lang="ru"' in other.get("/shop", Accept_Language="ru").text
    assert '<html lang="es"' in other.get("/shop?lang=es").text
    assert other.post("/locale", token_of(other.get("/shop")), locale="ru").status_code == 303
    assert '<html lang="ru"' in other.get("/shop").text
    assert '<html lang="en"' in guest.get("/shop").text


def test_the_theme(guest, other):
    guest.get("/shop")
    other.post("/theme", token_of(other.get("/shop")), theme="theriac-dark")

    assert 'data-theme="theriac-dark"' in other.get("/shop").text
    assert "data-theme=" not in guest.get("/shop").text.split("<head>")[0]


def test_the_age_gate(guest, world):
    guest.get("/p/zinc")
    answer = Visitor(world).get("/p/zinc")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/age?next=/p/zinc")


def sign_in(visitor, world, ana):
    with world.test_request_context(base_url=HOST), store_scope(MIAMI):
        from app import identity
        from app.identity.models import Person

        token = identity.open_session(db.session.get(Person, ana.user_id), "miami.localhost", "test")
    with visitor.client.session_transaction(base_url=HOST) as kept:
        kept.update({"_user_id": str(ana.user_id), "_fresh": True, "sid": token})


def test_signing_in(guest, other, world):
    guest.get("/shop")
    sign_in(other, world, make_customer("Ana"))
    hers = other.get("/shop")

    assert "Ana Test" in hers.text
    assert "ETag" not in hers.headers
    assert "Ana Test" not in guest.get("/shop").text


def test_a_message_to_read(guest, other):
    guest.get("/shop")
    with other.client.session_transaction(base_url=HOST) as kept:
        kept["_flashes"] = [("message", "For your eyes only")]

    assert "For your eyes only" in other.get("/shop").text
    assert "For your eyes only" not in guest.get("/shop").text


def test_a_cart_on_the_server(guest, other):
    page = guest.get("/p/zinc")
    assert other.post("/cart/add", token_of(other.get("/p/zinc")), sku="ZINC", qty="3").status_code == 303
    other.get("/p/zinc")  # reads the message
    theirs, made = rendered(lambda: other.get("/p/zinc"))

    assert made and ">3</span>" in theirs.text
    assert ">3</span>" not in guest.get("/p/zinc").text
    assert "Set-Cookie" not in page.headers


def test_what_an_advertiser_added_is_nobodys_business(guest, other):
    guest.get("/shop?gclid=SECRET&sort=new&utm_source=letter")
    answer, made = rendered(lambda: other.get("/shop?sort=new"))

    assert not made
    assert "SECRET" not in answer.text and "utm_source" not in answer.text


@pytest.mark.parametrize("query", ["q=zinc", "panel=cart", "sort=new&x=" + "y" * 600])
def test_searches_and_unknown_parameters_are_not_shared(guest, other, query):
    guest.get(f"/shop?{query}")

    assert rendered(lambda: other.get(f"/shop?{query}"))[1]


def test_a_refusal_is_not_kept_and_has_no_blanks(guest, other):
    for path in ("/p/nothing", "/c/nothing"):
        for visitor in (guest, other):
            answer = visitor.get(path)
            assert answer.status_code == 404
            assert not BLANK.search(answer.text)
    assert guest.get("/shop?page=7").status_code == 302


# --- how old a copy may be ------------------------------------------------------------------------------------


def by_service():
    variant = db.session.query(Variant).filter_by(sku="ZINC").one()
    service.set_price(variant.id, 1234, actor=SYSTEM)


def by_row():
    with transaction():
        db.session.query(Variant).filter_by(sku="ZINC").one().price_minor = 1234


def by_statement():
    with transaction() as work:
        work.execute(text("UPDATE variant SET price_minor = 1234 WHERE sku = 'ZINC'"))


@pytest.mark.parametrize("change", [by_service, by_row, by_statement])
def test_a_new_price_shows_at_once_everywhere(guest, other, change):
    paths = ("/p/zinc", "/c/vitamins", "/shop")
    assert all("$10.00" in guest.get(path).text for path in paths)
    change()

    for path in paths:
        answer = other.get(path)
        assert "$12.34" in answer.text and "$10.00" not in answer.text


def test_stock_and_being_for_sale_show_at_once(guest, shop):
    variant = db.session.query(Variant).filter_by(sku="ZINC").one()
    product_id = variant.product_id
    guest.get("/p/zinc")
    with transaction():
        inventory.receive(shop, variant.id, 7, actor=SYSTEM)
    assert "17 on the shelf" in guest.get("/p/zinc").text
    service.set_product_active(product_id, False, actor=SYSTEM)

    assert guest.get("/p/zinc").status_code == 404


def test_a_change_that_was_taken_back_changes_nothing(guest, other):
    guest.get("/p/zinc")
    with pytest.raises(RuntimeError), transaction():
        db.session.query(Product).filter_by(slug="zinc").one().brand = "Alba"
        db.session.flush()
        raise RuntimeError

    assert not rendered(lambda: other.get("/p/zinc"))[1]


def test_an_order_leaves_the_copies_until_they_are_a_minute_old(guest, other, shop, monkeypatch):
    variant_id = db.session.query(Variant).filter_by(sku="ZINC").one().id
    guest.get("/p/zinc")
    with transaction():
        inventory.reserve(shop, {variant_id: 4})
    assert "10 on the shelf" in other.get("/p/zinc").text
    later = pages.time.time() + 61
    monkeypatch.setattr(pages.time, "time", lambda: later)

    assert "6 on the shelf" in other.get("/p/zinc").text


def test_a_savepoint_is_not_yet_a_change(shop):
    before = freshness.word(MIAMI)
    with transaction() as work:
        with work.begin_nested():
            db.session.query(Product).filter_by(slug="zinc").one().brand = "Alba"
        assert freshness.word(MIAMI) == before
    assert freshness.word(MIAMI) != before


def test_what_changes_in_one_store_leaves_the_other_alone(shop):
    before = freshness.word(JAKARTA)
    by_row()
    assert freshness.word(JAKARTA) == before


@pytest.mark.parametrize(
    ("statement", "seen"),
    [
        ("UPDATE stock SET reserved=(stock.reserved + 1) WHERE stock.id = 1 AND on_hand >= 2", False),
        (
            "UPDATE stock SET reserved=(stock.reserved + %(n)s), low_since=CASE WHEN ((stock.low_since IS NULL) AND "
            "stock.on_hand - (SELECT sum(x) FROM lot WHERE a = 1) <= 5) THEN %(at)s ELSE stock.low_since END "
            "WHERE stock.branch_id = 3 RETURNING stock.id",
            False,
        ),
        ("UPDATE stock SET on_hand=(stock.on_hand + 1), reserved=(stock.reserved + 0) WHERE id = 1", True),
        ("UPDATE product SET sold_count=4 WHERE id = 1", False),
        ('UPDATE "variant" SET price_minor=4', True),
        ("INSERT INTO product (slug) VALUES ('x') RETURNING product.id", True),
        ("DELETE FROM product_photo WHERE id = 1", True),
        ("UPDATE orders SET status='PAID'", False),
        ("SELECT * FROM product", False),
    ],
)
def test_which_statements_change_what_is_seen(app, statement, seen):
    assert freshness._is_seen(statement) is seen


# --- conditional requests, outages ----------------------------------------------------------------------------


def test_who_has_the_page_is_told_so(guest, other):
    first = guest.get("/p/zinc")
    again = guest.get("/p/zinc", If_None_Match=first.headers["ETag"])

    assert first.headers["ETag"].startswith('W/"')
    assert (again.status_code, again.data) == (304, b"")
    # A new nonce would lock out the scripts of the page that the browser kept.
    assert "Content-Security-Policy" not in again.headers
    assert other.get("/p/zinc", If_None_Match=first.headers["ETag"]).status_code == 200
    by_row()
    assert guest.get("/p/zinc", If_None_Match=first.headers["ETag"]).status_code == 200


def test_without_valkey_pages_are_slower_and_right(guest, monkeypatch):
    guest.get("/p/zinc")
    monkeypatch.setattr(cache, "_client", _gone)
    answer, made = rendered(lambda: guest.get("/p/zinc"))
    assert made and answer.status_code == 200
    by_row()

    assert "$12.34" in guest.get("/p/zinc").text


def test_a_change_during_an_outage_is_told_when_it_is_over(guest, other, monkeypatch):
    guest.get("/p/zinc")
    with monkeypatch.context() as outage:
        outage.setattr(cache, "_client", _gone)
        by_row()
    monkeypatch.setattr(cache, "_away_until", 0.0)

    assert "$12.34" in other.get("/p/zinc").text


def _gone(_url):
    raise cache.redis.ConnectionError("nobody there")


def test_another_process_finds_the_page_in_valkey(guest, other, world, monkeypatch):
    guest.get("/p/zinc")
    monkeypatch.setitem(world.extensions, "pages", pages.Pages())

    assert not rendered(lambda: other.get("/p/zinc"))[1]


def test_a_store_cannot_fill_valkey(guest, monkeypatch):
    kept = []
    monkeypatch.setattr(pages, "MOST_A_MINUTE", 0)
    monkeypatch.setattr(cache, "keep", lambda *args: kept.append(args))

    assert guest.get("/shop?sort=new").status_code == 200
    assert kept == []


def test_a_process_forgets_the_oldest_page_first(monkeypatch):
    monkeypatch.setattr(pages, "LARGEST_MEMORY", 250)
    monkeypatch.setattr(cache, "_away_until", float("inf"))
    nothing = re.compile(rb"(\0)")
    kept = pages.Pages()
    for name in ("a", "b", "c"):
        kept.keep(name, MIAMI, pages.Page.of(name.encode() * 100, nothing), 60)

    assert kept.find("a", nothing) is None
    assert kept.find("c", nothing).content() == b"c" * 100
