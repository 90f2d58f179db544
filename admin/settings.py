"""The store's own details, what each role may, and the trail of changes."""

import json
import re
from typing import Any

from flask import current_app, flash, redirect, request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import has_access
from markupsafe import Markup
from sqlalchemy import select
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from admin import cells
from admin.base import READ_ONLY, Answer, StoreInterface, StoreModelView
from admin.cells import Column
from admin.fields import MoneyField, OptionalText, RatesField, TextsField
from admin.filters import Choice
from admin.menu import AREAS
from admin.people import ROLE_WORDS
from admin.refusals import put_errors
from app.catalog.models import Variant
from app.core.audit import AuditEntry
from app.core.db import db
from app.core.errors import DomainError, InvalidInput
from app.core.i18n import _, _l
from app.identity.roles import ROLES
from app.stores import service
from app.web.actor import current_actor


class StoreForm(DynamicForm):
    name = OptionalText(_l("Name"), validators=[InputRequired(), Length(max=120)])
    tagline = TextsField(_l("Tagline"), longest=160)
    min_age = IntegerField(
        _l("Minimum age"), validators=[InputRequired(), NumberRange(0, 99)], description=_l("0: no age gate.")
    )
    support_phone = OptionalText(
        _l("Support phone"),
        validators=[
            Optional(),
            Regexp(
                r"^\+[1-9]\d{6,14}$", message=_l("Write it with + and the country, for example +13055550100.")
            ),
        ],
    )
    support_email = OptionalText(
        _l("Support e-mail"),
        validators=[
            Optional(),
            Length(max=254),
            Regexp(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", message=_l("This is no e-mail address.")),
        ],
    )
    tax_rates_bp = RatesField(_l("Tax rates"))
    unpaid_minutes = IntegerField(
        _l("Keep unpaid online orders for, minutes"),
        validators=[InputRequired(), NumberRange(5, 1440)],
        description=_l("Then the goods and the time go back, and the customer is told."),
    )
    transfer_minutes = IntegerField(
        _l("Wait for a Zelle, Cash App or Venmo transfer for, minutes"),
        validators=[InputRequired(), NumberRange(10, 1440)],
        description=_l("Then the order is cancelled, unless the customer says the money is on its way."),
    )
    transfer_reminder_minutes = IntegerField(
        _l("Remind of such a transfer after, minutes"),
        validators=[InputRequired(), NumberRange(0, 720)],
        description=_l("0: no reminder."),
    )
    transfer_unique_cents = BooleanField(
        _l("Tell equal transfers apart by a cent or two"),
        description=_l("What a customer pays more goes to their wallet."),
    )
    transfer_second_from_minor = MoneyField(
        _l("Large amounts begin at"),
        validators=[InputRequired()],
        description=_l(
            "From here on a second person confirms a transfer, and a refund or a chargeback asks for the password "
            "again. 0: no amount is large."
        ),
    )
    review_delay_minutes = IntegerField(
        _l("Ask for a review after, minutes"), validators=[InputRequired(), NumberRange(0, 10080)]
    )
    cart_reminder_hours = IntegerField(
        _l("Remind of a cart after, hours"),
        validators=[InputRequired(), NumberRange(0, 72)],
        description=_l("Only customers who asked for it, once per cart, never at night. 0: no reminders."),
    )
    refund_limit_minor = MoneyField(
        _l("A manager gives back at most, at a time"),
        validators=[Optional()],
        description=_l("More is given back by the store’s admin. Empty: no limit."),
    )


class StoreAdmin(BaseView):
    """The store's details."""

    route_base = "/console/store"
    default_view = "edit"
    list_title = _l("Settings")

    @expose("/", methods=["GET", "POST"])
    @has_access
    def edit(self) -> Answer:
        """The form over the store's own row."""
        form = StoreForm(obj=service.get_own_store())
        if request.method == "POST" and form.validate() and self._save(form):
            flash(_("Saved."), "success")
            return redirect(request.path, 303)
        html = self.render_template(
            "admin/store.html",
            view=self,
            form=form,
            row=None,
            title=_("Store details"),
            groups=[("", _fields(form))],
        )
        return html, 422 if request.method == "POST" else 200

    def _save(self, form: StoreForm) -> bool:
        values = {name: form[name].data for name in service.OWN_COLUMNS}
        try:
            used = set(db.session.scalars(select(Variant.tax_class).distinct()))
            if missing := sorted(used - set(values["tax_rates_bp"])):
                raise InvalidInput(
                    {"tax_rates_bp": _("Goods still use these classes: %(names)s.", names=", ".join(missing))}
                )
            service.update_store(values, actor=current_actor())
        except DomainError as error:
            put_errors(form, error)
            return False
        service.after_update()
        return True


def _fields(form: StoreForm) -> list[Any]:
    return [field for field in form if field.type != "CSRFTokenField"]


class RoleMatrixView(BaseView):
    """Roles × views, read from the one list in app/identity/roles.py."""

    route_base = "/console/roles"
    default_view = "list"

    @expose("/list/")
    @has_access
    def list(self) -> Answer:
        """The matrix."""
        return self.render_template(
            "admin/roles.html",
            title=_("Roles and permissions"),
            roles=ROLES,
            words=ROLE_WORDS,
            areas=matrix(),
        )


def matrix() -> list[tuple[object, list[tuple[str, dict[str, str]]]]]:
    """(area, [(view, {role: 'all' | 'read' | ''})]) of every console view in the side-nav."""
    builder = current_app.extensions["appbuilder"]
    areas = []
    for area in AREAS:
        item = builder.menu.find(area.name)
        rows = [
            (str(child.label), {role: _reach(builder, role, child.baseview) for role in ROLES})
            for child in (item.childs if item else [])
        ]
        areas.append((area.label, rows))
    return areas


def _reach(builder: Any, role: str, view: Any) -> str:
    """What the role may there: everything the view has, a part, or nothing."""
    grants = builder.sm.builtin_roles.get(role, [])
    held = [p for p in view.base_permissions if _is_granted(grants, view.class_permission_name, p)]
    if not held:
        return ""
    return "all" if len(held) == len(view.base_permissions) else "read"


def _is_granted(grants: Any, view: str, permission: str) -> bool:
    return any(re.match(one, view) and re.match(other, permission) for one, other in grants)


def _detail(row: AuditEntry) -> Markup:
    text = json.dumps(row.detail, ensure_ascii=False, indent=None, sort_keys=True) if row.detail else ""
    return Markup('<pre class="th-json">{}</pre>').format(text)


class AuditAdmin(StoreModelView):
    """Who did what. Nobody changes it, also not here."""

    datamodel = StoreInterface(AuditEntry)
    route_base = "/console/audit"
    list_title = _l("Audit trail")
    exclude_route_methods = READ_ONLY | {"show"}
    order = "-at"
    search_hint = _l("Who, what or subject")
    search_in = (AuditEntry.actor_name, AuditEntry.action, AuditEntry.subject)
    filters = (
        Choice(
            "action",
            _l("What"),
            lambda: [
                (name, name)
                for name in db.session.scalars(
                    select(AuditEntry.action).distinct().order_by(AuditEntry.action)
                )
            ],
            lambda value: AuditEntry.action == value,
        ),
    )
    columns = (
        Column("at", _l("When"), cells.moment("at"), AuditEntry.at, "when"),
        Column("who", _l("Who"), cells.plain("actor_name"), AuditEntry.actor_name),
        Column("action", _l("What"), cells.plain("action"), AuditEntry.action),
        Column("subject", _l("Subject"), cells.plain("subject"), AuditEntry.subject),
        Column("detail", _l("Detail"), _detail),
    )
