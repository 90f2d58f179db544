"""What every answer has in common: problems, ids, limits, headers, and no way around them."""

from collections.abc import Iterator

import pytest
from flask import Flask
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from tests.api.conftest import Api, Cast, kind_of, order_body


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "kind"),
    [
        ("GET", "/nowhere", {}, 404, "not-found"),
        ("GET", "/api/v2/store", {}, 404, "not-found"),
        ("DELETE", "/store", {}, 405, "method-not-allowed"),
        ("GET", "/quote", {}, 405, "method-not-allowed"),
        ("POST", "/quote", {"data": b"{", "content_type": "application/json"}, 400, "bad-request"),
        ("POST", "/quote", {"data": b"\xff\xfe", "content_type": "application/json"}, 400, "bad-request"),
        (
            "POST",
            "/quote",
            {"data": "a=1", "content_type": "application/x-www-form-urlencoded"},
            415,
            "not-json",
        ),
        ("POST", "/quote", {"data": "{}", "content_type": "text/plain"}, 415, "not-json"),
        (
            "POST",
            "/quote",
            {"data": b'"' + b"x" * 300_000 + b'"', "content_type": "application/json"},
            413,
            "too-large",
        ),
        ("POST", "/quote", {}, 422, "invalid-input"),
        ("POST", "/quote", {"data": "[]", "content_type": "application/json"}, 422, "invalid-input"),
    ],
)
def test_every_refusal_is_a_problem(
    cast: Cast, method: str, path: str, options: dict, status: int, kind: str
):
    answer = cast.nobody(method, path, **options)

    assert (answer.status_code, kind_of(answer)) == (status, kind)
    assert answer.headers["X-Request-Id"]
    assert "Set-Cookie" not in answer.headers


def test_a_crash_is_a_problem_that_tells_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    def burst(*_args: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("blueprints.api.store.promise.load_world", burst)
    monkeypatch.setitem(cast.nobody.app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setattr(cast.nobody.app, "testing", False)

    answer = cast.nobody.get("/store")

    assert (answer.status_code, kind_of(answer)) == (500, "internal")
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("client-id-0001", True),
        ("short", False),
        ("x" * 65, False),
        ("with space 1234", False),
        ("<script>alert()", False),
    ],
)
def test_a_sane_request_id_is_kept(cast: Cast, given: str, kept: bool):
    answer = cast.nobody.get("/store", headers={"X-Request-Id": given})

    assert (answer.headers["X-Request-Id"] == given) is kept
    assert len(answer.headers["X-Request-Id"]) >= 8


def test_the_request_id_is_in_the_problem_and_in_the_log(cast: Cast):
    with capture_logs(processors=[merge_contextvars]) as logs:
        answer = cast.nobody.get("/me", headers={"X-Request-Id": "client-id-0001"})

    assert answer.json["request_id"] == "client-id-0001"
    line = next(log for log in logs if log["event"] == "request")
    assert (line["path"], line["status"], line["request_id"]) == ("/api/v1/me", 401, "client-id-0001")


def test_personal_answers_are_not_stored(cast: Cast):
    assert cast.ana.get("/me").headers["Cache-Control"] == "no-store"
    assert cast.nobody.get("/store").headers["Cache-Control"] == "no-cache"


def test_writes_are_limited_by_account_and_say_so(cast: Cast):
    body = {"items": [{"sku": "VITC", "qty": 1}]}
    answers = [cast.ana.post("/quote", body) for _ in range(121)]

    assert [answer.status_code for answer in answers] == [200] * 120 + [429]
    assert answers[0].headers["X-RateLimit-Remaining"] == "119"
    assert "Retry-After" not in answers[0].headers
    assert kind_of(answers[-1]) == "too-many"
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 61
    assert cast.bella.post("/quote", body).status_code == 200


@pytest.fixture
def without_valkey(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    limiter = cast.nobody.app.appbuilder.sm.limiter  # type: ignore[attr-defined]

    def away(*_args: object, **_named: object) -> None:
        raise ConnectionError("Valkey is away")

    monkeypatch.setattr(limiter.limiter, "hit", away)
    monkeypatch.setattr(limiter.limiter, "test", away)
    yield cast
    limiter._storage_dead = False


def test_limits_do_not_fall_with_valkey(without_valkey: Cast):
    cast = without_valkey

    answers = [cast.nobody.post("/auth/refresh", {"refresh_token": f"1.{n}"}).status_code for n in range(32)]

    assert 500 not in answers
    assert answers[-1] == 429


def test_other_origins_are_not_invited(cast: Cast):
    headers = {"Origin": "https://elsewhere.example"}

    read = cast.nobody.get("/store", headers=headers)
    asked = cast.nobody("OPTIONS", "/orders", headers=headers | {"Access-Control-Request-Method": "POST"})
    write = cast.ana.post("/orders", order_body(), key="k1", headers=headers)

    assert not [
        name for answer in (read, asked) for name in dict(answer.headers) if name.startswith("Access-")
    ]
    assert (write.status_code, kind_of(write)) == (403, "forbidden")


def test_words_are_in_the_language_of_the_caller(cast: Cast, app: Flask):
    from flask_babel import force_locale

    with force_locale("ru"):
        from app.core.i18n import _

        russian = _("Please sign in first.")

    assert cast.nobody.get("/me", headers={"Accept-Language": "ru"}).json["title"] == russian


def test_no_answer_of_the_api_starts_a_session(api: Api):
    for path in ("/store", "/me", "/openapi.json"):
        assert "Set-Cookie" not in api.get(path).headers, path
