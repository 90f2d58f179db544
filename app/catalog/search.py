"""Finding goods by words in PostgreSQL: full text in the reader's language, then in every language, then typos.

The browser searches small catalogues by itself (frontend/ts/search); this answers the page, the API, large
catalogues and whoever has no script. Triggers keep the documents (migration 0004).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

from sqlalchemy import CTE, ColumnElement, Integer, Text, cast, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, REGCONFIG, TSQUERY

from app.catalog.search_models import ProductSearch
from app.catalog.spelling import is_near
from app.catalog.tags import labels
from app.core.db import db
from app.core.i18n import active_locale

STEMS = {"en": "english", "ru": "russian", "es": "spanish"}
MOST_WORDS = 8  # the rest of a pasted paragraph narrows nothing
ALIKE = 0.2  # of trigrams: a wide net; what it catches is compared letter by letter
MOST_CANDIDATES, MOST_READINGS = 12, 3
SHORTEST_BEGINNING = 4  # of a tag's word: "the" is not meant as the beginning of "thermometer"
_WORD = re.compile(r"[^\W_]+")

Readings = tuple[tuple[str, ...], ...]
"""For each word typed, the words that it may mean."""


@dataclass(frozen=True)
class Search:
    """What to look for, in which languages. `instead` says the words when they are not those that were typed."""

    readings: Readings
    locales: tuple[str, ...]
    instead: str = ""


def understand(typed: str) -> Search | None:
    """How to find what was typed; None when nothing is called so. One query, one more for what looks misspelt."""
    words = tuple(word.lower() for word in _WORD.findall(typed)[:MOST_WORDS])
    if not words:
        return None
    locale = active_locale()
    own = Search(tuple((word, *_tags_called(word, locale)) for word in words), (locale,))
    wide = Search(own.readings, tuple(STEMS))
    in_own, in_any = db.session.execute(select(exists().where(_fits(own)), exists().where(_fits(wide)))).one()
    if in_own or in_any:
        return own if in_own else wide
    return _respell(words, locale)


def found_products(search: Search) -> CTE:
    """`product_id` and `rank`, a whole number that grows with how well the product fits."""
    document = ProductSearch.document
    ranks = [
        # What is called exactly so comes before what merely begins so.
        func.ts_rank(document, _query(search, locale))
        + 2 * func.ts_rank(document, _query(search, locale, ""))
        for locale in search.locales
    ]
    rank = func.max(cast(1000 * reduce(lambda a, b: a + b, ranks), Integer))
    return (
        select(ProductSearch.product_id, rank.label("rank"))
        .where(_fits(search))
        .group_by(ProductSearch.product_id)
        .cte("found")
    )


def _fits(search: Search) -> ColumnElement[bool]:
    return or_(
        *(
            (ProductSearch.locale == locale) & ProductSearch.document.op("@@")(_query(search, locale))
            for locale in search.locales
        )
    )


def _query(search: Search, locale: str, tail: str = ":*") -> ColumnElement[Any]:
    """Every word, in one of its readings; stop words of the language are left out by PostgreSQL.

    A query of its own, so that it is made once and not again for every document.
    """
    stems = cast(STEMS[locale], REGCONFIG)

    def term(word: str) -> ColumnElement[Any]:
        # Folding leaves letters, figures and spaces: inside quotes nothing of it can be an operator.
        quoted = func.concat("'", func.search_fold(word), f"'{tail if len(word) > 1 else ''}")
        return func.to_tsquery(stems, quoted, type_=TSQUERY)

    both, either = (lambda a, b: a.op("&&")(b)), (lambda a, b: a.op("||")(b))
    words = reduce(both, (reduce(either, map(term, readings)) for readings in search.readings))
    return select(words.label("words")).scalar_subquery()


def _tags_called(word: str, locale: str) -> tuple[str, ...]:
    """Tags whose label in the reader's language says the word: documents hold tags as they are stored."""
    begun = len(word) >= SHORTEST_BEGINNING
    return tuple(
        tag
        for tag, words in _labels(locale)
        if word in words or (begun and any(known.startswith(word) for known in words))
    )


@lru_cache(maxsize=8)
def _labels(locale: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((tag, tuple(_WORD.findall(label.lower()))) for tag, label in labels().items())


# --- typos ---------------------------------------------------------------------------------------------------


def _respell(words: Sequence[str], locale: str) -> Search | None:
    """The nearest words that the documents know, for each word that they do not."""
    readings = []
    near = _candidates(words, locale)
    for word in words:
        if not (found := near.get(word)):
            return None
        readings.append(tuple(found[:MOST_READINGS]))
    return Search(tuple(readings), (locale,), instead=" ".join(reading[0] for reading in readings))


def _candidates(words: Sequence[str], locale: str) -> dict[str, list[str]]:
    """Word → known words that it may be a slip of, nearest first."""
    every = select(func.unnest(ProductSearch.words).label("word")).where(ProductSearch.locale == locale)
    known = every.distinct().cte("known").prefix_with("MATERIALIZED", dialect="postgresql")
    asked = func.unnest(cast(list(words), ARRAY(Text))).table_valued("word", name="asked").render_derived()
    typed = func.search_latin(func.search_fold(asked.c.word))
    latin = func.search_latin(known.c.word)
    alike = func.similarity(latin, typed)
    place = func.row_number().over(partition_by=asked.c.word, order_by=(alike.desc(), known.c.word))
    nearest = (
        select(
            asked.c.word.label("asked"),
            known.c.word,
            typed.label("typed"),
            latin.label("latin"),
            place.label("n"),
        )
        .select_from(asked)
        .join(known, alike >= literal(ALIKE))
        .subquery("nearest")
    )
    query = select(nearest).where(nearest.c.n <= MOST_CANDIDATES).order_by(nearest.c.n)
    found: dict[str, list[str]] = {}
    for row in db.session.execute(query):
        if is_near(row.typed, row.latin):
            found.setdefault(row.asked, []).append(row.word)
    for word, near in found.items():
        # "ветамин" is near to "витамин" and, letter by letter, to "vitamin": the one in the same letters is meant.
        near.sort(key=lambda known: known.isascii() != word.isascii())
    return found
