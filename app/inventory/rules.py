"""Which units leave first, and what they cost: plain values, no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.core.money import Minor, divide_half_up

Slices = list[tuple[int | None, int]]
"""(lot id or None for units without one, units above zero)."""

BANDS = (30, 60, 90, 180)
"""Upper ends of the ageing report's bands, in days to the last good day."""


@dataclass(frozen=True)
class LotUnits:
    """What is left of a lot."""

    id: int
    units: int
    expires_on: date | None


def is_past(expires_on: date | None, today: date) -> bool:
    """Whether the lot's last good day is over."""
    return expires_on is not None and expires_on < today


def first_expired_first(lots: Iterable[LotUnits]) -> list[LotUnits]:
    """The order in which lots are used up: by last good day, those that keep at the end, the older first."""
    return sorted(lots, key=lambda lot: (lot.expires_on is None, lot.expires_on or date.max, lot.id))


def pick(lots: Sequence[LotUnits], unlotted: int, quantity: int, today: date) -> Slices | None:
    """Good units for a customer, first expired first, those of no lot last; None when there are not enough."""
    good = [lot for lot in first_expired_first(lots) if not is_past(lot.expires_on, today)]
    return _fill([*((lot.id, lot.units) for lot in good), (None, unlotted)], quantity)


@dataclass(frozen=True)
class Need:
    """Units that somebody was promised, and the day on which they leave. `key` names whom."""

    key: int
    units: int
    day: date


def unserved(lots: Sequence[LotUnits], unlotted: int, needs: Iterable[Need]) -> list[Need]:
    """The needs that no good units are left for on their day, when all before are served first expired first."""
    left = {lot.id: lot for lot in lots}
    short = []
    for need in sorted(needs, key=lambda one: (one.day, one.key)):
        slices = pick([*left.values()], unlotted, need.units, need.day)
        if slices is None:
            short.append(need)
            continue
        for lot_id, units in slices:
            if lot_id is None:
                unlotted -= units
            else:
                left[lot_id] = replace(left[lot_id], units=left[lot_id].units - units)
    return short


def shrink(lots: Sequence[LotUnits], unlotted: int, quantity: int) -> Slices | None:
    """Units that a count does not find: those of no lot first, then by date, good or not."""
    return _fill([(None, unlotted), *((lot.id, lot.units) for lot in first_expired_first(lots))], quantity)


def _fill(sources: Iterable[tuple[int | None, int]], quantity: int) -> Slices | None:
    slices: Slices = []
    for lot_id, units in sources:
        if quantity and (part := min(units, quantity)) > 0:
            slices.append((lot_id, part))
            quantity -= part
    return None if quantity else slices


def cost_of(value: Minor, on_hand: int, units: int) -> Minor:
    """What `units` of a shelf cost by the moving average, a half rounded up; the last units take all that is left.

    Exact over time: what leaves is taken off the value, so the parts always sum to what came in.
    """
    return divide_half_up(value * units, on_hand) if on_hand else 0


def band_of(expires_on: date | None, today: date) -> str:
    """The ageing band: `past`, the days up to the band's end, `later`, or `none` without a date."""
    if expires_on is None:
        return "none"
    days = (expires_on - today).days
    if days < 0:
        return "past"
    return next((str(end) for end in BANDS if days <= end), "later")
