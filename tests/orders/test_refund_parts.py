"""What a refund takes back, to the cent, whatever the order of partial refunds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.orders.refund_parts import Parts, SoldLine, fit, parts_of_amount, parts_of_units, spread

LINES = st.builds(
    SoldLine,
    quantity=st.integers(1, 12),
    net_minor=st.integers(200, 5000),
    discount_minor=st.integers(0, 900),
    tax_minor=st.integers(0, 199),
    tax_included=st.booleans(),
)


def total(line: SoldLine) -> int:
    return line.net_minor + (0 if line.tax_included else line.tax_minor)


@given(line=LINES, cuts=st.lists(st.integers(1, 5), max_size=8))
def test_units_of_a_line_sum_to_the_line(line, cuts):
    before, parts = 0, Parts()
    for cut in [*cuts, line.quantity]:
        units = min(cut, line.quantity - before)
        parts += parts_of_units(line, before, units)
        before += units
    assert parts.amount == total(line)
    assert (parts.discount, parts.tax) == (line.discount_minor, line.tax_minor)


@given(lines=st.lists(LINES, min_size=1, max_size=4), fee=st.integers(0, 900), data=st.data())
def test_any_sequence_takes_back_what_was_sold_and_no_cent_more(lines, fee, data):
    """Amounts and units in any order: every part stays within the sale, and all of it together is the sale."""
    left = Parts(delivery=fee)
    for line in lines:
        left += parts_of_units(line, 0, line.quantity)
    gone = dict.fromkeys(range(len(lines)), 0)
    for number in data.draw(st.lists(st.integers(-400, 3), max_size=10)):
        if 0 <= number < len(lines) and gone[number] < lines[number].quantity:
            wanted = parts_of_units(lines[number], gone[number], 1)
            if wanted.amount > left.amount:
                continue
            part, gone[number] = fit(wanted, left), gone[number] + 1
            assert part.amount == wanted.amount
        elif number < 0:
            amount = min(-number, left.amount)
            part = parts_of_amount(amount, left)
            assert part.amount == amount
        else:
            continue
        left = Parts(
            left.goods - part.goods,
            left.discount - part.discount,
            left.delivery - part.delivery,
            left.tax - part.tax,
        )
        assert min(left.goods, left.discount, left.delivery, left.tax, left.goods - left.discount) >= 0
    whole = parts_of_amount(left.amount, left)
    assert (whole.delivery, whole.tax) == (left.delivery, left.tax)


@pytest.mark.parametrize(
    ("amount", "room", "shares"),
    [(10, [4, 20], [4, 6]), (3, [4, 20], [3, 0]), (24, [4, 20], [4, 20]), (0, [], [])],
)
def test_money_goes_back_in_the_order_of_its_sources(amount, room, shares):
    assert spread(amount, room) == shares


def test_no_room_is_said():
    with pytest.raises(ValueError, match="no room"):
        spread(25, [4, 20])
    with pytest.raises(ValueError, match="more than is left"):
        fit(Parts(goods=2), Parts(goods=1))
