"""The desk for money sent by hand: what customers say they sent, and what came."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name

from admin.base import Answer
from admin.filters import read_id
from admin.refusals import message_of
from app.core.amounts import parse_money, show_plain
from app.core.errors import DomainError, InvalidInput, NotFound
from app.core.i18n import _, _l, active_locale
from app.core.money import decimal_mark
from app.core.storage import StorageError
from app.desk import claims, confirming, proofs, queue
from app.desk.models import ConfirmationStatus, TransferConfirmation
from app.payments.catalogue import METHODS
from app.web.actor import current_actor
from app.web.errors import STATUS

DOUBTS = {
    "same": _l("The same picture came with order %(code)s"),
    "alike": _l("A very similar picture came with order %(code)s"),
    "reference": _l("The same number was typed for order %(code)s"),
}


class TransferDeskView(BaseView):
    """Transfers to look for in the bank, each with what was received."""

    route_base = "/console/transfer-desk"
    default_view = "list"
    list_title = _l("Transfers by hand")

    @expose("/list/")
    @has_access
    def list(self) -> Answer:
        """What waits; with `ended` what lapsed or was refused lately, for money that comes late."""
        return self._page()

    @expose("/confirm/<attempt_id>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def confirm(self, attempt_id: str) -> Answer:
        """So much came."""
        number = _id(attempt_id)
        try:
            typed = request.form.get("amount", "")
            amount = parse_money(typed, queue.transfer(number).attempt.currency)
            note = request.form.get("note", "")
            made = confirming.confirm(number, amount, actor=current_actor(), note=note)
        except DomainError as error:
            return self._refused(error, number)
        self._say(made)
        return redirect(_here(), 303)

    @expose("/second/<confirmation_id>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def second(self, confirmation_id: str) -> Answer:
        """Somebody else saw it too."""
        try:
            made = confirming.confirm_second(_id(confirmation_id), actor=current_actor())
        except DomainError as error:
            return self._refused(error)
        self._say(made)
        return redirect(_here(), 303)

    @expose("/drop/<confirmation_id>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def drop(self, confirmation_id: str) -> Answer:
        """The amount was written down by mistake."""
        try:
            confirming.drop(_id(confirmation_id), actor=current_actor())
        except DomainError as error:
            return self._refused(error)
        flash(_("Taken back. The transfer waits again."), "success")
        return redirect(_here(), 303)

    @expose("/refuse/<attempt_id>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def refuse(self, attempt_id: str) -> Answer:
        """Nothing came; the customer is told why."""
        number = _id(attempt_id)
        try:
            confirming.refuse(number, request.form.get("reason", ""), actor=current_actor())
        except DomainError as error:
            return self._refused(error, number)
        flash(_("The customer is told."), "success")
        return redirect(_here(), 303)

    @expose("/proof/<claim_id>", methods=["GET"])
    @has_access
    @permission_name("list")
    def proof(self, claim_id: str) -> Answer:
        """The picture that a customer sent."""
        try:
            content = proofs.read(claims.picture_of(_id(claim_id)))
        except StorageError:
            return Response(status=503)
        headers = {"Cache-Control": "private, no-store", "Content-Disposition": "inline"}
        return Response(content, content_type="image/webp", headers=headers)

    def _say(self, made: TransferConfirmation) -> None:
        if made.status is ConfirmationStatus.waiting:
            flash(_("Written down. A second person has to confirm this amount."), "info")
        else:
            flash(_("The money is counted."), "success")

    def _refused(self, error: DomainError, attempt_id: int = 0) -> Answer:
        if isinstance(error, NotFound):
            raise error
        return self._page({attempt_id: error}, STATUS[error.kind])

    def _page(self, errors: dict[int, DomainError] | None = None, status: int = 200) -> Answer:
        ended = bool(request.args.get("ended"))
        rows = queue.transfers(ended=ended)
        here = {row.attempt.id for row in rows}
        html = self.render_template(
            "admin/transfer_desk.html",
            view=self,
            title=_("Transfers by hand"),
            rows=rows,
            ended=ended,
            counts=queue.counts(),
            methods=METHODS,
            plain_money=_show_plain,
            doubts=DOUBTS,
            errors={key if key in here else 0: _fields(error) for key, error in (errors or {}).items()},
            typed=request.form,
            may=self.appbuilder.sm.has_access("can_edit", "TransferDeskView"),
            me=current_actor().user_id,
        )
        return html, status

    def url(self, method: str, **values: Any) -> str:
        """The address of one of this view's routes."""
        return url_for(f"TransferDeskView.{method}", **values)


def _fields(error: DomainError) -> dict[str, str]:
    """Field → message; what has no field stands above the list."""
    return error.errors if isinstance(error, InvalidInput) else {"": message_of(error)}


def _show_plain(amount_minor: int, currency: str) -> str:
    """As the clerk would type it."""
    return show_plain(amount_minor, currency, decimal_mark(active_locale()))


def _id(text: str) -> int:
    number = read_id(text)
    if number is None:
        raise NotFound
    return number


def _here() -> str:
    return url_for("TransferDeskView.list", ended=request.args.get("ended"))
