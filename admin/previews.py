"""What a customer of a ZIP would be offered if a traffic window were saved: the promise asked with the draft in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from app import promise
from app.core import clock
from app.core.errors import InvalidInput
from app.core.i18n import _
from app.promise import Options, Slot
from app.promise.models import TrafficWindow
from app.promise.queries import active_windows, window_of


@dataclass(frozen=True)
class Preview:
    """The options of a ZIP with the window and without it."""

    offered: Options
    without: Options
    days: Sequence[date]
    minutes: Sequence[int]

    @property
    def hours(self) -> list[int]:
        """The hours of the day in which anything begins."""
        return sorted({slot.starts_at.hour for slot in self.offered.slots})

    @property
    def slots(self) -> Mapping[tuple[date, int, int], Slot]:
        """Slots by (day, hour, minute) of the wall clock."""
        return {_key(slot.starts_at): slot for slot in self.offered.slots}

    @property
    def changed(self) -> set[tuple[date, int, int]]:
        """The slots that the window makes different."""
        before = {_key(s.starts_at): (s.offered, s.delay_minutes) for s in self.without.slots}
        return {key for key, s in self.slots.items() if before.get(key) != (s.offered, s.delay_minutes)}


def _key(at: datetime) -> tuple[date, int, int]:
    return at.date(), at.hour, at.minute


def preview_window(draft: TrafficWindow, zip_code: str, *, but: int | None) -> Preview:
    """Ask the promise with the draft in place of the saved row `but`; nothing is written.

    InvalidInput on `preview_zip` for a ZIP that is none.
    """
    now = clock.now()
    world = promise.load_world(now)
    if promise.normalize_zip(zip_code, world.country) is None:
        raise InvalidInput({"preview_zip": _("Enter the five digits of your ZIP code.")})
    others = active_windows(but=[but] if but else ())
    drafted = (window_of(draft),) if draft.active else ()
    ask = promise.Ask(now=now, zip=zip_code)
    offered = promise.options(replace(world, windows=(*others, *drafted)), ask)
    without = promise.options(replace(world, windows=others), ask)
    days = sorted({slot.starts_at.date() for slot in offered.slots})
    return Preview(offered, without, days, range(0, 60, world.policy.length_minutes))
