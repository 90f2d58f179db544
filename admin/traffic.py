"""Traffic windows, with a preview: what a customer of a ZIP would see in the next days if the window were saved."""

from typing import Any

from flask import flash, request
from flask_appbuilder import expose
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import has_access, permission_name
from wtforms import BooleanField, DateField, IntegerField, SelectField, TimeField
from wtforms.validators import InputRequired, NumberRange, Optional

from admin import cells
from admin.base import FRAMEWORK_ROUTES, Answer, StoreInterface, StoreModelView
from admin.cells import Column
from admin.delivery import EFFECTS, zone_rows
from admin.fields import LinesField, RowsField, TextsField, WeekdaysField, weekdays
from admin.filters import Choice, yes_no
from admin.previews import Preview, preview_window
from admin.refusals import put_errors
from app import promise
from app.core.errors import InvalidInput
from app.core.i18n import _, _l
from app.promise.models import TrafficWindow, WindowEffect
from app.promise.queries import window_of
from app.promise.types import Window
from app.promise.windows import ever_holds
from app.promise.zones import clashes_of, read_zips, unserved_zips

_DRAFTED = (
    "from_time",
    "to_time",
    "extra_minutes",
    "weekdays",
    "zone_ids",
    "valid_from",
    "valid_until",
    "note",
    "active",
)


class TrafficForm(DynamicForm):
    effect = SelectField(
        _l("Effect"), choices=[(effect.value, word) for effect, word in EFFECTS.items()], coerce=str
    )
    extra_minutes = IntegerField(
        _l("Minutes longer"), validators=[InputRequired(), NumberRange(0, 600)], default=0
    )
    weekdays = WeekdaysField(_l("Weekdays"), description=_l("None ticked: every day."))
    from_time = TimeField(_l("From"), validators=[InputRequired()], render_kw={"type": "time"})
    to_time = TimeField(_l("Until"), validators=[InputRequired()], render_kw={"type": "time"})
    zone_ids = RowsField(_l("Zones"), zone_rows)
    zips = LinesField(_l("ZIPs"), description=_l("Besides the zones."), render_kw={"rows": 2})
    valid_from = DateField(_l("First day"), validators=[Optional()])
    valid_until = DateField(_l("Last day"), validators=[Optional()])
    note = TextsField(_l("What customers are told"), longest=160)
    active = BooleanField(_l("Active"), default=True)


class TrafficWindowAdmin(StoreModelView):
    """Hours in which an area cannot be reached, or only more slowly."""

    datamodel = StoreInterface(TrafficWindow)
    route_base = "/console/traffic"
    noun = "traffic_window"
    list_title, add_title, edit_title = _l("Traffic windows"), _l("Add window"), _l("Edit window")
    add_form = edit_form = TrafficForm
    form_template = "admin/traffic.html"
    exclude_route_methods = FRAMEWORK_ROUTES | {"show"}
    order = "from"
    filters = (
        Choice(
            "effect",
            _l("Effect"),
            lambda: [(effect.value, word) for effect, word in EFFECTS.items()],
            lambda value: TrafficWindow.effect == WindowEffect(value),
        ),
        yes_no("active", _l("Active"), TrafficWindow.active, _l("Active"), _l("Off")),
    )
    columns = (
        Column(
            "from",
            _l("Hours"),
            lambda row: f"{row.from_time:%H:%M}–{row.to_time:%H:%M}",
            TrafficWindow.from_time,
        ),
        Column("days", _l("Weekdays"), lambda row: show_weekdays(row.weekdays)),
        Column("where", _l("Where"), lambda row: ", ".join(row.where) or cells.NOTHING),
        Column(
            "effect",
            _l("Effect"),
            lambda row: cells.chip(
                EFFECTS[row.effect]
                if row.effect is WindowEffect.closed
                else _("%(count)s min longer", count=row.extra_minutes),
                "danger" if row.effect is WindowEffect.closed else "warning",
            ),
        ),
        Column("valid", _l("First day"), cells.day("valid_from"), TrafficWindow.valid_from),
        Column("until", _l("Last day"), cells.day("valid_until"), TrafficWindow.valid_until),
        Column("active", _l("Active"), cells.yes("active"), TrafficWindow.active),
    )

    def load_page(self) -> Any:
        page = super().load_page()
        names = dict(zone_rows())
        for row in page.rows:
            row.where = [*(names[key] for key in row.zone_ids if key in names), *row.zips]
        return page

    def title_of(self, row: TrafficWindow) -> str:
        return f"{row.from_time:%H:%M}–{row.to_time:%H:%M}"

    def save(self, form: Any, item: TrafficWindow, created: bool) -> None:
        check_window(form)
        _require_new(_drafted(form), item.id)
        form.populate_obj(item)
        item.effect = WindowEffect(form.effect.data)
        item.zips = read_zips(form.zips.data)

    def after_save(self, item: TrafficWindow) -> str:
        promise.forget_world()
        for note in notes_on(item):
            flash(note, "warning")
        return self.url("list")

    @expose("/preview", methods=["POST"])
    @has_access
    @permission_name("edit")
    def preview(self) -> Answer:
        """The form again, and what a customer of the ZIP would see with it; nothing is saved."""
        pk = request.args.get("pk", "")
        item = self.row(pk) if pk else None
        form = self.edit_form(obj=item)
        wanted = request.form.get("preview_zip", "").strip()[:12]
        shown, wrong = None, ""
        if form.validate():
            try:
                shown = self._preview(form, wanted, item.id if item else None)
            except InvalidInput as error:
                wrong = error.errors.get("preview_zip", "")
                put_errors(form, InvalidInput({k: v for k, v in error.errors.items() if k != "preview_zip"}))
        html, _status = self.render_form(form, item, preview=shown, preview_zip=wanted, preview_error=wrong)
        return html, 422 if shown is None else 200

    def _preview(self, form: Any, zip_code: str, pk: int | None) -> Preview:
        check_window(form)
        draft = _drafted(form)
        _require_new(draft, pk)
        draft.id = pk
        return preview_window(draft, zip_code, but=pk)

    def render_form(self, form: Any, item: Any, **context: Any) -> tuple[str, int]:
        """The form with its preview beside it."""
        first = next(iter(item.zips), "") if item is not None else ""
        return super().render_form(form, item, **{"preview": None, "preview_zip": first} | context)


