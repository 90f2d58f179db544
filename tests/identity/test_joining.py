"""Joining by e-mail: the address is proved first, and nobody learns who is here already."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import identity
from app.core import clock
from app.core.db import db
from app.core.errors import InvalidInput, NotFound, TooMany
from app.identity import Applicant, CodeExpired, Customer, LetterNotSent, Person, WrongCode, WrongCredentials
from app.identity.models import SignUp
from tests.factories import make_person

ANA = Applicant("Ana@People.test", "a lamp on the counter", "Ana", "Ruiz", "1980-05-17")
LINK = "http://miami.localhost/verify-email/{token}"


def join(applicant=ANA, ip="10.0.0.1"):
    return identity.start_sign_up(applicant, ip, link=LINK)


def token(letters):
    return letters.last.url.rsplit("/", 1)[1]


@pytest.fixture
def later(monkeypatch):
    """Let time pass."""

    def move(span: timedelta) -> None:
        now = clock.now() + span
        monkeypatch.setattr(clock, "now", lambda: now)

    return move


def test_the_code_makes_the_account(store, letters):
    waiting = join()
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0
    person = identity.confirm_by_code(waiting.id, letters.last_code)
    assert (person.email, person.full_name, str(person.birth_date)) == (
        "ana@people.test",
        "Ana Ruiz",
        "1980-05-17",
    )
    assert person.email_verified_at is not None
    assert db.session.scalar(select(Customer.user_id)) == person.id
    assert identity.sign_in_with_password("ana@people.test", ANA.password, "10.0.0.1").id == person.id


def test_neither_code_nor_password_is_kept_as_it_is(store, letters):
    row_id = join().id
    row = db.session.get(SignUp, row_id)
    kept = f"{row.code_hash} {row.link_hash} {row.password}"
    assert letters.last_code not in row.code_hash and token(letters) not in kept and ANA.password not in kept
    identity.confirm_by_code(row_id, letters.last_code)
    assert db.session.get(SignUp, row_id).password == ""


def test_a_known_address_is_told_to_its_owner_alone(store, letters):
    make_person("Ana", email="ana@people.test")
    waiting = join()
    assert (waiting.email, waiting.resend_in) == ("ana@people.test", 30)
    assert letters.last.subject == "You have an account already"
    assert not re.search(r"\d{6}", letters.last.body)
    with pytest.raises(WrongCode):
        identity.confirm_by_code(waiting.id, "000000")


def test_a_code_is_good_once_and_the_newest_alone(store, letters, later):
    first, code = join(), letters.last_code
    later(timedelta(seconds=31))
    second = identity.send_letter_again(first.id, "10.0.0.1", link=LINK)
    with pytest.raises(CodeExpired):
        identity.confirm_by_code(first.id, code)
    identity.confirm_by_code(second.id, letters.last_code)
    with pytest.raises(CodeExpired):
        identity.confirm_by_code(second.id, letters.last_code)


def test_the_sixth_try_is_refused_even_when_right(store, letters):
    waiting = join()
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(WrongCode) as refusal:
            identity.confirm_by_code(waiting.id, letters.wrong_code)
        assert refusal.value.data["tries_left"] == left
    with pytest.raises(TooMany):
        identity.confirm_by_code(waiting.id, letters.last_code)


def test_code_and_link_run_out_after_half_an_hour(store, letters, later):
    waiting = join()
    later(timedelta(minutes=30, seconds=1))
    with pytest.raises(CodeExpired):
        identity.confirm_by_code(waiting.id, letters.last_code)
    with pytest.raises(NotFound):
        identity.confirm_by_link(token(letters), None, "10.0.0.1")


def test_the_link_opens_the_account_where_it_was_asked_for(store, letters):
    waiting = join()
    assert identity.sign_up_of_link(token(letters)) == waiting.id
    assert identity.confirm_by_link(token(letters), None, "10.0.0.1").email == "ana@people.test"
    with pytest.raises(NotFound):
        identity.sign_up_of_link(token(letters))


def test_elsewhere_the_link_wants_the_password(store, letters):
    join()
    with pytest.raises(WrongCredentials):
        identity.confirm_by_link(token(letters), "somebody else's", "10.0.0.2")
    assert identity.confirm_by_link(token(letters), ANA.password, "10.0.0.2").first_name == "Ana"


def test_a_made_up_link_is_not_there(store, letters):
    join()
    for wrong in ("", "x", token(letters) + "x"):
        with pytest.raises(NotFound):
            identity.sign_up_of_link(wrong)


def test_letters_are_counted_by_address_and_by_sender(store, letters, later):
    join()
    with pytest.raises(TooMany) as pause:
        join()
    assert 0 < pause.value.data["retry_after"] <= 31
    for _turn in range(4):
        later(timedelta(seconds=31))
        join()
    later(timedelta(seconds=31))
    with pytest.raises(TooMany):
        join()
    join(replace(ANA, email="boris@people.test"))


def test_a_letter_that_did_not_go_out_is_not_counted(store, letters):
    letters.down = True
    with pytest.raises(LetterNotSent):
        join()
    letters.down = False
    assert join().email == "ana@people.test"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"email": "ana"}, "email", id="no address"),
        pytest.param({"email": "ana@people"}, "email", id="no domain"),
        pytest.param({"email": "a b@people.test"}, "email", id="a space"),
        pytest.param({"email": "a@b.test, c@d.test"}, "email", id="two addresses"),
        pytest.param({"email": "a" * 120 + "@people.test"}, "email", id="too long"),
        pytest.param({"email": "ana@people.test\r\nBcc: x@y.test"}, "email", id="a header"),
        pytest.param({"password": "short"}, "password", id="short password"),
        pytest.param({"password": "password123"}, "password", id="common password"),
        pytest.param({"password": "ana@people.test"}, "password", id="the address as password"),
        pytest.param({"first_name": " "}, "first_name", id="no name"),
        pytest.param({"first_name": "A" * 65}, "first_name", id="long name"),
        pytest.param({"birth_date": "tomorrow"}, "birth_date", id="no date"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(store, letters, changes, field):
    with pytest.raises(InvalidInput) as refusal:
        join(replace(ANA, **changes))
    assert list(refusal.value.errors) == [field]
    assert letters.sent == []


def test_everything_wrong_is_said_at_once(store, letters):
    with pytest.raises(InvalidInput) as refusal:
        join(Applicant("", "", ""))
    assert {"email", "password", "first_name"} <= set(refusal.value.errors)


def test_in_by_letter_on_pages(browse, letters):
    browser = browse()
    wrong = browser.post(
        "/sign-up", email="ana@people.test", first_name="Ana", password="short", birth_date="1980-05-17"
    )
    assert wrong.status_code == 422
    assert 'value="ana@people.test"' in wrong.text and "short" not in re.findall(
        r'value="([^"]*)"', wrong.text
    )
    form = {"email": ANA.email, "password": ANA.password, "first_name": "Ana", "birth_date": "1980-05-17"}
    sent = browser.post("/sign-up", next="/account/orders", **form)
    assert (sent.status_code, sent.location) == (303, "/verify-email")
    assert "ana@people.test" in browser.get("/verify-email").text
    assert "4 more tries" in browser.post("/verify-email", code=letters.wrong_code).text
    done = browser.post("/verify-email", code=letters.last_code)
    assert (done.status_code, done.location) == (303, "/account/orders")
    assert browser.is_signed_in


def test_the_letters_link_on_pages(browse, letters):
    browser, elsewhere = browse(), browse()
    form = {"email": ANA.email, "password": ANA.password, "first_name": "Ana", "birth_date": "1980-05-17"}
    browser.post("/sign-up", **form)
    path = "/verify-email/" + token(letters)
    assert 'name="password"' in elsewhere.get(path).text
    assert elsewhere.post(path, password="not this one").status_code == 422
    page = browser.get(path)
    assert page.status_code == 200 and 'name="password"' not in page.text
    assert not browser.is_signed_in, "looking is not confirming"
    assert browser.post(path).status_code == 303
    assert browser.is_signed_in
    assert browser.get(path).status_code == 404
