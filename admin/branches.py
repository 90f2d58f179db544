"""Branches and the days that are not like the others."""

from datetime import time
from typing import Any

from flask import flash, request
from flask_appbuilder.forms import DynamicForm
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from wtforms import BooleanField, DateField, FloatField, IntegerField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from admin import cells
from admin.base import FRAMEWORK_ROUTES, StoreInterface, StoreModelView
from admin.cells import Column
from admin.fields import OptionalText, RowField
from admin.filters import read_id
from admin.inventory import branch_rows, in_branch
from admin.traffic import show_weekdays
from app import notifications, promise, stores
from app.core.db import db, for_update
from app.core.errors import InvalidInput
from app.core.i18n import _, _l
from app.core.outside import SendError
from app.promise.special_days import SpecialDay, check_special_day, notes_on
from app.promise.types import Interval
from app.promise.zones import read_zips
from app.stores import week as opening
from app.stores.models import Branch, HoursException


class ReferenceView(StoreModelView):
    """Rows the promise reads: it looks anew after each change."""

    exclude_route_methods = FRAMEWORK_ROUTES | {"show"}

    def after_save(self, item: Any) -> str:
        promise.forget_world()
        return self.url("list")

    def after_delete(self, item: Any) -> str:
        promise.forget_world()
        return self.url("list")


class BranchForm(DynamicForm):
    name = OptionalText(_l("Name"), validators=[InputRequired(), Length(max=120)])
    code = OptionalText(
        _l("Code"),
        validators=[
            InputRequired(),
            Length(max=32),
            Regexp(r"^[a-z0-9-]+$", message=_l("Small letters, figures and hyphens only.")),
        ],
    )
    line1 = OptionalText(_l("Street"), validators=[InputRequired(), Length(max=160)])
    city = OptionalText(_l("City"), validators=[InputRequired(), Length(max=80)])
    zip = OptionalText(_l("ZIP"), validators=[InputRequired(), Length(max=10)])
    lat = FloatField(_l("Latitude"), validators=[InputRequired(), NumberRange(-90, 90)])
    lng = FloatField(_l("Longitude"), validators=[InputRequired(), NumberRange(-180, 180)])
    phone = OptionalText(_l("Phone"), validators=[Length(max=20)])
    telegram_chat = OptionalText(
        _l("Telegram group"),
        validators=[
            Length(max=32),
            Regexp(
                r"^(?:-\d{5,16})?$", message=_l("A group's number begins with a minus, e.g. -1001234567890.")
            ),
        ],
        description=_l("Its number, e.g. -1001234567890: new orders of the branch are told there."),
    )
    slot_capacity = IntegerField(
        _l("Orders a quarter of an hour"), validators=[InputRequired(), NumberRange(1, 500)], default=6
    )
    active = BooleanField(_l("Active"), default=True)


def _hours_of(branch: Branch) -> str:
    days: dict[tuple[time, time], list[int]] = {}
    for row in branch.hours:
        days.setdefault((row.opens, row.closes), []).append(row.weekday)
    told = [
        f"{show_weekdays([] if len(kept) == 7 else kept)} {opens:%H:%M}–{closes:%H:%M}"
        for (opens, closes), kept in days.items()
    ]
    return "; ".join(told) or _("Always closed")


