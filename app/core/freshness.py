"""When did what the shop shows last change? A word per store that is another one after every such commit.

Whoever keeps a copy keeps it under the word that was true before it was made, and asks for the word at every use: a
copy from before a change is never found again. The tables are watched where SQL leaves the process, so that no
service has to remember; a change made elsewhere (by psql, by COPY) calls `renew` or waits for the copies to age.
"""

import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from app.core import cache

_watched: dict[str, frozenset[str]] = {}
_owed: set[int] = set()
"""Stores whose change could not be told while Valkey was away: told before the next copy is used."""
_WRITES = ("INSERT", "UPDATE", "DELETE")
_HEAD = re.compile(r'(INSERT INTO|UPDATE|DELETE FROM)\s+(?:ONLY\s+)?"?(\w+)"?(.*)', re.DOTALL)
_SET = re.compile(r"\bSET\s(.*?)(?:\sWHERE\s|\sFROM\s|\sRETURNING\s|$)", re.DOTALL)
_BRACKETS = re.compile(r"\([^()]*\)")
_COLUMN = re.compile(r'(?:^|,)\s*"?(\w+)"?\s*=')
_MARK = "freshness"
_one_moment: ContextVar[dict[int, str | None] | None] = ContextVar("one_moment", default=None)


def watch(table: str, *, but: Collection[str] = ()) -> None:
    """A change of this table is seen in the shop, unless an UPDATE sets nothing but the columns in `but`."""
    _watched[table] = frozenset(but)
    _is_seen.cache_clear()


@contextmanager
def one_moment() -> Iterator[None]:
    """For an answer made of several copies and of no change: all of them are of one moment, asked for once."""
    token = _one_moment.set({})
    try:
        yield
    finally:
        _one_moment.reset(token)


def word(store_id: int) -> str | None:
    """The store's word now; None while Valkey is away, and then no copy may be used."""
    asked = _one_moment.get()
    if asked is None:
        return _ask(store_id)
    if store_id not in asked:
        asked[store_id] = _ask(store_id)
    return asked[store_id]


def _ask(store_id: int) -> str | None:
    try:
        if store_id in _owed:
            _write(store_id)
        found = cache.fetch(_key(store_id))
        if found is None:
            found = cache.keep_if_new(_key(store_id), _new_word())
    except cache.CacheAway:
        return None
    return found.decode()


def renew(store_id: int) -> None:
    """No copy made until now is good any more. Call after the commit."""
    try:
        _write(store_id)
    except cache.CacheAway:
        _owed.add(store_id)


def _write(store_id: int) -> None:
    cache.replace(_key(store_id), _new_word())
    _owed.discard(store_id)


def _key(store_id: int) -> str:
    return f"fresh:{store_id}"


def _new_word() -> bytes:
    return secrets.token_hex(6).encode()


@lru_cache(maxsize=512)
def _is_seen(statement: str) -> bool:
    """Whether this SQL changes what the shop shows."""
    found = _HEAD.match(statement.lstrip())
    if found is None or (unseen := _watched.get(found[2].lower())) is None:
        return False
    if found[1] != "UPDATE" or not unseen:
        return True
    changed = _SET.search(_outermost(found[3]))
    columns = set(_COLUMN.findall(changed[1])) if changed else set()
    return not columns or not columns <= unseen


def _outermost(statement: str) -> str:
    """The statement without what stands in brackets, where conditions and queries have words of their own."""
    while (less := _BRACKETS.sub("", statement)) != statement:
        statement = less
    return statement


@event.listens_for(Session, "after_begin")
def _follow(session: Session, _transaction: object, connection: Connection) -> None:
    connection.info[_MARK] = session.info


@event.listens_for(Engine, "before_cursor_execute")
def _look(connection: Connection, _cursor: object, statement: str, *_rest: Any) -> None:
    if statement.lstrip()[:6].upper() in _WRITES and _is_seen(statement):
        connection.info.get(_MARK, {})[_MARK] = True


@event.listens_for(Session, "after_commit")
def _tell(session: Session) -> None:
    # Inside a savepoint nothing is committed yet.
    if session.in_nested_transaction() or not session.info.pop(_MARK, False):
        return
    if (store_id := session.info.get("store_id")) is not None:
        renew(store_id)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_MARK, None)
