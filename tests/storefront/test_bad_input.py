"""What nobody means to send: answered clearly, never with a crash, and nothing typed is lost."""

import pytest

from app.core.db import db
from app.inventory.models import StockWatch
from app.orders.models import Cart
from tests.factories import make_branch, make_variant
from tests.storefront.conftest import Guest


@pytest.fixture
def guest(committed, codes):
    make_variant(make_branch(), "GONE", slug="gone", on_hand=0)
    db.session.remove()
    browser = Guest(committed, codes)
    browser.get("/p/gone")
    return browser


@pytest.mark.parametrize("path", ["/p/%00", "/c/a%00b", "/delivery/wish/%00", "/media/1/x%00.webp"])
def test_a_path_with_a_nul_names_nothing(guest, path):
    assert guest.get(path).status_code == 404


def test_a_nul_in_a_form_is_left_out_and_the_rest_is_kept(guest):
    answer = guest.submit("/p/gone/back-in-stock", sku="GO\0NE", contact="an\0a@example.com")
    assert answer.status_code == 303
    assert db.session.query(StockWatch).one().contact == "ana@example.com"
    guest.get("/checkout")
    assert guest.step("save", customer_note="two\0 doors", zip="33\x00129").status_code == 303
    typed = db.session.query(Cart).one().checkout["typed"]
    assert (typed["customer_note"], typed["zip"]) == ("two doors", "33129")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"lines":[{"sku":"\\u0000","qty":1}]}', id="NUL"),
        pytest.param(b'{"lines":[{"sku":"\\ud800","qty":1}]}', id="half a character"),
        pytest.param(b"[" * 100_000, id="nested without end"),
        pytest.param(b'{"version":1,"items":{"A":1}}', id="another version's cart"),
        pytest.param(b"\xff\xfe", id="not UTF-8"),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/cart/quote"), ("PUT", "/cart")])
def test_a_cart_that_is_none_is_refused_by_its_field(guest, method, path, body):
    headers = {"X-CSRFToken": guest.token, "Accept": "application/json"}
    answer = guest.send(method, path, data=body, content_type="application/json", headers=headers)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["lines"])


@pytest.mark.parametrize("slot", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00"])
def test_a_slot_at_the_end_of_the_calendar_is_no_slot(guest, slot):
    guest.get("/checkout")
    assert guest.step("save", mode="slot", slot=slot, zip="33129", line1="248 SW 23rd Rd").status_code == 303
    assert guest.get("/checkout").status_code == 200
