"""The document is sound, says what is there, and keeps what was released."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from blueprints.api.spec import document
from tests.api.contract import Comparison

RELEASED = Path(__file__).with_name("openapi.v1.json")


@pytest.fixture(scope="module")
def today(app: Flask) -> dict[str, Any]:
    with app.app_context():
        return document()


@pytest.fixture(scope="module")
def released() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(RELEASED.read_text())
    return made


def test_what_was_released_is_kept(released: dict[str, Any], today: dict[str, Any]):
    """A line here is a broken client. Additions: `flask api document > tests/api/openapi.v1.json`."""
    assert list(Comparison(released, today).breaks()) == []


def test_what_is_there_has_been_released(released: dict[str, Any], today: dict[str, Any]):
    assert list(Comparison(today, released).breaks()) == []


def _drop_path(made: dict[str, Any]) -> None:
    del made["paths"]["/api/v1/quote"]


def _drop_answer_field(made: dict[str, Any]) -> None:
    del made["components"]["schemas"]["Totals"]["properties"]["due_minor"]


def _change_type(made: dict[str, Any]) -> None:
    made["components"]["schemas"]["Variant"]["properties"]["price_minor"]["type"] = "string"


def _may_be_null(made: dict[str, Any]) -> None:
    made["components"]["schemas"]["Order"]["properties"]["code"]["type"] = ["string", "null"]


def _ask_more(made: dict[str, Any]) -> None:
    made["components"]["schemas"]["CodeAsked"]["required"].append("captcha")


def _drop_parameter(made: dict[str, Any]) -> None:
    made["paths"]["/api/v1/products"]["get"]["parameters"].pop()


def _take_less(made: dict[str, Any]) -> None:
    parameters = made["paths"]["/api/v1/products"]["get"]["parameters"]
    next(one for one in parameters if one["name"] == "sort")["schema"]["enum"].remove("rating")


@pytest.mark.parametrize(
    "damage",
    [_drop_path, _drop_answer_field, _change_type, _may_be_null, _ask_more, _drop_parameter, _take_less],
)
def test_the_comparison_sees_a_broken_promise(today: dict[str, Any], damage: Any):
    changed = deepcopy(today)
    damage(changed)

    assert list(Comparison(today, changed).breaks())


def test_additions_break_nothing(today: dict[str, Any]):
    changed = deepcopy(today)
    changed["paths"]["/api/v1/news"] = changed["paths"]["/api/v1/store"]
    changed["components"]["schemas"]["Variant"]["properties"]["weight_g"] = {"type": "integer"}
    changed["components"]["schemas"]["OrderAsked"]["properties"]["gift"] = {"type": "boolean"}

    assert list(Comparison(today, changed).breaks()) == []


def test_the_document_is_openapi_3_1(today: dict[str, Any]):
    assert today["openapi"] == "3.1.0"
    for name, schema in today["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert schema["description" if "description" in schema else "type"], name


def test_every_reference_leads_somewhere(today: dict[str, Any]):
    text = json.dumps(today)
    for part in text.split('"$ref": "')[1:]:
        where: Any = today
        for step in part.split('"', 1)[0].removeprefix("#/").split("/"):
            where = where[step]
        assert where


def test_operations_are_named_once_and_described(today: dict[str, Any]):
    operations = [
        operation
        for path in today["paths"].values()
        for method, operation in path.items()
        if method in {"get", "post"}
    ]
    names = [operation["operationId"] for operation in operations]

    assert len(names) == len(set(names))
    assert all(operation["summary"] and operation["tags"] for operation in operations)
    assert all("default" in operation["responses"] for operation in operations)


def test_every_route_is_in_the_document(app: Flask, today: dict[str, Any]):
    rules = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not rule.endpoint.startswith("api_docs.")
    }

    assert rules == set(today["paths"])
