"""The banks' lists as a source of reconciliation: missing here or there, another amount, refunds; each settled."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import ledger
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import InvalidInput
from app.desk import confirming, queue, statements
from app.desk.errors import LineUsed
from app.desk.models import BankLine, LineStatus, TransferConfirmation
from app.ledger import AccountKind
from app.orders import reconciling, refunding
from app.orders.refunding import RefundWish, What
from app.orders.states import PaymentStatus
from app.payments import attempts, differences, receipts, reconciliation
from app.payments.models import PaymentReceipt, RefundTo
from app.payments.settlement_models import (
    DifferenceSort,
    DifferenceStatus,
    SettlementDifference,
    SettlementLine,
    SettlementRun,
)
from app.stores import local_today
from tests.desk.conftest import newest, proved
from tests.desk.test_statements import bank, bring, zelle
from tests.factories import make_driver
from tests.payments.money import deliver

A, D, S = AccountKind, DifferenceStatus, DifferenceSort


def compare(actor, method="zelle", **span):
    """As the job does; the run."""
    run = reconciliation.ask_run(method, actor=actor, **span)
    reconciliation.reconcile(run.id)
    return db.session.get_one(SettlementRun, run.id, populate_existing=True)


def found():
    return [(one.sort, one.status) for one in db.session.scalars(select(SettlementDifference))]


def open_one():
    return db.session.scalars(select(SettlementDifference).where(SettlementDifference.status == D.open)).one()


def age(days):
    """Let what was counted be so old."""
    with transaction():
        for receipt in db.session.scalars(select(PaymentReceipt)):
            receipt.received_at = clock.now() - timedelta(days=days)


def list_of(*days, amount=4321, actor):
    """A list with one line of a stranger for each of these days ago."""
    rows = "".join(
        f"{local_today() - timedelta(days=n):%m/%d/%Y},{amount / 100:.2f},,Stranger,S{n}\n" for n in days
    )
    content = io.BytesIO(f"Date,Amount,Memo,Name,ID\n{rows}".encode()).getvalue()
    return bring(content, actor)


def test_without_a_list_nothing_is_compared(cast, asked):
    order, attempt = asked
    confirming.confirm(attempt.id, attempt.amount_minor, actor=cast["dmitri"])
    assert "zelle" not in reconciliation.listed_methods()
    bring(bank((attempt.amount_minor, attempt.shown["memo"], "", "Z1")), cast["dmitri"])
    assert "zelle" in reconciliation.listed_methods()
    assert order.payment_status is PaymentStatus.PAID


def test_a_list_that_agrees_puts_the_money_into_the_bank(cast, asked):
    _order, attempt = asked
    amount = attempt.amount_minor
    confirming.confirm(attempt.id, amount, actor=cast["dmitri"])
    bring(bank((amount, attempt.shown["memo"], "", "Z1")), cast["dmitri"])
    asked_for = db.session.scalars(select(SettlementRun)).one()  # by the list itself, from its first day on
    reconciliation.reconcile(asked_for.id)
    run = compare(cast["dmitri"])
    assert (run.lines, run.matched, run.differences) == (1, 1, 0)
    assert ledger.balance(A.clearing, "USD", "zelle") == 0 and ledger.balance(A.bank, "USD") == amount
    assert found() == [] and proved() == {}


def test_what_the_list_has_and_we_do_not_goes_by_the_desks_rules(cast, asked):
    order, attempt = asked
    bring(bank((attempt.amount_minor, "for the pills", "Ann Lee", "Z1")), cast["dmitri"])
    line = db.session.scalars(select(BankLine)).one()
    compare(cast["dmitri"])
    difference = open_one()
    assert difference.sort is S.missing_here
    with pytest.raises(InvalidInput):
        reconciling.post_missing(difference.id, actor=cast["dmitri"])
    assert reconciling.post_missing(difference.id, actor=cast["dmitri"], code=order.code) is True
    assert line.status is LineStatus.matched and order.payment_status is PaymentStatus.PAID
    assert open_or_none() is None
    assert db.session.scalars(select(SettlementLine)).one().booked_at is not None
    assert proved() == {}


def open_or_none():
    return db.session.scalars(
        select(SettlementDifference).where(SettlementDifference.status == D.open)
    ).first()


def test_a_large_one_waits_for_a_second_person_here_too(cast):
    order, _attempt = zelle(cast["ana"], ("GOLD", 1))
    bring(bank((61_000, "for gold", "Ann Lee", "Z1")), cast["dmitri"])
    compare(cast["dmitri"])
    difference = open_one()
    assert reconciling.post_missing(difference.id, actor=cast["dmitri"], code=order.code) is False
    waits = db.session.scalars(select(TransferConfirmation)).one()
    assert receipts.receipts_of(order.id) == [] and open_one().id == difference.id
    confirming.confirm_second(waits.id, actor=cast["olga"])
    compare(cast["dmitri"])
    assert found() == [(S.missing_here, D.gone)] and proved() == {}


def test_what_we_counted_and_no_list_has(cast, asked):
    _order, attempt = asked
    confirming.confirm(attempt.id, attempt.amount_minor, actor=cast["dmitri"])
    age(6)
    list_of(20, 5, actor=cast["dmitri"])
    compare(cast["dmitri"], since=clock.now() - timedelta(days=30))
    there = [one for one in db.session.scalars(select(SettlementDifference)) if one.sort is S.missing_there]
    assert there == [], "the list ends before the bank would surely show it"
    list_of(1, actor=cast["dmitri"])
    compare(cast["dmitri"], since=clock.now() - timedelta(days=30))
    there = [one for one in db.session.scalars(select(SettlementDifference)) if one.sort is S.missing_there]
    assert [one.ours_minor for one in there] == [attempt.amount_minor]
    content = bank((attempt.amount_minor, attempt.shown["memo"], "", "LATE1"))
    bring(content, cast["dmitri"])
    compare(cast["dmitri"])
    db.session.refresh(there[0])
    assert there[0].status is D.gone and proved() == {}


def test_another_amount_than_staff_saw(cast, asked):
    _order, attempt = asked
    amount = attempt.amount_minor
    confirming.confirm(attempt.id, amount, actor=cast["dmitri"])
    bring(bank((amount - 100, attempt.shown["memo"], "", "Z1")), cast["dmitri"])
    compare(cast["dmitri"])
    difference = open_one()
    assert (difference.sort, difference.ours_minor, difference.theirs_minor) == (
        S.amount,
        amount,
        amount - 100,
    )
    differences.write_off(difference.id, "The bank keeps a dollar", actor=cast["olga"])
    line = db.session.scalars(select(BankLine)).one()
    assert (line.status, line.note) == (LineStatus.ignored, "The bank keeps a dollar")
    assert queue.open_lines() == [] and ledger.balance(A.clearing, "USD", "zelle") == 0
    with pytest.raises(LineUsed):
        statements.match_by_hand(line.id, attempt.reference.split("_")[0], actor=cast["dmitri"])
    assert proved() == {}


def test_what_is_put_aside_at_the_desk_is_explained_here(cast):
    list_of(0, actor=cast["dmitri"])
    compare(cast["dmitri"])
    assert found() == [(S.missing_here, D.open)]
    line = db.session.scalars(select(BankLine)).one()
    statements.ignore(line.id, "Rent for the flat", actor=cast["dmitri"])
    one = db.session.scalars(select(SettlementDifference)).one()
    assert (one.status, one.reason) == (D.explained, "Rent for the flat")
    compare(cast["dmitri"])
    assert found() == [(S.missing_here, D.explained)] and line.status is LineStatus.ignored


def test_a_line_proved_later_agrees_in_the_next_comparison(cast, asked):
    """Compared first, matched after: whom the line is about is learned the second time."""
    order, attempt = asked
    confirming.confirm(attempt.id, attempt.amount_minor, actor=cast["dmitri"])
    with transaction():
        attempt.created_at = clock.now() - timedelta(days=70)  # too old to match by itself
    bring(bank((attempt.amount_minor, "", "Ann Lee", "Z1")), cast["dmitri"])
    compare(cast["dmitri"])
    assert found() == [(S.missing_here, D.open)]
    statements.match_by_hand(db.session.scalars(select(BankLine.id)).one(), order.code, actor=cast["dmitri"])
    assert len(receipts.receipts_of(order.id)) == 1
    compare(cast["dmitri"])
    assert found() == [(S.missing_here, D.gone)]
    assert ledger.balance(A.clearing, "USD", "zelle") == 0 and proved() == {}


def test_a_refund_that_staff_sent_is_found_among_the_money_out(cast, asked):
    order, attempt = asked
    amount = attempt.amount_minor
    bring(bank((amount, attempt.shown["memo"], "", "Z1")), cast["dmitri"])
    deliver(order, carla=cast["carla"], boris=make_driver("Boris"))
    wish = RefundWish(What.amount, RefundTo.source, "One was broken", amount_minor=500)
    (refund,) = refunding.refund_order(order.code, wish, key="r1", actor=cast["olga"])
    refunding.note_sent(refund.id, "OUT77", actor=cast["olga"])
    bring(bank(("-5.00", "refund", "Ana", "OUT77"), ("-900.00", "rent", "Landlord", "OUT78")), cast["dmitri"])
    run = compare(cast["dmitri"])
    assert (run.lines, run.matched, run.differences) == (2, 2, 0)
    assert ledger.balance(A.clearing, "USD", "zelle") == 0 and ledger.balance(A.bank, "USD") == amount - 500
    assert attempts.attempts_of(order.id)[-1].id == newest(order).id and proved() == {}
