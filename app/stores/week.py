"""The opening week of one branch, changed as a whole: several intervals a day, past midnight, none that meet."""

from collections.abc import Mapping, Sequence
from datetime import time
from zlib import crc32

from sqlalchemy import delete, select

from app.core import audit
from app.core.actor import MANAGERS, Actor
from app.core.db import db, for_update, transaction
from app.core.errors import DomainError, ErrorKind, Forbidden, InvalidInput, NotFound
from app.core.i18n import _, _l
from app.stores.models import Branch, OpeningHours
from app.stores.service import check_hours

Interval = tuple[time, time]
Week = Mapping[int, Sequence[Interval]]
"""Weekday (0 = Monday) → its intervals; a day that is missing is closed."""

DAYS = range(7)
MOST_INTERVALS = 6


class HoursChanged(DomainError):
    """Somebody else saved the week between the page and this moment."""

    kind = ErrorKind.conflict
    message = _l("Somebody changed these hours while you were editing. Compare, then save again.")


def load_week(branch_id: int) -> dict[int, list[Interval]]:
    """The week of a branch, each day in order."""
    query = select(OpeningHours).where(OpeningHours.branch_id == branch_id)
    week: dict[int, list[Interval]] = {day: [] for day in DAYS}
    for row in db.session.scalars(query.order_by(OpeningHours.weekday, OpeningHours.opens)):
        week[row.weekday].append((row.opens, row.closes))
    return week


def stamp_of(week: Week) -> str:
    """A short word that is another one when the week is another one."""
    return f"{crc32('|'.join(_told(week)).encode()):08x}"


def field_of(day: int, place: int) -> str:
    """The name under which an interval is refused."""
    return f"d{day}-{place}"


def check_week(week: Week) -> None:
    """Refuse intervals that meet, also over midnight and from Sunday into Monday: InvalidInput by `field_of`."""
    errors: dict[str, str] = {}
    before: list[tuple[int, time, time]] = []
    for day in DAYS:
        intervals = week.get(day, ())
        for place, (opens, closes) in enumerate(intervals):
            try:
                check_hours(day, opens, closes, before)
            except InvalidInput as refusal:
                errors[field_of(day, place)] = refusal.errors["opens"]
            before.append((day, opens, closes))
        if len(intervals) > MOST_INTERVALS:
            errors[field_of(day, MOST_INTERVALS)] = _("At most %(count)s a day.", count=MOST_INTERVALS)
    if errors:
        raise InvalidInput(errors)


@transaction()
def set_week(branch_id: int, week: Week, *, seen: str, actor: Actor) -> bool:
    """Give the branch exactly this week; False when it was so already.

    `seen` is the stamp of the week that was edited. Raises Forbidden, NotFound, HoursChanged, InvalidInput.
    """
    if not actor.has(*MANAGERS):
        raise Forbidden
    if db.session.scalar(for_update(select(Branch.id).where(Branch.id == branch_id))) is None:
        raise NotFound
    old = load_week(branch_id)
    if seen != stamp_of(old):
        raise HoursChanged
    check_week(week)
    if stamp_of(week) == stamp_of(old):
        return False
    db.session.execute(delete(OpeningHours).where(OpeningHours.branch_id == branch_id))
    db.session.add_all(
        OpeningHours(branch_id=branch_id, weekday=day, opens=opens, closes=closes)
        for day in DAYS
        for opens, closes in week.get(day, ())
    )
    audit.record(
        "hours_changed",
        actor=actor,
        subject=f"branch:{branch_id}",
        before=_told(old),
        after=_told(week),
    )
    db.session.flush()
    return True


def _told(week: Week) -> list[str]:
    return [
        f"{day} {opens:%H:%M}-{closes:%H:%M}" for day in DAYS for opens, closes in sorted(week.get(day, ()))
    ]
