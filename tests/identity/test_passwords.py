"""E-mail and password: one answer for every failure, and pauses that grow."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import identity
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db
from app.core.errors import InvalidInput, TooMany
from app.identity import WrongCredentials
from app.identity.models import LoginSession, RefreshToken, SignInFailure
from tests.factories import make_person
from tests.identity.conftest import PASSWORD, person_with_password

EMAIL = "dmitri@miami.test"


def fail(times: int, email: str = EMAIL, ip: str = "10.0.0.1") -> None:
    for _try in range(times):
        with pytest.raises(WrongCredentials):
            identity.sign_in_with_password(email, "not this one", ip)


def actions() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


@pytest.mark.parametrize("email", [EMAIL, " DMITRI@miami.test "])
def test_the_right_password(store, email):
    person = person_with_password()
    assert identity.sign_in_with_password(email, PASSWORD, "10.0.0.1").id == person.id
    assert db.session.scalar(select(func.count()).select_from(SignInFailure)) == 0
    assert actions()[-1] == "signed_in"


def test_every_failure_reads_the_same(store):
    person_with_password()
    make_person("Ana", email="ana@miami.test")  # has no password
    closed = person_with_password("Felix", email="felix@miami.test")
    closed.active = False
    db.session.flush()
    answers = set()
    for email, password in [
        (EMAIL, "wrong"),
        ("nobody@miami.test", PASSWORD),
        ("ana@miami.test", ""),
        ("ana@miami.test", "\0"),
        ("felix@miami.test", PASSWORD),
    ]:
        with pytest.raises((WrongCredentials, InvalidInput)) as refused:
            identity.sign_in_with_password(email, password or " ", "10.0.0.1")
        answers.add((type(refused.value), str(refused.value)))
    assert answers == {(WrongCredentials, "E-mail or password is wrong.")}
    assert actions() == ["sign_in_failed"] * 5


@pytest.mark.parametrize("email", [EMAIL, "nobody@miami.test"])
def test_five_failures_call_for_a_pause_that_grows(store, email):
    person_with_password()
    fail(5, email)
    ahead = timedelta()
    for wait in (30, 60, 120, 240):
        with clock.moved(ahead), pytest.raises(TooMany) as refused:
            identity.sign_in_with_password(email, PASSWORD, "10.0.0.2")
        assert wait - 5 <= refused.value.data["retry_after"] <= wait + 1
        ahead += timedelta(seconds=wait + 1)
        with clock.moved(ahead):
            fail(1, email)


def test_success_forgets_the_failures_of_the_account(store):
    person_with_password()
    fail(4)
    identity.sign_in_with_password(EMAIL, PASSWORD, "10.0.0.1")
    fail(4)


def test_one_address_cannot_try_many_accounts(store):
    person_with_password()
    for number in range(20):
        fail(1, f"person{number}@miami.test")
    with pytest.raises(TooMany):
        identity.sign_in_with_password(EMAIL, PASSWORD, "10.0.0.1")
    identity.sign_in_with_password(EMAIL, PASSWORD, "10.0.0.2")


def test_a_blocked_attempt_is_not_counted(store):
    person_with_password()
    fail(5)
    before = db.session.scalar(select(func.count()).select_from(SignInFailure))
    with pytest.raises(TooMany):
        identity.sign_in_with_password(EMAIL, PASSWORD, "10.0.0.1")
    assert db.session.scalar(select(func.count()).select_from(SignInFailure)) == before


def test_empty_fields_are_named(store):
    with pytest.raises(InvalidInput) as refused:
        identity.sign_in_with_password(" ", "", "10.0.0.1")
    assert set(refused.value.errors) == {"email", "password"}


def test_a_new_password_ends_everything_else(store):
    person = person_with_password()
    identity.open_session(person, "miami.localhost", "Firefox")
    identity.issue_tokens(person, "phone-1")
    identity.change_password(person, PASSWORD, "an entirely new lamp", "10.0.0.1")
    assert person.epoch == 1
    assert db.session.scalar(select(func.count()).select_from(LoginSession)) == 0
    assert db.session.scalar(select(RefreshToken.revoked_at)) is not None
    assert identity.sign_in_with_password(EMAIL, "an entirely new lamp", "10.0.0.1").id == person.id
    with pytest.raises(WrongCredentials):
        identity.sign_in_with_password(EMAIL, PASSWORD, "10.0.0.1")
    assert "password_changed" in actions()


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [
        ("not this one", "an entirely new lamp", "current_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, "password", "new_password"),
        (PASSWORD, PASSWORD, "new_password"),
    ],
)
def test_a_refused_change_changes_nothing(store, current, new, field):
    person = person_with_password()
    token = identity.open_session(person, "miami.localhost", "")
    with pytest.raises(InvalidInput) as refused:
        identity.change_password(person, current, new, "10.0.0.1")
    assert set(refused.value.errors) == {field}
    assert identity.live_user(person.id, token) is not None


def test_staff_need_twelve_characters(store):
    customer, manager = person_with_password(), person_with_password("Carla", "manager", email="c@miami.test")
    with pytest.raises(InvalidInput):
        identity.change_password(manager, PASSWORD, "lampcounter", "10.0.0.1")
    identity.change_password(customer, PASSWORD, "lampcounter", "10.0.0.1")
    assert customer.epoch == 1


def test_guessing_the_current_password_slows_down_too(store):
    person = person_with_password()
    for _try in range(5):
        with pytest.raises(InvalidInput):
            identity.change_password(person, "not this one", "an entirely new lamp", "10.0.0.1")
    with pytest.raises(TooMany):
        identity.change_password(person, PASSWORD, "an entirely new lamp", "10.0.0.1")
