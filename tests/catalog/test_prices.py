"""Whose price it is: the closest override wins, on every page and in every basket."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import catalog
from app.catalog import overrides, prices
from app.catalog.models import PriceOverride, Product
from app.catalog.prices import NOBODY, PRECEDENCE, Buyer, Offer, PriceKind, price_of
from app.catalog.variants import variants_of
from app.catalog.windows import price_cards
from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db, transaction
from app.core.errors import InvalidInput
from app.orders.basket import Basket, fill_basket, price_basket
from app.orders.errors import UnknownItem
from tests.factories import make_branch, make_category, make_variant
from tests.queries import counted

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
moments = st.none() | st.integers(-3, 3).map(lambda days: NOW + days * DAY)
people = st.sampled_from([1, 2])
buyers = st.builds(
    Buyer,
    customer_id=st.none() | people,
    doctor_id=st.none() | people,
    tier=st.sampled_from(["", "gold", "silver"]),
)
whom = st.one_of(
    st.just({}),
    people.map(lambda key: {"customer_id": key}),
    people.map(lambda key: {"doctor_id": key}),
    st.sampled_from(["gold", "silver"]).map(lambda tier: {"tier": tier}),
)
offers = st.builds(
    lambda key, price, who, start, end: Offer(key, price, starts_at=start, ends_at=end, reason="why", **who),
    st.integers(1, 10**6),
    st.integers(0, 5000),
    whom,
    moments,
    moments,
)
shelf = st.integers(0, 5000)


@given(shelf, st.none() | shelf, st.lists(offers, max_size=8), buyers)
def test_the_most_specific_wins(list_minor, before, given_offers, buyer):
    price = price_of(list_minor, before, given_offers, buyer, NOW)
    fitting = [offer for offer in given_offers if offer.fits(buyer, NOW)]
    if not fitting:
        assert (price.unit_minor, price.compare_at_minor, price.kind) == (list_minor, before, None)
        return
    closest = min(PRECEDENCE.index(offer.kind) for offer in fitting)
    assert price.kind is PRECEDENCE[closest]
    assert price.unit_minor in {offer.price_minor for offer in fitting if offer.kind is price.kind}
    assert price.list_minor == list_minor and price.note == "why"
    assert price.compare_at_minor is None or price.compare_at_minor > price.unit_minor


@given(shelf, st.lists(offers, max_size=8), buyers, st.randoms())
def test_the_order_of_offers_does_not_matter(list_minor, given_offers, buyer, random):
    shuffled = random.sample(given_offers, len(given_offers))
    one, other = (price_of(list_minor, None, some, buyer, NOW) for some in (given_offers, shuffled))
    assert (one.unit_minor, one.kind) == (other.unit_minor, other.kind)


@given(shelf, st.lists(offers, max_size=6), offers, buyers)
def test_a_less_specific_offer_changes_nothing(list_minor, given_offers, other, buyer):
    price = price_of(list_minor, None, given_offers, buyer, NOW)
    if price.kind is not None and PRECEDENCE.index(other.kind) > PRECEDENCE.index(price.kind):
        assert price_of(list_minor, None, [*given_offers, other], buyer, NOW) == price


@given(offers, buyers)
def test_nobody_pays_anothers_price(offer, buyer):
    if offer.fits(buyer, NOW):
        assert offer.customer_id in (None, buyer.customer_id)
        assert offer.doctor_id in (None, buyer.doctor_id)
        assert offer.tier in ("", buyer.tier)
    if offer.kind is not PriceKind.period:
        assert not offer.fits(NOBODY, NOW)


def test_a_period_begins_with_its_first_moment_and_ends_before_its_last():
    offer = Offer(1, 500, starts_at=NOW, ends_at=NOW + DAY)
    assert [offer.fits(NOBODY, at) for at in (NOW - timedelta(microseconds=1), NOW, NOW + DAY)] == [
        False,
        True,
        False,
    ]


# --- in the shop ---------------------------------------------------------------------------------------------


@pytest.fixture
def goods(store):
    branch = make_branch()
    return [make_variant(branch, sku, price_minor=1000, slug=sku.lower()) for sku in ("ONE", "TWO", "THREE")]


@transaction()
def put(variant, price_minor, **columns):
    row = PriceOverride(variant_id=variant.id, price_minor=price_minor, reason="Because", **columns)
    db.session.add(row)
    db.session.flush()
    return row


def test_the_same_price_everywhere(goods, ana, asked_by):
    one, two, _three = goods
    put(one, 700, customer_id=ana)
    put(two, 800, starts_at=clock.now() - DAY, ends_at=clock.now() + DAY)
    for buyer, wanted in (
        (Buyer(customer_id=ana), {"ONE": 700, "TWO": 800}),
        (NOBODY, {"ONE": 1000, "TWO": 800}),
    ):
        basket = fill_basket([("ONE", 2), ("TWO", 1), ("THREE", 1)], buyer)
        quote = price_basket(basket, None)
        expected = wanted | {"THREE": 1000}
        assert {line.sku: line.unit_minor for line in quote.lines} == expected
        assert basket.goods_minor == quote.goods_minor == 2 * wanted["ONE"] + 800 + 1000
        asked_by(buyer)
        cards = catalog.list_products(catalog.Filters()).items
        assert {card.sku: card.price_minor for card in cards} == expected
        assert {card.sku: card.price_minor for card, _tags in catalog.list_index(9)} == expected
        assert {card.sku: card.price_minor for card in catalog.load_home().popular} == expected
        for sku, price in expected.items():
            view = catalog.get_product(sku.lower())
            assert view.lead.price_minor == price
            assert view.lead.compare_at_minor == (1000 if price < 1000 else None)
    reasons = {line.sku: (line.price_kind, line.price_note, line.list_minor) for line in quote.lines}
    assert reasons["TWO"] == ("period", "Because", 1000) and reasons["THREE"] == ("", "", 1000)


@pytest.fixture
def asked_by(monkeypatch):
    """Say who is looking."""
    monkeypatch.setattr(prices, "_asker", [])
    return lambda buyer: prices.learn_asker(lambda: buyer)


def test_filters_and_order_go_by_what_the_buyer_would_pay(goods, ana, asked_by):
    one, two, three = goods
    put(one, 700, customer_id=ana)
    put(one, 1300, starts_at=clock.now() - DAY)
    put(two, 800, starts_at=clock.now() - DAY, ends_at=clock.now() + DAY)
    put(three, 100, starts_at=clock.now() + DAY)  # not yet
    for buyer, rising in (
        (NOBODY, ["TWO", "THREE", "ONE"]),
        (Buyer(customer_id=ana), ["ONE", "TWO", "THREE"]),
    ):
        asked_by(buyer)
        cheap = catalog.list_products(catalog.Filters(price_high_minor=900), catalog.Sort.price_asc)
        assert [card.sku for card in cheap.items] == [
            sku for sku in rising if sku == "TWO" or buyer != NOBODY
        ][:2]
        for sort, order in ((catalog.Sort.price_asc, rising), (catalog.Sort.price_desc, rising[::-1])):
            page = catalog.list_products(catalog.Filters(), sort)
            assert [card.sku for card in page.items] == order
            first = catalog.list_products(catalog.Filters(), sort, size=1)
            then = catalog.list_products(catalog.Filters(), sort, size=2, cursor=first.next_cursor)
            assert [card.sku for card in (*first.items, *then.items)] == order
        bounds = page.facets.price_low_minor, page.facets.price_high_minor
        assert bounds == ((800, 1300) if buyer == NOBODY else (700, 1000))


def test_a_listing_with_prices_asks_no_more_than_one_without(goods, ana, asked_by):
    asked_by(Buyer(customer_id=ana))
    for variant in goods:
        put(variant, 700, customer_id=ana)
        put(variant, 800, starts_at=clock.now() - DAY)
    catalog.list_products(catalog.Filters())
    with counted() as seen:
        assert catalog.list_products(catalog.Filters(price_high_minor=700)).total == 3
    assert len(seen) == 3


def test_the_next_turn_and_a_mark_of_ones_own(goods, ana, asked_by):
    now = clock.now()
    assert prices.next_turn() == ""
    put(goods[0], 700, customer_id=ana, ends_at=now + DAY)  # nobody else's pages turn with it
    put(goods[1], 800, starts_at=now + DAY, ends_at=now + 2 * DAY)
    assert prices.next_turn() == (now + DAY).isoformat()
    assert prices.own_mark() == ""
    asked_by(Buyer(customer_id=ana + 1))
    assert prices.own_mark() == ""
    asked_by(Buyer(customer_id=ana))
    assert len(prices.own_mark()) == 16


@pytest.fixture
def ana(store):
    from app import identity
    from tests.factories import make_person

    person = make_person("Ana", phone="+13055550142")
    return identity.customer_of(person).id


def test_a_tier_and_a_doctor_come_from_who_knows_them(goods, ana, monkeypatch):
    from tests.factories import make_person

    doctor = make_person("Elena", roles=("doctor",)).id
    put(goods[0], 600, tier="gold")
    assert prices.load_prices(goods, prices.buyer_of(ana))[goods[0].id].unit_minor == 1000
    monkeypatch.setattr(prices, "_tier", [])
    monkeypatch.setattr(prices, "_doctor", [])
    prices.learn_tier({ana: "gold"}.__getitem__)
    assert prices.load_prices(goods, prices.buyer_of(ana))[goods[0].id].unit_minor == 600
    prices.learn_doctor({ana: doctor}.__getitem__)
    put(goods[0], 900, doctor_id=doctor)
    assert prices.load_prices(goods, prices.buyer_of(ana))[goods[0].id].kind is PriceKind.doctor


def test_one_query_for_an_order_and_none_for_looking(goods, ana):
    buyer = Buyer(customer_id=ana)
    cards = catalog.list_products(catalog.Filters()).items
    lines = tuple((one, 1) for one in goods if one.product.category_id)  # read anew before it is counted
    with counted() as basket:
        price_basket(Basket(lines, buyer), None)
    with counted() as window:
        price_cards(cards, buyer)
    with counted() as looked:  # by whoever is looking: this process knows
        price_cards(cards)
        price_basket(Basket(lines), None)
    assert (len(basket), len(window), len(looked)) == (1, 0, 0)
    assert len(variants_of([one.product_id for one in goods])) == 3


def test_two_prices_of_one_buyer_never_hold_at_once(goods, ana):
    now = clock.now()
    put(goods[0], 700, customer_id=ana, ends_at=now)
    put(goods[0], 800, customer_id=ana, starts_at=now, ends_at=now + DAY)
    put(goods[0], 900, tier="gold")  # another buyer may
    put(goods[1], 700, customer_id=ana)  # another variant may
    with pytest.raises(IntegrityError, match="ex_price_override_overlap"), db.session.begin_nested():
        put(goods[0], 600, customer_id=ana, starts_at=now + DAY / 2)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sku": "NOTHING"}, "sku"),
        ({"price_minor": -1}, "price_minor"),
        ({"price_minor": 10**12}, "price_minor"),
        ({"reason": "  "}, "reason"),
        ({"tier": ""}, "starts_at"),
        ({"starts_at": NOW, "ends_at": NOW}, "ends_at"),
        ({"customer_id": 987654321, "tier": ""}, "customer_id"),
        ({"doctor_id": 987654321, "tier": ""}, "doctor_id"),
        ({"customer_id": 1, "tier": "gold"}, "tier"),
    ],
)
def test_what_staff_may_not_write(goods, change, field):
    values = {
        "sku": "ONE",
        "price_minor": 500,
        "customer_id": None,
        "doctor_id": None,
        "tier": "gold",
        "starts_at": None,
        "ends_at": None,
        "reason": "Because",
    }
    overrides.save_override(PriceOverride(), values, actor=SYSTEM)
    with pytest.raises(InvalidInput) as refusal:
        overrides.save_override(PriceOverride(), values | change, actor=SYSTEM)
    assert field in refusal.value.errors


# --- ages and closed drawers ---------------------------------------------------------------------------------


def test_a_drawer_above_counts_when_ordering_too(store):
    branch = make_branch()
    top = make_category("adults", min_age=18)
    inner = make_category("inner", parent_id=top.id)
    make_variant(branch, "SPIRIT", category=inner, min_age=3)
    assert fill_basket([("SPIRIT", 1)]).min_age == 21  # the store's own is higher
    with transaction():
        top.min_age = 25
    assert fill_basket([("SPIRIT", 1)]).min_age == 25
    with transaction():
        top.active = False
    with pytest.raises(UnknownItem):
        fill_basket([("SPIRIT", 1)])
    assert db.session.scalar(select(Product.active)) is True


def test_what_is_kept_is_renewed_after_every_change(goods, ana):
    def shown():
        return prices.price_skus({"ONE": (1000, None)}, Buyer(customer_id=ana)).get("ONE")

    assert shown() is None
    row = put(goods[0], 700, customer_id=ana)
    assert shown().unit_minor == 700
    with transaction():
        row.price_minor = 650
    assert shown().unit_minor == 650
    with transaction():
        db.session.delete(row)
    assert shown() is None


def test_without_valkey_or_with_too_many_every_page_asks_for_its_own(goods, ana, monkeypatch):
    put(goods[0], 700, customer_id=ana)
    shelf, buyer = {"ONE": (1000, None), "TWO": (1000, None)}, Buyer(customer_id=ana)
    known = prices.price_skus(shelf, buyer)
    for name, value in (
        ("MOST_KEPT", 0),
        ("freshness", type("Away", (), {"word": staticmethod(lambda _id: None)})),
    ):
        monkeypatch.setattr(prices, name, value)
        prices._kept.clear()
        assert prices.price_skus(shelf, buyer) == known and known["ONE"].unit_minor == 700
        assert prices.load_prices(goods)[goods[0].id].unit_minor == 1000  # nobody is asking
