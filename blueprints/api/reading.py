"""The document turned into what a page shows: sections, operations, rows of fields, examples, refusals."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.core.errors import DomainError
from app.web.errors import STATUS

DEEPEST = 4
_EXAMPLES: dict[str, Any] = {
    "code": "MIA-20261121-A9F3",
    "currency": "USD",
    "slug": "vitamin-c",
    "sku": "TH-1001",
    "qty": 2,
    "name": "Vitamin C",
    "phone": "+13055550101",
    "email": "ana@example.com",
    "zip": "33129",
    "line1": "248 SW 23rd Rd",
    "city": "Miami",
    "birth_date": "1986-04-30",
    "lat": 25.7512,
    "lng": -80.2101,
    "seq": 1,
    "stars": 5,
    "cursor": "",
    "access_token": "eyJhbGciOi…",
    "refresh_token": "1.Vq3c…",
    "expires_in": 600,
    "device_id": "pixel-9",
    "tracking_url": "https://shop.example.com/track/MIA-20261121-A9F3?t=…",
    "image_url": "https://shop.example.com/static/packs/miami/vitamin-c.svg",
    "password": "a long enough secret",
    "fingerprint": "9f2c41d07be3a85e6d1f0c7a42b98e13",
    "reason": "Changed my mind",
    "promo_code": "",
    "quote_fingerprint": "",
}
_BY_FORMAT = {
    "date-time": "2026-11-21T17:15:00-05:00",
    "date": "2026-11-21",
    "uri": "https://…",
    "url": "https://…",
}


@dataclass(frozen=True)
class Row:
    """A field: `depth` steps inside the object, `type` in words."""

    name: str
    depth: int
    type: str
    required: bool
    about: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What comes back with a status; `shape` names what it looks like, '' when there is no body."""

    status: str
    about: str
    shape: str


@dataclass(frozen=True)
class Shape:
    """An answer's schema, shown once for all that give it."""

    name: str
    about: str
    rows: tuple[Row, ...]
    example: str


@dataclass(frozen=True)
class Operation:
    """One path and method."""

    id: str
    method: str
    path: str
    summary: str
    about: str
    signed_in: bool
    parameters: tuple[Row, ...]
    body: tuple[Row, ...]
    example: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Chapter:
    """A section of the API."""

    id: str
    title: str
    about: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Refusal:
    """A problem's type, its status and what it means."""

    code: str
    status: int
    about: str


@dataclass(frozen=True)
class Reading:
    """The page."""

    title: str
    version: str
    about: str
    chapters: tuple[Chapter, ...]
    shapes: tuple[Shape, ...]
    refusals: tuple[Refusal, ...]


def read_document(made: Mapping[str, Any]) -> Reading:
    """The document for people."""
    found: dict[str, list[Operation]] = {tag["name"]: [] for tag in made["tags"]}
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            if method in {"get", "post"}:
                found[operation["tags"][0]].append(_operation(made, path, method, operation, methods))
    chapters = tuple(
        Chapter(
            tag["name"].lower().replace(" ", "-"), tag["name"], tag["description"], tuple(found[tag["name"]])
        )
        for tag in made["tags"]
    )
    info, shapes = made["info"], tuple(_shapes(made, chapters))
    return Reading(info["title"], info["version"], info["description"], chapters, shapes, tuple(_refusals()))


def _shapes(made: Mapping[str, Any], chapters: tuple[Chapter, ...]) -> Iterator[Shape]:
    answers = (one.shape for chapter in chapters for op in chapter.operations for one in op.answers)
    for name in dict.fromkeys(filter(None, answers)):
        schema = {"$ref": f"#/components/schemas/{name}"}
        about = made["components"]["schemas"][name].get("description", "")
        yield Shape(name, about, tuple(_rows(made, schema)), _json(example(made, schema)))


def _operation(
    made: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any], methods: Mapping[str, Any]
) -> Operation:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    parameters = [*methods.get("parameters", []), *operation.get("parameters", [])]
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        about=_sentence(operation.get("description", "")),
        signed_in=bool(operation.get("security")),
        parameters=tuple(_parameter(made, one) for one in parameters if "name" in one),
        body=tuple(_rows(made, body)) if body else (),
        example=_json(example(made, body)) if body else "",
        answers=tuple(_answers(made, operation)),
    )


def _sentence(text: str) -> str:
    return " ".join(text.split())


