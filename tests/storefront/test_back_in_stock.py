"""Asking on a product's page to be told, without a script and signed out; and letting it be."""

import re

import pytest
from sqlalchemy import select

from app.core.db import db
from app.inventory import watches
from app.inventory.models import StockWatch
from tests.factories import make_branch, make_variant

HOST = "http://miami.localhost"


@pytest.fixture
def page(committed):
    """A browser past the age gate, and a product that is sold out beside one that is not."""
    branch = make_branch()
    make_variant(branch, "GONE", slug="gone", on_hand=0)
    make_variant(branch, "HERE", slug="here", on_hand=5)
    make_variant(branch, "RX", slug="rx", on_hand=0, rx_required=True)
    db.session.remove()
    client = committed.test_client()
    committed.config["WTF_CSRF_ENABLED"] = False
    client.post("/age", data={"day": "30", "month": "4", "year": "1986"}, base_url=HOST)
    yield client
    committed.config["WTF_CSRF_ENABLED"] = True


def show(client, path):
    return client.get(path, base_url=HOST).get_data(as_text=True)


def test_the_form_stands_only_where_something_is_missing(page):
    assert 'name="contact"' in show(page, "/p/gone")
    assert 'name="contact"' not in show(page, "/p/here")
    assert 'name="contact"' not in show(page, "/p/rx")


def test_asked_and_let_be(page):
    answer = page.post(
        "/p/gone/back-in-stock", data={"sku": "GONE", "contact": "ana@example.com"}, base_url=HOST
    )
    assert answer.status_code == 303 and answer.location.endswith("/p/gone?told=1#back")
    assert "as soon as it is back" in show(page, "/p/gone?told=1")
    watch = db.session.scalars(select(StockWatch)).one()
    goods = re.sub(r"^https?://[^/]+", "", watches.goods_url(watch))
    link = re.sub(r"^https?://[^/]+", "", watches.leave_url(watch))
    db.session.remove()
    assert page.get(goods, base_url=HOST).location.endswith("/p/gone?sku=GONE")
    assert "Do not tell me any more" in show(page, link)
    assert db.session.scalar(select(StockWatch.ended_at)) is None
    db.session.remove()
    assert page.post(link, base_url=HOST).status_code == 200
    assert db.session.scalar(select(StockWatch.ended_at)) is not None
    for wrong in (link[:-1] + "x", "/back-in-stock/99999999999999999999?t=" + "0" * 22):
        assert page.get(wrong, base_url=HOST).status_code == 404


@pytest.mark.parametrize("typed", ["ana@", "12", "", '"><script>'])
def test_what_was_typed_stays(page, typed):
    answer = page.post("/p/gone/back-in-stock", data={"sku": "GONE", "contact": typed}, base_url=HOST)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and 'id="back-error"' in text
    assert '<script>"' not in text and ('value="ana@"' in text or typed != "ana@")
    assert db.session.scalar(select(StockWatch.id)) is None


def test_goods_that_are_not_there(page):
    for slug, sku in (("gone", "NOPE"), ("rx", "RX"), ("nope", "GONE")):
        answer = page.post(
            f"/p/{slug}/back-in-stock", data={"sku": sku, "contact": "a@example.com"}, base_url=HOST
        )
        assert answer.status_code in {303, 404}
