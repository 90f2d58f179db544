"""Rules of the catalogue and of hours, by plain values."""

from contextlib import nullcontext
from datetime import time

import pytest

from app.catalog.rules import barcode_is_valid, slug_is_valid, would_loop
from app.core.errors import InvalidInput
from app.stores.service import check_hours


@pytest.mark.parametrize(
    ("barcode", "valid"),
    [
        ("4006381333931", True),
        ("4006381333932", False),
        ("96385074", True),
        ("036000291452", True),
        ("10614141000415", True),
        ("123", False),
        ("400638133393X", False),
        ("٤006381333931", False),
    ],
)
def test_barcodes(barcode, valid):
    assert barcode_is_valid(barcode) is valid


@pytest.mark.parametrize(
    ("slug", "valid"),
    [
        ("vitamin-c", True),
        ("b12", True),
        ("Vitamin", False),
        ("a--b", False),
        ("-a", False),
        ("a b", False),
        ("", False),
    ],
)
def test_slugs(slug, valid):
    assert slug_is_valid(slug) is valid


@pytest.mark.parametrize(("parent", "loops"), [(None, False), (1, True), (2, True), (3, True), (4, False)])
def test_a_category_never_stands_inside_itself(parent, loops):
    parents = {1: None, 2: 1, 3: 2, 4: None}
    assert would_loop(1, parent, parents) is loops


NINE, TEN, EIGHT_PM, TWO = time(9), time(10), time(20), time(2)


@pytest.mark.parametrize(
    ("weekday", "opens", "closes", "others", "refused"),
    [
        pytest.param(0, NINE, EIGHT_PM, [], False, id="the first"),
        pytest.param(0, NINE, TEN, [(0, TEN, EIGHT_PM)], False, id="one after the other"),
        pytest.param(0, NINE, EIGHT_PM, [(0, TEN, time(11))], True, id="around another"),
        pytest.param(1, time(1), NINE, [(0, EIGHT_PM, TWO)], True, id="into the night before"),
        pytest.param(0, time(1), NINE, [(6, EIGHT_PM, TWO)], True, id="Sunday night into Monday"),
        pytest.param(1, TWO, NINE, [(0, EIGHT_PM, TWO)], False, id="from where the night ended"),
        pytest.param(3, NINE, EIGHT_PM, [(2, NINE, EIGHT_PM)], False, id="another day"),
        pytest.param(0, time(0), time(0), [(1, time(0), time(0))], False, id="day and night"),
        pytest.param(0, time(0), time(0), [(0, NINE, TEN)], True, id="day and night over hours"),
    ],
)
def test_hours_never_overlap(app, weekday, opens, closes, others, refused):
    refusal = pytest.raises(InvalidInput) if refused else nullcontext()
    with app.test_request_context(base_url="http://miami.localhost"), refusal:
        check_hours(weekday, opens, closes, others)
