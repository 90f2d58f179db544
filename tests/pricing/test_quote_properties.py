"""What holds for every quote, whatever is in the cart."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.core.money import apply_bp
from app.pricing import Context, DeliveryTerms, LineInput, Stage, quote

CLASSES = ("standard", "medicine", "food")
amounts = st.integers(0, 500_000)
lines = st.lists(
    st.builds(
        LineInput,
        sku=st.sampled_from(["A", "B", "C", "D"]),
        variant_id=st.integers(1, 5),
        qty=st.integers(1, 9),
        unit_minor=amounts,
        tax_class=st.sampled_from(CLASSES),
        compare_at_minor=st.none() | amounts,
    ),
    max_size=7,
)
contexts = st.builds(
    Context,
    currency=st.sampled_from(["USD", "IDR"]),
    tax_rates_bp=st.fixed_dictionaries({name: st.integers(0, 3000) for name in CLASSES}),
    tax_inclusive=st.booleans(),
    delivery=st.none() | st.builds(DeliveryTerms, amounts, st.none() | amounts, amounts, st.text(max_size=3)),
    wallet_minor=st.just(0) | amounts,
)


@given(lines, contexts)
def test_sums(cart, context):
    q = quote(cart, context)
    assert q.goods_minor - q.discount_minor + q.delivery_minor + q.tax_minor == q.total_minor >= 0
    assert q.total_minor - q.wallet_minor == q.due_minor >= 0
    assert q.goods_minor == sum(x.unit_minor * x.qty for x in cart)
    assert all(x.gross_minor - x.discount_minor == x.net_minor >= 0 for x in q.lines)


@given(lines, contexts)
def test_adjustments_explain_every_unit_between_goods_and_due(cart, context):
    q = quote(cart, context)
    assert q.goods_minor + sum(x.amount_minor for x in q.adjustments) == q.due_minor
    stages = [list(Stage).index(x.stage) for x in q.adjustments]
    assert all(a <= b for a, b in pairwise(stages))


@given(lines, contexts, st.randoms())
def test_the_order_of_items_does_not_matter(cart, context, random):
    shuffled = random.sample(cart, len(cart))
    one, other = quote(cart, context), quote(shuffled, context)
    assert one.totals() == other.totals()
    assert one.adjustments == other.adjustments
    assert sorted(map(repr, one.lines)) == sorted(map(repr, other.lines))
    assert one.fingerprint == other.fingerprint


@given(lines, contexts)
def test_quoting_twice_gives_the_same(cart, context):
    assert quote(cart, context) == quote(list(cart), context)


@given(lines, contexts)
def test_tax_is_exact_per_class(cart, context):
    q = quote(cart, context)
    for name in CLASSES:
        net = sum(x.net_minor for x in q.lines if x.tax_class == name)
        tax = sum(x.tax_minor for x in q.lines if x.tax_class == name)
        rate = context.tax_rates_bp[name]
        if context.tax_inclusive:  # the tax inside is right when the rest, taxed, gives the price again
            assert abs(apply_bp(net - tax, rate) - tax) <= 1
        else:
            assert tax == apply_bp(net, rate)
    whole = sum(x.tax_minor for x in q.lines)
    assert (q.tax_included_minor, q.tax_minor) == ((whole, 0) if context.tax_inclusive else (0, whole))


@given(lines, contexts, lines, contexts)
def test_the_fingerprint_changes_exactly_when_a_shown_amount_does(cart, context, other_cart, other_context):
    def shown(q):
        rows = sorted(
            (x.sku, x.variant_id, x.qty, x.unit_minor, x.discount_minor, x.net_minor, x.tax_minor)
            for x in q.lines
        )
        return q.currency, rows, q.totals(), q.tax_included_minor

    one = quote(cart, context)
    for q in (quote(other_cart, other_context), quote(cart, other_context), quote(other_cart, context)):
        assert (q.fingerprint == one.fingerprint) == (shown(q) == shown(one))


@given(lines.filter(bool), contexts, st.integers(1, 1000))
def test_the_fingerprint_sees_a_price_and_overlooks_a_struck_through_one(cart, context, more):
    seen = quote(cart, context).fingerprint
    dearer = [replace(cart[0], unit_minor=cart[0].unit_minor + more), *cart[1:]]
    struck = [replace(cart[0], compare_at_minor=more), *cart[1:]]
    assert quote(dearer, context).fingerprint != seen
    assert quote(struck, context).fingerprint == seen
