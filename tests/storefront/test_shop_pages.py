"""The shop window over HTTP: gate, language, theme, pages and what search engines read."""

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from flask import g

from app.core import clock
from app.core.tenancy import store_scope
from tests.factories import JAKARTA, make_branch, make_category, make_variant, make_zone
from tests.queries import counted

HOST, NEXT_DOOR = "http://miami.localhost", "http://jakarta.localhost"
GROWN = {"day": "30", "month": "4", "year": "1986"}


@pytest.fixture
def shop(store):
    branch = make_branch()
    make_zone(branch)
    vitamins = make_category("vitamins")
    make_variant(
        branch, "ZINC", slug="zinc", category=vitamins, brand="Marea", rating_centi=470, rating_count=12
    )
    make_variant(branch, "IRON", slug="iron", category=vitamins, rx_required=True)
    make_variant(branch, "GONE", slug="gone", category=vitamins, on_hand=0)
    return branch


@pytest.fixture
def browser(shop, world):
    """A browser that has not been here before."""
    return world.test_client()


@pytest.fixture
def guest(browser):
    """One that passed the gate."""
    post(browser, "/age", **GROWN)
    return browser


def forget_request():
    """A request inside the fixture's application context shares its `g` with the one before; outside it does not."""
    for name in list(g):
        g.pop(name)


def get(browser, path, host=HOST):
    forget_request()
    return browser.get(path, base_url=host)


def post(browser, path, **form):
    page = get(browser, "/age?next=/").text
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    token = (
        found.group(1)
        if found
        else re.search(r'csrf-token" content="([^"]+)"', get(browser, "/shop").text).group(1)
    )
    forget_request()
    return browser.post(path, base_url=HOST, data={"csrf_token": token, **form})


# --- the gate ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/shop?q=zinc", "/c/vitamins", "/p/zinc", "/p/nothing"])
def test_no_page_comes_before_the_gate(browser, path):
    answer = get(browser, path)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/age?next=%2F") or answer.headers["Location"].startswith(
        "/age?next=/"
    )


@pytest.mark.parametrize("path", ["/robots.txt", "/sitemap.xml", "/age", "/healthz"])
def test_what_is_not_gated(browser, path):
    assert get(browser, path).status_code == 200


def test_the_gate_lets_in_and_leads_back(browser):
    answer = post(browser, "/age", next="/p/zinc?sku=ZINC", **GROWN)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/p/zinc?sku=ZINC")
    assert get(browser, "/p/zinc").status_code == 200
    assert get(browser, "/age?next=/shop").headers["Location"] == "/shop"


def test_it_is_remembered_for_thirty_days_and_no_longer(guest, monkeypatch):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=29, hours=23))
    assert get(guest, "/shop").status_code == 200
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=30, minutes=1))
    assert get(guest, "/shop").status_code == 302


def test_a_cookie_of_ones_own_making_is_worth_nothing(browser):
    far = int((clock.now() + timedelta(days=9)).timestamp())
    for value in (f"1.21.{far}.", f"1.21.{far}." + "0" * 22, "x", "1.21", "....", f"1.21.{far}"):
        browser.set_cookie("age", value, domain="miami.localhost")
        assert get(browser, "/shop").status_code == 302


def test_the_young_are_refused_calmly(browser):
    answer = post(browser, "/age", day="1", month="1", year=str(clock.now().year - 12), next="/shop")

    assert answer.status_code == 403
    assert "21" in answer.text
    assert "Set-Cookie: age" not in str(answer.headers)
    assert get(browser, "/shop").status_code == 302


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"day": "31", "month": "2", "year": "1986"},
        {"day": "29", "month": "2", "year": "1987"},
        {"day": "x", "month": "4", "year": "1986"},
        {"day": "1", "month": "1", "year": "1786"},
        {"day": "1", "month": "1", "year": "2999"},
        {"day": "1", "month": "1", "year": "0"},
        {"day": "9" * 40, "month": "1", "year": "1986"},
    ],
)
def test_a_date_that_is_none_is_said_beside_the_field(browser, typed):
    answer = post(browser, "/age", **typed)

    assert answer.status_code == 422
    assert 'id="born-error"' in answer.text
    assert 'aria-describedby="born-error"' in answer.text


