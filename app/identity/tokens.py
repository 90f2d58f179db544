"""Tokens of API clients: a JWT for ten minutes and a refresh token that is good once.

A refresh token that is shown a second time was copied: the whole chain it belongs to ends. Both kinds name their
store and are worth nothing at another one.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt
from sqlalchemy import select, update

from app.core import audit, clock, crypto
from app.core.actor import Actor
from app.core.db import db, transaction
from app.core.tenancy import current_store_id
from app.identity.errors import TokenRejected
from app.identity.models import Person, RefreshToken
from app.identity.people import actor_of, person_actor

ACCESS_LIFETIME = timedelta(minutes=10)
REFRESH_LIFETIME = timedelta(days=30)
ISSUER, AUDIENCE, ALGORITHM = "theriac", "theriac-api", "HS256"


@dataclass(frozen=True)
class Tokens:
    """What a client keeps; `expires_in` is of the access token, in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int


@transaction()
def issue_tokens(user: Person, device_id: str = "") -> Tokens:
    """The first pair of a new chain, for a person who has just proved who they are."""
    return _issue(user, device_id, family=crypto.random_token())


def refresh_tokens(token: str, device_id: str = "") -> Tokens:
    """The next pair of the chain. Call it outside a transaction: the end of a chain is committed, then refused.

    Raises TokenRejected when the token is unknown, of another store, too old, of an earlier epoch, of a closed
    account; and, ending the chain, when it was used before or comes from another device.
    """
    with transaction():
        issued = _next(token, device_id[:64])
    if issued is None:
        raise TokenRejected
    return issued


@transaction()
def revoke_tokens(token: str) -> None:
    """Sign an API client out: its chain ends; its access token runs out by itself. Unknown tokens are ignored."""
    row = db.session.scalar(select(RefreshToken).where(RefreshToken.token_hash == _hash(token)))
    if row is not None:
        _end_family(row.family)
        audit.record("signed_out", actor=_owner(row))


def actor_of_access_token(token: str) -> Actor:
    """The actor behind a Bearer token in the current store, source "api". Raises TokenRejected."""
    claims = _claims(token)
    if claims["store"] != current_store_id():
        raise TokenRejected
    user = db.session.get(Person, int(claims["sub"]), populate_existing=True)
    if user is None or not user.active or user.epoch != claims["epoch"]:
        raise TokenRejected
    return actor_of(user, source="api")


def _claims(token: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            crypto.purpose_key("jwt"),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={
                "require": ["exp", "sub", "store", "epoch", "jti"],
                "verify_exp": False,
                "verify_iat": False,
            },
        )
    except jwt.InvalidTokenError as error:
        raise TokenRejected from error
    # By the clock of the house, which a demo or a test may have moved.
    if claims["exp"] <= clock.now().timestamp() or not str(claims["sub"]).isdigit():
        raise TokenRejected
    return claims


def _hash(token: str) -> str:
    return crypto.keyed_hash("refresh-token", token)


def _issue(user: Person, device_id: str, *, family: str) -> Tokens:
    at = clock.now()
    store_id = current_store_id()
    # The store is part of what is hashed, so it cannot be exchanged for another.
    refresh = f"{store_id}.{crypto.random_token()}"
    db.session.add(
        RefreshToken(
            token_hash=_hash(refresh),
            family=family,
            user_id=user.id,
            device_id=device_id[:64],
            epoch=user.epoch,
            created_at=at,
            expires_at=at + REFRESH_LIFETIME,
        )
    )
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(user.id),
        "store": store_id,
        "epoch": user.epoch,
        "device": device_id[:64],
        "jti": crypto.random_token(),
        "iat": int(at.timestamp()),
        "exp": int((at + ACCESS_LIFETIME).timestamp()),
    }
    access = jwt.encode(claims, crypto.purpose_key("jwt"), algorithm=ALGORITHM)
    return Tokens(access, refresh, int(ACCESS_LIFETIME.total_seconds()))


def _next(token: str, device_id: str) -> Tokens | None:
    """None is a refusal, returned so that the caller's block commits what it ended."""
    row = db.session.scalar(select(RefreshToken).where(RefreshToken.token_hash == _hash(token)))
    if row is None or token.split(".", 1)[0] != str(current_store_id()):
        return None
    spent = db.session.scalar(
        update(RefreshToken)
        .where(RefreshToken.id == row.id, RefreshToken.used_at.is_(None), RefreshToken.revoked_at.is_(None))
        .values(used_at=clock.now())
        .returning(RefreshToken.id)
        .execution_options(synchronize_session=False)
    )
    user = db.session.get(Person, row.user_id, populate_existing=True)
    if spent is None or row.device_id != device_id:
        if row.revoked_at is None:
            _end_family(row.family)
            audit.record("refresh_token_reused", actor=_owner(row))
        return None
    if user is None or not user.active or user.epoch != row.epoch or row.expires_at <= clock.now():
        return None
    return _issue(user, device_id, family=row.family)


def _end_family(family: str) -> None:
    db.session.execute(
        update(RefreshToken)
        .where(RefreshToken.family == family, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _owner(row: RefreshToken) -> Actor:
    user = db.session.get(Person, row.user_id)
    return Actor(source="api") if user is None else person_actor(user, source="api")
