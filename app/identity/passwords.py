"""Passwords: what is strong enough, and signing in and changing with them. Hashes are werkzeug's scrypt."""

from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from werkzeug.security import check_password_hash, generate_password_hash

from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import transaction
from app.core.errors import InvalidInput
from app.core.i18n import _
from app.identity import limits
from app.identity.errors import WrongCredentials
from app.identity.models import Person
from app.identity.people import customer_of, person_actor, person_by_email
from app.identity.sessions import is_staff, revoke_everything

SHORTEST, SHORTEST_STAFF, LONGEST = 8, 12, 200
FEWEST_DIFFERENT = 5


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """Passwords that everybody tries first, in lower case."""
    lines = (Path(__file__).parent / "common_passwords.txt").read_text().splitlines()
    return frozenset(line.casefold() for line in lines if line and not line.startswith("# "))


def weakness(password: str, *, shortest: int, own_words: Collection[str] = ()) -> str | None:
    """Why a password will not do, in the reader's language; None when it will. `own_words` are names and addresses."""
    folded = password.casefold()
    if len(password) < shortest:
        return _("Use at least %(count)s characters.", count=shortest)
    if len(password) > LONGEST:
        return _("Use at most %(count)s characters.", count=LONGEST)
    if folded in common_passwords() or len(set(folded)) < FEWEST_DIFFERENT:
        return _("This password is among the first that others would try. Choose another one.")
    if any(len(word) >= 4 and folded == word.casefold() for word in own_words):
        return _("Your own name or address is easy to guess. Choose another password.")
    return None


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return generate_password_hash("nobody has this password")


def matches(person: Person | None, password: str) -> bool:
    """Takes the same time whether the person exists, has a password, or not."""
    stand_in = _nobodys_hash()
    known = person is not None and bool(person.password)
    right = check_password_hash(person.password if person and person.password else stand_in, password)
    return known and right and bool(password.strip("\0"))


def sign_in_with_password(email: str, password: str, ip: str, *, source: str = "web") -> Person:
    """The person these belong to, with a customer profile in the current store. Call it outside a transaction.

    Raises InvalidInput for an empty field, WrongCredentials, and TooMany(retry_after) when failures of the account
    or the address call for a pause. The same time and the same answer for known and unknown addresses.
    """
    email = email.strip()
    empty = {
        name: _("Please fill this in.") for name, v in (("email", email), ("password", password)) if not v
    }
    if empty:
        raise InvalidInput(empty)
    account = email.casefold()
    attempt = limits.take_attempt(account, ip)
    person = person_by_email(email)
    right = matches(person, password[: LONGEST + 1])
    if person is None or not right or not person.active:
        _note_failure(person, source)
        raise WrongCredentials
    with transaction():
        limits.forgive(account, attempt)
        welcome(person, way="password", source=source)
    return person


@transaction()
def _note_failure(person: Person | None, source: str) -> None:
    actor = Actor(source=source) if person is None else person_actor(person, source=source)
    audit.record("sign_in_failed", actor=actor, way="password")


def welcome(person: Person, *, way: str, source: str) -> None:
    """What every way of signing in does, in the caller's transaction: profile of this store, dates, audit."""
    customer_of(person)
    person.last_login = clock.now().replace(tzinfo=None)
    person.login_count = (person.login_count or 0) + 1
    audit.record("signed_in", actor=person_actor(person, source=source), way=way)


def shortest_password(person: Person) -> int:
    """How many characters this person's password needs in the current store."""
    return SHORTEST_STAFF if is_staff(person) else SHORTEST


def change_password(person: Person, current: str, new: str, ip: str) -> None:
    """Set a new password; every session and token of the person ends, so the caller opens a fresh one.

    `current` must match when there is a password. Raises InvalidInput on `current_password` or `new_password`, and
    TooMany(retry_after). Call it outside a transaction.
    """
    if person.password:
        account = f"change:{person.id}"
        attempt = limits.take_attempt(account, ip)
        if not matches(person, current):
            raise InvalidInput({"current_password": _("This is not your current password.")})
        with transaction():
            limits.forgive(account, attempt)
    own_words = (person.email, person.email.split("@")[0], person.full_name, person.phone or "")
    if problem := weakness(new, shortest=shortest_password(person), own_words=own_words):
        raise InvalidInput({"new_password": problem})
    if current == new:
        raise InvalidInput({"new_password": _("This is the password you already have.")})
    with transaction():
        store_password(person, new)
        revoke_everything(person)
        audit.record("password_changed", actor=person_actor(person))


def store_password(person: Person, password: str) -> None:
    """Hash and keep a password without judging it, for seeds and administrators' commands."""
    person.password = generate_password_hash(password)
