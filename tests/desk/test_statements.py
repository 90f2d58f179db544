"""A bank's list: 45 of 50 lines match by themselves, each line counts once, and no money is counted twice."""

import csv
import io

import pytest
from sqlalchemy import select

from app import loyalty
from app.core.db import db
from app.core.errors import Forbidden, InvalidInput
from app.desk import claims, confirming, queue, rules, statements
from app.desk.errors import LineUsed, StatementMoved
from app.desk.lapsing import lapse
from app.desk.models import BankLine, LineStatus
from app.identity.models import Customer
from app.orders.expiry import expire_unpaid
from app.orders.models import Order
from app.orders.states import PaymentStatus
from app.payments import receipts
from app.payments.errors import NothingToPay
from app.payments.models import AttemptStatus
from app.stores import local_today
from tests.desk.conftest import newest, proved, set_store
from tests.factories import make_customer, place

P = PaymentStatus
HEADER = ("Date", "Amount", "Memo", "Name", "ID")


def bank(*rows):
    """A CSV of (amount, memo, name, id) of today."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(HEADER)
    for amount, memo, name, number in rows:
        shown = f"{amount / 100:,.2f}" if isinstance(amount, int) else amount
        writer.writerow([f"{local_today():%m/%d/%Y}", shown, memo, name, number])
    return file.getvalue().encode()


def bring(content, actor, method="zelle"):
    made = statements.upload(method, "november.csv", content, actor=actor)
    done = statements.apply(made.id, actor=actor)
    return made, done


def zelle(customer, *items, **changes):
    order = place(*(items or (("VITC", 1),)), actor=customer, payment_method="zelle", **changes)
    return order, newest(order)


def test_fifty_lines_of_which_45_match_by_themselves(cast):
    people = [make_customer(f"Person{chr(97 + n // 26)}{chr(97 + n % 26)}") for n in range(46)]
    made = [zelle(one, ("VITC", 1 + n % 3)) for n, one in enumerate(people)]
    rows, names = [], [order.contact_name for order, _attempt in made]
    for n, (order, attempt) in enumerate(made[:45]):
        if n % 3 == 0 or not (attempt.shown["extra_minor"] or n < 3):
            memo = attempt.shown["memo"] if n % 2 else f"order {order.code.lower()} thx"
            rows.append((attempt.amount_minor, memo, "Somebody Else", f"B{n}"))
        elif attempt.shown["extra_minor"]:
            rows.append((attempt.amount_minor, "thanks", "A FRIEND", f"B{n}"))
        else:
            rows.append((attempt.amount_minor, "", names[n].upper(), f"B{n}"))
    rows += [
        (9999, "", "Nobody We Know", "B45"),
        (1234, "lunch", "Bob Roe", "B46"),
        (made[45][1].amount_minor + 1_000_000, "", names[45], "B47"),
        (777, "1199-ZZZZ", "", "B48"),
        (5, "", "", "B49"),
    ]
    trial = statements.try_out(statements.upload("zelle", "november.csv", bank(*rows), actor=cast["dmitri"]))
    assert len(trial.reading.lines) == 50 and len(trial.matches) == 45
    assert {one.how for one in trial.matches.values()} == {"memo", "cents", "name"}
    statement, done = bring(bank(*rows), cast["dmitri"])
    assert done == 45
    paid = [order for order, _attempt in made if order.payment_status is P.PAID]
    assert len(paid) == 45 and made[45][0].payment_status is P.AWAITING
    assert {line.line_id for line in queue.open_lines()} == {f"B{n}" for n in range(45, 50)}
    ids = {receipt.external_id for order, _attempt in made for receipt in receipts.receipts_of(order.id)}
    assert ids == {f"bank:B{n}" for n in range(45)}
    assert bring(bank(*rows), cast["olga"])[1] == 0  # the same list once more
    assert len(db.session.scalars(select(BankLine.id)).all()) == 50
    assert proved() == {} and statement.told["lines"] == "50"


def test_the_same_line_in_two_lists(cast, asked):
    order, attempt = asked
    line = (attempt.amount_minor, attempt.shown["memo"], "", "Z1")
    assert bring(bank(line), cast["dmitri"])[1] == 1
    trial = statements.try_out(statements.upload("zelle", "b.csv", bank(line), actor=cast["dmitri"]))
    assert trial.known == {"Z1"}
    assert bring(bank(line, line), cast["dmitri"])[1] == 0
    assert len(receipts.receipts_of(order.id)) == 1 and loyalty.balance_of(order.customer_id) == 0


def test_a_list_proves_what_staff_saw_before(cast, asked):
    order, attempt = asked
    confirming.confirm(attempt.id, attempt.amount_minor, actor=cast["dmitri"])
    assert bring(bank((attempt.amount_minor, attempt.shown["memo"], "", "Z1")), cast["olga"])[1] == 1
    assert len(receipts.receipts_of(order.id)) == 1
    line = db.session.scalars(select(BankLine)).one()
    assert line.status is LineStatus.matched and line.confirmation.receipt_id is not None
    assert bring(bank((attempt.amount_minor, attempt.shown["memo"], "", "Z2")), cast["olga"])[1] == 0
    statements.match_by_hand(
        db.session.scalars(select(BankLine.id)).all()[-1], order.code, actor=cast["olga"]
    )
    assert loyalty.balance_of(order.customer_id) == attempt.amount_minor  # a second payment, said by people
    assert proved() == {}


def test_a_list_that_contradicts_staff_is_for_people(cast, asked):
    order, attempt = asked
    confirming.confirm(attempt.id, attempt.amount_minor, actor=cast["dmitri"])
    assert bring(bank((attempt.amount_minor - 100, attempt.shown["memo"], "", "Z1")), cast["olga"])[1] == 0
    assert len(receipts.receipts_of(order.id)) == 1


def test_paid_in_two_parts(cast, asked):
    order, attempt = asked
    memo = attempt.shown["memo"]
    rows = ((attempt.amount_minor - 700, memo, "", "Z1"), (700, memo, "", "Z2"))
    assert bring(bank(*rows), cast["dmitri"])[1] == 2
    assert order.payment_status is P.PAID and proved() == {}


def test_less_and_more(cast, asked):
    order, attempt = asked
    bring(bank((attempt.amount_minor - 1, attempt.shown["memo"], "", "Z1")), cast["dmitri"])
    assert order.payment_status is P.PARTIAL and newest(order).amount_minor == 1
    more, other = zelle(cast["felix"], ("VITC", 2))
    bring(bank((other.amount_minor + 25, other.shown["memo"], "", "Z2")), cast["dmitri"])
    assert more.payment_status is P.PAID and loyalty.balance_of(more.customer_id) == 25


def test_late_money_on_a_lapsed_order(cast, asked):
    order, attempt = asked
    set_store(unpaid_minutes=0)
    lapse(attempt.id)
    assert expire_unpaid() == [order.code]
    assert bring(bank((attempt.amount_minor, attempt.shown["memo"], "", "Z1")), cast["dmitri"])[1] == 1
    assert loyalty.balance_of(order.customer_id) == attempt.amount_minor
    assert proved() == {}


def test_much_waits_for_a_second_person(cast):
    order, attempt = zelle(cast["ana"], ("GOLD", 1))
    bring(bank((attempt.amount_minor, attempt.shown["memo"], "", "Z1")), cast["dmitri"])
    line = db.session.scalars(select(BankLine)).one()
    assert line.status is LineStatus.waiting and order.payment_status is P.AWAITING
    confirming.confirm_second(line.confirmation_id, actor=cast["olga"])
    assert line.status is LineStatus.matched and order.payment_status is P.PAID
    assert receipts.receipts_of(order.id)[0].external_id == "bank:Z1"
    assert proved() == {}


def test_an_amount_taken_back_frees_its_line(cast):
    _order, attempt = zelle(cast["ana"], ("GOLD", 1))
    bring(bank((attempt.amount_minor, attempt.shown["memo"], "", "Z1")), cast["dmitri"])
    line = db.session.scalars(select(BankLine)).one()
    confirming.drop(line.confirmation_id, actor=cast["olga"])
    assert line.status is LineStatus.open and statements.match_open("zelle", actor=cast["olga"]) == 1


def test_the_payers_name_of_a_word_counts(cast, asked):
    order, attempt = asked
    claims.say_sent(order.id, payer="María del Pilar Núñez", reference="A1", picture=b"", actor=cast["ana"])
    assert bring(bank((attempt.amount_minor, "", "NUNEZ MARIA", "Z1")), cast["dmitri"])[1] == 1


def test_equal_names_and_amounts_are_for_people(cast, asked):
    order, attempt = asked
    other, twin = zelle(cast["ana"])
    twin.amount_minor, twin.shown = attempt.amount_minor, twin.shown | {"extra_minor": 0}
    assert bring(bank((attempt.amount_minor, "", order.contact_name, "Z1")), cast["dmitri"])[1] == 0
    left = queue.open_lines()[0]
    proposals = rules.propose(statements.line_of(left), statements.load_wanted("zelle"))
    assert {one.order_id for one in proposals} == {order.id, other.id}


def test_by_hand(cast, asked):
    order, attempt = asked
    bring(bank((attempt.amount_minor, "no idea", "Bob", "Z1"), (50, "interest", "", "Z2")), cast["dmitri"])
    first, second = [line.id for line in queue.open_lines()]
    with pytest.raises(InvalidInput):
        statements.match_by_hand(first, "MIA-20260101-ZZZZ", actor=cast["dmitri"])
    with pytest.raises(InvalidInput):
        statements.ignore(second, " ", actor=cast["dmitri"])
    with pytest.raises(Forbidden):
        statements.match_by_hand(first, order.code, actor=cast["carla"])
    statements.match_by_hand(first, order.code.lower(), actor=cast["dmitri"])
    statements.ignore(second, "Interest of the bank", actor=cast["dmitri"])
    assert order.payment_status is P.PAID and queue.open_lines() == []
    with pytest.raises(LineUsed):
        statements.match_by_hand(first, order.code, actor=cast["dmitri"])
    with pytest.raises(LineUsed):
        statements.ignore(second, "Again", actor=cast["dmitri"])


def test_steps_are_taken_once(cast, asked):
    _order, attempt = asked
    content = bank((attempt.amount_minor, attempt.shown["memo"], "", "Z1"))
    made = statements.upload("zelle", "b.csv", content, actor=cast["dmitri"])
    statements.discard(made.id, actor=cast["olga"])
    with pytest.raises(StatementMoved):
        statements.apply(made.id, actor=cast["dmitri"])
    with pytest.raises(InvalidInput):
        statements.upload("cash", "b.csv", content, actor=cast["dmitri"])
    with pytest.raises(Forbidden):
        statements.upload("zelle", "b.csv", content, actor=cast["carla"])


def test_columns_said_by_people(cast, asked):
    order, attempt = asked
    content = f"wann,wieviel,wozu\n{local_today()},{attempt.amount_minor / 100:.2f},{attempt.shown['memo']}\n"
    made = statements.upload("zelle", "b.csv", content.encode(), actor=cast["dmitri"])
    assert statements.try_out(made).error
    with pytest.raises(InvalidInput):
        statements.apply(made.id, actor=cast["dmitri"])
    statements.set_columns(made.id, {"date": 0, "amount": 1, "memo": 2, "id": 77}, actor=cast["dmitri"])
    assert statements.apply(made.id, actor=cast["dmitri"]) == 1
    assert order.payment_status is P.PAID


def test_another_methods_list_touches_nothing(cast, asked):
    order, attempt = asked
    assert (
        bring(bank((attempt.amount_minor, attempt.shown["memo"], "", "Z1")), cast["dmitri"], "venmo")[1] == 0
    )
    assert order.payment_status is P.AWAITING
    assert db.session.get(Customer, order.customer_id) and db.session.get(Order, order.id)


def test_sent_through_another_app_than_was_chosen(cast):
    """Venmo was chosen, Zelle was used: the money pays under the way it took, and nobody waits for Venmo any more."""
    order = place(("VITC", 1), actor=cast["ana"], payment_method="venmo")
    chosen = newest(order)
    bring(bank((chosen.amount_minor, f"{chosen.shown['memo']} pills", "", "Z1")), cast["dmitri"])
    (line,) = queue.open_lines()
    assert order.payment_status is P.AWAITING
    statements.match_by_hand(line.id, order.code, actor=cast["dmitri"])
    (receipt,) = receipts.receipts_of(order.id)
    assert (receipt.method, receipt.applied_minor) == ("zelle", chosen.amount_minor)
    assert order.payment_status is P.PAID and order.payment_method == "zelle"
    assert chosen.status is AttemptStatus.cancelled and queue.transfers() == [] and proved() == {}


def test_another_app_pays_nothing_that_needs_no_money(cast, asked):
    order = place(("VITC", 1), actor=cast["ana"], payment_method="venmo")
    confirming.confirm(newest(order).id, newest(order).amount_minor, actor=cast["dmitri"])
    bring(bank((5_00, "who knows", "", "Z1")), cast["dmitri"])
    (line,) = queue.open_lines()
    for code, refusal in ((order.code, NothingToPay), ("MIA-20200101-ZZZZ", InvalidInput)):
        with pytest.raises(refusal):
            statements.match_by_hand(line.id, code, actor=cast["dmitri"])
    assert line.status is LineStatus.open and len(receipts.receipts_of(order.id)) == 1
