"""The usual week of a branch: how much a slot takes, by weekday and hour. A band is filled in one go."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from werkzeug.datastructures import MultiDict

from admin.base import Answer
from admin.fields import weekdays
from admin.hours import all_branches, asked_branch, branch_or_404
from admin.refusals import message_of
from app import promise
from app.core.db import db
from app.core.errors import DomainError, InvalidInput
from app.core.i18n import _, _n
from app.promise import usual
from app.stores.models import Branch
from app.stores.week import load_week
from app.web.actor import current_actor
from app.web.errors import STATUS

DAYS = range(7)


@dataclass
class UsualForm:
    """The numbers as typed, blank where the branch's own number stands."""

    numbers: dict[tuple[int, int], str]
    otherwise: str
    stamp: str
    errors: dict[str, str] = field(default_factory=dict)
    said: str = ""

    @classmethod
    def of(cls, branch: Branch) -> "UsualForm":
        """As it is saved."""
        saved = usual.load_usual(branch.id)
        return cls(
            {hour: str(number) for hour, number in saved.items()},
            str(branch.slot_capacity),
            usual.stamp_of(saved, branch.slot_capacity),
        )

    @classmethod
    def typed(cls, sent: MultiDict[str, str]) -> "UsualForm":
        """As it was sent."""
        numbers = {
            (day, hour): sent.get(f"h{day}-{hour}", "").strip()[:12] for day in DAYS for hour in range(24)
        }
        return cls(
            {hour: text for hour, text in numbers.items() if text},
            sent.get("otherwise", "").strip()[:12],
            sent.get("seen", ""),
        )

    def read(self) -> tuple[Mapping[tuple[int, int], int], int]:
        """The numbers. InvalidInput beside each that is none."""
        errors = {
            f"h{day}-{hour}": _("Write a whole number.")
            for (day, hour), text in self.numbers.items()
            if not _is_number(text)
        }
        if not _is_number(self.otherwise):
            errors["otherwise"] = _("Write a whole number.")
        if errors:
            raise InvalidInput(errors)
        return {hour: int(text) for hour, text in self.numbers.items()}, int(self.otherwise)

    def fill(self, sent: MultiDict[str, str]) -> None:
        """Write one number into a band: the ticked days, from one hour until another. InvalidInput on `fill`."""
        days = {int(day) for day in sent.getlist("day") if day in {str(d) for d in DAYS}}
        start, until, number = (sent.get(name, "").strip() for name in ("start", "until", "number"))
        if not days or not _is_number(start) or not _is_number(until) or int(start) >= int(until):
            raise InvalidInput({"fill": _("Tick days and choose the hours of the band.")})
        if number and not _is_number(number):
            raise InvalidInput({"fill": _("Write a whole number, or nothing for the branch's own.")})
        for day in days:
            for hour in range(int(start), min(24, int(until))):
                self.numbers.pop((day, hour), None)
                if number:
                    self.numbers[day, hour] = number
        self.said = _("Filled in. Not saved yet.")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 9


class HourCapacityView(BaseView):
    """Usual capacity by weekday and hour."""

    route_base = "/console/usual"
    default_view = "list"

    @expose("/list/")
    @has_access
    def list(self) -> Answer:
        """The usual week of the branch that is asked for."""
        branch = asked_branch()
        if branch is None:
            return self.render_template("admin/no_branch.html", title=_("Usual week"))
        return self._page(branch, UsualForm.of(branch))

    @expose("/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def save(self, pk: str) -> Answer:
        """Save the week; `fill` only changes what is typed."""
        branch = branch_or_404(pk)
        form = UsualForm.typed(request.form)
        try:
            if "fill" in request.form:
                form.fill(request.form)
                return self._page(branch, form)
            numbers, otherwise = form.read()
            followed = usual.set_usual(branch.id, numbers, otherwise, seen=form.stamp, actor=current_actor())
        except DomainError as error:
            return self._refused(int(pk), form, error)
        promise.forget_world()
        flash(
            _n("Saved. %(num)s coming time follows.", "Saved. %(num)s coming times follow.", followed),
            "success",
        )
        return redirect(url_for("HourCapacityView.list", branch=pk), 303)

    def _refused(self, branch_id: int, form: UsualForm, error: DomainError) -> Answer:
        branch = db.session.get_one(Branch, branch_id)
        form.errors = error.errors if isinstance(error, InvalidInput) else {"": message_of(error)}
        if isinstance(error, usual.SettingsChanged):
            form.stamp = UsualForm.of(branch).stamp
        return self._page(branch, form, STATUS[error.kind])

    def _page(self, branch: Branch, form: UsualForm, status: int = 200) -> Answer:
        html = self.render_template(
            "admin/usual.html",
            title=_("Usual week"),
            branch=branch,
            branches=all_branches(),
            form=form,
            days=weekdays(),
            hours=_shown_hours(branch.id, form),
            may=self.appbuilder.sm.has_access("can_edit", "HourCapacityView"),
        )
        return html, status


def _shown_hours(branch_id: int, form: UsualForm) -> list[int]:
    """Hours in which the branch is open on any day, and those that have a number."""
    shown: set[int] = {hour for _day, hour in form.numbers}
    for intervals in load_week(branch_id).values():
        for opens, closes in intervals:
            last = closes.hour + (closes.minute > 0)
            shown |= {*range(opens.hour, last if last > opens.hour else last + 24)}
    return sorted({hour % 24 for hour in shown})
