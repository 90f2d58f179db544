"""Wallets in the console: read by managers, corrected by who owns the store, with the password once more."""

import re

import pytest
from sqlalchemy import func, select

from app import identity, loyalty
from app.core.audit import AuditEntry
from app.core.db import db, transaction
from app.core.tenancy import store_scope
from app.identity.models import Person
from app.ledger import LedgerEntry
from tests.admin.conftest import enter
from tests.factories import JAKARTA, give_password, make_person

PASSWORD = "a lamp on the counter"
FORM = {"direction": "in", "amount": "12.40", "reason": "Sorry for the wait", "key": "k1"}


@pytest.fixture
def ana(committed) -> int:
    key = identity.customer_of(make_person("Ana", phone="+13055550142")).id
    db.session.remove()
    return key


@pytest.fixture
def owner(committed):
    with transaction():
        person = make_person("Olga", roles=("store_admin",))
        give_password(person, PASSWORD)
    return enter(committed, person)


def balance(customer_id: int) -> int:
    db.session.remove()
    return loyalty.balance_of(customer_id)


def test_the_password_is_asked_for_once(owner, ana):
    page = owner.page(f"/console/wallets/show/{ana}")
    assert 'name="password"' in page and "Nothing has come in or gone out yet." in page
    assert owner.post(f"/console/wallets/correct/{ana}", FORM | {"password": PASSWORD}).status_code == 303
    page = owner.page(f"/console/wallets/show/{ana}")
    assert (
        'name="password"' not in page and "$12.40" in page and "Sorry for the wait" in page and "Olga" in page
    )
    out = {"direction": "out", "amount": "2,40", "reason": "Booked twice", "key": "k2"}
    assert owner.post(f"/console/wallets/correct/{ana}", out).status_code == 303
    assert balance(ana) == 1000
    trail = db.session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("%w%correct%")))
    assert list(trail) == ["wallet.corrected"] * 2


def test_the_same_form_sent_twice_is_one_correction(owner, ana):
    for _click in range(2):
        assert owner.post(f"/console/wallets/correct/{ana}", FORM | {"password": PASSWORD}).status_code == 303
    assert balance(ana) == 1240


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"password": "a guess"}, "This is not your password."),
        ({"password": ""}, "Enter your password once more."),
        ({"amount": "twelve"}, "Write the amount in figures"),
        ({"amount": "0"}, "other than zero"),
        ({"amount": "-5"}, "Write the amount in figures"),
        ({"reason": " "}, "Say why"),
        ({"direction": "out"}, "There is $0.00 in the wallet now."),
        ({"direction": "sideways"}, "Say whether you put money in or take it out."),
        ({"last_day": "2020-01-01"}, "Choose a day to come"),
        ({"last_day": "soon"}, "Choose a day to come"),
        ({"direction": "out", "last_day": "2099-01-01"}, "only money that is put in can end"),
    ],
)
def test_refused_with_everything_typed_kept(owner, ana, change, message):
    typed = FORM | {"password": PASSWORD} | change
    answer = owner.post(f"/console/wallets/correct/{ana}", typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code in {409, 422} and message in page
    assert all(f'value="{typed[name]}"' in page for name in ("amount",) if typed[name])
    assert PASSWORD not in page
    assert balance(ana) == 0 and db.session.scalar(select(func.count()).select_from(LedgerEntry)) == 0


def test_money_that_ends_ends_with_its_last_day(owner, ana):
    typed = FORM | {"password": PASSWORD, "last_day": "2099-05-31"}
    assert owner.post(f"/console/wallets/correct/{ana}", typed).status_code == 303
    db.session.remove()
    (lot,) = loyalty.ending_soon(ana)
    assert lot.expires_at.isoformat() == "2099-06-01T04:00:00+00:00"
    assert "until May 31, 2099" in owner.page(f"/console/wallets/show/{ana}")


@pytest.mark.parametrize(
    ("role", "reads"), [("manager", 200), ("dispatcher", 403), ("driver", 403), ("customer", 403)]
)
def test_who_may_look_and_who_may_not(sign_in, ana, role, reads):
    person = sign_in(role)
    answer = person.get(f"/console/wallets/show/{ana}")
    refused = answer.status_code in {403} or (answer.status_code == 302 and reads == 403)
    assert (answer.status_code == 200) if reads == 200 else refused
    if reads == 200:
        assert "Correct the wallet" not in answer.get_data(as_text=True)
    assert person.post(f"/console/wallets/correct/{ana}", FORM).status_code in {302, 403}
    assert balance(ana) == 0


def test_a_wallet_of_the_store_next_door_is_not_there(owner, committed):
    with store_scope(JAKARTA):
        foreign = identity.customer_of(make_person("Felix")).id
    db.session.remove()
    assert owner.get(f"/console/wallets/show/{foreign}").status_code == 404
    answer = owner.post(f"/console/wallets/correct/{foreign}", FORM | {"password": PASSWORD})
    assert answer.status_code == 404


def test_the_list_and_the_customers_page_say_the_balance(owner, ana):
    owner.post(f"/console/wallets/correct/{ana}", FORM | {"password": PASSWORD})
    listed = owner.page("/console/wallets/list/")
    assert "Ana Test" in listed and "$12.40" in listed
    assert re.search(r"Wallet, \$12\.40", owner.page(f"/console/customers/show/{ana}"))
    assert db.session.scalar(select(Person.first_name).where(Person.first_name == "Ana")) == "Ana"
