"""A refusal said in HTTP: problem+json to programs, a page of the shop's own design to people."""

import structlog
from flask import Flask, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from app.core.db import db
from app.core.errors import DomainError, ErrorKind, InvalidInput

log = structlog.get_logger()

STATUS = {
    ErrorKind.invalid: 422,
    ErrorKind.unauthenticated: 401,
    ErrorKind.forbidden: 403,
    ErrorKind.not_found: 404,
    ErrorKind.conflict: 409,
    ErrorKind.too_many: 429,
    ErrorKind.unavailable: 503,
}
PROBLEM_BASE = "https://theriac.dev/problems/"


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(DomainError, say_refusal)
    app.register_error_handler(HTTPException, _say_http_error)
    app.register_error_handler(Exception, _say_crash)


def wants_json() -> bool:
    """Whether the caller is a program: the API, or a script of ours that asks for JSON."""
    return (
        request.path.startswith(("/api/", "/webhooks/"))
        or request.accept_mimetypes.best == "application/json"
    )


def problem(status: int, code: str, title: str, **members: object) -> Response:
    """An RFC 9457 answer with a stable `type`."""
    response = jsonify(type=PROBLEM_BASE + code, title=title, status=status, **members)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def say_refusal(error: DomainError) -> ResponseReturnValue:
    """Map a DomainError to its status, in the caller's form."""
    db.session.rollback()
    status = STATUS[error.kind]
    if wants_json():
        response: Response = problem(status, error.code, str(error), **_members(error))
    else:
        page = (
            "errors/404.html"
            if status == 404
            else "errors/403.html"
            if status == 403
            else "errors/error.html"
        )
        response = Response(render_template(page, status=status, message=str(error), error=error), status)
    if retry_after := error.data.get("retry_after"):
        response.headers["Retry-After"] = str(retry_after)
    return response


def _members(error: DomainError) -> dict[str, object]:
    members = {key: value for key, value in error.data.items() if key not in {"type", "title", "status"}}
    if not isinstance(error, InvalidInput) and error.field:
        members["errors"] = {error.field: str(error)}
    return members


def _say_http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error
    titles = {
        404: _("We could not find that."),
        403: _("Your role does not allow this."),
        413: _("This file is too large. Please go back and choose a smaller one."),
    }
    message = titles.get(status, error.description or error.name)
    if wants_json():
        response = problem(status, error.name.lower().replace(" ", "-"), str(message))
    else:
        page = f"errors/{status}.html" if status in {403, 404} else "errors/error.html"
        response = Response(render_template(page, status=status, message=message, error=error), status)
    for name, value in error.get_headers():
        if name.lower() in {"retry-after", "allow"}:
            response.headers[name] = value
    return response


def _say_crash(error: Exception) -> ResponseReturnValue:
    log.exception("unhandled", path=request.path, exc_info=error)
    db.session.rollback()
    if wants_json():
        return problem(500, "internal", _("Something went wrong on our side. Nothing was charged."))
    return Response(render_template("errors/500.html", status=500), 500)
