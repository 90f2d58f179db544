"""Copies of pages and prices: nobody sees another one's, and a copy ends when everybody's price does."""

from datetime import timedelta

import pytest

from app.catalog.models import PriceOverride, Variant
from app.core import clock
from app.core.db import db, transaction
from tests.factories import make_customer
from tests.web import test_sharing
from tests.web.test_sharing import sign_in

shop, guest, other = test_sharing.shop, test_sharing.guest, test_sharing.other


@transaction()
def put_price(price_minor, **columns):
    variant = db.session.query(Variant).filter_by(sku="ZINC").one()
    row = PriceOverride(variant_id=variant.id, price_minor=price_minor, reason="Because", **columns)
    db.session.add(row)
    return variant.id


@pytest.mark.parametrize("path", ["/", "/shop", "/c/vitamins", "/p/zinc"])
def test_a_price_of_ones_own_is_on_ones_own_pages(guest, other, world, path):
    ana = make_customer("Ana")
    put_price(777, customer_id=ana.customer_id)
    guest.get(path)
    sign_in(other, world, ana)
    hers = other.get(path).text
    index = other.get("/search-index.json").json["goods"][0]

    assert "$7.77" in hers and index[4] == "$7.77"
    assert "$7.77" not in guest.get(path).text and "$10.00" in guest.get(path).text
    assert guest.get("/search-index.json").json["goods"][0][4] == "$10.00"


@pytest.mark.parametrize("path", ["/", "/shop?sort=price_asc", "/p/zinc", "/search-index.json"])
def test_copies_end_when_everybodys_price_begins_and_when_it_ends(guest, path):
    now = clock.now()
    put_price(777, starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2))
    shown = []
    for hours in (0.5, 1.5, 2.5):
        with clock.moved(timedelta(hours=hours)):
            shown.append("$7.77" in guest.get(path).text)

    assert shown == [False, True, False]
