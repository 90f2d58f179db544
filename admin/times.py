"""The heat-map of delivery times: how full each slot of a branch is, and one form that changes a range of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from werkzeug.datastructures import MultiDict

from admin.base import Answer
from admin.hours import all_branches, asked_branch, branch_or_404, read_clock
from admin.refusals import message_of
from app import promise, stores
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, InvalidInput
from app.core.i18n import LOCALES, _, _n
from app.promise import slots
from app.promise.grid import Grid, Range
from app.stores.models import Branch
from app.web.actor import current_actor
from app.web.errors import STATUS

DAYS_SHOWN = 7
FARTHEST = 400


@dataclass
class ChangeForm:
    """The range and what to do with it, as typed."""

    first: str = ""
    last: str = ""
    start: str = ""
    until: str = ""
    capacity: str = ""
    note: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def typed(cls, sent: MultiDict[str, str]) -> "ChangeForm":
        """What was sent, as it was sent."""
        names = ("first", "last", "start", "until", "capacity")
        notes = {locale: sent.get(f"note-{locale}", "").replace("\x00", "")[:400] for locale in LOCALES}
        first, last, start, until, capacity = (sent.get(name, "").strip()[:20] for name in names)
        return cls(first, last, start, until, capacity, notes)

    def read_range(self) -> Range:
        """The range. InvalidInput beside each field that is none."""
        errors: dict[str, str] = {}
        days: dict[str, date] = {}
        times: dict[str, time] = {}
        for name in ("first", "last"):
            try:
                days[name] = clock.read_day(getattr(self, name))
            except ValueError:
                errors[name] = _("Choose a date.")
        for name in ("start", "until"):
            try:
                times[name] = read_clock(getattr(self, name))
            except ValueError:
                errors[name] = _("Choose a time.")
        if errors:
            raise InvalidInput(errors)
        if days["last"] < days["first"]:
            raise InvalidInput({"last": _("This must not be before the first day.")})
        return Range(days["first"], days["last"], times["start"], times["until"])

    def read_change(self, act: str) -> slots.Change:
        """The act with its value. InvalidInput for one that does not exist or a capacity that is no number."""
        if act not in {*slots.Act}:
            raise InvalidInput({"": _("Choose what to do with these times.")})
        if act != slots.Act.set:
            return slots.Change(slots.Act(act), note=self.note)
        if not (self.capacity.isascii() and self.capacity.isdigit()):
            raise InvalidInput({"capacity": _("Write a whole number.")})
        return slots.Change(slots.Act.set, capacity=int(self.capacity))


class DeliverySlotGrid(BaseView):
    """Days × slots of a branch."""

    route_base = "/console/times"
    default_view = "list"

    @expose("/list/")
    @has_access
    def list(self) -> Answer:
        """A week of the branch that is asked for; `at` is a slot to begin the range with."""
        branch = asked_branch()
        if branch is None:
            return self.render_template("admin/no_branch.html", title=_("Delivery times"))
        return self._page(branch, _first_day(), _picked())

    @expose("/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def change(self, pk: str) -> Answer:
        """Do to the range what the pressed button says; the answer is the week as it is then."""
        branch_id, form = branch_or_404(pk).id, ChangeForm.typed(request.form)
        try:
            act = form.read_change(request.form.get("act", ""))
            done = slots.change_slots(
                branch_id, form.read_range(), act, seen=_seen(request.form), actor=current_actor()
            )
        except DomainError as error:
            form.errors = error.errors if isinstance(error, InvalidInput) else {"": message_of(error)}
            return self._page(db.session.get_one(Branch, branch_id), _first_day(), form, STATUS[error.kind])
        promise.forget_world()
        said = say_done(act, done)
        if request.headers.get("HX-Request"):
            return self._page(db.session.get_one(Branch, branch_id), _first_day(), form, said=said)
        flash(said, "success")
        return redirect(_address(branch_id, _first_day()), 303)

    def _page(
        self, branch: Branch, first: date, form: ChangeForm, status: int = 200, said: str = ""
    ) -> Answer:
        active = branch.active
        grid = slots.load_grid(branch.id, first, DAYS_SHOWN, clock.now()) if active else None
        html = self.render_template(
            "admin/times.html",
            title=_("Delivery times"),
            branch=branch,
            branches=all_branches(),
            grid=grid,
            seen=json.dumps(grid.stamps) if grid else "",
            form=form,
            said=said,
            first=first,
            step=timedelta(days=DAYS_SHOWN),
            today=stores.local_today(),
            totals=_totals(grid) if grid else {},
            counting=counting_words().get(grid.cells[0].counts if grid and grid.cells else "orders"),
            may=self.appbuilder.sm.has_access("can_edit", "DeliverySlotGrid"),
        )
        return html, status


def counting_words() -> Mapping[str, str]:
    """What a place of a slot is, for the line under the title."""
    return {
        "orders": _("orders booked of capacity"),
        "items": _("items booked of capacity"),
        "value": _("goods' value booked of capacity, in whole units of the currency"),
    }


def say_done(change: slots.Change, done: slots.Done) -> str:
    """One sentence for the status line."""
    times = _n("%(num)s time", "%(num)s times", done.slots)
    if change.act is slots.Act.set:
        return _("%(times)s now take %(capacity)s.", times=times, capacity=change.capacity)
    if change.act is slots.Act.usual:
        return _("%(times)s take the usual number again.", times=times)
    if change.act is slots.Act.open:
        return _("%(times)s are open again.", times=times)
    if done.booked:
        return _("%(times)s are closed. %(booked)s booked there stay.", times=times, booked=done.booked)
    return _("%(times)s are closed.", times=times)


def _first_day() -> date:
    """The first day that the address asks for, today when it makes no sense."""
    try:
        wanted = date.fromisoformat(request.args.get("from", ""))
    except ValueError:
        return stores.local_today()
    return wanted if abs((wanted - stores.local_today()).days) <= FARTHEST else stores.local_today()


def _picked() -> ChangeForm:
    """The form with the slot of the address in it; else the rest of today."""
    try:
        at = datetime.fromisoformat(request.args.get("at", ""))
        clock.read_day(f"{at.date()}")
    except ValueError:
        today = f"{stores.local_today()}"
        return ChangeForm(today, today)
    until = at + timedelta(minutes=promise.load_world(clock.now()).policy.length_minutes)
    return ChangeForm(f"{at.date()}", f"{at.date()}", f"{at:%H:%M}", f"{until:%H:%M}")


def _address(branch_id: int, first: date) -> str:
    shown: dict[str, Any] = {"branch": branch_id, "from": first}
    return url_for("DeliverySlotGrid.list", **shown)


def _seen(sent: MultiDict[str, str]) -> Mapping[str, str]:
    try:
        seen = json.loads(sent.get("seen", ""))
    except ValueError:
        return {}
    return seen if isinstance(seen, dict) else {}


def _totals(grid: Grid) -> dict[date, tuple[int, int]]:
    """(booked, capacity) of each day; a closed slot has room for what is booked in it alone."""
    totals = dict.fromkeys(grid.days, (0, 0))
    for cell in grid.cells:
        booked, capacity = totals[cell.starts_at.date()]
        totals[cell.starts_at.date()] = (
            booked + cell.booked,
            capacity + (cell.booked if cell.closed else cell.capacity),
        )
    return totals
