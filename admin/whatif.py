"""What-if: past orders against other capacities, zones, windows and drivers, before anything is changed."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy import func, select

from admin.base import Answer
from admin.fields import weekdays
from admin.filters import read_id
from admin.refusals import message_of
from admin.scenarios import read_scenario, read_settings
from app import promise
from app.core.db import db
from app.core.errors import DomainError, InvalidInput, NotFound
from app.core.i18n import _, _l
from app.dispatch.models import Driver
from app.insight import service
from app.insight.models import RunStatus, WhatIf
from app.promise.reasons import ReasonCode as Code
from app.web.actor import current_actor
from app.web.errors import STATUS

RUNS_SHOWN = 12
WHY = {
    Code.zip_outside: _l("in no zone"),
    Code.zip_beyond: _l("in no zone"),
    Code.address_outside: _l("outside the zone's outline"),
    Code.zone_inactive: _l("the zone is paused"),
    Code.below_minimum: _l("below the minimum order"),
    Code.closed_now: _l("the branch is closed"),
    Code.closed_for_days: _l("the branch is closed"),
    Code.express_off: _l("no express in the zone"),
    Code.express_full: _l("express is fully booked"),
    Code.express_traffic: _l("traffic window"),
    Code.slots_off: _l("no time slots in the zone"),
    Code.slot_unknown: _l("no such time any more"),
    Code.slot_past: _l("the time had passed"),
    Code.slot_lead_time: _l("too short notice"),
    Code.slot_traffic: _l("traffic window"),
    Code.slot_closed: _l("the time takes no orders"),
    Code.slot_full: _l("fully booked"),
    Code.slot_no_room: _l("not enough room left"),
    Code.nothing_left: _l("no time left"),
}
"""Why an order could not have had what it wanted, in a manager's few words."""


class WhatIfView(BaseView):
    """Scenarios and their answers."""

    route_base = "/console/what-if"
    default_view = "list"

    @expose("/list/")
    @has_access
    def list(self) -> Answer:
        """The form, and the last scenarios."""
        return self._form({}, {})

    @expose("/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def ask(self) -> Answer:
        """Replay the scenario; the answer is its page."""
        try:
            scenario = read_scenario(request.form, read_settings(), _drivers())
            run = service.ask_what_if(
                request.form.get("name", "").replace("\x00", "").strip(), scenario, actor=current_actor()
            )
        except DomainError as error:
            errors = error.errors if isinstance(error, InvalidInput) else {"": message_of(error)}
            return self._form(request.form.to_dict(flat=False), errors, STATUS[error.kind])
        return redirect(url_for("WhatIfView.show", pk=run.id), 303)

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: str) -> Answer:
        """What would have happened; while it is reckoned the page looks again by itself."""
        run = service.get_what_if(_key(pk))
        template = "admin/whatif_result.html" if run.status is RunStatus.done else "admin/whatif_wait.html"
        return self.render_template(
            template,
            title=run.name or _("What-if"),
            run=run,
            result=run.result,
            why=lambda code: WHY.get(Code(code), code),
            days=weekdays(),
            told=tell_scenario(run.scenario),
            may=self.appbuilder.sm.has_access("can_edit", "WhatIfView"),
        )

    @expose("/apply/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def apply(self, pk: str) -> Answer:
        """Make the scenario's settings the store's."""
        try:
            service.apply_what_if(_key(pk), actor=current_actor())
        except NotFound:
            raise
        except DomainError as error:
            flash(message_of(error), "danger")
        else:
            promise.forget_world()
            flash(_("Applied. Customers see the new settings from now on."), "success")
        return redirect(url_for("WhatIfView.show", pk=pk), 303)

    def _form(self, typed: dict[str, Any], errors: dict[str, str], status: int = 200) -> Answer:
        runs = db.session.scalars(select(WhatIf).order_by(WhatIf.id.desc()).limit(RUNS_SHOWN)).all()
        html = self.render_template(
            "admin/whatif.html",
            title=_("What if"),
            runs=runs,
            typed=typed,
            errors=errors,
            settings=read_settings(),
            drivers=_drivers(),
            days=weekdays(),
            may=self.appbuilder.sm.has_access("can_edit", "WhatIfView"),
        )
        return html, status


def tell_scenario(kept: dict[str, Any]) -> list[str]:
    """The scenario in one line for each change."""
    names = {str(area.id): area.name for area in read_settings().areas}
    short = {day: str(name)[:3] for day, name in weekdays()}
    told = []
    if kept["drivers"] != kept["usual_drivers"]:
        told.append(_("Drivers: %(now)s instead of %(was)s", now=kept["drivers"], was=kept["usual_drivers"]))
    if kept["capacity_percent"] != 100:
        told.append(_("Every capacity at %(percent)s%%", percent=kept["capacity_percent"]))
    if band := kept["band"]:
        told.append(
            _(
                "Capacity %(capacity)s on %(days)s, %(start)s:00–%(until)s:00",
                capacity=band["capacity"],
                days=", ".join(short[day] for day in band["weekdays"]),
                start=band["from_hour"],
                until=band["until_hour"],
            )
        )
    words = {
        "slot_minutes": _l("Length of a time, minutes"),
        "lead_minutes": _l("Shortest notice, minutes"),
        "horizon_days": _l("Days ahead"),
        "express_share_bp": _l("Express share, percent"),
    }
    for name, value in kept["policy"].items():
        told.append(f"{words[name]}: {value // 100 if name == 'express_share_bp' else value}")
    for key, changes in kept["zones"].items():
        told.append(_("Zone %(name)s: %(changes)s", name=names.get(key, key), changes=_tell_zone(changes)))
    if kept["windows_off"]:
        told.append(_("Traffic windows switched off: %(count)s", count=len(kept["windows_off"])))
    if window := kept["window"]:
        told.append(
            _("New traffic window %(start)s–%(until)s", start=window["from"], until=window["to"])
            + (
                f": {_('no deliveries')}"
                if window["closed"]
                else f": {_('%(count)s min longer', count=window['extra_minutes'])}"
            )
        )
    return told


def _tell_zone(changes: dict[str, Any]) -> str:
    words = {
        "active": (_("on"), _("paused")),
        "express": (_("express on"), _("no express")),
        "slots": (_("times on"), _("no times")),
    }
    told = [str(words[name][0 if value else 1]) for name, value in changes.items() if name in words]
    if "minimum_minor" in changes:
        told.append(_("another minimum"))
    return ", ".join(told)


def _drivers() -> int:
    return max(1, db.session.scalar(select(func.count()).where(Driver.active)) or 0)


def _key(pk: str) -> int:
    if (number := read_id(pk)) is None:
        raise NotFound
    return number