@pytest.mark.parametrize(
    ("today", "status"),
    [("2025-02-28", 403), ("2025-03-01", 303), ("2025-03-01T04:00", 403)],
)
def test_a_leap_day_has_its_birthday_on_the_first_of_march(browser, monkeypatch, today, status):
    at = datetime.fromisoformat(today if "T" in today else f"{today}T17:00").replace(tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: at)  # 04:00 UTC is still February in Miami

    assert post(browser, "/age", day="29", month="2", year="2004").status_code == status


@pytest.mark.parametrize("next_path", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_forms_lead_nowhere_else(browser, next_path):
    assert post(browser, "/age", next=next_path, **GROWN).headers["Location"] == "/"
    assert post(browser, "/locale", locale="ru", next=next_path).headers["Location"] == "/"
    assert post(browser, "/theme", theme="theriac", next=next_path).headers["Location"] == "/"


def test_a_store_without_a_minimum_age_has_no_gate(browser):
    assert get(browser, "/", NEXT_DOOR).status_code == 200


# --- language, theme -----------------------------------------------------------------------------------------


def test_the_language_is_kept_and_the_url_may_overrule_it(guest):
    answer = post(guest, "/locale", locale="ru", next="/shop?lang=en&q=a")

    assert answer.headers["Location"] == "/shop?q=a"
    assert '<html lang="ru"' in get(guest, "/shop").text
    assert '<html lang="es"' in get(guest, "/shop?lang=es").text
    assert post(guest, "/locale", locale="xx", next="/").status_code == 422


@pytest.mark.parametrize(
    ("theme", "shown"), [("theriac-dark", 'data-theme="theriac-dark"'), ("theriac", 'data-theme="theriac"')]
)
def test_the_theme_is_kept(guest, theme, shown):
    assert post(guest, "/theme", theme=theme, next="/shop").headers["Location"] == "/shop"
    assert shown in get(guest, "/shop").text
    post(guest, "/theme", theme="", next="/shop")
    assert "data-theme=" not in get(guest, "/shop").text.split(">")[1]
    assert post(guest, "/theme", theme="evil", next="/").status_code == 422


# --- pages ---------------------------------------------------------------------------------------------------

PAGES = ["/", "/shop", "/shop?q=nothing+here", "/c/vitamins", "/p/zinc", "/p/iron", "/p/gone", "/age"]


class Outline(HTMLParser):
    """Headings, ids and fields of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.h1, self.ids, self.fields, self.labelled, self.bare_images, self.depth = 0, [], [], set(), 0, 0

    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        self.h1 += tag == "h1"
        self.ids += [at["id"]] if "id" in at else []
        self.depth += tag == "label"
        self.labelled |= {at["for"]} if tag == "label" and "for" in at else set()
        self.bare_images += tag == "img" and "alt" not in at
        if tag in {"input", "select", "textarea"} and at.get("type") != "hidden":
            self.fields.append((at.get("id"), at.get("name"), bool(self.depth) or "aria-label" in at))

    def handle_endtag(self, tag):
        self.depth -= tag == "label"


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_sound(guest, browser, path):
    browser = guest
    if path == "/age":
        browser.delete_cookie("age", domain="miami.localhost")
    answer = get(browser, path)
    outline = Outline()
    outline.feed(answer.text)

    assert answer.status_code == 200
    assert outline.h1 == 1
    assert sorted(outline.ids) == sorted(set(outline.ids))
    assert [field for field in outline.fields if not (field[2] or field[0] in outline.labelled)] == []
    assert outline.bare_images == 0
    assert not re.search(r"<script(?![^>]*nonce=)", answer.text)
    assert not re.search(r"\son[a-z]+=", answer.text)


@pytest.mark.parametrize("path", ["/p/nothing", "/c/nothing", "/p/" + "x" * 300, "/c/%00", "/p/%F0%9F%92%8A"])
def test_what_is_not_there_is_404_in_the_shops_design(guest, path):
    answer = get(guest, path)

    assert answer.status_code == 404
    assert "№ 404" in answer.text


def test_another_stores_goods_are_404(guest, shop):
    with store_scope(JAKARTA):
        make_variant(make_branch("kemang"), slug="jamu", category=make_category("jamu"))

    assert get(guest, "/p/jamu").status_code == 404
    assert get(guest, "/c/jamu").status_code == 404
    assert get(guest, "/p/jamu", NEXT_DOOR).status_code == 200


def test_a_remedy_in_stock_can_be_bought_and_others_cannot(guest):
    assert "data-buy" in get(guest, "/p/zinc").text
    assert "data-buy" not in get(guest, "/p/gone").text
    prescription = get(guest, "/p/iron").text
    assert "data-buy" not in prescription and 'value="IRON"' not in prescription
    assert 'value="IRON"' not in get(guest, "/c/vitamins").text


def test_search_engines_read_the_product(guest):
    page = get(guest, "/p/zinc").text
    data = json.loads(re.search(r'ld\+json"[^>]*>(.*?)</script>', page, re.S).group(1))

    assert data["aggregateRating"] == {"@type": "AggregateRating", "ratingValue": "4.7", "reviewCount": 12}
    assert (data["offers"][0]["price"], data["offers"][0]["priceCurrency"]) == ("10.00", "USD")
    assert data["offers"][0]["availability"] == "https://schema.org/InStock"
    assert re.search(r'rel="canonical" href="http://miami\.localhost[^"]*/p/zinc"', page)
    assert set(re.findall(r'hreflang="(\w+|x-default)"', page)) == {"en", "ru", "es", "x-default"}
    assert '<meta name="robots" content="noindex">' in get(guest, "/shop?q=zinc").text


def test_a_hostile_name_stays_text(guest, shop):
    from app.catalog.models import Product
    from app.core.db import db, transaction

    with transaction():
        db.session.query(Product).filter_by(slug="zinc").one().name = {
            "en": "</script><script>alert(1)</script>"
        }

    assert "<script>alert(1)" not in get(guest, "/p/zinc").text
    assert "<script>alert(1)" not in get(guest, "/shop?q=%22%3E%3Cscript%3Ealert(1)").text


def test_the_sitemap_names_what_can_be_seen(guest):
    text = get(guest, "/sitemap.xml").text

    assert all(f"/p/{slug}</loc>" in text for slug in ("zinc", "iron", "gone"))
    assert "/c/vitamins</loc>" in text
    assert "Sitemap: http://miami.localhost" in get(guest, "/robots.txt").text


def test_a_price_changed_by_staff_shows_at_once(guest):
    from app.catalog.models import Variant
    from app.core.db import db, transaction

    assert "$10.00" in get(guest, "/p/zinc").text
    with transaction():
        db.session.query(Variant).filter_by(sku="ZINC").one().price_minor = 1234
    answer = get(guest, "/p/zinc")

    assert "$12.34" in answer.text
    assert "$12.34" in get(guest, "/c/vitamins").text
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_a_page_past_the_end_leads_to_the_first(guest):
    assert get(guest, "/shop?page=7&stock=1").headers["Location"] == "/shop?stock=1"
    assert get(guest, "/shop?page=0").status_code == 200


@pytest.mark.parametrize(
    ("path", "most"), [("/shop?stock=1", 3), ("/c/vitamins", 3), ("/p/zinc", 6), ("/", 4)]
)
def test_pages_ask_few_questions(guest, world, path, most):
    world.config["WORLD_TTL"] = 60.0
    try:
        get(guest, path)
        with counted() as seen:
            get(guest, path)
    finally:
        world.config["WORLD_TTL"] = 0.0

    assert len(seen) <= most, seen


def test_a_typo_finds_and_the_page_says_so(guest):
    page = get(guest, "/shop?q=vitamns").text  # of the drawer's name

    assert 'href="/p/zinc"' in page
    assert "Nothing is called “vitamns”" in page and "“vitamins”" in page


def test_a_search_in_vain_is_counted(guest):
    from app.catalog.search_models import SearchMiss
    from app.core.db import db

    for path in ("/shop?q=krill", "/shop?q=krill&stock=1", "/shop?q=product"):
        get(guest, path)

    assert [(row.words, row.count) for row in db.session.query(SearchMiss)] == [("krill", 1)]
