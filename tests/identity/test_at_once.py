"""Many at once on the real database: the limits hold, and a last try is one try."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app import identity
from app.core.db import db, transaction
from app.core.tenancy import store_scope
from app.identity import Person, otp
from app.identity.models import LoginSession, OtpChallenge, SignInFailure
from tests.factories import MIAMI, make_person
from tests.identity.conftest import PHONE, person_with_password

pytestmark = pytest.mark.race


def at_once(app: Flask, calls: list[Callable[[], object]]) -> Counter[str]:
    """Run every call in a thread and session of its own, released together; count the kinds of outcome."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], object]) -> str:
        with app.app_context(), store_scope(MIAMI):
            barrier.wait(timeout=10)
            try:
                call()
            except identity.WrongCode:
                return "wrong"
            except Exception as error:
                return type(error).__name__
            return "ok"

    with ThreadPoolExecutor(len(calls)) as pool:
        return Counter(pool.map(run, calls))


def test_ten_requests_for_one_phone_send_one_code(committed, codes):
    outcome = at_once(
        committed, [lambda n=n: identity.request_otp(PHONE, f"10.0.0.{n}", "en") for n in range(10)]
    )
    assert outcome == {"ok": 1, "TooMany": 9}
    assert len(codes.sent) == 1


def test_ten_requests_from_one_address_stop_at_its_limit(committed, codes):
    for n in range(15):
        identity.request_otp(f"+1305555{100 + n:04d}", "10.0.0.1", "en")
    outcome = at_once(
        committed,
        [lambda n=n: identity.request_otp(f"+1305555{130 + n:04d}", "10.0.0.1", "en") for n in range(10)],
    )
    assert outcome == {"ok": 5, "TooMany": 5}
    assert len(codes.sent) == 20


def test_the_last_try_is_taken_once(committed, codes):
    identity.request_otp(PHONE, "10.0.0.1", "en")
    with transaction():
        db.session.execute(update(OtpChallenge).values(tries=4))
    outcome = at_once(committed, [lambda: identity.verify_otp(PHONE, codes.wrong_code)] * 8)
    assert outcome == {"wrong": 1, "TooMany": 7}
    assert db.session.scalar(select(OtpChallenge.tries)) == 5


def test_one_code_lets_one_in(committed, codes):
    identity.request_otp(PHONE, "10.0.0.1", "en")
    outcome = at_once(committed, [lambda: identity.verify_otp(PHONE, codes.last_code)] * 5)
    assert outcome == {"ok": 1, "CodeExpired": 4}
    assert db.session.scalar(select(func.count()).select_from(Person)) == 1


def test_guessing_in_parallel_gains_nothing(committed):
    person_with_password()
    outcome = at_once(
        committed,
        [
            lambda n=n: identity.sign_in_with_password("dmitri@miami.test", f"guess {n}", f"10.0.0.{n}")
            for n in range(12)
        ],
    )
    assert outcome == {"WrongCredentials": 5, "TooMany": 7}
    assert db.session.scalar(select(func.count()).select_from(SignInFailure)) == 10


def test_a_refresh_token_shown_twice_at_once_ends_the_chain(committed):
    tokens = identity.issue_tokens(make_person("Ana"), "phone-1")
    outcome = at_once(committed, [lambda: identity.refresh_tokens(tokens.refresh_token, "phone-1")] * 4)
    assert outcome == {"ok": 1, "TokenRejected": 3}


def test_a_profile_is_made_once(committed):
    person_id = make_person("Ana").id

    def profile() -> object:
        return identity.customer_of(identity.person_by_id(person_id)).id

    assert at_once(committed, [profile] * 6) == {"ok": 6}
    assert db.session.scalar(select(func.count()).select_from(identity.Customer)) == 1


def test_a_session_used_while_it_is_closed_stays_closed(committed):
    person = make_person("Ana")
    token = identity.open_session(person, "miami.localhost", "")
    with transaction():
        db.session.execute(
            update(LoginSession).values(
                last_seen_at=LoginSession.created_at - func.make_interval(0, 0, 0, 0, 1)
            )
        )
    user_id = person.id
    at_once(
        committed,
        [lambda: identity.live_user(user_id, token)] * 5 + [lambda: identity.close_session(token)],
    )
    assert identity.live_user(user_id, token) is None


def test_without_the_lock_the_limit_would_not_hold(committed, codes, monkeypatch):
    """The negative control: all pass the check before any of them is written down."""
    checked = Barrier(4)
    allowance = otp._require_allowance

    def check_together(whose, allowed, at):
        allowance(whose, allowed, at)
        if allowed == otp.PER_ADDRESS:
            checked.wait(timeout=5)

    monkeypatch.setattr(otp.limits, "lock", lambda *keys: None)
    monkeypatch.setattr(otp, "_require_allowance", check_together)
    outcome = at_once(
        committed, [lambda n=n: identity.request_otp(PHONE, f"10.0.0.{n}", "en") for n in range(4)]
    )
    assert outcome == {"ok": 4}
