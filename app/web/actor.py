"""The person behind a request, as services want to know them."""

from flask import g
from flask_login import current_user

from app import identity
from app.core.actor import ANONYMOUS, Actor
from app.core.errors import Forbidden, SignInRequired


def current_actor(source: str = "web") -> Actor:
    """Who is signed in, with their roles in the store of the request; found once a request."""
    if "actor" not in g:
        g.actor = (
            identity.actor_of(current_user, source=source) if current_user.is_authenticated else ANONYMOUS
        )
    return g.actor


def require(*roles: str) -> Actor:
    """The actor when they hold one of the roles. SignInRequired for nobody, Forbidden for somebody else."""
    actor = current_actor()
    if not actor.is_authenticated:
        raise SignInRequired
    if roles and not actor.has(*roles):
        raise Forbidden
    return actor
