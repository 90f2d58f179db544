"""Signing in."""

from typing import Any

from app import identity
from app.core.i18n import active_locale
from app.web.actor import client_ip
from blueprints.api.schemas import people
from blueprints.api.section import Section

bp = Section(
    "auth",
    "Signing in",
    "An access token is good for ten minutes in the store it was made at; a refresh token is good once.",
    open_door=True,
)


@bp.call("POST", "/auth/otp", summary="Send a code")
@bp.arguments(people.CodeAsked)
@bp.response(200, people.CodeSent)
def request_code(asked: dict[str, Any]) -> Any:
    """Six digits by text message, good for five minutes. 429 with Retry-After when asked too often."""
    return identity.request_otp(asked["phone"], client_ip(), active_locale())


@bp.call("POST", "/auth/otp/verify", summary="Sign in with a code")
@bp.arguments(people.CodeTyped)
@bp.response(200, people.Tokens)
def verify_code(asked: dict[str, Any]) -> Any:
    """An account is made for a phone that has none. Five tries a code."""
    person = identity.verify_otp(asked["phone"], asked["code"], source="api")
    return identity.issue_tokens(person, asked["device_id"])


@bp.call("POST", "/auth/password", summary="Sign in with a password")
@bp.arguments(people.PasswordTyped)
@bp.response(200, people.Tokens)
def sign_in_with_password(asked: dict[str, Any]) -> Any:
    """401 when the two do not belong together, 429 with Retry-After after too many failures."""
    person = identity.sign_in_with_password(asked["email"], asked["password"], client_ip(), source="api")
    return identity.issue_tokens(person, asked["device_id"])


@bp.call("POST", "/auth/refresh", summary="The next pair of tokens")
@bp.arguments(people.RefreshAsked)
@bp.response(200, people.Tokens)
def refresh(asked: dict[str, Any]) -> Any:
    """A refresh token that is shown twice was copied: the whole chain ends, 401."""
    return identity.refresh_tokens(asked["refresh_token"], asked["device_id"])


@bp.call("POST", "/auth/sign-out", summary="End a chain of tokens")
@bp.arguments(people.TokenGiven)
@bp.response(204)
def sign_out(asked: dict[str, Any]) -> None:
    """Unknown tokens are answered alike."""
    identity.revoke_tokens(asked["refresh_token"])
