"""Past orders and what became of them in a replay. Plain values: aware UTC times, minutes, minor units."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from app.core.money import Minor
from app.promise import Booking, Mode, ReasonCode


@dataclass(frozen=True, slots=True)
class Past:
    """One delivery as it was asked for: when, where to, what for, and how long its parts took.

    `slot` is the start that was chosen, None for express. `given_back_at`: cancelled or failed, its place was free
    again from then on. `road_minutes` is one way, from the branch to the door.
    """

    id: int
    code: str
    placed_at: datetime
    zip: str
    branch_id: int
    mode: Mode
    slot: datetime | None = None
    goods_minor: Minor = 0
    items: int = 1
    given_back_at: datetime | None = None
    prepare_minutes: float = 12
    road_minutes: float = 20


class Fate(StrEnum):
    """What a replay makes of an order: as it was wanted, at another time, or not at all."""

    kept = "kept"
    moved = "moved"
    lost = "lost"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One order in one replay. `why` says what was in the way of what the customer wanted."""

    past: Past
    fate: Fate
    zone_id: int | None = None
    zone: str = ""
    branch_id: int | None = None
    mode: Mode | None = None
    starts_at: datetime | None = None
    promised_until: datetime | None = None
    why: ReasonCode | None = None
    arrives_at: datetime | None = None

    @property
    def counts(self) -> bool:
        """Whether somebody had to drive: neither lost nor given back."""
        return self.fate is not Fate.lost and self.past.given_back_at is None

    @property
    def late_minutes(self) -> float:
        """How long after the promise it arrives, 0 when in time or not driven."""
        if self.arrives_at is None or self.promised_until is None:
            return 0.0
        return max(0.0, (self.arrives_at - self.promised_until) / timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Terms:
    """What a replay assumes besides the settings.

    `patience`: how far from the wished time a customer still accepts another slot. `carry`: orders of one zone a
    driver takes along, each further door `door_minutes` later.
    """

    drivers: int = 3
    patience: timedelta = timedelta(hours=2)
    carry: int = 3
    door_minutes: float = 6


@dataclass(frozen=True, slots=True)
class Replay:
    """All orders of a replay in the order they were placed, the places taken, and how long drivers were out.

    `busy` is minutes on the road by local (weekday, hour) over the whole history.
    """

    outcomes: tuple[Outcome, ...]
    booked: Mapping[tuple[int, datetime], Booking]
    busy: Mapping[tuple[int, int], float] = field(default_factory=dict)
