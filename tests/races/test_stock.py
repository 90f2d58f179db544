"""Two hands on one shelf: transfers, deliveries, counts and write-offs against sales; a limit against two carts."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from threading import Event

import pytest
from sqlalchemy import select, text

from app import inventory, orders
from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db, transaction
from app.core.errors import DomainError
from app.inventory import LotLabel, Stock, StockLot, transfers
from app.inventory.errors import BranchShort
from app.orders.limits import PurchaseLimit
from app.orders.models import Order
from app.verify import verify_store
from tests.factories import make_branch, make_customer, make_staff, make_variant, make_zone, request_for
from tests.races.test_placing import at_once, buy, outcomes
from tests.races.turns import in_turn

pytestmark = pytest.mark.race


@pytest.fixture
def shop(committed):
    branch = make_branch(slot_capacity=1000)
    make_zone(branch)
    return branch


def proved() -> bool:
    db.session.remove()
    return not any(verify_store().values())


@pytest.fixture
def movers(committed, shop):
    """What the races between a transfer and sales need: ten units here, six of them asked for over there."""
    other, dmitri = make_branch("other"), make_staff("Dmitri", "manager")
    buyers = [make_customer(f"Buyer{n}") for n in range(8)]

    def ready(sku: str):
        make_variant(shop, sku, on_hand=10)
        transfer = transfers.draft_transfer(shop.id, other.id, actor=dmitri)
        transfers.put_line(transfer.id, sku, 6, actor=dmitri)
        key = transfer.id
        sales = [buy(sku, buyer, f"{sku}-{n}") for n, buyer in enumerate(buyers)]
        return lambda: str(transfers.send_transfer(key, actor=dmitri).id), sales

    return ready


def test_sales_wait_for_a_transfer_of_the_same_units(committed, movers):
    """The transfer has the shelf: everybody who buys meanwhile waits, then sees what it has left."""
    send, sales = movers("UNIT")
    gone, sold = in_turn(committed, send, *sales)
    assert isinstance(gone, str), gone
    assert outcomes(sold) == {"order": 4, "OutOfStock": 4}
    assert proved()


def test_a_transfer_waits_for_the_sale_of_the_same_unit(committed, movers):
    """Four are sold, six are left: by what it could read the transfer might go. The fifth sale is on its way."""
    send, sales = movers("UNIT")
    for sale in sales[:4]:
        sale()
    fifth, (gone,) = in_turn(committed, sales[4], send)
    assert isinstance(fifth, str), fifth
    assert isinstance(gone, BranchShort) and "5 of 6" in str(gone), gone
    assert proved()


def test_a_transfer_and_sales_of_the_same_units(committed, movers):
    """Six of ten units go to another branch or are sold, never both; each side is ahead in some of the rounds.

    All stand ready at one barrier; the transfer sets out when so many of the eight have bought: 0, 6, 1, 5, 2, 4.
    """
    sent = []
    for turn, ahead in enumerate((0, 6, 1, 5, 2, 4)):
        send, sales = movers(f"UNIT{turn}")
        bought, enough = count(), Event()

        def counted(sale, bought=bought, enough=enough, ahead=ahead):
            code = sale()
            if next(bought) + 1 >= ahead:
                enough.set()
            return code

        def late(send=send, enough=enough, ahead=ahead):
            assert ahead == 0 or enough.wait(timeout=30)
            return send()

        results = at_once(committed, *(partial(counted, sale) for sale in sales), late)
        gone, codes = isinstance(results[-1], str), [one for one in results[:-1] if isinstance(one, str)]
        assert len(codes) == (4 if gone else 8), outcomes(results)
        sent.append(gone)
    assert set(sent) == {True, False}, sent
    assert proved()


def test_two_deliveries_into_the_same_lot(committed, shop):
    variant = make_variant(shop, "A", on_hand=0)
    key, branch_id = variant.id, shop.id
    db.session.remove()

    @transaction()
    def deliver(cost):
        label = LotLabel("L1", date(2089, 1, 1))
        return inventory.receive(branch_id, key, 3, actor=SYSTEM, unit_cost_minor=cost, lot=label)

    results = at_once(committed, *(lambda cost=cost: deliver(cost) for cost in range(100, 116)))
    assert all(isinstance(one, int) for one in results)
    stock = db.session.scalars(select(Stock)).one()
    assert (stock.on_hand, stock.value_minor) == (48, 3 * sum(range(100, 116)))
    assert db.session.scalars(select(StockLot.remaining)).all() == [48]
    assert proved()


def test_a_careless_average_loses_deliveries(committed, shop):
    """The negative control: read, add, write without the lock."""
    make_variant(shop, "A", on_hand=1)

    @transaction()
    def careless():
        value = db.session.scalar(select(Stock.value_minor))
        db.session.execute(text("SELECT pg_sleep(0.05)"))
        db.session.execute(text("UPDATE stock SET value_minor = :v"), {"v": value + 100})

    at_once(committed, *[careless] * 8)
    assert db.session.scalar(select(Stock.value_minor)) < 500 + 8 * 100


def test_a_count_and_sales(committed, shop):
    """The shelf is counted down to five while it is sold: what was promised by then is never counted away."""
    make_variant(shop, "A", on_hand=20)
    buyers = [make_customer(f"Buyer{n}") for n in range(12)]
    stock_id = db.session.scalar(select(Stock.id))
    db.session.remove()

    @transaction()
    def count():
        inventory.adjust(stock_id, 5, actor=SYSTEM, reason="counted")
        return "counted"

    results = at_once(committed, *(buy("A", buyer, f"k{n}") for n, buyer in enumerate(buyers)), count)
    stock = db.session.scalars(select(Stock)).one()
    sold = sum(isinstance(one, str) for one in results[:-1])
    assert stock.reserved == sold <= stock.on_hand
    assert (
        (stock.on_hand == 5 and sold <= 5)
        if results[-1] == "counted"
        else (stock.on_hand == 20 and sold == 12)
    )
    assert proved()


def test_sales_while_the_expired_are_written_off(committed, shop):
    variant = make_variant(shop, "A", on_hand=4)
    now = datetime.now(UTC)
    with clock.frozen(now - timedelta(days=3)), transaction():
        today = (now - timedelta(days=3)).date()
        inventory.receive(shop.id, variant.id, 50, actor=SYSTEM, lot=LotLabel("OLD", today))
    buyers = [make_customer(f"Buyer{n}") for n in range(10)]
    db.session.remove()
    results = at_once(
        committed,
        *(buy("A", buyer, f"k{n}") for n, buyer in enumerate(buyers)),
        lambda: str(inventory.write_off_expired()),
        lambda: str(inventory.write_off_expired()),
    )
    assert outcomes(results[:-2]) == {"order": 4, "OutOfStock": 6}
    assert sorted(results[-2:]) == ["0", "50"]
    stock = db.session.scalars(select(Stock)).one()
    assert (stock.on_hand, stock.reserved) == (4, 4)
    assert proved()


def test_two_carts_of_one_person_and_a_limit(committed, shop):
    variant = make_variant(shop, "A", on_hand=50)
    with transaction():
        db.session.add(PurchaseLimit(product_id=variant.product_id, per_day=3))
    ana = make_customer("Ana")

    def order(n: int):
        return lambda: orders.place_order(request_for(("A", 2)), key=f"k{n}", actor=ana)[0].code

    results = at_once(committed, *(order(n) for n in range(6)))
    assert outcomes(results) == {"order": 1, "OverPurchaseLimit": 5}
    assert all("1" in str(one) for one in results if isinstance(one, DomainError))
    assert len(db.session.scalars(select(Order.id)).all()) == 1
    assert proved()
