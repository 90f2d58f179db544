"""Requests nobody would write, made from the document: none of them finds a crash."""

import time
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from blueprints.api.spec import document
from tests.api.conftest import Api, Cast, Place

ENOUGH = 30.0
"""Seconds of this process's own work, however busy the machine, after which what is left is not tried."""
PEOPLE = {"/dispatch": "carla", "/driver": "boris"}


def _operations(made: dict[str, Any]) -> list[Any]:
    found: Any = schemathesis.openapi.from_dict(made).get_all_operations()
    return [one.ok() for one in found]


@pytest.mark.fuzz
def test_no_request_finds_a_crash(cast: Cast, place_by_api: Place, monkeypatch: pytest.MonkeyPatch):
    app, code = cast.nobody.app, place_by_api()
    limiter = app.appbuilder.sm.limiter  # type: ignore[attr-defined]
    monkeypatch.setattr(limiter, "enabled", False)
    monkeypatch.setattr(app, "testing", False)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    until, tried = time.process_time() + ENOUGH, 0
    for operation in _operations(document()):
        client = next((cast.by(who) for part, who in PEOPLE.items() if part in operation.path), cast.ana)
        tried += _attack(operation, client, code, until)
    assert tried > 100


def _attack(operation: Any, client: Api, code: str, until: float) -> int:
    """How many requests were sent."""
    sent: list[Any] = []

    @settings(
        max_examples=8,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def attack(case: Any) -> None:
        if time.process_time() < until:
            sent.append(case)
            _send(client, case, code)

    attack()
    return len(sent)


def _send(client: Api, case: Any, code: str) -> None:
    if "code" in case.path_parameters and len(str(case.path_parameters["code"])) % 2:
        case.path_parameters["code"] = code  # half of them at an order that is there
    sent = case.as_transport_kwargs(base_url="http://miami.localhost")
    headers = {name: str(value) for name, value in (case.headers or {}).items()}
    headers.setdefault("Idempotency-Key", "fuzz")
    options = {"query_string": case.query} if case.query else {}
    if "json" in sent and sent["json"] is not None:
        options["json"] = sent["json"]
    elif sent.get("data") is not None:
        options["data"] = sent["data"]
    path = case.formatted_path
    answer = client(case.method, path, headers={k: v for k, v in headers.items() if v.isascii()}, **options)
    assert answer.status_code < 500, (case.method, path, options, answer.text)
    if answer.status_code >= 400:
        assert answer.mimetype == "application/problem+json", (case.method, path, answer.text)
