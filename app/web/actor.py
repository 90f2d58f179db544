"""The person behind a request, as services want to know them, and the cookie that says who they are."""

from urllib.parse import urlsplit

from flask import g, request, session
from flask_login import current_user, login_user, logout_user
from sqlalchemy import ScalarSelect, select

from app import identity
from app.core.actor import ANONYMOUS, Actor
from app.core.errors import Forbidden, SignInRequired
from app.dispatch.models import Driver

SID = "sid"
KEPT_AT_SIGN_IN = ("lang", "cart")
"""What the cookie of a visitor keeps when they sign in. All else is dropped, so nothing planted survives."""
KEPT_AT_SIGN_OUT = ("lang",)
WORKPLACES = (
    (("platform_admin", "store_admin", "manager"), "/console/"),
    (("dispatcher",), "/dispatch"),
    (("driver",), "/driver"),
)


def _driver_id(user_id: int) -> ScalarSelect[int]:
    return select(Driver.id).where(Driver.user_id == user_id, Driver.active.is_(True)).scalar_subquery()


identity.register_actor_fact("driver_id", _driver_id)


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


def require_person() -> identity.Person:
    """The signed-in person. Raises SignInRequired."""
    if not current_user.is_authenticated:
        raise SignInRequired
    person: identity.Person = current_user._get_current_object()
    return person


def client_ip() -> str:
    """The address of the client, through as many proxies as PROXY_HOPS says."""
    return request.remote_addr or ""


def session_token() -> str:
    """The token of this browser's session, or ''."""
    return str(session.get(SID, ""))


def hostname() -> str:
    """The host of the request without its port."""
    return request.host.rsplit(":", 1)[0].lower()


def person_of_cookie(user_id: int) -> identity.Person | None:
    """The person the cookie names, only while the session row behind it lives and is of this host."""
    token = session_token()
    return identity.live_user(user_id, token, hostname()) if token else None


def sign_in(person: identity.Person) -> Actor:
    """Give this browser a session for a person who has just proved who they are; any earlier one of it ends."""
    if earlier := session_token():
        identity.close_session(earlier)
    token = identity.open_session(person, hostname(), request.user_agent.string)
    _keep_only(KEPT_AT_SIGN_IN)
    session[SID] = token
    if person.locale:
        session["lang"] = person.locale
    login_user(person, remember=False)
    g.pop("actor", None)
    actor = current_actor()
    session.permanent = not actor.is_staff
    return actor


def sign_out() -> None:
    """End the session of this browser; every copy of its cookie is dead from here on."""
    if token := session_token():
        identity.close_session(token)
    forget_person()


def forget_person() -> None:
    """Drop the person from this browser's cookie, when the rows have been ended already."""
    logout_user()
    _keep_only(KEPT_AT_SIGN_OUT)
    g.pop("actor", None)


def _keep_only(names: tuple[str, ...]) -> None:
    kept = {name: session[name] for name in names if name in session}
    session.clear()
    session.update(kept)


def local_path(wanted: str | None) -> str | None:
    """`wanted` when it is a path of this site that a browser cannot take for another host; else None."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return None
    if any(ord(character) < 33 or character == "\\" for character in wanted):
        return None
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else wanted


def landing(actor: Actor, wanted: str | None = None) -> str:
    """Where somebody goes after signing in: the page they came for, else where their role works, else home."""
    asked = local_path(wanted)
    if asked and asked.rstrip("?") != "/":
        return asked
    for roles, path in WORKPLACES:
        if actor.has(*roles):
            return path
    return "/"
