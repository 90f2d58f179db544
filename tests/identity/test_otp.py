"""Codes by SMS: limits, tries, and the same answer for everybody."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import identity
from app.core import clock
from app.core.db import db
from app.core.errors import InvalidInput, TooMany
from app.identity import CodeExpired, CodeNotSent, Customer, Person, WrongCode
from app.identity.models import OtpChallenge
from tests.factories import make_person
from tests.identity.conftest import PHONE


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_new_phone_becomes_a_person_with_a_profile(store, codes):
    sent = identity.request_otp("(305) 555-0142", "10.0.0.1", "en")
    person = identity.verify_otp(PHONE, codes.last_code)
    assert (sent.phone, person.phone, person.username) == (PHONE, PHONE, PHONE)
    assert person.contact_email is None
    assert person.phone_verified_at is not None
    assert db.session.scalar(select(Customer.user_id)) == person.id


def test_a_known_phone_is_the_same_person(store, codes):
    known = make_person("Ana", phone=PHONE)
    identity.request_otp(PHONE, "10.0.0.1", "en")
    assert identity.verify_otp(PHONE, codes.last_code).id == known.id


def test_the_answer_tells_nothing_about_who_is_known(store, codes):
    make_person("Ana", phone=PHONE)
    known = identity.request_otp(PHONE, "10.0.0.1", "en")
    unknown = identity.request_otp("+13055550143", "10.0.0.1", "en")
    assert (known.expires_in, known.resend_in) == (unknown.expires_in, unknown.resend_in) == (300, 30)
    assert len(codes.sent) == 2
    assert len(codes.sent[0][1]) == len(codes.sent[1][1])


def test_the_code_is_kept_as_a_keyed_hash(store, codes):
    identity.request_otp(PHONE, "10.0.0.1", "en")
    kept = db.session.scalars(select(OtpChallenge)).one()
    assert codes.last_code not in kept.code_hash
    assert len(kept.code_hash) == 64


def test_a_code_is_good_once(store, codes):
    identity.request_otp(PHONE, "10.0.0.1", "en")
    identity.verify_otp(PHONE, codes.last_code)
    with pytest.raises(CodeExpired):
        identity.verify_otp(PHONE, codes.last_code)


def test_a_code_is_good_for_its_own_phone_alone(store, codes):
    identity.request_otp(PHONE, "10.0.0.1", "en")
    with pytest.raises(CodeExpired):
        identity.verify_otp("+13055550143", codes.last_code)


def test_a_code_runs_out_after_five_minutes(store, codes):
    identity.request_otp(PHONE, "10.0.0.1", "en")
    with clock.moved(timedelta(minutes=5, seconds=1)), pytest.raises(CodeExpired):
        identity.verify_otp(PHONE, codes.last_code)


def test_only_the_newest_code_is_good(store, codes):
    identity.request_otp(PHONE, "10.0.0.1", "en")
    first = codes.last_code
    with clock.moved(timedelta(seconds=31)):
        identity.request_otp(PHONE, "10.0.0.1", "en")
        if first != codes.last_code:
            with pytest.raises(WrongCode):
                identity.verify_otp(PHONE, first)
        assert identity.verify_otp(PHONE, codes.last_code).phone == PHONE


def test_five_tries_then_a_pause_even_for_the_right_code(store, codes):
    identity.request_otp(PHONE, "10.0.0.1", "en")
    left = []
    for _try in range(5):
        with pytest.raises(WrongCode) as wrong:
            identity.verify_otp(PHONE, codes.wrong_code)
        left.append(wrong.value.data["tries_left"])
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(TooMany) as refused:
        identity.verify_otp(PHONE, codes.last_code)
    assert 1 <= refused.value.data["retry_after"] <= 31
    assert count(Person) == 0


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "12 34"])
def test_something_else_than_six_digits_costs_no_try(store, codes, typed):
    identity.request_otp(PHONE, "10.0.0.1", "en")
    with pytest.raises(InvalidInput):
        identity.verify_otp(PHONE, typed)
    assert db.session.scalar(select(OtpChallenge.tries)) == 0


def test_spaces_in_a_code_do_not_matter(store, codes):
    identity.request_otp(PHONE, "10.0.0.1", "en")
    code = codes.last_code
    assert identity.verify_otp(PHONE, f" {code[:3]} {code[3:]} ").phone == PHONE


def test_another_code_after_thirty_seconds(store, codes):
    identity.request_otp(PHONE, "10.0.0.1", "en")
    with pytest.raises(TooMany) as refused:
        identity.request_otp(PHONE, "10.0.0.2", "en")
    assert 25 <= refused.value.data["retry_after"] <= 31
    with clock.moved(timedelta(seconds=30)):
        identity.request_otp(PHONE, "10.0.0.1", "en")
    assert len(codes.sent) == 2


def test_five_codes_a_phone_and_hour(store, codes):
    for number in range(5):
        with clock.moved(timedelta(minutes=number)):
            identity.request_otp(PHONE, f"10.0.0.{number}", "en")
    with clock.moved(timedelta(minutes=10)):
        with pytest.raises(TooMany) as refused:
            identity.request_otp(PHONE, "10.0.0.9", "en")
        assert 49 * 60 < refused.value.data["retry_after"] <= 50 * 60 + 1
    with clock.moved(timedelta(minutes=60, seconds=1)):
        identity.request_otp(PHONE, "10.0.0.9", "en")
    assert len(codes.sent) == 6


def test_twenty_codes_an_address_and_hour(store, codes):
    for number in range(20):
        identity.request_otp(f"+1305555{100 + number:04d}", "10.0.0.1", "en")
    with pytest.raises(TooMany):
        identity.request_otp("+13055550199", "10.0.0.1", "en")
    identity.request_otp("+13055550199", "10.0.0.2", "en")


def test_a_failing_provider_costs_nothing(store, codes):
    codes.down = True
    for _try in range(6):
        with pytest.raises(CodeNotSent) as refused:
            identity.request_otp(PHONE, "10.0.0.1", "en")
        assert refused.value.kind == "unavailable"
    assert count(OtpChallenge) == 0
    codes.down = False
    identity.request_otp(PHONE, "10.0.0.1", "en")
    assert identity.verify_otp(PHONE, codes.last_code).phone == PHONE


def test_a_closed_account_stays_outside(store, codes):
    make_person("Ana", phone=PHONE).active = False
    db.session.flush()
    identity.request_otp(PHONE, "10.0.0.1", "en")
    with pytest.raises(identity.AccountClosed):
        identity.verify_otp(PHONE, codes.last_code)
