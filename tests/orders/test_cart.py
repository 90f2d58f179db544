"""The server's cart: clipped to what can be had, joined at sign-in, nobody else's."""

import pytest

from app.core.tenancy import store_scope
from app.orders import cart as carts
from app.orders.cart import Owner
from app.orders.cart_view import MOST_UNITS, merge_items, view_cart
from tests.factories import JAKARTA, make_branch, make_customer, make_variant

BROWSER = Owner(token="t" * 43)


def items(owner: Owner) -> dict[str, int]:
    return dict(carts.items_of(carts.find_cart(owner)))


@pytest.mark.parametrize(
    ("said", "merged"),
    [
        pytest.param([("A", 1), ("B", 2), ("A", 3)], {"A": 4, "B": 2}, id="same sku adds up"),
        pytest.param([("A", 0), ("B", -3)], {}, id="nothing and less"),
        pytest.param([("A", 500)], {"A": MOST_UNITS}, id="a fat finger"),
    ],
)
def test_merging(said, merged):
    assert merge_items(said) == merged


@pytest.mark.parametrize(
    ("product", "wanted", "kept", "says"),
    [
        pytest.param({"on_hand": 10}, 3, 3, "", id="enough"),
        pytest.param({"on_hand": 2}, 3, 2, "Only 2 of", id="stock"),
        pytest.param({"on_hand": 10, "max_per_order": 2}, 3, 2, "at most 2", id="limit"),
        pytest.param({"on_hand": 1, "max_per_order": 2}, 3, 1, "Only 1 of", id="stock under the limit"),
        pytest.param({"on_hand": 0}, 1, 0, "out of stock", id="nothing left"),
        pytest.param({"on_hand": 9, "rx_required": True}, 1, 0, "prescription", id="prescription"),
        pytest.param({"on_hand": 9, "active": False}, 1, 0, "no longer sold", id="withdrawn"),
    ],
)
def test_a_cart_holds_what_can_be_ordered(store, product, wanted, kept, says):
    make_variant(make_branch(), "A", **product)
    messages = carts.set_lines(BROWSER, [("A", wanted)])
    assert items(BROWSER) == ({"A": kept} if kept else {})
    assert (says in messages[0]) if says else messages == ()


def test_unknown_goods_are_said_and_never_crash(store):
    view = view_cart([("NOPE", 2)])
    assert view.lines == () and view.quote is None
    assert "NOPE" in view.messages[0]


def test_prices_come_from_the_quote(store):
    make_variant(make_branch(), "A", price_minor=1250)
    view = view_cart([("A", 2)])
    assert (view.lines[0].unit_minor, view.lines[0].line_total_minor, view.goods_minor) == (1250, 2500, 2500)
    assert view.quote.total_minor == 2675  # 7 % tax


@pytest.mark.parametrize(
    ("left", "note"), [(3, "Last 3 on the shelf"), (6, "")], ids=["few are counted", "many are not"]
)
def test_what_a_line_says(store, left, note):
    make_variant(make_branch(), "A", on_hand=left)
    assert view_cart([("A", 1)]).lines[0].note == note


def test_adding_setting_clearing(store):
    branch = make_branch()
    make_variant(branch, "A")
    make_variant(branch, "B")
    carts.add_item(BROWSER, "A")
    carts.add_item(BROWSER, "A", 2)
    carts.set_item(BROWSER, "B", 4)
    assert items(BROWSER) == {"A": 3, "B": 4}
    carts.set_item(BROWSER, "A", 0)
    assert items(BROWSER) == {"B": 4}
    carts.clear_cart(BROWSER)
    assert items(BROWSER) == {} and carts.count_units(BROWSER) == 0


@pytest.mark.parametrize(
    ("mine", "brought", "joined", "clipped"),
    [
        pytest.param({}, {"A": 2}, {"A": 2}, 0, id="into nothing"),
        pytest.param({"A": 1, "B": 1}, {"A": 2}, {"A": 3, "B": 1}, 0, id="quantities add up"),
        pytest.param({"A": 8}, {"A": 8}, {"A": 10}, 1, id="clipped to stock"),
        pytest.param({"B": 2}, {"B": 2}, {"B": 3}, 1, id="clipped to the limit"),
    ],
)
def test_joining_at_sign_in(store, mine, brought, joined, clipped):
    branch = make_branch()
    make_variant(branch, "A", on_hand=10)
    make_variant(branch, "B", on_hand=10, max_per_order=3)
    ana = make_customer()
    owner = Owner(customer_id=ana.customer_id)
    carts.set_lines(owner, list(mine.items()))
    carts.set_lines(BROWSER, list(brought.items()))
    messages = carts.join_carts(BROWSER.token, ana.customer_id)
    assert (items(owner), len(messages), items(BROWSER)) == (joined, clipped, {})


def test_the_same_browser_joining_again_doubles_nothing(store):
    make_variant(make_branch(), "A")
    ana = make_customer()
    for _visit in range(2):
        carts.set_lines(BROWSER, [("A", 2)])
        carts.join_carts(BROWSER.token, ana.customer_id)
    assert items(Owner(customer_id=ana.customer_id)) == {"A": 2}


def test_nothing_to_join_changes_nothing(store):
    ana = make_customer()
    assert carts.join_carts("unknown", ana.customer_id) == ()
    assert carts.find_cart(Owner(customer_id=ana.customer_id)) is None


def test_a_token_is_worth_nothing_next_door(store):
    make_variant(make_branch(), "A")
    carts.set_lines(BROWSER, [("A", 2)])
    with store_scope(JAKARTA):
        assert carts.find_cart(BROWSER) is None
    assert carts.find_cart(Owner(token="another")) is None
    assert carts.find_cart(Owner()) is None


def test_the_token_itself_is_not_kept(store):
    assert carts.lock_cart(BROWSER).token_hash != BROWSER.token
