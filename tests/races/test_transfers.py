"""Two clerks, two lists, one transfer: it is money once."""

import pytest
from sqlalchemy import select

from app.core.db import db
from app.core.errors import DomainError
from app.desk import confirming, statements
from app.desk.models import BankLine, TransferConfirmation
from app.payments import attempts
from app.payments.models import PaymentReceipt
from app.verify import verify_store
from tests.desk.conftest import furnish, newest
from tests.desk.test_statements import bank
from tests.factories import place
from tests.races.test_placing import at_once

pytestmark = pytest.mark.race


@pytest.fixture
def desk(committed):
    cast = furnish()
    order = place(("VITC", 1), actor=cast["ana"], payment_method="zelle")
    attempt = newest(order)
    return committed, cast, attempt.id, attempt.amount_minor, attempt.shown["memo"]


def refused(call):
    def run():
        try:
            call()
        except DomainError as refusal:
            return refusal.code
        return ""

    return run


def ends():
    db.session.rollback()
    db.session.expire_all()
    return [row.amount_minor for row in db.session.scalars(select(PaymentReceipt))]


def test_two_clerks_at_once(desk):
    app, cast, attempt_id, amount, _memo = desk
    clerks = [cast["dmitri"], cast["olga"]] * 3
    calls = [refused(lambda who=who: confirming.confirm(attempt_id, amount, actor=who)) for who in clerks]
    said = at_once(app, *calls)
    assert sorted(said) == ["", *["transfer-settled"] * 5]
    assert ends() == [amount]
    assert not any(verify_store().values())


def test_the_same_list_from_two_people_at_once(desk):
    app, cast, _attempt_id, amount, memo = desk
    content = bank((amount, memo, "", "Z1"))
    made = [statements.upload("zelle", "a.csv", content, actor=cast[who]).id for who in ("dmitri", "olga")]
    calls = [
        refused(lambda number=number: statements.apply(number, actor=cast["dmitri"])) for number in made * 2
    ]
    at_once(app, *calls)
    assert ends() == [amount]
    assert len(db.session.scalars(select(BankLine.id)).all()) == 1
    assert not any(verify_store().values())


def test_a_clerk_and_a_list_at_once(desk):
    app, cast, attempt_id, amount, memo = desk
    made = statements.upload("zelle", "a.csv", bank((amount, memo, "", "Z1")), actor=cast["olga"]).id
    at_once(
        app,
        refused(lambda: confirming.confirm(attempt_id, amount, actor=cast["dmitri"])),
        refused(lambda: statements.apply(made, actor=cast["olga"])),
    )
    statements.match_open("zelle", actor=cast["olga"])  # what the clerk was faster with is proved by the line
    assert ends() == [amount]
    assert db.session.scalars(select(BankLine)).one().status.value == "matched"
    assert len(db.session.scalars(select(TransferConfirmation)).all()) == 1
    assert not any(verify_store().values())


def test_equal_amounts_asked_at_once_differ(committed):
    cast = furnish()

    def ask(number):
        who = cast["ana"] if number % 2 else cast["felix"]
        return lambda: place(("VITC", 1), actor=who, payment_method="zelle", key=f"race-{number}").id

    made = at_once(committed, *(ask(number) for number in range(8)))
    db.session.rollback()
    amounts = [attempts.attempts_of(order_id)[0].amount_minor for order_id in made]
    assert len(set(amounts)) == 8
