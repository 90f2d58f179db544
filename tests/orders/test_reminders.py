"""A reminder of a cart: asked for, once, by day, and never of what was ordered."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from app import stores
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import NotFound
from app.core.events import EventRecord
from app.notifications.contexts import build_context
from app.orders import cart as carts
from app.orders import links, reminders
from app.orders.cart import Owner
from app.orders.models import Cart, Order
from app.stores import directory
from app.stores.models import Store
from tests.factories import make_branch, make_customer, make_variant, make_zone, place

NOON, NIGHT = datetime(2026, 11, 20, 17, 0, tzinfo=UTC), datetime(2026, 11, 20, 7, 0, tzinfo=UTC)


class Left:
    """Ana left two of A in her cart five hours ago and had asked to be reminded."""

    def __init__(self) -> None:
        branch = make_branch()
        make_zone(branch)
        make_variant(branch, "A", on_hand=5)
        self.ana = make_customer()
        self.owner = Owner(customer_id=self.ana.customer_id)
        carts.set_lines(self.owner, [("A", 2)])
        self.change(remind=True, changed_at=clock.now() - timedelta(hours=5))

    @transaction()
    def change(self, **columns) -> None:
        db.session.execute(update(Cart).values(**{"changed_at": Cart.changed_at} | columns))

    @property
    def cart(self) -> Cart:
        db.session.expire_all()
        return carts.find_cart(self.owner)

    def record(self):
        return db.session.scalars(select(EventRecord).where(EventRecord.type == "CartAbandoned")).one()


@pytest.fixture
def left(store, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return Left()


def test_once_per_cart(left):
    changed = left.cart.changed_at
    assert [reminders.remind_of_carts() for _run in range(2)] == [1, 0]
    assert left.cart.reminded_at == NOON and left.cart.changed_at == changed
    context = build_context(left.record())
    assert context.key == "cart.waiting" and f"/cart/kept/{left.cart.id}?t=" in context.links["customer"].url
    assert (
        "/cart/reminders/" in context.words("es")["stop"]
        and context.audiences["customer"][0].addresses["sms"]
    )


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"remind": False}, id="not asked for"),
        pytest.param({"changed_at": NOON - timedelta(hours=1)}, id="not idle yet"),
        pytest.param({"changed_at": NOON - timedelta(days=8)}, id="long forgotten"),
        pytest.param({"reminded_at": NOON}, id="reminded before"),
    ],
)
def test_nobody_else_is_written_to(left, columns):
    left.change(**columns)
    assert reminders.remind_of_carts() == 0


def test_nobody_is_reminded_of_an_empty_cart_or_after_ordering(left):
    changed = left.cart.changed_at
    carts.clear_cart(left.owner)
    left.change(changed_at=changed)
    assert reminders.remind_of_carts() == 0
    carts.set_lines(left.owner, [("A", 1)])
    left.change(changed_at=changed)
    place(("A", 1), actor=left.ana)
    assert reminders.remind_of_carts() == 0


def test_who_ordered_before_the_message_left_gets_none(left):
    assert reminders.remind_of_carts() == 1
    place(("A", 1), actor=left.ana)
    assert db.session.scalar(select(func.count()).select_from(Order)) == 1
    assert build_context(left.record()) is None


def test_at_night_it_waits_for_the_morning(left, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NIGHT)
    left.change(changed_at=NIGHT - timedelta(hours=5))
    assert reminders.remind_of_carts() == 0
    monkeypatch.setattr(clock, "now", lambda: NOON)
    assert reminders.remind_of_carts() == 1


def test_a_store_may_want_no_reminders(left):
    with transaction():
        db.session.execute(update(Store).where(Store.slug == "miami").values(cart_reminder_hours=0))
    assert stores.current_store().cart_reminder_hours == 4  # the directory is read anew within its time
    directory.forget_directory()
    try:
        assert reminders.remind_of_carts() == 0
    finally:
        directory.forget_directory()


def test_the_link_brings_the_goods_into_another_cart(left):
    cart_id, phone = left.cart.id, Owner(token="p" * 43)
    for _click in range(2):
        reminders.take_up_cart(cart_id, links.token("cart", str(cart_id)), phone)
    assert carts.items_of(carts.find_cart(phone)) == [("A", 2)]
    for wrong in ("forged", links.token("stop", str(cart_id)), ""):
        with pytest.raises(NotFound):
            reminders.take_up_cart(cart_id, wrong, phone)


def test_one_click_and_nobody_writes_again(left):
    cart_id = left.cart.id
    with pytest.raises(NotFound):
        reminders.stop_reminders(cart_id, links.token("cart", str(cart_id)))
    for _click in range(2):
        reminders.stop_reminders(cart_id, links.token("stop", str(cart_id)))
    assert not left.cart.remind and reminders.remind_of_carts() == 0
