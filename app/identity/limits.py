"""Guessing slows down: failures are counted in PostgreSQL, per account and per address, and each costs a wait.

An attempt is written down before the password is looked at, and taken back when it was right: so many at once
cannot slip past the count, and a blocked one never reaches the expensive hash.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from app.core import clock, crypto
from app.core.db import db, transaction
from app.core.errors import TooMany
from app.identity.models import SignInFailure

WINDOW = timedelta(hours=1)
FREE_PER_ACCOUNT, FREE_PER_ADDRESS = 5, 20
FIRST_WAIT, LONGEST_WAIT = 30, 900  # seconds


def account_key(name: str) -> str:
    """What an account's failures are counted under; tells nothing about the name."""
    return f"account:{crypto.keyed_hash('sign-in', name)}"


def address_key(ip: str) -> str:
    """What an address' failures are counted under."""
    return f"ip:{ip}"


def wait_seconds(failures: int, free: int) -> int:
    """How long after the last failure the next attempt may come: nothing at first, then 30 s, doubling to 15 min."""
    if failures < free:
        return 0
    return min(FIRST_WAIT * 2 ** min(failures - free, 10), LONGEST_WAIT)


def lock(*keys: str) -> None:
    """Work on these counters alone until the transaction ends. Always lock the account before the address."""
    for key in keys:
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


@transaction()
def take_attempt(account: str, ip: str) -> tuple[int, int]:
    """Count an attempt in advance; answer what `forgive` wants. Raises TooMany with `retry_after`."""
    key, address = account_key(account), address_key(ip)
    lock(key, address)
    at = clock.now()
    for counter, free in ((key, FREE_PER_ACCOUNT), (address, FREE_PER_ADDRESS)):
        _require_patience(counter, free, at)
    attempts = [SignInFailure(key=key, at=at), SignInFailure(key=address, at=at)]
    db.session.add_all(attempts)
    db.session.flush()
    return attempts[0].id, attempts[1].id


def _require_patience(key: str, free: int, at: datetime) -> None:
    count, last = db.session.execute(
        select(func.count(), func.max(SignInFailure.at)).where(
            SignInFailure.key == key, SignInFailure.at > at - WINDOW
        )
    ).one()
    wait = wait_seconds(count, free)
    if wait and (left := (last + timedelta(seconds=wait) - at).total_seconds()) > 0:
        raise TooMany(retry_after=int(left) + 1)


def forgive(account: str, attempt: tuple[int, int]) -> None:
    """The attempt was right: forget the account's failures, and of the address' this one alone."""
    db.session.execute(delete(SignInFailure).where(SignInFailure.key == account_key(account)))
    db.session.execute(delete(SignInFailure).where(SignInFailure.id.in_(attempt)))
