"""What every call meets: an id, a caller, a body in JSON, headers that keep answers where they belong."""

import re
import time
from uuid import uuid4

import structlog
from flask import Flask, Response, abort, g, request
from structlog.contextvars import bind_contextvars, unbind_contextvars

from app import identity
from app.core.actor import ANONYMOUS, Actor
from app.core.tenancy import current_store_id
from app.identity import TokenRejected
from app.web.actor import client_ip

log = structlog.get_logger()

PREFIX = "/api/"
LARGEST_BODY = 256 * 1024
_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{8,64}", re.ASCII)


def init_app(app: Flask) -> None:
    """Give calls an id before anything can refuse them, and the answer its headers after everything.

    The first of the functions after a request is the last to run.
    """
    app.before_request_funcs.setdefault(None, []).insert(0, _begin)
    app.after_request_funcs.setdefault(None, []).insert(0, _finish)
    app.teardown_request(_forget)


def _begin() -> None:
    if not request.path.startswith(PREFIX):
        return
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _SANE_ID.fullmatch(given) else uuid4().hex
    g.began = time.monotonic()
    bind_contextvars(request_id=g.request_id)


def _finish(response: Response) -> Response:
    if "request_id" not in g:
        return response
    headers = response.headers
    headers["X-Request-Id"] = g.request_id
    if response.status_code == 401:
        headers["WWW-Authenticate"] = "Bearer"
    headers.setdefault("Cache-Control", "no-store")
    _keep_patience(response)
    took = round((time.monotonic() - g.began) * 1000, 1)
    log.info("api", method=request.method, path=request.path, status=response.status_code, ms=took)
    return response


def _keep_patience(response: Response) -> None:
    """The limiter writes Retry-After into every answer: it belongs to refusals, and a service's own word counts."""
    if response.status_code not in {429, 503}:
        response.headers.pop("Retry-After", None)
    elif seconds := g.get("retry_after"):
        response.headers["Retry-After"] = str(seconds)


def _forget(_error: BaseException | None) -> None:
    if "request_id" in g:
        unbind_contextvars("request_id")


def caller() -> Actor:
    """Who the Bearer token says is calling; ANONYMOUS without a good one. `require_good_token` tells which."""
    if "api_caller" not in g:
        g.api_caller, g.api_refusal = ANONYMOUS, None
        try:
            g.api_caller = _read_token()
        except TokenRejected as refusal:
            g.api_refusal = refusal
    actor: Actor = g.api_caller
    return actor


def _read_token() -> Actor:
    header = request.headers.get("Authorization", "")
    if not header:
        return ANONYMOUS
    scheme, _space, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenRejected
    return identity.actor_of_access_token(token.strip())


def caller_key() -> str:
    """What a caller's requests are counted under: the account in this store, else the address."""
    actor = caller()
    return f"{current_store_id()}:{actor.user_id}" if actor.is_authenticated else client_ip()


def take_over() -> None:
    """Make the token's holder the actor of this request, whatever cookie came with it. Raises TokenRejected."""
    g.actor = caller()
    if g.api_refusal is not None:
        raise g.api_refusal


def ignore_token() -> None:
    """Sign-in paths: who calls is what they are about to prove."""
    g.actor = ANONYMOUS


def check_form() -> None:
    """Refuse what no reader of ours can take: bodies that are too large or not JSON, and NUL characters."""
    request.max_content_length = LARGEST_BODY
    if "\0" in request.path or any("\0" in value for values in request.args.listvalues() for value in values):
        abort(400)
    has_body = bool(request.content_length) or "Transfer-Encoding" in request.headers
    if request.method == "POST" and has_body and not request.is_json:
        abort(415)
