"""Placing an order: what it writes, and what it leaves alone when it refuses."""

from datetime import date

import pytest
from sqlalchemy import select

from app import inventory, orders, promise
from app.core.db import db
from app.core.errors import InvalidInput, KeyReused
from app.core.events import EventRecord
from app.inventory.models import Stock
from app.orders import errors
from app.orders.models import Order, OrderLine
from app.promise.models import DeliverySlot
from tests.factories import make_branch, make_customer, make_variant, make_zone, place, request_for, soon


@pytest.fixture
def shop(store):
    branch = make_branch()
    make_zone(branch, fee_minor=499)
    return branch


@pytest.fixture
def ana(store):
    return make_customer("Ana")


def test_an_order_is_written_whole(shop, ana):
    make_variant(shop, "VITC", price_minor=1250, on_hand=5)

    order = place(("VITC", 2), actor=ana)

    assert order.code.startswith("MIA-")
    assert len(order.code) == len("MIA-20261121-A9F3")
    assert (order.goods_minor, order.delivery_minor, order.tax_minor, order.total_minor) == (
        2500,
        499,
        175,
        3174,
    )
    assert order.due_minor == 3174
    assert order.address["zip"] == "33129"
    assert order.address["lat"] == pytest.approx(25.75, abs=0.1)
    stock = db.session.scalar(select(Stock))
    assert (stock.on_hand, stock.reserved) == (5, 2)
    slot = db.session.scalar(select(DeliverySlot))
    assert (slot.booked, order.slot_id) == (1, slot.id)
    event = db.session.scalar(select(EventRecord).where(EventRecord.type == "OrderPlaced"))
    assert (event.aggregate_id, event.seq, event.payload["row"]["total_minor"]) == (order.id, 1, 3174)


def test_the_same_key_gives_the_same_order(shop, ana):
    make_variant(shop, "VITC", on_hand=5)
    request = request_for(("VITC", 1))

    first, made = orders.place_order(request, key="k1", actor=ana)
    again, made_again = orders.place_order(request, key="k1", actor=ana)

    assert (first.id, made, made_again) == (again.id, True, False)
    with pytest.raises(KeyReused):
        orders.place_order(request_for(("VITC", 2)), key="k1", actor=ana)


def test_short_items_are_named_and_nothing_is_kept(shop, ana):
    make_variant(shop, "PLENTY", on_hand=5)
    make_variant(shop, "SHORT", on_hand=1)

    with pytest.raises(inventory.OutOfStock) as refused:
        place(("PLENTY", 2), ("SHORT", 3), actor=ana)

    assert [(i["sku"], i["requested"], i["available"]) for i in refused.value.data["items"]] == [
        ("SHORT", 3, 1)
    ]
    assert db.session.scalar(select(Order.id)) is None
    assert db.session.scalar(select(OrderLine.id)) is None
    assert set(db.session.scalars(select(Stock.reserved))) == {0}
    assert sum(db.session.scalars(select(DeliverySlot.booked))) == 0


def test_a_full_slot_is_refused(shop, ana):
    make_variant(shop, "VITC", on_hand=50)
    at = soon()
    db.session.add(DeliverySlot(branch_id=shop.id, starts_at=at, capacity=1, booked=0))
    place(("VITC", 1), actor=ana, mode="slot", slot=at)

    with pytest.raises(errors.SlotUnavailable) as refused:
        place(("VITC", 1), actor=ana, mode="slot", slot=at)

    assert refused.value.data["reason"] == promise.ReasonCode.slot_full.value


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param(
            {"address": orders.Address(line1="248 SW 23rd Rd", zip="3312")}, "address.zip", id="short zip"
        ),
        pytest.param({"address": orders.Address(line1="", zip="33129")}, "address.line1", id="no street"),
        pytest.param({"kind": "drone"}, "kind", id="unknown kind"),
        pytest.param({"mode": "slot"}, "slot", id="no slot"),
        pytest.param({"contact_phone": "12"}, "contact_phone", id="bad phone"),
        pytest.param({"customer_note": "x" * 501}, "customer_note", id="long note"),
        pytest.param({"branch": "nowhere"}, "branch", id="unknown branch"),
    ],
)
def test_a_wrong_field_is_named(shop, ana, changes, field):
    make_variant(shop, "VITC")
    with pytest.raises(InvalidInput) as refused:
        place(("VITC", 1), actor=ana, **changes)
    assert field in refused.value.errors


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        pytest.param({"birth_date": date(2010, 1, 1)}, errors.TooYoung, id="too young"),
        pytest.param({"payment_method": "zelle"}, errors.MethodUnavailable, id="method not offered"),
        pytest.param(
            {"quote_fingerprint": "0" * 32}, errors.QuoteChanged, id="price changed since the quote"
        ),
        pytest.param(
            {"address": orders.Address(line1="1 Main St", zip="99999")},
            errors.SlotUnavailable,
            id="outside all zones",
        ),
    ],
)
def test_a_refusal_is_named_by_its_outcome(shop, ana, changes, refusal):
    make_variant(shop, "VITC")
    with pytest.raises(refusal):
        place(("VITC", 1), actor=ana, **changes)


@pytest.mark.parametrize(
    ("product", "quantity", "refusal"),
    [
        pytest.param({"rx_required": True}, 1, errors.PrescriptionNeeded, id="by prescription only"),
        pytest.param({"max_per_order": 2}, 3, errors.OverLimit, id="over the limit"),
        pytest.param({"active": False}, 1, errors.UnknownItem, id="no longer sold"),
        pytest.param({}, 0, errors.EmptyCart, id="none of it"),
    ],
)
def test_what_may_be_ordered(shop, ana, product, quantity, refusal):
    make_variant(shop, "VITC", **product)
    with pytest.raises(refusal):
        place(("VITC", quantity), actor=ana)
