"""What a later document may not do to an earlier one: take a path, an answer or a field away, change a type, ask more.

Adding is free: paths, optional parameters, optional fields of requests, fields of answers.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
JSON = "application/json"


class Comparison:
    """An earlier and a later document."""

    def __init__(self, before: Schema, after: Schema) -> None:
        self.before, self.after = before, after
        self._seen: set[tuple[str, str]] = set()

    def breaks(self) -> Iterator[str]:
        """A line for each promise of the earlier document that the later one does not keep."""
        for path, operations in self.before["paths"].items():
            for method in METHODS:
                if method not in operations:
                    continue
                if method not in self.after["paths"].get(path, {}):
                    yield f"{method.upper()} {path}: gone"
                    continue
                yield from self._operation(
                    f"{method.upper()} {path}", operations[method], self.after["paths"][path][method]
                )

    def _operation(self, name: str, old: Schema, new: Schema) -> Iterator[str]:
        yield from self._parameters(name, old, new)
        if "requestBody" in old or "requestBody" in new:
            then, now = (one.get("requestBody", {}).get("content", {}).get(JSON) for one in (old, new))
            if then is None or now is None:
                yield f"{name}: a body is {'no longer' if now is None else 'now'} asked for"
            else:
                yield from self._schema(f"{name} body", then["schema"], now["schema"], asked=True)
        for status, answer in old["responses"].items():
            if status not in new["responses"]:
                yield f"{name}: answer {status} gone"
                continue
            then = answer.get("content", {}).get(JSON)
            now = new["responses"][status].get("content", {}).get(JSON)
            if then is not None:
                yield from self._schema(
                    f"{name} {status}", then["schema"], (now or {}).get("schema", {}), asked=False
                )

    def _parameters(self, name: str, old: Schema, new: Schema) -> Iterator[str]:
        then, now = (
            {(one["in"], one["name"]): one for one in document.get("parameters", []) if "name" in one}
            for document in (old, new)
        )
        for key, parameter in then.items():
            if key not in now:
                yield f"{name}: parameter {key[1]} gone"
            else:
                yield from self._schema(
                    f"{name} ?{key[1]}", parameter["schema"], now[key]["schema"], asked=True
                )
        for key, parameter in now.items():
            if parameter.get("required") and not then.get(key, {}).get("required"):
                yield f"{name}: parameter {key[1]} is now required"

    def _schema(self, where: str, old: Schema, new: Schema, *, asked: bool) -> Iterator[str]:
        refs = old.get("$ref", ""), new.get("$ref", "")
        if all(refs):
            if refs in self._seen:
                return
            self._seen.add(refs)
        old, new = _resolve(self.before, old), _resolve(self.after, new)
        then, now = _types(old), _types(new)
        if (asked and not then <= now) or (not asked and not now <= then):
            yield f"{where}: was {sorted(then)}, is {sorted(now)}"
            return
        if (
            asked
            and "enum" in old
            and not set(map(str, old["enum"])) <= set(map(str, new.get("enum", old["enum"])))
        ):
            yield f"{where}: takes fewer values"
        if "items" in old:
            yield from self._schema(f"{where}[]", old["items"], new.get("items", {}), asked=asked)
        yield from self._fields(where, old, new, asked=asked)

    def _fields(self, where: str, old: Schema, new: Schema, *, asked: bool) -> Iterator[str]:
        for field, schema in old.get("properties", {}).items():
            if field not in new.get("properties", {}):
                yield f"{where}.{field}: gone"
            else:
                yield from self._schema(f"{where}.{field}", schema, new["properties"][field], asked=asked)
        then, now = set(old.get("required", ())), set(new.get("required", ()))
        for field in sorted((now - then) if asked else (then - now)):
            yield f"{where}.{field}: {'now required' if asked else 'no longer always there'}"


def _resolve(document: Schema, schema: Schema) -> Schema:
    """The schema behind a reference; a nullable reference counts as its object and null."""
    if "$ref" in schema:
        found: Schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return found
    choices = schema.get("anyOf") or schema.get("allOf")
    if not choices:
        return schema
    named = [_resolve(document, one) for one in choices if "$ref" in one]
    if not named:
        return schema
    nullable = any(one.get("type") == "null" for one in choices)
    return {**named[0], "type": [str(named[0].get("type", "object")), *(["null"] if nullable else [])]}


def _types(schema: Schema) -> set[str]:
    kind = schema.get("type", "any")
    return set(kind) if isinstance(kind, list) else {kind}
