"""Stepping up: before money or power is moved, somebody who is signed in proves anew who they are.

The proof belongs to one session row and is good for five minutes. Guessing is slowed down as at the sign-in.
"""

from datetime import timedelta

from sqlalchemy import select, update

from app.core import audit, clock
from app.core.db import db, transaction
from app.core.errors import InvalidInput
from app.core.i18n import _
from app.identity import limits
from app.identity.models import LoginSession, Person
from app.identity.passwords import LONGEST, matches
from app.identity.people import person_actor
from app.identity.sessions import hash_of

GOOD_FOR = timedelta(minutes=5)


def is_confirmed(person: Person, token: str) -> bool:
    """Whether the holder of this session has proved within five minutes who they are."""
    query = select(LoginSession.id).where(
        LoginSession.token_hash == hash_of(token),
        LoginSession.user_id == person.id,
        LoginSession.epoch == person.epoch,
        LoginSession.confirmed_at > clock.now() - GOOD_FOR,
    )
    return bool(token) and db.session.scalar(query) is not None


def confirm_person(person: Person, password: str, token: str, ip: str) -> None:
    """Take the password as proof for this session. Call it outside a transaction.

    Raises InvalidInput on `password`, and TooMany(retry_after) when failures of the person or the address call for
    a pause. Every try is audited.
    """
    if not person.password:
        raise InvalidInput({"password": _("You have no password yet. Set one at your account first.")})
    if not password:
        raise InvalidInput({"password": _("Enter your password once more.")})
    account = f"confirm:{person.id}"
    attempt = limits.take_attempt(account, ip)
    if not matches(person, password[: LONGEST + 1]):
        with transaction():
            audit.record("confirmation_failed", actor=person_actor(person))
        raise InvalidInput({"password": _("This is not your password.")})
    with transaction():
        limits.forgive(account, attempt)
        db.session.execute(
            update(LoginSession)
            .where(LoginSession.token_hash == hash_of(token), LoginSession.user_id == person.id)
            .values(confirmed_at=clock.now())
        )
        audit.record("confirmed", actor=person_actor(person))
