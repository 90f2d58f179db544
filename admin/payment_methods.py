"""How a store is paid: its methods in the order customers see them, each with its terms and its account."""

from typing import Any

from flask import flash, redirect, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import has_access, permission_name
from wtforms import BooleanField, PasswordField, SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from admin.base import Answer
from admin.confirming import asks_password, confirm
from admin.fields import MoneyField, OptionalText, WordsField
from admin.refusals import put_errors
from app import stores
from app.core.errors import DomainError, InvalidInput
from app.core.i18n import _, _l
from app.orders.labels import KIND
from app.orders.states import Kind
from app.payments import client_key, methods, terms
from app.payments.card_entry import OVER_PAGE
from app.payments.catalogue import METHODS, Flow
from app.payments.coins.derive import looks_private
from app.payments.coins.published import is_published
from app.payments.models import PaymentMethod
from app.payments.terms import Terms
from app.web.actor import current_actor
from app.web.errors import STATUS

SETTING, SECRET = "setting-", "secret-"
"""Prefixes of the account's fields, so that none can be taken for one of the terms."""
FIELDS = {
    "api_login_id": _l("API login ID"),
    "transaction_key": _l("Transaction key"),
    "signature_key": _l("Signature key"),
    "client_key": _l("Client key"),
    "merchant_id": _l("Merchant ID"),
    "server_key": _l("Server key"),
    "secret_key": _l("Secret key"),
    "callback_token": _l("Callback token"),
    "signature_encoding": _l("The signature key is used"),
    "card_entry": _l("Customers enter their card"),
    "public_client_key": _l("Public client key"),
    "handle": _l("Handle: phone, e-mail or name to send to"),
    "display_name": _l("Name that the payer sees"),
    "xpub": _l("Extended public key"),
    "confirm_0_to": _l("Counts at once, unconfirmed, up to"),
    "confirm_1_to": _l("Counts after 1 confirmation up to"),
    "confirm_2_to": _l("Counts after 2 confirmations up to"),
    "confirmations": _l("Counts after so many confirmations"),
}
HINTS = {
    "card_entry": _l("The form is the provider’s too: card numbers never touch the shop’s pages."),
    "public_client_key": _l(
        "For the form. Empty: we ask the provider for it. Customers can read it; it is no secret."
    ),
    "xpub": _l("The public key of the account: it begins with xpub, ypub or zpub. Never a private key."),
    "confirm_0_to": _l("Empty: 20.00. Write 0 to wait for every payment."),
    "confirm_1_to": _l("Empty: 500.00."),
    "confirm_2_to": _l("Empty: 2000.00. Above it, after 3 confirmations."),
    "confirmations": _l("Empty: 12. From 1 to 32."),
}
CHOICES = {
    "signature_encoding": [("", _l("as text (usual)")), ("hex", _l("as hexadecimal bytes"))],
    "card_entry": [
        ("", _l("on the provider’s page (usual)")),
        (OVER_PAGE, _l("in a form over the shop’s page")),
    ],
}
"""Settings that are chosen, not typed."""


class KindsField(SelectMultipleField):
    """Ways of delivery to tick."""

    widget, option_widget = ListWidget(prefix_label=False), CheckboxInput()


class TermsForm(DynamicForm):
    active = BooleanField(_l("Open to customers"))
    kinds = KindsField(
        _l("For"),
        choices=[(kind.value, word) for kind, word in KIND.items()],
        description=_l("Nothing ticked: for every way of delivery."),
    )
    tiers = WordsField(_l("Membership levels"), description=_l("Empty: for everybody."))
    min_minor = MoneyField(_l("From"))
    max_minor = MoneyField(_l("Up to"), description=_l("Empty: without a limit."))


