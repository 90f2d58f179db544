"""The opening week of a branch as one form: hours are added, copied and saved together, with or without a script."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from admin.base import Answer
from admin.fields import weekdays
from admin.filters import read_id
from admin.refusals import message_of
from app import promise, stores
from app.core.db import db
from app.core.errors import DomainError, InvalidInput
from app.core.i18n import _
from app.stores import week as opening
from app.stores.models import Branch, HoursException
from app.web.actor import current_actor
from app.web.errors import STATUS

Typed = dict[int, list[tuple[str, str]]]
_SHOWN_EXCEPTIONS = 8


@dataclass
class WeekForm:
    """The week as it is typed, with what is wrong by the name of the interval."""

    rows: Typed
    stamp: str
    errors: dict[str, str] = field(default_factory=dict)
    said: str = ""

    @classmethod
    def of(cls, branch_id: int) -> "WeekForm":
        """The week as it is saved."""
        week = opening.load_week(branch_id)
        rows = {day: [(f"{a:%H:%M}", f"{b:%H:%M}") for a, b in week[day]] for day in opening.DAYS}
        return cls(rows, opening.stamp_of(week))

    @classmethod
    def typed(cls, form: MultiDict[str, str]) -> "WeekForm":
        """The week as it was sent, blank intervals left out."""
        rows = {
            day: [
                (opens.strip()[:20], closes.strip()[:20])
                for opens, closes in zip(
                    form.getlist(f"opens-{day}"), form.getlist(f"closes-{day}"), strict=False
                )
                if opens.strip() or closes.strip()
            ]
            for day in opening.DAYS
        }
        return cls(rows, form.get("seen", ""))

    def read(self) -> dict[int, list[opening.Interval]]:
        """The intervals as times. InvalidInput names each that is none."""
        errors: dict[str, str] = {}
        week: dict[int, list[opening.Interval]] = {}
        for day, pairs in self.rows.items():
            week[day] = []
            for place, pair in enumerate(pairs):
                try:
                    opens, closes = (read_clock(text) for text in pair)
                except ValueError:
                    errors[opening.field_of(day, place)] = _("Write both hours, for example 09:00 and 21:00.")
                else:
                    week[day].append((opens, closes))
        if errors:
            raise InvalidInput(errors)
        return week

    def bars(self, day: int) -> Sequence[tuple[float, float]]:
        """(start, length) in percent of each interval inside its own day, and of the tail of the night before."""
        found = []
        for source, shift in ((day, 0), ((day - 1) % 7, -1440)):
            for pair in self.rows[source]:
                span = _minutes(pair)
                if span is None:
                    continue
                start, end = max(0, span[0] + shift), min(1440, span[1] + shift)
                if start < end:
                    found.append((round(start / 14.4, 2), round((end - start) / 14.4, 2)))
        return found


def _minutes(pair: tuple[str, str]) -> tuple[int, int] | None:
    try:
        opens, closes = (read_clock(text) for text in pair)
    except ValueError:
        return None
    start, end = opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute
    return start, end if end > start else end + 1440


class OpeningHoursAdmin(BaseView):
    """The week of each branch."""

    route_base = "/console/hours"
    default_view = "list"

    @expose("/list/")
    @has_access
    def list(self) -> Answer:
        """The week of the branch that is asked for, or of the first."""
        branch = asked_branch()
        return self._page(branch, WeekForm.of(branch.id)) if branch else self._nothing()

    @expose("/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def save(self, pk: str) -> Answer:
        """Save the week; `add` and `copy` only change what is typed."""
        branch = branch_or_404(pk)
        form = WeekForm.typed(request.form)
        if _rearrange(form, request.form):
            return self._page(branch, form)
        try:
            saved = opening.set_week(branch.id, form.read(), seen=form.stamp, actor=current_actor())
        except DomainError as error:
            return self._refused(branch.id, form, error)
        promise.forget_world()
        flash(_("Saved.") if saved else _("Nothing has changed."), "success")
        return redirect(url_for("OpeningHoursAdmin.list", branch=branch.id), 303)

    def _refused(self, branch_id: int, form: WeekForm, error: DomainError) -> Answer:
        branch = db.session.get_one(Branch, branch_id)
        form.errors = error.errors if isinstance(error, InvalidInput) else {"": message_of(error)}
        if isinstance(error, opening.HoursChanged):
            form.stamp = WeekForm.of(branch_id).stamp
            form.said = _hours_now(branch_id)
        return self._page(branch, form, STATUS[error.kind])

    def _page(self, branch: Branch, form: WeekForm, status: int = 200) -> Answer:
        html = self.render_template(
            "admin/hours.html",
            title=_("Opening hours"),
            branch=branch,
            branches=all_branches(),
            form=form,
            days=weekdays(),
            field_of=opening.field_of,
            most=opening.MOST_INTERVALS,
            exceptions=_coming_exceptions(branch.id),
            may=self.appbuilder.sm.has_access("can_edit", "OpeningHoursAdmin"),
            timezone=stores.current_store().timezone,
        )
        return html, status

    def _nothing(self) -> Answer:
        return self.render_template("admin/no_branch.html", title=_("Opening hours"))


def read_clock(text: str) -> time:
    """A wall-clock time to the minute. ValueError for anything else."""
    at = time.fromisoformat(text)
    if at.tzinfo or at.second or at.microsecond:
        raise ValueError("hours are whole minutes of the store's clock")
    return at


def _rearrange(form: WeekForm, sent: MultiDict[str, str]) -> bool:
    """What the small buttons ask: another interval, or a day copied over others. True when one was pressed."""
    day = sent.get("add", sent.get("copy", sent.get("drop", "")).partition("-")[0])
    if day not in {str(known) for known in opening.DAYS}:
        return False
    chosen = int(day)
    if "add" in sent:
        form.rows[chosen].append(("", ""))
    elif "drop" in sent:
        place = sent["drop"].partition("-")[2]
        form.rows[chosen] = [p for i, p in enumerate(form.rows[chosen]) if str(i) != place]
    else:
        targets = {int(to) for to in sent.getlist(f"to-{day}") if to in {str(d) for d in opening.DAYS}}
        for target in targets:
            form.rows[target] = [*form.rows[chosen]]
        names = dict(weekdays())
        form.said = (
            _("Copied to: %(days)s. Not saved yet.", days=", ".join(str(names[d]) for d in sorted(targets)))
            if targets
            else _("Tick the days to copy to.")
        )
    return True


def _hours_now(branch_id: int) -> str:
    names = dict(weekdays())
    rows = WeekForm.of(branch_id).rows
    told = [
        f"{str(names[day])[:3]} " + (", ".join(f"{a}–{b}" for a, b in rows[day]) or _("closed"))
        for day in opening.DAYS
    ]
    return _("Saved by somebody else: %(hours)s", hours="; ".join(told))


def _coming_exceptions(branch_id: int) -> Sequence[HoursException]:
    today = stores.local_today()
    query = (
        select(HoursException)
        .where(HoursException.branch_id == branch_id, HoursException.day >= today)
        .order_by(HoursException.day, HoursException.opens)
        .limit(_SHOWN_EXCEPTIONS)
    )
    return db.session.scalars(query).all()


def all_branches() -> Sequence[Branch]:
    """The store's branches by name."""
    return db.session.scalars(select(Branch).order_by(Branch.name)).all()


def branch_or_404(pk: Any) -> Branch:
    """The branch of this store with that id."""
    number = read_id(pk)
    found = db.session.get(Branch, number) if number is not None else None
    return found or abort(404)


def asked_branch() -> Branch | None:
    """The branch that the address names, else the first active one; None in a store without any."""
    if wanted := request.args.get("branch"):
        return branch_or_404(wanted)
    return db.session.scalars(select(Branch).order_by(Branch.active.desc(), Branch.name).limit(1)).first()