class BranchAdmin(ReferenceView):
    """Places that hold stock and hand goods over."""

    datamodel = StoreInterface(Branch)
    route_base = "/console/branches"
    noun = "branch"
    list_title, add_title, edit_title = _l("Branches"), _l("Add branch"), _l("Edit branch")
    add_form = edit_form = BranchForm
    eager = (selectinload(Branch.hours),)
    order = "name"
    search_in = (Branch.name, Branch.code, Branch.line1)
    columns = (
        Column("name", _l("Name"), cells.linked("name", "BranchAdmin.edit"), Branch.name),
        Column("where", _l("Address"), lambda row: f"{row.line1}, {row.city} {row.zip}"),
        Column("phone", _l("Phone"), cells.plain("phone")),
        Column("hours", _l("Hours"), _hours_of),
        Column(
            "capacity", _l("A quarter of an hour"), cells.plain("slot_capacity"), Branch.slot_capacity, "num"
        ),
        Column("active", _l("Active"), cells.yes("active"), Branch.active),
    )

    def after_save(self, item: Branch) -> str:
        """Somebody may have mistyped the group, or not have invited the bot: say so at once."""
        chat = item.telegram_chat
        if chat:
            try:
                flash(
                    _("The bot is in the group “%(title)s”.", title=notifications.group_title(chat)), "info"
                )
            except SendError as trouble:
                flash(_("New orders cannot be told to the Telegram group: %(why)s", why=trouble), "warning")
        return super().after_save(item)

    def save(self, form: Any, item: Branch, created: bool) -> None:
        form.populate_obj(item)
        item.zip = read_zips([item.zip], "zip")[0]


class ExceptionForm(DynamicForm):
    branch_id = RowField(_l("Branch"), branch_rows, validators=[InputRequired()])
    day = DateField(_l("Day"), validators=[InputRequired()])
    opens = TimeField(_l("Opens"), validators=[Optional()], description=_l("Empty: closed that day."))
    closes = TimeField(_l("Closes"), validators=[Optional()])
    note = OptionalText(_l("Note"), validators=[Length(max=160)])


class HoursExceptionAdmin(ReferenceView):
    """Days that are not like the others."""

    datamodel = StoreInterface(HoursException)
    route_base = "/console/hours-exceptions"
    noun = "hours_exception"
    list_title, add_title, edit_title = _l("Special days"), _l("Add special day"), _l("Edit special day")
    add_form = edit_form = ExceptionForm
    eager = (joinedload(HoursException.branch),)
    order = "-day"
    filters = (in_branch(HoursException.branch_id),)
    columns = (
        Column("day", _l("Day"), cells.day("day"), HoursException.day),
        Column("branch", _l("Branch"), lambda row: str(row.branch)),
        Column(
            "hours",
            _l("Hours"),
            lambda row: (
                f"{row.opens:%H:%M}–{row.closes:%H:%M}" if row.opens else cells.chip(_l("Closed"), "danger")
            ),
        ),
        Column("note", _l("Note"), cells.plain("note")),
    )

    def presets(self) -> dict[str, Any]:
        return {"branch_id": read_id(request.args.get("branch"))}

    def title_of(self, row: HoursException) -> str:
        return str(row.day)

    def save(self, form: Any, item: HoursException, created: bool) -> None:
        """Both hours or none, and nothing that another entry of the branch contradicts."""
        opens, closes = form.opens.data, form.closes.data
        if (opens is None) != (closes is None):
            raise InvalidInput({"closes": _("Write both hours, or none for a closed day.")})
        others = special_days_of(form.branch_id.data, but=item.id, lock=True)
        check_special_day(
            SpecialDay(form.day.data, _hours(opens, closes)), others, stores.current_store().zone
        )
        form.populate_obj(item)

    def after_save(self, item: HoursException) -> str:
        """With what of the days beside it is easily overlooked."""
        week = opening.load_week(item.branch_id)
        entry = SpecialDay(item.day, _hours(item.opens, item.closes))
        for note in notes_on(entry, special_days_of(item.branch_id, but=item.id), week):
            flash(note, "warning")
        return super().after_save(item)


def special_days_of(branch_id: int, *, but: int | None, lock: bool = False) -> list[SpecialDay]:
    """The entries of a branch without that one; with `lock` nobody adds another before this transaction ends."""
    if lock:
        db.session.execute(for_update(select(Branch.id).where(Branch.id == branch_id)))
    rows = db.session.scalars(select(HoursException).where(HoursException.branch_id == branch_id))
    return [SpecialDay(row.day, _hours(row.opens, row.closes)) for row in rows if row.id != but]


def _hours(opens: time | None, closes: time | None) -> Interval | None:
    return None if opens is None or closes is None else (opens, closes)
