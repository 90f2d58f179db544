"""Proving anew who one is: for one session, for five minutes, with pauses for those who guess."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import identity
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db
from app.core.errors import InvalidInput, TooMany
from app.identity.models import LoginSession
from tests.factories import make_person
from tests.identity.conftest import PASSWORD, person_with_password

HOST, IP = "miami.localhost", "10.0.0.1"


@pytest.fixture
def person(store):
    return person_with_password("Olga", "store_admin")


def confirm(person, token: str, password: str = PASSWORD) -> None:
    identity.confirm_person(person, password, token, IP)


def test_is_good_for_five_minutes_in_one_session(person):
    here, there = (identity.open_session(person, HOST, "pytest") for _browser in "ab")
    assert not identity.is_confirmed(person, here)
    confirm(person, here)
    assert identity.is_confirmed(person, here) and not identity.is_confirmed(person, there)
    assert not identity.is_confirmed(make_person("Felix"), here)
    with clock.moved(timedelta(minutes=4, seconds=59)):
        assert identity.is_confirmed(person, here)
    with clock.moved(timedelta(minutes=5, seconds=1)):
        assert not identity.is_confirmed(person, here)


def test_a_session_that_ended_proves_nothing(person):
    token = identity.open_session(person, HOST, "pytest")
    confirm(person, token)
    identity.close_session(token)
    assert not identity.is_confirmed(person, token)
    assert not identity.is_confirmed(person, "")


@pytest.mark.parametrize("password", ["", "not this one", PASSWORD.upper(), "\0", "x" * 5000])
def test_another_password_proves_nothing(person, password):
    token = identity.open_session(person, HOST, "pytest")
    with pytest.raises(InvalidInput) as refused:
        confirm(person, token, password)
    assert list(refused.value.errors) == ["password"]
    assert db.session.scalar(select(LoginSession.confirmed_at)) is None


def test_guessing_is_slowed_down_and_audited(person):
    token = identity.open_session(person, HOST, "pytest")
    for _guess in range(5):
        with pytest.raises(InvalidInput):
            confirm(person, token, "a guess")
    with pytest.raises(TooMany):
        confirm(person, token)
    with clock.moved(timedelta(seconds=31)):
        confirm(person, token)
    actions = list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions == ["confirmation_failed"] * 5 + ["confirmed"]


def test_who_has_no_password_is_told_to_set_one(store):
    person = make_person("Luis", roles=("store_admin",))
    token = identity.open_session(person, HOST, "pytest")
    with pytest.raises(InvalidInput) as refused:
        confirm(person, token)
    assert "no password yet" in refused.value.errors["password"]
