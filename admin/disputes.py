"""Chargebacks: recorded as the bank tells them, and ended as it decides."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from admin import cells
from admin.base import READ_ONLY, Answer, StoreInterface, StoreModelView
from admin.cells import Column
from admin.confirming import confirm_amount
from admin.filters import one_of, read_id
from admin.refusals import errors_of, message_of
from app import orders
from app.core.amounts import parse_money
from app.core.db import db
from app.core.errors import DomainError, InvalidInput, NotFound
from app.core.i18n import _, _l
from app.orders.models import Order
from app.payments import chargebacks, receipts
from app.payments.catalogue import METHODS
from app.payments.chargebacks import Dispute
from app.payments.models import PaymentReceipt, ReceiptStatus
from app.payments.settlement_models import Chargeback, ChargebackStatus
from app.web.actor import current_actor
from app.web.errors import STATUS as HTTP

C = ChargebackStatus
STATES = {C.taken: _l("The bank has the money"), C.won: _l("Won"), C.lost: _l("Lost")}
COLOURS = {C.taken: "warning", C.won: "success", C.lost: "danger"}


def method_name(row: Any) -> str:
    """The method of a row in words."""
    return str(METHODS[row.method].name) if row.method in METHODS else row.method


def payments_of(order: Order) -> list[PaymentReceipt]:
    """The payments of an order that a bank could take back."""
    return [one for one in receipts.receipts_of(order.id) if one.status is not ReceiptStatus.review]


class ChargebackAdmin(StoreModelView):
    """Every chargeback of the store."""

    datamodel = StoreInterface(Chargeback)
    route_base = "/console/chargebacks"
    list_title = _l("Chargebacks")
    hint = _l("A chargeback is written down on the page of its order.")
    empty = _l("No bank has taken a payment back.")
    show_template = "admin/chargeback.html"
    exclude_route_methods = READ_ONLY
    eager = (joinedload(Chargeback.receipt),)
    order = "-taken"
    search_hint = _l("Number of the case")
    search_in = (Chargeback.case,)
    filters = (one_of("state", _l("State"), Chargeback.status, STATES),)
    columns = (
        Column("case", _l("Case"), cells.linked("case", "ChargebackAdmin.show"), Chargeback.case, "code"),
        Column("state", _l("State"), cells.chips("status", STATES, COLOURS), Chargeback.status),
        Column("method", _l("Method"), method_name),
        Column("amount", _l("Amount"), cells.money("amount_minor"), Chargeback.amount_minor, "num"),
        Column("fee", _l("Fee"), cells.money("fee_minor"), None, "num"),
        Column("taken", _l("Taken"), cells.moment("taken_at"), Chargeback.taken_at, "when"),
    )

    @expose("/record/<code>", methods=["GET", "POST"])
    @has_access
    @permission_name("record")
    def record(self, code: str) -> Answer:
        """A form for what the bank says about a payment of this order."""
        order = orders.get_order(code, actor=current_actor())
        if request.method == "GET":
            return self._form(order, {})
        try:
            payment, dispute = _picked(order), _read(order)
            confirm_amount(dispute.amount_minor)
            made = chargebacks.record(payment, dispute, actor=current_actor())
        except DomainError as error:
            return self._form(order, errors_of(error), HTTP[error.kind])
        flash(_("Written down."), "success")
        return redirect(self.url("show", pk=made.id), 303)

    @expose("/decide/<pk>/<answer>", methods=["POST"])
    @has_access
    @permission_name("record")
    def decide(self, pk: str, answer: str) -> Answer:
        """The bank has decided."""
        row = self.row(pk)
        try:
            chargebacks.decide(row.id, won=answer == "won", actor=current_actor())
        except DomainError as error:
            return self.render_show(self.row(pk), HTTP[error.kind], refused=message_of(error))
        flash(_("Written down."), "success")
        return redirect(self.url("show", pk=pk), 303)

    def _form(self, order: Order, errors: dict[str, str], status: int = 200) -> Answer:
        html = self.render_template(
            "admin/chargeback_record.html",
            view=self,
            title=_("Chargeback of %(code)s", code=order.code),
            order=order,
            payments=payments_of(order),
            method_name=method_name,
            typed=request.form if request.method == "POST" else {},
            errors=errors,
        )
        return html, status

    def render_show(self, row: Chargeback, status: int = 200, **context: Any) -> Answer:
        """With its order and what the bank may say."""
        return super().render_show(
            row,
            status,
            order=db.session.scalars(select(Order).where(Order.id == row.order_id)).one(),
            chip=cells.chips("status", STATES, COLOURS)(row),
            method=method_name(row),
            moment=cells.show_moment,
            order_url=url_for("OrderAdmin.show", pk=row.order_id),
            **context,
        )


def _picked(order: Order) -> int:
    wanted = read_id(request.form.get("payment", ""))
    if wanted not in {payment.id for payment in payments_of(order)} or wanted is None:
        raise NotFound
    return wanted


def _read(order: Order) -> Dispute:
    form = request.form
    errors: dict[str, str] = {}
    amounts: dict[str, int] = {}
    for name in ("amount", "fee"):
        try:
            amounts[name] = parse_money(form.get(name, "") or "0", order.currency, name)
        except InvalidInput as error:
            errors |= error.errors
    if errors:
        raise InvalidInput(errors)
    said = form.get("case", "").replace("\x00", ""), form.get("reason", "").replace("\x00", "")
    return Dispute(said[0], amounts["amount"], amounts["fee"], said[1])
