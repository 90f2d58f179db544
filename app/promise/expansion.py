"""The expansion list: who wants to hear when a ZIP is delivered to. It counts once the letter's link was followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app import stores
from app.core import clock, crypto
from app.core.actor import SYSTEM
from app.core.db import db, for_update, transaction
from app.core.errors import InvalidInput, NotFound, TooMany
from app.core.events import emit
from app.core.i18n import _, active_locale
from app.identity.emails import read_email
from app.promise.events import WishGranted, WishMade
from app.promise.models import ExpansionWish
from app.promise.where import normalize_zip

WRITE_AGAIN = timedelta(minutes=10)
MOST_OPEN = 5
"""So many unconfirmed ZIPs of one address: nobody's letter box is filled by somebody else."""
MOST_AN_HOUR = 300


@dataclass(frozen=True)
class Wanted:
    """How often a ZIP is wished for."""

    zip: str
    confirmed: int
    waiting: int


@transaction()
def ask_for(zip_typed: str, email_typed: str) -> ExpansionWish:
    """Join the list and have the letter written. The same wish again changes nothing; its letter is written again
    after ten minutes while it is not confirmed.

    InvalidInput names `zip` or `wish_email`; TooMany where letters would become a nuisance.
    """
    zip_code = normalize_zip(zip_typed, stores.current_store().country)
    email = read_email(email_typed, field="wish_email")
    if zip_code is None:
        raise InvalidInput({"zip": _("Enter the five digits of your ZIP code.")})
    now = clock.now()
    token = crypto.random_token()
    fresh = db.session.scalar(
        insert(ExpansionWish)
        .values(email=email, zip=zip_code, locale=active_locale(), token=token, asked_at=now)
        .on_conflict_do_nothing(index_elements=["store_id", "email", "zip"])
        .returning(ExpansionWish.id)
    )
    query = select(ExpansionWish).where(ExpansionWish.email == email, ExpansionWish.zip == zip_code)
    wish = db.session.scalars(for_update(query)).one()
    if fresh is None and (wish.confirmed_at is not None or now - wish.asked_at < WRITE_AGAIN):
        return wish
    _require_quiet(email)
    wish.asked_at, wish.locale = now, active_locale()
    emit(WishMade(wish_id=wish.id), actor=SYSTEM)
    return wish


def _require_quiet(email: str) -> None:
    waiting = ExpansionWish.confirmed_at.is_(None)
    mine = select(func.count()).where(waiting, ExpansionWish.email == email)
    hour = select(func.count()).where(waiting, ExpansionWish.asked_at > clock.now() - timedelta(hours=1))
    if (db.session.scalar(mine) or 0) > MOST_OPEN or (db.session.scalar(hour) or 0) > MOST_AN_HOUR:
        raise TooMany(retry_after=3600)


def find_wish(token: str) -> ExpansionWish:
    """The wish of a letter's link; NotFound for a link that is not ours."""
    wish = db.session.scalar(select(ExpansionWish).where(ExpansionWish.token == token)) if token else None
    if wish is None:
        raise NotFound
    return wish


@transaction()
def confirm_wish(token: str) -> ExpansionWish:
    """Whoever holds the link has the letter box. Again changes nothing."""
    wish = find_wish(token)
    if wish.confirmed_at is None:
        wish.confirmed_at = clock.now()
    return wish


@transaction()
def withdraw_wish(token: str) -> None:
    """Off the list, nothing is kept. NotFound for a link that is not ours (any more)."""
    db.session.delete(find_wish(token))


def grant_wishes(zips: Sequence[str]) -> int:
    """These ZIPs are delivered to now: one letter for each confirmed wish, in the caller's transaction; how many."""
    query = select(ExpansionWish).where(
        ExpansionWish.zip.in_(zips), ExpansionWish.confirmed_at.is_not(None), ExpansionWish.told_at.is_(None)
    )
    wishes = list(db.session.scalars(for_update(query)))
    for wish in wishes:
        wish.told_at = clock.now()
        emit(WishGranted(wish_id=wish.id), actor=SYSTEM)
    return len(wishes)


def wishes_by_zip() -> list[Wanted]:
    """The ZIPs wished for and not delivered to, the most wanted first."""
    confirmed = func.count(ExpansionWish.confirmed_at)
    query = (
        select(ExpansionWish.zip, confirmed, func.count() - confirmed)
        .where(ExpansionWish.told_at.is_(None))
        .group_by(ExpansionWish.zip)
        .order_by(confirmed.desc(), func.count().desc(), ExpansionWish.zip)
    )
    return [Wanted(*row) for row in db.session.execute(query)]
