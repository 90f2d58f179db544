"""How much of something one person may buy, and when they may buy more: plain values, no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

MONTH = timedelta(days=30)
"""A unit bought on day d counts on d and the 29 days after it; on d + 30 it may be bought again."""

Bought = Sequence[tuple[date, int]]
"""(local day, units) of earlier orders, in any order."""


@dataclass(frozen=True)
class Caps:
    """The three numbers of a limit; None: none."""

    per_order: int | None = None
    per_day: int | None = None
    per_month: int | None = None


@dataclass(frozen=True)
class Refill:
    """The first day on which more may be bought, and how much then."""

    day: date
    units: int


def left_on(caps: Caps, bought: Bought, day: date) -> int | None:
    """Units that may still be bought on that day, over all orders; None without a limit over time."""
    lefts = []
    if caps.per_day is not None:
        lefts.append(caps.per_day - sum(units for at, units in bought if at == day))
    if caps.per_month is not None:
        lefts.append(caps.per_month - sum(units for at, units in bought if day - MONTH < at <= day))
    return max(0, min(lefts)) if lefts else None


def most_now(caps: Caps, bought: Bought, day: date) -> int | None:
    """Units that one order of that day may hold; None: as many as one likes."""
    numbers = [n for n in (caps.per_order, left_on(caps, bought, day)) if n is not None]
    return min(numbers) if numbers else None


def next_refill(caps: Caps, bought: Bought, day: date) -> Refill | None:
    """When more than now may be bought, if nothing is bought till then; None when the order's size is the limit."""
    now = most_now(caps, bought, day)
    if now is None:
        return None
    days = {day + timedelta(days=1)} | {at + MONTH for at, _units in bought}
    for later in sorted(d for d in days if d > day):
        then = most_now(caps, bought, later)
        if then is not None and then > now:
            return Refill(later, then)
    return None
