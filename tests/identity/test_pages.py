"""Signing in by browser: cookies that die, pages that keep what was typed, and no second way in."""

import re

import pytest
from sqlalchemy import select

from app import identity
from app.core.db import db, transaction
from app.identity import Person
from tests.factories import make_person
from tests.identity.conftest import PASSWORD, PHONE, person_with_password

NEW = "an entirely new lamp"


def test_in_by_password_and_out(browse):
    person_with_password()
    browser = browse()
    assert not browser.is_signed_in
    answer = browser.sign_in(next="/account/orders")
    assert (answer.status_code, answer.location) == (303, "/account/orders")
    assert browser.is_signed_in
    assert browser.post("/sign-out").status_code == 303
    assert not browser.is_signed_in


def test_in_by_code(browse, codes):
    browser = browse()
    assert (
        browser.post("/sign-in", way="phone", phone="305 555 0142", next="/account").location
        == "/sign-in/code"
    )
    assert "+1 305-555-0142" in browser.get("/sign-in/code").text
    wrong = browser.post("/sign-in/code", code=codes.wrong_code)
    assert wrong.status_code == 422
    assert "You have 4 more tries" in wrong.text
    right = browser.post("/sign-in/code", code=codes.last_code)
    assert (right.status_code, right.location) == (303, "/account")
    assert browser.is_signed_in
    assert db.session.scalar(select(Person.phone)) == PHONE


def test_a_copied_cookie_is_dead_after_sign_out(browse, committed):
    person_with_password()
    browser = browse()
    browser.sign_in()
    thief = browser.copy(committed)
    assert thief.is_signed_in
    browser.post("/sign-out")
    assert not thief.is_signed_in


def test_a_copied_cookie_is_dead_after_a_change_of_password(browse, committed):
    person_with_password()
    browser = browse()
    browser.sign_in()
    thief = browser.copy(committed)
    answer = browser.post("/account/password", current_password=PASSWORD, new_password=NEW)
    assert answer.status_code == 303
    assert not thief.is_signed_in
    assert browser.is_signed_in
    assert browse().sign_in(password=NEW).status_code == 303


def test_signing_out_everywhere_ends_every_browser(browse):
    person_with_password()
    here, there = browse(), browse()
    here.sign_in()
    there.sign_in()
    assert here.post("/account/sign-out-everywhere").status_code == 303
    assert not here.is_signed_in
    assert not there.is_signed_in


def test_one_device_is_signed_out_from_another(browse):
    person_with_password()
    here, there = browse(), browse()
    there.sign_in()
    here.sign_in()
    (device,) = re.findall(r"/account/devices/(\d+)/sign-out", here.get("/account").text)
    assert here.post(f"/account/devices/{device}/sign-out").status_code == 303
    assert here.is_signed_in
    assert not there.is_signed_in


def test_a_strangers_device_is_not_found(browse):
    person_with_password()
    person_with_password("Felix", email="felix@miami.test")
    mine, other = browse(), browse()
    mine.sign_in()
    other.sign_in("felix@miami.test")
    row = db.session.scalar(
        select(identity.sessions.LoginSession.id).order_by(identity.sessions.LoginSession.id)
    )
    assert other.post(f"/account/devices/{row}/sign-out").status_code == 404
    assert mine.is_signed_in


def test_a_session_is_new_at_every_sign_in(browse, committed):
    person_with_password()
    browser = browse()
    with browser.client.session_transaction(base_url=browser.host) as cookie:
        cookie["sid"], cookie["planted"] = "chosen by somebody else", "1"
    browser.sign_in()
    with browser.client.session_transaction(base_url=browser.host) as cookie:
        first = cookie["sid"]
        assert "planted" not in cookie
    assert first != "chosen by somebody else"
    browser.post("/sign-out")
    browser.sign_in()
    with browser.client.session_transaction(base_url=browser.host) as cookie:
        assert cookie["sid"] != first


def test_a_cookie_with_a_user_and_no_session_is_nobody(browse):
    user_id = person_with_password().id
    browser = browse()
    with browser.client.session_transaction(base_url=browser.host) as cookie:
        cookie["_user_id"], cookie["_fresh"] = str(user_id), True
    assert not browser.is_signed_in


def test_a_cookie_of_one_store_is_nobody_at_another(browse, committed):
    person_with_password()
    browser = browse()
    browser.sign_in()
    next_door = browse("http://jakarta.localhost")
    for cookie in browser.client._cookies.values():
        next_door.client.set_cookie(cookie.key, cookie.value, domain="jakarta.localhost")
    assert browser.is_signed_in
    assert not next_door.is_signed_in


def test_a_wrong_password_keeps_what_was_typed(browse):
    person_with_password()
    answer = browse().sign_in(password="not this one", next="/checkout")
    assert answer.status_code == 422
    assert 'value="dmitri@miami.test"' in answer.text
    assert 'value="/checkout"' in answer.text
    assert "E-mail or password is wrong." in answer.text
    assert "not this one" not in answer.text


def test_too_many_failures_say_how_long_to_wait(browse):
    person_with_password()
    browser = browse()
    for _try in range(5):
        browser.sign_in(password="not this one")
    answer = browser.sign_in()
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 31
    assert "Please try again in" in answer.text


def test_a_phone_that_is_none_is_marked(browse, codes):
    answer = browse().post("/sign-in", way="phone", phone="call me")
    assert answer.status_code == 422
    assert 'value="call me"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_a_silent_provider_is_503(browse, codes):
    codes.down = True
    answer = browse().post("/sign-in", way="phone", phone=PHONE)
    assert answer.status_code == 503
    assert "cannot send a text message" in answer.text


