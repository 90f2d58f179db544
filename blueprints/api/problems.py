"""Refusals as problem+json (RFC 9457): a stable `type`, a title in the caller's language, `errors` by field."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

from flask import Response, abort, g
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import HTTPException

from app.core.db import db
from app.core.errors import DomainError, InvalidInput
from app.core.i18n import _, _l
from app.web.errors import STATUS, problem

_UNSAID = frozenset({"type", "title", "status", "errors", "why", "field"})
"""Data of a refusal that is not said again: it is in the title, in `errors`, or a member of every problem."""
_TITLES = {
    400: _l("The request could not be read."),
    403: _l("Your role does not allow this."),
    404: _l("We could not find that."),
    405: _l("This address does not know that method."),
    413: _l("The request is too large."),
    415: _l("Send the request as JSON."),
    429: _l("Too many attempts. Please wait a little and try again."),
}
_TYPES = {413: "too-large", 415: "not-json", 429: "too-many"}


class FieldErrors(InvalidInput):
    """Fields of the request that are wrong, each with all that is wrong with it."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__({field: " ".join(said) for field, said in errors.items()})
        self.lists = errors

    @property
    def code(self) -> str:
        return "invalid-input"


class IdempotencyKeyMissing(DomainError):
    """A POST that makes something came without its key."""

    message = _l(
        "Send an Idempotency-Key header of 1 to 128 visible characters, a new one for each thing you make."
    )


def say_refusal(error: DomainError) -> Response:
    """A DomainError as a problem."""
    db.session.rollback()
    status = 400 if isinstance(error, IdempotencyKeyMissing) else STATUS[error.kind]
    g.retry_after = error.data.get("retry_after")
    return _say(status, error.code, str(error), **_members(error))


def say_http_error(error: HTTPException) -> Response:
    """What Flask, the limiter and the parser refuse."""
    status = error.code or 500
    title = str(_TITLES.get(status, error.description or error.name))
    response = _say(status, _TYPES.get(status, error.name.lower().replace(" ", "-")), title)
    for name, value in error.get_headers():
        if name.lower() in {"retry-after", "allow"}:
            response.headers[name] = value
    return response


def _say(status: int, code: str, title: str, **members: Any) -> Response:
    return problem(status, code, title, request_id=g.get("request_id"), **members)


def _members(error: DomainError) -> dict[str, Any]:
    members = {key: value for key, value in error.data.items() if key not in _UNSAID}
    if "status" in error.data:  # of the order; `status` of a problem is HTTP's
        members["order_status"] = error.data["status"]
    if fields := errors_of(error):
        members["errors"] = fields
    return members


def errors_of(error: DomainError) -> dict[str, list[str]]:
    """Field → messages, empty when the refusal speaks of no field."""
    if isinstance(error, FieldErrors):
        return dict(error.lists)
    if isinstance(error, InvalidInput):
        return {field: [said] for field, said in error.errors.items()}
    return {error.field: [str(error)]} if error.field else {}


@contextmanager
def fields_named(names: Mapping[str, str]) -> Iterator[None]:
    """Say a domain's field names as this request calls them, e.g. address.zip → fulfilment.address.zip."""
    try:
        yield
    except InvalidInput as error:
        error.errors = {names.get(field, field): said for field, said in error.errors.items()}
        raise
    except DomainError as error:
        error.field = names.get(error.field, error.field) if error.field else None
        raise


class Parser(FlaskParser):
    """Reads queries and bodies by their schemas; what is wrong becomes FieldErrors with dotted paths."""

    def handle_error(self, error: Any, req: Any, schema: Any, **_options: Any) -> NoReturn:
        """Raise FieldErrors."""
        found = dict(_flatten(next(iter(error.messages.values()))))
        raise FieldErrors(found) from error

    def load_json(self, req: Any, schema: Any) -> Any:
        """The body; one that is nested deeper than the parser goes is no JSON either."""
        try:
            return super().load_json(req, schema)
        except RecursionError:
            abort(400)


def _flatten(messages: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            own = key == "_schema"
            yield from _flatten(inner, path if own else f"{path}.{key}".lstrip("."))
        return
    said = messages if isinstance(messages, list) else [messages]
    yield path or "body", [str(one) for one in said]


def refuse_field(field: str, message: str | None = None) -> NoReturn:
    """Raise FieldErrors for one field."""
    raise FieldErrors({field: [message or _("This value cannot be used here.")]})
