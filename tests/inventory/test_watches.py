"""Tell me when it is back: who is noted, told once, and let go; and orders nobody paid for."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app import inventory, notifications
from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db
from app.core.errors import InvalidInput, NotFound, TooMany
from app.core.events import EventRecord
from app.inventory import Stock, watches
from app.inventory.models import StockWatch
from app.notifications.models import Delivery
from app.orders.expiry import expire_unpaid
from app.orders.models import Order
from app.orders.states import PaymentStatus, Status
from app.promise.models import DeliverySlot
from app.verify import verify_store
from tests.factories import make_branch, make_customer, make_staff, make_variant, make_zone, place, soon


@pytest.fixture
def branch(store):
    notifications.ensure_defaults()
    branch = make_branch()
    make_zone(branch)
    return branch


@pytest.fixture
def gone(branch):
    return make_variant(branch, "GONE", on_hand=0)


def records(kind: str) -> list[EventRecord]:
    return list(
        db.session.scalars(select(EventRecord).where(EventRecord.type == kind).order_by(EventRecord.id))
    )


def deliver() -> int:
    """Run what listens to VariantCameBack and WatchAnswered; how many were told."""
    told = sum(watches.answer_watchers(record.aggregate_id) for record in records("VariantCameBack"))
    for record in records("WatchAnswered"):
        notifications.plan(record)
    return told


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ana@Example.com ", ("email", "ana@example.com")),
        ("(305) 555-0123", ("phone", "+13055550123")),
        ("+7 912 345-67-89", ("phone", "+79123456789")),
    ],
)
def test_contacts(branch, typed, kept):
    assert watches.read_contact(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "ana@", "ana@example", "a b@example.com", "12", "phone", "@", "x" * 300 + "@a.co"]
)
def test_what_is_no_contact(branch, typed):
    with pytest.raises(InvalidInput) as refused:
        watches.read_contact(typed)
    assert "contact" in refused.value.errors


def test_told_once_in_their_language_by_their_channel(branch, gone):
    for contact in ("ana@example.com", "ana@example.com", "+13055550123"):
        watches.watch_variant("GONE", contact)
    assert watches.waiting_count(gone.id) == 2
    inventory.receive(branch.id, gone.id, 3, actor=SYSTEM)
    assert deliver() == 2
    inventory.receive(branch.id, gone.id, 3, actor=SYSTEM)
    assert deliver() == 0
    sent = {d.channel: d for d in db.session.scalars(select(Delivery))}
    assert set(sent) == {"email", "whatsapp"} and len(sent) == 2
    name = gone.product.name["en"]
    assert name in sent["email"].title and name not in sent["whatsapp"].body
    assert gone.product.slug not in sent["whatsapp"].body + sent["whatsapp"].url
    assert all("/back-in-stock/" in d.body and "?t=" in d.body for d in sent.values())


def test_nobody_is_told_when_it_is_gone_again(branch, gone):
    watches.watch_variant("GONE", "ana@example.com")
    inventory.receive(branch.id, gone.id, 1, actor=SYSTEM)
    inventory.reserve(branch.id, {gone.id: 1})
    assert deliver() == 0 and watches.waiting_count(gone.id) == 1
    inventory.release(branch.id, {gone.id: 1})
    assert deliver() == 1


def test_a_wish_is_ended_by_its_link_alone(branch, gone):
    watch = watches.watch_variant("GONE", "ana@example.com")
    good = watches.leave_url(watch).split("?t=")[1]
    with pytest.raises(NotFound):
        watches.end_watch(watch.id, "0" * 22)
    for _time in range(2):
        watches.end_watch(watch.id, good)
    inventory.receive(branch.id, gone.id, 1, actor=SYSTEM)
    assert deliver() == 0


def test_nobody_asks_for_everybody(branch, gone):
    for n in range(watches.MOST_ASKED):
        watches.watch_variant("GONE", f"a{n}@example.com", ip="203.0.113.7")
    with pytest.raises(TooMany):
        watches.watch_variant("GONE", "b@example.com", ip="203.0.113.7")
    watches.watch_variant("GONE", "b@example.com", ip="203.0.113.8")


def test_only_for_what_is_sold(branch):
    make_variant(branch, "RX", on_hand=0, rx_required=True)
    for sku in ("RX", "NOPE"):
        with pytest.raises(NotFound):
            watches.watch_variant(sku, "ana@example.com")


def test_managers_are_told_what_runs_low(branch):
    variant = make_variant(branch, "LOW", on_hand=6)
    make_staff("Dmitri", "manager")
    inventory.reserve(branch.id, {variant.id: 2})
    (record,) = records("StockRanLow")
    notifications.plan(record)
    told = db.session.scalars(select(Delivery)).all()
    assert [d.audience for d in told] == ["managers"] and "4" in told[0].body and "LOW" in told[0].body


def unpaid(minutes: int, **changes) -> Order:
    order = place(("PAY", 2), actor=make_customer(), **changes)
    values = {"payment_status": PaymentStatus.AWAITING, "placed_at": clock.now() - timedelta(minutes=minutes)}
    db.session.execute(update(Order).where(Order.id == order.id).values(**values))
    db.session.commit()
    return order


def test_an_order_nobody_paid_for_gives_everything_back_once(branch):
    make_variant(branch, "PAY", on_hand=5)
    late = unpaid(31, mode="slot", slot=soon())
    slot_id = late.slot_id
    waits = unpaid(29)
    assert expire_unpaid() == [late.code]
    assert expire_unpaid() == []
    db.session.expire_all()
    assert (late.status, waits.status) == (Status.CANCELLED, Status.PENDING)
    assert late.reason == "Not paid within 30 minutes."
    assert db.session.scalar(select(Stock.reserved)) == 2
    assert db.session.get(DeliverySlot, slot_id).booked == 0
    moved = records("OrderMoved")[-1]
    notifications.plan(moved)
    told = db.session.scalars(select(Delivery)).all()
    assert [d.audience for d in told] == ["customer"] and "not paid in time" in told[0].body
    checks = verify_store()
    assert not checks["reserved = open orders"] and not checks["slots = orders"]


def test_a_paid_or_cash_order_stays(branch):
    make_variant(branch, "PAY", on_hand=9)
    paid, cash = unpaid(90), place(("PAY", 1), actor=make_customer("Felix"))
    db.session.execute(update(Order).where(Order.id == paid.id).values(payment_status=PaymentStatus.PAID))
    db.session.execute(
        update(Order).where(Order.id == cash.id).values(placed_at=clock.now() - timedelta(hours=9))
    )
    assert expire_unpaid() == []
    assert len(db.session.scalars(select(StockWatch.id)).all()) == 0
