"""Signing in by API, tokens, and what gives authority: the Bearer token of this store, and nothing else."""

import re
from datetime import timedelta

import pytest

from app import identity
from app.core import clock
from app.core.db import db, transaction
from app.identity.models import Person
from tests.api.conftest import JAKARTA_HOST, Api, Cast, kind_of
from tests.factories import make_person

PHONE = "+13055550177"


class Phones:
    """A sender of codes that remembers them."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, str]] = []

    def send(self, phone: str, text: str, locale: str) -> None:
        """Keep it."""
        self.texts.append((phone, text))

    @property
    def code(self) -> str:
        """The last one."""
        return re.findall(r"\d{6}", self.texts[-1][1])[0]


def person_of(cast: Cast, name: str) -> Person:
    """Somebody of the cast."""
    return db.session.get_one(Person, cast.actors[name].user_id)


@pytest.fixture
def phones(monkeypatch: pytest.MonkeyPatch) -> Phones:
    fake = Phones()
    monkeypatch.setattr("app.identity.otp.otp_sender", lambda: fake)
    return fake


def test_a_code_makes_an_account_and_its_token_works(api: Api, phones: Phones):
    sent = api.post("/auth/otp", {"phone": "(305) 555-0177"})
    tokens = api.post("/auth/otp/verify", {"phone": PHONE, "code": phones.code})
    me = api.at(token=tokens.json["access_token"]).get("/me").json

    assert (sent.status_code, sent.json) == (200, {"phone": PHONE, "expires_in": 300, "resend_in": 30})
    assert set(tokens.json) == {"access_token", "refresh_token", "expires_in"}
    assert (me["phone"], me["roles"], me["driver_id"], me["store"]) == (PHONE, ["customer"], None, "miami")
    assert tokens.headers["Cache-Control"] == "no-store"


def test_a_second_code_at_once_has_to_wait(api: Api, phones: Phones):
    api.post("/auth/otp", {"phone": PHONE})

    answer = api.post("/auth/otp", {"phone": PHONE})

    assert (answer.status_code, kind_of(answer)) == (429, "too-many")
    assert 0 < int(answer.headers["Retry-After"]) <= 31


def test_a_wrong_code_counts_and_the_sixth_try_waits(api: Api, phones: Phones):
    api.post("/auth/otp", {"phone": PHONE})
    wrong = "000000" if phones.code != "000000" else "111111"

    answers = [api.post("/auth/otp/verify", {"phone": PHONE, "code": wrong}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert [answer.json.get("tries_left") for answer in answers[:5]] == [4, 3, 2, 1, 0]
    assert list(answers[0].json["errors"]) == ["code"]
    assert answers[5].headers["Retry-After"]


def test_no_sender_of_codes_is_503(api: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.identity.otp.otp_sender", lambda: None)

    answer = api.post("/auth/otp", {"phone": PHONE})

    assert (answer.status_code, kind_of(answer)) == (503, "code-not-sent")


@pytest.fixture
def dmitri(api: Api) -> Person:
    person = make_person("Dmitri", email="dmitri@example.com", roles=("manager",))
    with transaction():
        identity.store_password(person, "a long enough secret")
    return person


def test_a_password_signs_in(api: Api, dmitri: Person):
    tokens = api.post("/auth/password", {"email": "dmitri@example.com", "password": "a long enough secret"})
    me = api.at(token=tokens.json["access_token"]).get("/me").json

    assert (me["email"], me["roles"]) == ("dmitri@example.com", ["customer", "manager"])


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"email": "dmitri@example.com", "password": "wrong"}, 401, "wrong-credentials"),
        ({"email": "nobody@example.com", "password": "wrong"}, 401, "wrong-credentials"),
        ({"email": "dmitri@example.com"}, 422, "invalid-input"),
        ({}, 422, "invalid-input"),
    ],
)
def test_what_does_not_sign_in(api: Api, dmitri: Person, body: dict[str, str], status: int, kind: str):
    answer = api.post("/auth/password", body)

    assert (answer.status_code, kind_of(answer)) == (status, kind)


def test_a_refresh_token_is_good_once(cast: Cast):
    person = person_of(cast, "ana")
    first = identity.issue_tokens(person, "phone-1")

    second = cast.nobody.post("/auth/refresh", {"refresh_token": first.refresh_token, "device_id": "phone-1"})
    reused = cast.nobody.post("/auth/refresh", {"refresh_token": first.refresh_token, "device_id": "phone-1"})
    ended = cast.nobody.post(
        "/auth/refresh", {"refresh_token": second.json["refresh_token"], "device_id": "phone-1"}
    )

    assert second.status_code == 200
    assert [kind_of(answer) for answer in (reused, ended)] == ["token-rejected"] * 2
    assert reused.headers["WWW-Authenticate"] == "Bearer"


def test_signing_out_ends_the_chain(cast: Cast):
    tokens = identity.issue_tokens(person_of(cast, "ana"))

    left = cast.nobody.post("/auth/sign-out", {"refresh_token": tokens.refresh_token})
    refused = cast.nobody.post("/auth/refresh", {"refresh_token": tokens.refresh_token})

    assert (left.status_code, left.data, refused.status_code) == (204, b"", 401)


def test_a_token_of_another_store_is_refused(cast: Cast):
    assert cast.foreign.get("/me").status_code == 200
    assert (cast.felix.get("/me").status_code, kind_of(cast.felix.get("/me"))) == (401, "token-rejected")
    assert cast.ana.at(host=JAKARTA_HOST).get("/me").status_code == 401


@pytest.mark.parametrize("header", ["Bearer nonsense", "Basic YTpi", "Bearer", "Bearer ключ", "bearer a.b.c"])
def test_a_bad_token_is_refused_even_where_none_is_needed(cast: Cast, header: str):
    answer = cast.nobody.get("/store", headers={"Authorization": header.encode().decode("latin-1")})

    assert (answer.status_code, kind_of(answer)) == (401, "token-rejected")


def test_a_token_runs_out(cast: Cast):
    with clock.moved(timedelta(minutes=11)):
        answer = cast.ana.get("/me")

    assert answer.status_code == 401


def test_signing_out_everywhere_kills_access_tokens(cast: Cast):
    identity.close_all_sessions(person_of(cast, "ana"))

    assert cast.ana.get("/me").status_code == 401


def test_nobody_has_to_sign_in(cast: Cast):
    answer = cast.nobody.get("/me")

    assert (answer.status_code, kind_of(answer)) == (401, "sign-in-required")


def test_a_cookie_gives_no_authority(cast: Cast):
    app, person = cast.nobody.app, person_of(cast, "ana")
    with transaction():
        identity.store_password(person, "a long enough secret")
    db.session.commit()
    browser = app.test_client()
    headers = {"Host": "miami.localhost"}
    page = browser.get("/sign-in?way=password", base_url="http://miami.localhost")
    (token, *_others) = re.findall(r'name="csrf_token" value="([^"]+)"', page.text)
    signed_in = browser.post(
        "/sign-in",
        base_url="http://miami.localhost",
        data={
            "way": "password",
            "email": person.email,
            "password": "a long enough secret",
            "csrf_token": token,
        },
    )
    assert signed_in.status_code == 303

    assert browser.get("/api/v1/me", base_url="http://miami.localhost", headers=headers).status_code == 401


def test_drivers_find_their_number(cast: Cast):
    me = cast.boris.get("/me").json

    assert me["driver_id"] == cast.actors["boris"].driver_id
    assert me["roles"] == ["customer", "driver"]


def test_too_many_sign_ins_from_one_address_wait(api: Api, phones: Phones):
    answers = [api.post("/auth/refresh", {"refresh_token": f"1.{n}"}) for n in range(31)]

    assert [answer.status_code for answer in answers] == [401] * 30 + [429]
    assert kind_of(answers[-1]) == "too-many"
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert answers[0].headers["X-RateLimit-Limit"] == "30"