def test_the_sixth_try_is_429(browse, codes):
    browser = browse()
    browser.post("/sign-in", way="phone", phone=PHONE)
    for _try in range(5):
        assert browser.post("/sign-in/code", code=codes.wrong_code).status_code == 422
    answer = browser.post("/sign-in/code", code=codes.last_code)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1


def test_asking_again_too_soon_is_429(browse, codes):
    browser = browse()
    browser.post("/sign-in", way="phone", phone=PHONE)
    assert browser.post("/sign-in/code/again").status_code == 429
    assert len(codes.sent) == 1


@pytest.mark.parametrize(
    ("role", "place"),
    [
        ("driver", "/driver"),
        ("dispatcher", "/dispatch"),
        ("manager", "/console/"),
        ("store_admin", "/console/"),
    ],
)
def test_staff_land_where_they_work(browse, role, place):
    person_with_password("Carla", role)
    assert browse().sign_in().location == place


def test_next_never_leaves_the_house(browse):
    person_with_password()
    assert browse().sign_in(next="//evil.example/x").location == "/"


def test_the_profile_is_saved_and_a_wrong_date_is_marked(browse):
    person_with_password()
    browser = browse()
    browser.sign_in()
    good = {"first_name": " Dmitri  I. ", "last_name": "", "locale": "ru", "birth_date": "1980-05-17"}
    refused = browser.post("/account", **good | {"birth_date": "17.05.1980", "first_name": "Mitya"})
    assert refused.status_code == 422
    assert 'value="Mitya"' in refused.text
    assert browser.post("/account", **good).status_code == 303
    person = db.session.scalars(select(Person)).one()
    assert (person.first_name, person.locale, str(person.birth_date)) == ("Dmitri I.", "ru", "1980-05-17")
    assert '<html lang="ru"' in browser.get("/account").text


def test_private_pages_are_kept_by_no_cache(browse):
    assert browse().get("/sign-in").headers["Cache-Control"] == "no-store"


def test_nobody_is_signed_out_by_a_link(browse):
    person_with_password()
    browser = browse()
    browser.sign_in()
    assert browser.get("/sign-out").status_code == 200
    assert browser.get("/logout/").location == "/sign-out"
    assert browser.is_signed_in


def test_forms_need_their_token(browse, committed):
    person_with_password()
    answer = committed.test_client().post(
        "/sign-in",
        base_url="http://miami.localhost",
        data={"way": "password", "email": "a@b.c", "password": "x"},
    )
    assert answer.status_code == 400


def test_the_frameworks_ways_in_lead_to_ours_or_nowhere(browse, committed):
    person_with_password("Dmitri", "store_admin")
    browser = browse()
    assert (
        browser.get("/login/?next=http://miami.localhost/users/list/").location
        == "/sign-in?next=/users/list/"
    )
    assert browser.get("/login/?next=http://evil.example/").location == "/sign-in"
    with committed.test_request_context():
        rules = {(str(rule), method) for rule in committed.url_map.iter_rules() for method in rule.methods}
    assert ("/login/", "POST") not in rules
    for path in (
        "/api/v1/security/",
        "/resetpassword",
        "/resetmypassword",
        "/userinfoeditview",
        "/users/add",
        "/users/edit",
        "/users/delete",
        "/roles",
        "/registeruser",
    ):
        assert not [rule for rule, _method in rules if rule.startswith(path)], path


@pytest.mark.parametrize(("columns", "status"), [({}, 403), ({"platform_admin": True}, 200)])
def test_people_are_listed_for_the_platform_alone(browse, columns, status):
    with transaction():
        person = person_with_password("Grace", "store_admin")
        for name, value in columns.items():
            setattr(person, name, value)
    browser = browse()
    browser.sign_in()
    assert browser.get("/console/platform/people/list/").status_code == status


def test_a_remember_cookie_is_worth_nothing(browse, committed):
    from flask_login import encode_cookie

    user_id = person_with_password().id
    browser = browse()
    with committed.test_request_context():
        forged = encode_cookie(str(user_id))
    browser.client.set_cookie("remember_token", forged, domain="miami.localhost")
    assert not browser.is_signed_in


def test_a_page_of_a_signed_in_person_reads_them_with_two_queries(browse, committed):
    from sqlalchemy import event

    person_with_password()
    browser = browse()
    browser.sign_in()
    browser.get("/sign-out")
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert browser.get("/sign-out").status_code == 200
    reads = [s for s in statements if "ab_user" in s or "membership" in s]
    assert len(reads) == 2, statements


def test_signing_in_works_without_valkey(browse, committed):
    from app.core.settings import setting

    assert "redis" in setting("REDIS_URL")
    person_with_password()
    before, committed.config["REDIS_URL"] = committed.config["REDIS_URL"], "redis://127.0.0.1:9/0"
    try:
        browser = browse()
        assert browser.sign_in().status_code == 303
        assert browser.is_signed_in
    finally:
        committed.config["REDIS_URL"] = before


def test_a_person_without_an_address_is_asked_for_no_password(browse, codes):
    make_person("Ana", phone=PHONE, email=f"13055550142{identity.models.NO_EMAIL}")
    browser = browse()
    browser.post("/sign-in", way="phone", phone=PHONE)
    browser.post("/sign-in/code", code=codes.last_code)
    page = browser.get("/account").text
    assert "people.invalid" not in page
    assert "new_password" not in page