class PaymentMethodView(BaseView):
    """The methods; secrets are written here and never shown."""

    route_base = "/console/payment-methods"
    default_view = "list"
    list_title = _l("Payment methods")

    @expose("/list/")
    @has_access
    def list(self) -> Answer:
        """All that fit the store's currency."""
        rows = [self._row(row) for row in methods.all_methods() if terms.can_work(METHODS[row.code])]
        return self.render_template(
            "admin/payment_methods.html", view=self, title=self.list_title, rows=rows, kind_words=_kinds()
        )

    def _row(self, row: PaymentMethod) -> dict[str, Any]:
        return {"row": row, "method": METHODS[row.code], "missing": len(terms.missing(row))}

    @expose("/edit/<method_code>", methods=["GET", "POST"])
    @has_access
    def edit(self, method_code: str) -> Answer:
        """One method's terms and account."""
        row = terms.find_method(method_code)
        form = _form_of(row)
        if not form.is_submitted():
            return self._page(form, row)
        if not form.validate():
            return self._page(form, row, 422)
        try:
            account = _typed(form, SETTING), _typed(form, SECRET)
            if _changes_account(row, *account):
                confirm()
            settings = client_key.complete(method_code, *account, actor=current_actor())
            terms.save(method_code, _terms(form), settings, account[1], actor=current_actor())
        except DomainError as error:
            put_errors(form, _renamed(error, form))
            _forget_private(form, method_code)
            return self._page(form, terms.find_method(method_code), STATUS[error.kind])
        flash(_("Saved."), "success")
        return redirect(url_for("PaymentMethodView.list"), 303)

    @expose("/up/<method_code>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def up(self, method_code: str) -> Answer:
        """One place up."""
        terms.move_up(method_code, actor=current_actor())
        return redirect(url_for("PaymentMethodView.list"), 303)

    def url(self, method: str, **values: Any) -> str:
        """The address of one of this view's routes."""
        return url_for(f"PaymentMethodView.{method}", **values)

    def title_of(self, row: PaymentMethod) -> str:
        """Nothing beside the heading, which is the method's name."""
        return ""

    def _page(self, form: TermsForm, row: PaymentMethod, status: int = 200) -> Answer:
        shown = [field for field in form if field.type not in {"CSRFTokenField", "HiddenField"}]
        account = [field for field in shown if field.name.startswith((SETTING, SECRET, "password"))]
        rest = [field for field in shown if field not in account]
        method = METHODS[row.code]
        html = self.render_template(
            "admin/payment_method.html",
            view=self,
            form=form,
            row=row,
            title=str(METHODS[row.code].name),
            groups=[(_("Terms"), rest), (_("Account"), account)] if account else [("", rest)],
            webhook=stores.public_url(f"/webhooks/{row.code}") if method.flow is Flow.gateway else "",
            published=is_published(str(row.settings.get("xpub", ""))),
        )
        return html, status


def _kinds() -> dict[str, str]:
    return {kind.value: str(word) for kind, word in KIND.items()}


def _setting(name: str) -> Any:
    label = FIELDS.get(name, name)
    if name in CHOICES:
        return SelectField(label, choices=CHOICES[name], description=HINTS.get(name, ""))
    return OptionalText(label, description=HINTS.get(name, ""))


def _form_of(row: PaymentMethod) -> TermsForm:
    """The form with the fields of the method's account; of secrets only whether they are set."""
    method, known = METHODS[row.code], methods.secret_names(row)
    fields: dict[str, Any] = {f"{SETTING}{name}": _setting(name) for name in method.settings}
    for name in method.secrets:
        word = _("set") if name in known else _("not set")
        fields[f"{SECRET}{name}"] = PasswordField(
            FIELDS.get(name, name),
            render_kw={"autocomplete": "new-password", "placeholder": word, "spellcheck": "false"},
            description=_("Never shown again. Empty: it stays as it is."),
        )
    if fields and asks_password():
        fields["password"] = PasswordField(
            _l("Your password"),
            render_kw={"autocomplete": "current-password"},
            description=_l("Asked once more when the account changes. It is good for five minutes."),
        )
    kinds = [kind.value for kind in Kind]
    data = {name: getattr(row, name) for name in ("active", "tiers", "min_minor", "max_minor")}
    data |= {"kinds": [kind for kind in row.kinds if kind in kinds]}
    data |= {f"{SETTING}{name}": row.settings.get(name, "") for name in method.settings}
    made: TermsForm = type("MethodForm", (TermsForm,), fields)(data=data)
    return made


def _terms(form: TermsForm) -> Terms:
    return Terms(
        active=form.active.data,
        kinds=form.kinds.data or [],
        tiers=form.tiers.data or [],
        min_minor=form.min_minor.data or 0,
        max_minor=form.max_minor.data,
    )


def _forget_private(form: TermsForm, method_code: str) -> None:
    """All that was typed stays, but for what nobody should have seen."""
    secrets = _typed(form, SECRET)
    for field in form:
        typed = field.data if field.name.startswith(SETTING) else ""
        if looks_private(typed or "") or methods.is_secret(method_code, typed or "", secrets):
            field.data = ""


def _changes_account(row: PaymentMethod, settings: dict[str, str], secrets: dict[str, str]) -> bool:
    """Whether money would go to, or be asked of, another account: what is worth stealing a session for."""
    moved = any(value.strip() != str(row.settings.get(name, "")) for name, value in settings.items())
    return moved or any(value.strip() for value in secrets.values())


def _typed(form: TermsForm, prefix: str) -> dict[str, str]:
    return {
        field.name.removeprefix(prefix): field.data or "" for field in form if field.name.startswith(prefix)
    }


def _renamed(error: DomainError, form: TermsForm) -> DomainError:
    """Errors of the account stand beside the account's fields."""
    if not isinstance(error, InvalidInput):
        return error
    names = {field.name.removeprefix(SETTING).removeprefix(SECRET): field.name for field in form}
    return InvalidInput({names.get(name, name): text for name, text in error.errors.items()})
