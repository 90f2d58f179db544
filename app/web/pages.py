"""Where shared pages are kept: the last ones in this process, and all of the minute in Valkey for the others."""

import hashlib
import re
import time
import zlib
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from app.core import cache

LARGEST_MEMORY = 48 * 1024 * 1024
"""Bytes of pages that one process holds."""
MOST_A_MINUTE = 600
"""New pages of one store that go to Valkey in a minute: strangers can think up addresses without end."""
_STAMP = 8


@dataclass(frozen=True)
class Page:
    """A rendered page cut at its blanks: text, blank, text, blank, … `tag` names its content."""

    parts: tuple[bytes, ...]
    tag: str
    size: int

    @classmethod
    def of(cls, content: bytes, blanks: re.Pattern[bytes]) -> "Page":
        """Cut the content."""
        return cls(tuple(blanks.split(content)), hashlib.sha256(content).hexdigest()[:20], len(content))

    def filled(self, nonce: str, token: str) -> bytes:
        """The page for one visitor. The first letter of a blank says which it is."""
        values = {ord("n"): nonce.encode(), ord("t"): token.encode()}
        pieces = list(self.parts)
        pieces[1::2] = [values[blank[0]] for blank in self.parts[1::2]]
        return b"".join(pieces)

    def content(self) -> bytes:
        """The page with its blanks."""
        return b"".join(self.parts)


@dataclass
class Pages:
    """The copies. A page that is not found is made anew; nothing here raises."""

    _known: OrderedDict[str, tuple[float, Page]] = field(default_factory=OrderedDict)
    _size: int = 0
    _guard: Lock = field(default_factory=Lock)

    def find(self, key: str, pattern: re.Pattern[bytes]) -> Page | None:
        """The page while it is young enough."""
        with self._guard:
            if (known := self._known.get(key)) is not None and known[0] > time.time():
                self._known.move_to_end(key)
                return known[1]
        return self._find_shared(key, pattern)

    def keep(self, key: str, store_id: int, page: Page, seconds: float) -> None:
        """Keep it for so long, here and, while the store has made no more than its share, for other processes."""
        until = time.time() + seconds
        self._remember(key, until, page)
        try:
            if cache.count(f"pages:{store_id}", 60) <= MOST_A_MINUTE:
                stamp = int(until * 1000).to_bytes(_STAMP)
                cache.keep(key, stamp + zlib.compress(page.content(), 1), seconds)
        except cache.CacheAway:
            return

    def _find_shared(self, key: str, pattern: re.Pattern[bytes]) -> Page | None:
        try:
            kept = cache.fetch(key)
        except cache.CacheAway:
            return None
        if kept is None or (until := int.from_bytes(kept[:_STAMP]) / 1000) <= time.time():
            return None
        page = Page.of(zlib.decompress(kept[_STAMP:]), pattern)
        self._remember(key, until, page)
        return page

    def _remember(self, key: str, until: float, page: Page) -> None:
        with self._guard:
            self._forget(key)
            self._known[key] = (until, page)
            self._size += page.size
            while self._size > LARGEST_MEMORY:
                self._forget(next(iter(self._known)))

    def _forget(self, key: str) -> None:
        if (known := self._known.pop(key, None)) is not None:
            self._size -= known[1].size