def _parameter(made: Mapping[str, Any], one: Mapping[str, Any]) -> Row:
    schema = one.get("schema", {})
    about = one.get("description") or schema.get("description", "")
    if one["in"] != "query":
        about = f"In the {one['in']}. {about}".strip()
    return Row(
        one["name"],
        0,
        _type(made, schema),
        bool(one.get("required")),
        about,
        tuple(map(str, schema.get("enum", ()))),
    )


def _answers(made: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[Answer]:
    for status, answer in operation["responses"].items():
        if not status.startswith("2"):
            continue
        schema = answer.get("content", {}).get("application/json", {}).get("schema")
        yield Answer(status, answer.get("description", ""), _name(schema) if schema else "")


def _rows(made: Mapping[str, Any], schema: Mapping[str, Any], depth: int = 0) -> Iterator[Row]:
    found = _resolve(made, schema)
    if "items" in found:
        found = _resolve(made, found["items"])
    if depth >= DEEPEST:
        return
    required = found.get("required", ())
    for name, field in found.get("properties", {}).items():
        own = _resolve(made, field)
        about = field.get("description") or own.get("description", "")
        values = tuple(map(str, own.get("enum", ())))
        yield Row(name, depth, _type(made, field), name in required, about, values)
        if _name(field) != _name(schema) and _name(own.get("items", {})) != _name(schema, "-"):
            yield from _rows(made, field, depth + 1)


def _name(schema: Mapping[str, Any], nothing: str = "") -> str:
    """The name of the schema that a reference leads to."""
    choices = [schema, *schema.get("anyOf", ()), *schema.get("allOf", ()), schema.get("items", {})]
    return next((one["$ref"].rsplit("/", 1)[1] for one in choices if "$ref" in one), nothing)


def _resolve(made: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    refs = [schema, *schema.get("anyOf", ()), *schema.get("allOf", ())]
    for one in refs:
        if "$ref" in one:
            found: Mapping[str, Any] = made["components"]["schemas"][one["$ref"].rsplit("/", 1)[1]]
            return found
    return schema


def _is_nullable(schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type", ())
    return "null" in kind or any(one.get("type") == "null" for one in schema.get("anyOf", ()))


def _type(made: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    found = _resolve(made, schema)
    kind = found.get("type", "object")
    plain = next((one for one in kind if one != "null"), "any") if isinstance(kind, list) else str(kind)
    if plain == "array":
        plain = f"array of {_type(made, found.get('items', {}))}"
    plain = found.get("format", plain) if plain == "string" else plain
    return f"{plain} or null" if _is_nullable(schema) else plain


def example(made: Mapping[str, Any], schema: Mapping[str, Any], name: str = "", depth: int = 0) -> Any:
    """A believable value."""
    found = _resolve(made, schema)
    for said in ("examples", "enum"):
        if found.get(said):
            return found[said][0]
    if "properties" in found:
        if depth > DEEPEST:
            return {}
        fields = found["properties"].items()
        return {key: example(made, inner, key, depth + 1) for key, inner in fields}
    if "items" in found:
        inner = found["items"]
        again = name == "children"
        size = int(found.get("minItems", 1)) if found.get("maxItems", 1) == 2 else 1
        return [] if again else [example(made, inner, name.rstrip("s"), depth + 1) for _ in range(size)]
    return _plain(found, name)


def _plain(schema: Mapping[str, Any], name: str) -> Any:
    if name in _EXAMPLES:
        return _EXAMPLES[name]
    if name.endswith("_minor"):
        return 0 if name.startswith(("wallet", "discount", "change")) else 1250
    kind = schema.get("type", "string")
    kind = next((one for one in kind if one != "null"), "string") if isinstance(kind, list) else kind
    if kind == "string":
        return _BY_FORMAT.get(schema.get("format", ""), "…")
    return {"integer": 1, "number": 4.5, "boolean": True, "object": {}}.get(kind)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _refusals() -> Iterator[Refusal]:
    seen: dict[str, Refusal] = {}
    for error in _descendants(DomainError):
        code = "".join(f"-{c.lower()}" if c.isupper() else c for c in error.__name__).lstrip("-")
        seen[code] = Refusal(code, STATUS[error.kind], _sentence(error.__doc__ or ""))
    seen.pop("field-errors", None)
    seen["idempotency-key-missing"] = Refusal(
        "idempotency-key-missing", 400, seen["idempotency-key-missing"].about
    )
    yield from sorted(seen.values(), key=lambda one: (one.status, one.code))


def _descendants(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for below in kind.__subclasses__():
        yield below
        yield from _descendants(below)