def check_window(form: Any) -> None:
    """What the fields of a window may not say together. InvalidInput."""
    errors = {}
    if form.from_time.data == form.to_time.data:
        errors["to_time"] = _("The window must have a length.")
    if form.effect.data == WindowEffect.longer and not form.extra_minutes.data:
        errors["extra_minutes"] = _("Say how many minutes longer.")
    first, last = form.valid_from.data, form.valid_until.data
    if first and last and last < first:
        errors["valid_until"] = _("This must not be before the first day.")
    if not form.zone_ids.data and not form.zips.data:
        errors["zone_ids"] = _("Tick a zone or write a ZIP.")
    elif not errors and not ever_holds(window_of(_drafted(form))):
        errors["weekdays"] = _("None of these weekdays lies between the first and the last day.")
    if errors:
        raise InvalidInput(errors)


def _drafted(form: Any) -> TrafficWindow:
    """The window of the form, not saved."""
    draft = TrafficWindow()
    for name in _DRAFTED:
        setattr(draft, name, form[name].data)
    draft.effect, draft.zips = WindowEffect(form.effect.data), read_zips(form.zips.data)
    return draft


def _require_new(draft: TrafficWindow, pk: int | None) -> None:
    """Refuse what another window says of the same places and times: two such can only contradict each other."""
    if draft.active and (same := next((one for one in clashes_of(draft, pk) if one.same), None)):
        name = _name_of(same.window)
        raise InvalidInput(
            {"from_time": _("Another window is of the same places and times: %(name)s.", name=name)}
        )


def notes_on(row: TrafficWindow) -> list[str]:
    """What may rightly be, yet is easily overlooked: windows that meet, and ZIPs that nobody delivers to."""
    if not row.active:
        return []
    notes = [_note_on(window_of(row), clash.window) for clash in clashes_of(row, row.id)]
    if idle := unserved_zips(row.zips):
        notes.append(
            _("No zone delivers to %(zips)s: the window changes nothing there.", zips=", ".join(idle[:5]))
        )
    return notes


def _note_on(window: Window, other: Window) -> str:
    name = _name_of(other)
    if window.closed and other.closed:
        return _("It meets another closed window in the same places: %(name)s.", name=name)
    if window.closed or other.closed:
        return _(
            "It meets another window in the same places: %(name)s. Where both hold, closed counts.", name=name
        )
    return _(
        "It meets another window in the same places: %(name)s. Where both hold, the longer delay counts.",
        name=name,
    )


def _name_of(window: Window) -> str:
    effect = _("closed") if window.closed else _("%(count)s min longer", count=window.extra_minutes)
    hours = f"{window.from_time:%H:%M}–{window.to_time:%H:%M}"
    return f"{hours}, {show_weekdays(sorted(window.weekdays))}, {effect}"


def show_weekdays(days: list[int]) -> str:
    """Names of the days; none means every day."""
    names = dict(weekdays())
    return ", ".join(str(names[day])[:3] for day in sorted(days)) if days else _("Every day")
