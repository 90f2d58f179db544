"""What happened, in the order of time: each act under a clock that stands where it stood then."""

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

from app.core import clock

Act = Callable[[], object]


class Timeline:
    """Acts to come. An act may plan further ones."""

    def __init__(self) -> None:
        self._acts: list[tuple[datetime, int, Act]] = []
        self._order = count()

    def at(self, when: datetime, act: Act) -> None:
        """Let it happen then; of two at once, the one that was planned first."""
        heapq.heappush(self._acts, (when, next(self._order), act))

    def play(self, until: datetime) -> None:
        """All of it up to then. What was planned for later has not happened yet."""
        while self._acts and self._acts[0][0] <= until:
            when, _number, act = heapq.heappop(self._acts)
            with clock.frozen(when):
                act()
