"""Searches that found nothing, counted by their words: what the shelf lacks, or what it calls by another name.

No person is in it: neither who asked nor when else, and words that look like a phone number, an address of e-mail or
a sentence are not kept at all. One visitor counts for at most MOST_A_MINUTE, one store keeps at most MOST_KEPT.
"""

import re

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.catalog.search_models import SearchMiss
from app.core import cache, clock, crypto
from app.core.actor import MANAGERS, Actor
from app.core.db import db, transaction
from app.core.errors import Forbidden, NotFound
from app.core.i18n import active_locale
from app.core.tenancy import current_store_id

MOST_A_MINUTE, MOST_KEPT = 10, 5000
MOST_WORDS, LONGEST, LONGEST_NUMBER = 6, 60, 4
_WORD = re.compile(r"[^\W_]+")


def plain_words(typed: str) -> str:
    """The words in small letters with one space between them; '' when they are not fit to be kept."""
    words = _WORD.findall(typed.lower())
    said = " ".join(words)
    is_private = "@" in typed or sum(map(str.isdigit, said)) > LONGEST_NUMBER
    return "" if is_private or not said or len(words) > MOST_WORDS or len(said) > LONGEST else said


@transaction()
def record_miss(typed: str, *, visitor: str) -> bool:
    """Count a search in vain; False when it is left out. `visitor` (an address) is hashed and soon forgotten."""
    words = plain_words(typed)
    if not words or not _is_patient(visitor):
        return False
    known = select(SearchMiss.id).where(SearchMiss.words == words, SearchMiss.locale == active_locale())
    if db.session.scalar(known) is None and _is_full():
        return False
    row = insert(SearchMiss).values(words=words, locale=active_locale(), last_at=clock.now())
    again = {"count": SearchMiss.count + 1, "last_at": row.excluded.last_at}
    db.session.execute(row.on_conflict_do_update(index_elements=["store_id", "locale", "words"], set_=again))
    return True


@transaction()
def forget_miss(miss_id: int, *, actor: Actor) -> None:
    """Take it off the list: the goods are there now, or nobody wants them. Raises Forbidden and NotFound."""
    if not actor.has(*MANAGERS):
        raise Forbidden
    gone = db.session.scalar(delete(SearchMiss).where(SearchMiss.id == miss_id).returning(SearchMiss.id))
    if gone is None:
        raise NotFound


def _is_patient(visitor: str) -> bool:
    try:
        key = f"misses:{current_store_id()}:{crypto.keyed_hash('search-miss', visitor)[:20]}"
        return cache.count(key, 60) <= MOST_A_MINUTE
    except cache.CacheAway:
        return False


def _is_full() -> bool:
    return (db.session.scalar(select(func.count()).select_from(SearchMiss)) or 0) >= MOST_KEPT
