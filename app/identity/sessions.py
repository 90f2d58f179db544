"""Server-side sessions: a cookie is worth what its row says.

`expires_at` is the end of the idle time, moved on while the person is active; nothing outlives its longest age. A
row answers to one host, as its cookie does. A change of password or role raises the person's epoch, and every row
and token of an older epoch is dead.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from app.core import audit, clock, crypto
from app.core.db import db, transaction
from app.core.errors import NotFound
from app.core.settings import setting
from app.identity.models import LoginSession, Person, RefreshToken
from app.identity.people import person_actor, roles_of
from app.identity.roles import STAFF_ROLES

TOUCH_EVERY = timedelta(minutes=1)
LONGEST_STAFF, LONGEST_CUSTOMER = timedelta(hours=12), timedelta(days=180)


@dataclass(frozen=True)
class Device:
    """A signed-in browser, for its owner's eyes. `browser` and `system` are names such as Firefox, Android, or ''."""

    id: int
    hostname: str
    browser: str
    system: str
    created_at: datetime
    last_seen_at: datetime
    is_current: bool


def is_staff(user: Person) -> bool:
    """Whether the person works for the current store from a desk: stricter rules for password and idle time."""
    return not roles_of(user).isdisjoint(STAFF_ROLES)


def hash_of(token: str) -> str:
    """What a session's row keeps of the token in its cookie."""
    return crypto.keyed_hash("login-session", token)


def _expiry(user: Person, created_at: datetime, at: datetime) -> datetime:
    staff = is_staff(user)
    idle: timedelta = setting("STAFF_IDLE") if staff else setting("CUSTOMER_IDLE")
    return min(at + idle, created_at + (LONGEST_STAFF if staff else LONGEST_CUSTOMER))


@transaction()
def open_session(user: Person, hostname: str, user_agent: str) -> str:
    """A new row for a person who has just proved who they are; the token for their cookie. Always a new one."""
    at = clock.now()
    token = crypto.random_token()
    db.session.execute(
        delete(LoginSession).where(LoginSession.user_id == user.id, LoginSession.expires_at <= at)
    )
    db.session.add(
        LoginSession(
            token_hash=hash_of(token),
            user_id=user.id,
            epoch=user.epoch,
            hostname=hostname[:253],
            user_agent=user_agent[:200],
            created_at=at,
            last_seen_at=at,
            expires_at=_expiry(user, at, at),
        )
    )
    return token


def live_user(user_id: int, token: str, hostname: str | None = None) -> Person | None:
    """The person while the row behind the token lives: theirs, this epoch, not idle, not over-age, account active.

    With `hostname` the row must also be of that host. One query, and once a minute the note that they were here.
    """
    at = clock.now()
    row = db.session.execute(
        select(Person, LoginSession)
        .join(LoginSession, LoginSession.user_id == Person.id)
        .where(
            LoginSession.token_hash == hash_of(token),
            Person.id == user_id,
            LoginSession.epoch == Person.epoch,
            LoginSession.expires_at > at,
            Person.active.is_(True),
        )
        .execution_options(populate_existing=True)
    ).first()
    if row is None or (hostname is not None and row[1].hostname != hostname):
        return None
    person: Person = row[0]
    if row[1].last_seen_at <= at - TOUCH_EVERY:
        _touch(row[1], person, at)
    return person


@transaction()
def _touch(found: LoginSession, person: Person, at: datetime) -> None:
    """Conditional, so that of many requests at once one writes; a plain statement, so that sign-out wins over it."""
    db.session.execute(
        update(LoginSession)
        .where(LoginSession.id == found.id, LoginSession.last_seen_at <= at - TOUCH_EVERY)
        .values(last_seen_at=at, expires_at=_expiry(person, found.created_at, at))
        .execution_options(synchronize_session=False)
    )


@transaction()
def close_session(token: str, *, source: str = "web") -> None:
    """Sign this browser out: every copy of its cookie is dead. Unknown tokens are ignored."""
    row = db.session.execute(
        select(LoginSession.id, Person)
        .join(Person, Person.id == LoginSession.user_id)
        .where(LoginSession.token_hash == hash_of(token))
    ).first()
    if row is not None:
        db.session.execute(delete(LoginSession).where(LoginSession.id == row[0]))
        audit.record("signed_out", actor=person_actor(row[1], source=source))


@transaction()
def close_all_sessions(user: Person, *, source: str = "web") -> None:
    """Sign out everywhere: browsers, and API clients with their access tokens."""
    revoke_everything(user)
    audit.record("signed_out_everywhere", actor=person_actor(user, source=source))


def revoke_everything(user: Person) -> None:
    """Raise the epoch and end every session and refresh token, in the caller's transaction."""
    db.session.execute(update(Person).where(Person.id == user.id).values(epoch=Person.epoch + 1))
    db.session.execute(delete(LoginSession).where(LoginSession.user_id == user.id))
    db.session.execute(
        update(RefreshToken)
        .where(RefreshToken.user_id == user.id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
    db.session.refresh(user, ["epoch"])


def list_sessions(user: Person, current_token: str = "") -> list[Device]:
    """Where the person is signed in, last active first."""
    current = hash_of(current_token) if current_token else ""
    rows = db.session.scalars(
        select(LoginSession)
        .where(
            LoginSession.user_id == user.id,
            LoginSession.epoch == user.epoch,
            LoginSession.expires_at > clock.now(),
        )
        .order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())
    )
    return [_device(row, current) for row in rows]


@transaction()
def revoke_session(user: Person, session_id: int) -> None:
    """End one of the person's own sessions; NotFound for anybody else's."""
    ended = db.session.scalar(
        delete(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.user_id == user.id)
        .returning(LoginSession.id)
    )
    if ended is None:
        raise NotFound
    audit.record("device_signed_out", actor=person_actor(user))


_BROWSERS: tuple[tuple[str, str], ...] = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: tuple[tuple[str, str], ...] = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def _named(user_agent: str, names: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in names if mark in user_agent), "")


def _device(row: LoginSession, current: str) -> Device:
    return Device(
        id=row.id,
        hostname=row.hostname,
        browser=_named(row.user_agent, _BROWSERS),
        system=_named(row.user_agent, _SYSTEMS),
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        is_current=row.token_hash == current,
    )
