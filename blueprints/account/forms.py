"""A refused form, shown again with what was typed and what is wrong beside it."""

from typing import Any

from flask import Response, render_template

from app.core.errors import DomainError, ErrorKind, InvalidInput, TooMany
from app.core.i18n import _n
from app.web.errors import STATUS


def show_again(template: str, error: DomainError, **context: Any) -> Response:
    """The page with `errors` by field, or `notice` for a refusal of the whole; 422, or 429 with Retry-After, or 503."""
    errors = dict(error.errors) if isinstance(error, InvalidInput) else {}
    if error.field and not errors:
        errors[error.field] = str(error)
    notice = None if errors else say(error)
    status = 422 if error.kind is ErrorKind.unauthenticated else STATUS[error.kind]
    response = Response(render_template(template, errors=errors, notice=notice, **context), status)
    if retry_after := error.data.get("retry_after"):
        response.headers["Retry-After"] = str(retry_after)
    return response


def say(error: DomainError) -> str:
    """The refusal in words; a pause with its length."""
    seconds = error.data.get("retry_after")
    if not isinstance(error, TooMany) or not isinstance(seconds, int):
        return str(error)
    if seconds < 60:
        return _n(
            "Too many attempts. Please try again in %(num)d second.",
            "Too many attempts. Please try again in %(num)d seconds.",
            seconds,
        )
    return _n(
        "Too many attempts. Please try again in %(num)d minute.",
        "Too many attempts. Please try again in %(num)d minutes.",
        -(-seconds // 60),
    )
