"""How the store cuts its days into times: one page, saved over the version that was edited."""

from typing import Any

from flask import flash, redirect, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import has_access, permission_name
from wtforms import HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, NumberRange

from admin.base import Answer
from admin.filters import read_id
from admin.refusals import put_errors
from app import promise
from app.core.amounts import parse_percent, show_percent
from app.core.errors import DomainError, InvalidInput
from app.core.i18n import _, _l
from app.promise import usual
from app.promise.types import Counts
from app.web.actor import current_actor
from app.web.errors import STATUS

COUNTS = {
    Counts.orders: _l("Orders"),
    Counts.items: _l("Items"),
    Counts.value: _l("The goods’ value, in whole units of the currency"),
}


class PolicyForm(DynamicForm):
    version = HiddenField()
    slot_minutes = SelectField(
        _l("Length of a time, minutes"),
        choices=[(minutes, str(minutes)) for minutes in usual.SLOT_LENGTHS],
        coerce=int,
    )
    lead_minutes = IntegerField(
        _l("Shortest notice, minutes"),
        validators=[InputRequired(), NumberRange(0, 1440)],
        description=_l("Times nearer than this are not offered."),
    )
    horizon_days = IntegerField(
        _l("Days ahead"),
        validators=[InputRequired(), NumberRange(1, 14)],
        description=_l("How many days customers can choose from, today counts."),
    )
    express_share = StringField(
        _l("Express share, percent"),
        validators=[InputRequired()],
        description=_l(
            "How much of the running time express orders may fill; the rest stays for chosen times."
        ),
    )
    counts = SelectField(
        _l("A time counts"),
        choices=[(kind.value, word) for kind, word in COUNTS.items()],
        coerce=str,
        description=_l("Times that are booked already keep what they count."),
    )


class DeliveryPolicyView(BaseView):
    """The store's delivery settings."""

    route_base = "/console/delivery-settings"
    default_view = "list"
    list_title = _l("Delivery settings")

    @expose("/list/")
    @has_access
    def list(self) -> Answer:
        """The form over the settings as they are."""
        return self._page(_form_of_now())

    @expose("/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def save(self) -> Answer:
        """Save all of them, or say what is wrong."""
        form = PolicyForm()
        if not form.validate():
            return self._page(form, 422)
        try:
            seen = read_id(form.version.data)
            usual.set_policy(_values(form), seen=-1 if seen is None else seen, actor=current_actor())
        except DomainError as error:
            put_errors(form, error)
            if isinstance(error, usual.SettingsChanged):
                form.version.data = str(usual.load_policy().version)
            return self._page(form, STATUS[error.kind])
        promise.forget_world()
        flash(_("Saved."), "success")
        return redirect(url_for("DeliveryPolicyView.list"), 303)

    def url(self, method: str, **values: Any) -> str:
        """The address of one of this view's routes."""
        return url_for(f"DeliveryPolicyView.{method}", **values)

    def _page(self, form: PolicyForm, status: int = 200) -> Answer:
        fields = [field for field in form if field.type not in {"CSRFTokenField", "HiddenField"}]
        html = self.render_template(
            "admin/policy.html",
            view=self,
            form=form,
            row=None,
            title=_("Delivery settings"),
            groups=[("", fields)],
            may=self.appbuilder.sm.has_access("can_edit", "DeliveryPolicyView"),
        )
        return html, status


def _form_of_now() -> PolicyForm:
    row = usual.load_policy()
    form = PolicyForm(None, obj=row)
    form.version.data, form.counts.data = str(row.version), row.counts.value
    form.express_share.data = show_percent(row.express_share_bp)
    for name in ("slot_minutes", "lead_minutes", "horizon_days"):
        form[name].data = getattr(row, name)
    return form


def _values(form: PolicyForm) -> dict[str, Any]:
    try:
        share = parse_percent(form.express_share.data or "", "express_share")
    except InvalidInput:
        raise InvalidInput({"express_share": _("Write a percentage from 0 to 100.")}) from None
    return {
        "slot_minutes": form.slot_minutes.data,
        "lead_minutes": form.lead_minutes.data,
        "horizon_days": form.horizon_days.data,
        "express_share_bp": share,
        "counts": Counts(form.counts.data),
    }
