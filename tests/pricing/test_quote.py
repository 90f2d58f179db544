"""The quote by examples: each stage, the order of stages, what an order row and a customer are told."""

from dataclasses import replace

import pytest

from app import pricing
from app.pricing import AdjustmentReason, Context, DeliveryTerms, LineInput, Stage, UnknownTaxClass, quote
from app.pricing.rules import PIPELINE

RATES = {"standard": 700, "medicine": 0}
TERMS = DeliveryTerms(fee_minor=590, free_from_minor=5000, minimum_minor=2000, label="Brickell")
USD = Context("USD", RATES)
IBU = LineInput("IBU", 1, 2, 1050)
AMOX = LineInput("AMOX", 2, 1, 999, tax_class="medicine")


def test_goods_and_tax_of_a_pickup():
    q = quote([IBU, AMOX], USD)
    assert q.totals() == {
        "goods_minor": 3099,
        "discount_minor": 0,
        "delivery_minor": 0,
        "tax_minor": 147,
        "wallet_minor": 0,
        "total_minor": 3246,
        "due_minor": 3246,
    }
    assert [(x.sku, x.gross_minor, x.net_minor, x.tax_minor, x.tax_rate_bp) for x in q.lines] == [
        ("IBU", 2100, 2100, 147, 700),
        ("AMOX", 999, 999, 0, 0),
    ]


@pytest.mark.parametrize(
    ("unit", "fee", "below", "reasons"),
    [
        pytest.param(1999, 590, 1, ["delivery_fee"], id="a cent below the minimum"),
        pytest.param(2000, 590, 0, ["delivery_fee"], id="at the minimum"),
        pytest.param(4999, 590, 0, ["delivery_fee"], id="a cent below free delivery"),
        pytest.param(5000, 0, 0, ["delivery_fee", "free_delivery"], id="free from here"),
    ],
)
def test_the_delivery_fee(unit, fee, below, reasons):
    q = quote([LineInput("A", 1, 1, unit)], replace(USD, delivery=TERMS, tax_rates_bp={"standard": 0}))
    assert (q.delivery_minor, q.below_minimum_minor, q.total_minor) == (fee, below, unit + fee)
    assert [x.reason for x in q.adjustments] == reasons
    assert {x.source for x in q.adjustments} == {"Brickell"}


def test_no_threshold_and_no_fee():
    always = quote([IBU], replace(USD, delivery=replace(TERMS, free_from_minor=None)))
    never = quote([IBU], replace(USD, delivery=replace(TERMS, fee_minor=0)))
    assert (always.delivery_minor, never.delivery_minor) == (590, 0)
    assert Stage.delivery not in [x.stage for x in never.adjustments]


def test_the_fee_carries_no_tax():
    assert quote([IBU], replace(USD, delivery=TERMS)).tax_minor == quote([IBU], USD).tax_minor == 147


def test_tax_inside_the_price():
    q = quote([LineInput("A", 1, 1, 11100)], Context("IDR", {"standard": 1100}, tax_inclusive=True))
    assert (q.tax_included_minor, q.tax_minor, q.total_minor) == (1100, 0, 11100)
    assert q.lines[0].tax_minor == 1100
    assert q.adjustments == ()


def test_tax_is_rounded_once_per_class_and_split_to_the_unit():
    lines = [LineInput(sku, i, 1, 50) for i, sku in enumerate("ABC")]
    q = quote(lines, Context("USD", {"standard": 100}))
    assert q.tax_minor == 2  # 1.5 of 150, not 3 × 0.5 rounded up
    assert [x.tax_minor for x in q.lines] == [1, 1, 0]


@pytest.mark.parametrize(("wish", "used"), [(0, 0), (500, 500), (2247, 2247), (99999, 2247)])
def test_the_wallet_pays_at_most_the_total(wish, used):
    q = quote([IBU], replace(USD, wallet_minor=wish))
    assert (q.wallet_minor, q.total_minor, q.due_minor) == (used, 2247, 2247 - used)
    assert [x.amount_minor for x in q.adjustments if x.stage is Stage.wallet] == ([-used] if used else [])


def test_an_empty_cart_costs_nothing():
    q = quote([], replace(USD, delivery=TERMS, wallet_minor=100))
    assert set(q.totals().values()) == {0}
    assert (q.lines, q.adjustments, q.below_minimum_minor) == ((), (), 2000)


def test_lines_come_back_in_their_order_with_what_the_page_shows():
    q = quote([IBU, replace(AMOX, compare_at_minor=1299)], USD)
    assert [(x.sku, x.compare_at_minor) for x in q.lines] == [("IBU", None), ("AMOX", 1299)]


def test_a_class_without_a_rate_is_an_error_and_not_free_of_tax():
    with pytest.raises(UnknownTaxClass, match="not set up") as refused:
        quote([replace(IBU, tax_class="luxury")], USD)
    assert refused.value.data == {"tax_class": "luxury", "sku": "IBU"}


def test_every_adjustment_has_words():
    q = quote([IBU, replace(IBU, qty=4)], replace(USD, delivery=TERMS, wallet_minor=1))
    assert [(x.reason, x.label) for x in q.adjustments] == [
        (AdjustmentReason.delivery_fee, "Delivery"),
        (AdjustmentReason.free_delivery, "Free delivery"),
        (AdjustmentReason.tax_added, "Tax"),
        (AdjustmentReason.wallet_used, "Paid from wallet"),
    ]
    assert {x.reason for x in q.adjustments} == set(AdjustmentReason)


def test_the_order_of_stages_is_the_one_of_the_specification():
    assert list(Stage) == [
        "price",
        "day_of_week",
        "bundle",
        "promo_code",
        "gifts",
        "delivery",
        "tax",
        "wallet",
    ]
    order = [list(Stage).index(stage) for stage, _ in PIPELINE]
    assert order == sorted(set(order))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: LineInput("A", 1, 0, 100),
        lambda: LineInput("A", 1, 1, -1),
        lambda: DeliveryTerms(-1),
        lambda: DeliveryTerms(1, minimum_minor=-1),
        lambda: Context("USD", {}, wallet_minor=-1),
    ],
)
def test_impossible_input_is_refused_where_it_is_made(wrong):
    with pytest.raises(ValueError, match=r"below zero|starts at"):
        wrong()


def test_the_front_door():
    assert len(pricing.__all__) <= 20
    assert all(hasattr(pricing, name) for name in pricing.__all__)
