"""What a customer is told to send: exact, distinguishable, frozen; reminded of, and ended by the clock."""

from datetime import timedelta

from app.core import clock
from app.core.db import db
from app.core.tenancy import store_scope
from app.desk import lapsing
from app.desk.ways import ways_to_send
from app.notifications import build_context
from app.orders.expiry import expire_unpaid
from app.orders.states import Status
from app.payments import attempts, methods, transfers
from app.payments.models import AttemptStatus, PaymentMethod
from tests.desk.conftest import events_of, newest, proved, set_store
from tests.factories import place

S = AttemptStatus


def test_what_is_asked_for_is_ready_at_once(asked):
    order, attempt = asked
    assert attempt.status is S.pending
    assert attempt.amount_minor == order.due_minor
    assert attempt.shown == {
        "handle": "pay@zelle.example",
        "name": "Brickell Apothecary",
        "memo": f"{order.code[8:12]}-{order.code[-4:]}",
        "extra_minor": 0,
    }
    assert transfers.squash(attempt.shown["memo"]) in transfers.squash(
        f"for order {order.code.lower()} thanks"
    )
    assert attempt.expires_at - attempt.created_at == timedelta(minutes=60)


def test_equal_amounts_differ_by_a_cent(cast, asked):
    order, first = asked
    second = newest(place(("VITC", 1), actor=cast["felix"], payment_method="zelle"))
    third = newest(place(("VITC", 1), actor=cast["felix"], payment_method="zelle"))
    other_way = newest(place(("VITC", 1), actor=cast["felix"], payment_method="venmo"))
    due = order.due_minor
    assert [one.amount_minor for one in (first, second, third, other_way)] == [due, due + 1, due + 2, due]
    assert second.shown["extra_minor"] == 1
    set_store(transfer_unique_cents=False)
    assert newest(place(("VITC", 1), actor=cast["ana"], payment_method="zelle")).amount_minor == due


def test_an_amount_stays_taken_while_late_money_is_likely(cast, asked):
    order, attempt = asked
    lapsing.lapse(attempt.id)
    assert newest(place(("VITC", 1), actor=cast["felix"], payment_method="zelle")).amount_minor == (
        order.due_minor + 1
    )
    attempt.status_at = clock.now() - timedelta(days=2)
    assert (
        newest(place(("VITC", 1), actor=cast["ana"], payment_method="zelle")).amount_minor == order.due_minor
    )


def test_without_a_handle_nothing_is_offered(cast):
    row = db.session.query(PaymentMethod).filter_by(code="zelle").one()
    row.settings = {"handle": "  "}
    assert methods.open_codes() == ["cash", "venmo"]


def test_links_and_codes(cast):
    venmo = newest(place(("VITC", 1), actor=cast["ana"], payment_method="venmo"))
    venmo.shown = venmo.shown | {"handle": "@brickell apo"}
    ways, memo = ways_to_send(venmo), venmo.shown["memo"]
    dollars = f"{venmo.amount_minor / 100:.2f}"
    assert ways.app == f"venmo://paycharge?txn=pay&amount={dollars}&note={memo}&recipients=brickell%20apo"
    assert ways.qr == ways.web == f"https://venmo.com/brickell%20apo?txn=pay&amount={dollars}&note={memo}"
    venmo.method, venmo.shown = "cashapp", venmo.shown | {"handle": "$brickell"}
    assert ways_to_send(venmo).web == f"https://cash.app/$brickell/{dollars}"
    venmo.method, venmo.shown = "zelle", venmo.shown | {"handle": "a@b.example", "name": "Apo"}
    assert ways_to_send(venmo).qr.startswith(
        "https://enroll.zellepay.com/qr-codes?data=eyJ0b2tlbiI6ImFAYi5leGFtcGxlIi"
    )


def test_reminder_and_end_are_on_the_clock(asked):
    _order, attempt = asked
    reminder, end = events_of("TransferReminder")[0], events_of("TransferLapses")[0]
    assert reminder.due_at - attempt.created_at == timedelta(minutes=10)
    assert end.due_at == attempt.expires_at
    context = build_context(reminder)
    assert context is not None and context.key == "transfer.reminder"
    words = context.words_for("customer", "es")
    assert words["method"] == "Zelle" and "VITC" not in str(words)
    attempts.move(attempt, S.held, source="customer")
    assert build_context(reminder) is None


def test_no_reminder_when_the_store_wants_none(cast):
    set_store(transfer_reminder_minutes=0)
    place(("VITC", 1), actor=cast["ana"], payment_method="zelle")
    assert not events_of("TransferReminder")


def test_the_order_waits_as_long_as_its_transfer(asked):
    order, attempt = asked
    set_store(unpaid_minutes=0)
    assert expire_unpaid() == []
    attempt.expires_at = clock.now()
    assert lapsing.lapse(attempt.id) and not lapsing.lapse(attempt.id)
    assert expire_unpaid() == [order.code]
    assert order.status is Status.CANCELLED
    assert proved() == {}


def test_who_says_it_is_sent_is_not_cancelled(asked):
    _order, attempt = asked
    attempts.move(attempt, S.held, source="customer")
    set_store(unpaid_minutes=0)
    attempt.expires_at = clock.now() - timedelta(hours=8)
    assert not lapsing.lapse(attempt.id)
    assert expire_unpaid() == []


def test_another_stores_attempt_is_nothing(asked, other_store):
    _order, attempt = asked
    number = attempt.id
    db.session.commit()
    db.session.remove()
    with store_scope(other_store):
        assert lapsing.lapse(number) is False
