"""What every call meets: a caller, a body in JSON, headers that keep answers where they belong."""

from flask import Flask, Response, abort, g, request

from app import identity
from app.core.actor import ANONYMOUS, Actor
from app.core.tenancy import current_store_id
from app.identity import TokenRejected
from app.web.actor import client_ip

PREFIX = "/api/"
LARGEST_BODY = 256 * 1024


def init_app(app: Flask) -> None:
    """Give every answer below /api/ its headers, also those that no section made.

    The first of the functions after a request is the last to run.
    """
    app.after_request_funcs.setdefault(None, []).insert(0, _finish)


def _finish(response: Response) -> Response:
    if not request.path.startswith(PREFIX):
        return response
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    response.headers.setdefault("Cache-Control", "no-store")
    _keep_patience(response)
    return response


def _keep_patience(response: Response) -> None:
    """The limiter writes Retry-After into every answer: it belongs to refusals, and a service's own word counts."""
    if response.status_code not in {429, 503}:
        response.headers.pop("Retry-After", None)
    elif seconds := g.get("retry_after"):
        response.headers["Retry-After"] = str(seconds)


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
