"""Money that goes back: the form over an order, every refund, and those that need somebody."""

import secrets
from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from admin import cells
from admin.base import READ_ONLY, Answer, StoreInterface, StoreModelView
from admin.cells import Column
from admin.confirming import asks_for, confirm_amount
from admin.counting import read_count
from admin.filters import one_of
from admin.refusals import errors_of, message_of
from app import orders
from app.core.amounts import parse_money
from app.core.db import db
from app.core.errors import DomainError, InvalidInput
from app.core.i18n import _, _l
from app.orders import refunding
from app.orders.models import Order
from app.orders.refunding import Reckoned, RefundWish, What
from app.payments.catalogue import METHODS
from app.payments.models import Refund, RefundStatus, RefundTo
from app.payments.refunds import BY_PROVIDER
from app.web.actor import current_actor
from app.web.errors import STATUS as HTTP

R = RefundStatus
STATES = {
    R.requested: _l("Asked for"),
    R.sending: _l("On its way"),
    R.done: _l("Done"),
    R.failed: _l("Refused"),
    R.dropped: _l("Given back in another way"),
}
COLOURS = {R.requested: "info", R.sending: "info", R.done: "success", R.failed: "danger"}
PLACES = {
    RefundTo.source: _l("Where it came from"),
    RefundTo.wallet: _l("Customer’s wallet"),
    RefundTo.cash: _l("Cash at the counter"),
}


def place(refund: Refund) -> str:
    """Where the money goes, in words."""
    if refund.to is RefundTo.source and refund.method in METHODS:
        return str(METHODS[refund.method].name)
    return str(PLACES[refund.to])


def is_by_hand(refund: Refund) -> bool:
    """Whether staff have to send it themselves."""
    waits = refund.status is R.requested and refund.to is RefundTo.source
    return waits and refund.method not in BY_PROVIDER


class RefundAdmin(StoreModelView):
    """Every refund; those that were refused are given back in another way."""

    datamodel = StoreInterface(Refund)
    route_base = "/console/refunds"
    list_title = _l("Refunds")
    hint = _l("Refunds are made on the page of their order.")
    empty = _l("Nothing has been given back yet.")
    show_template = "admin/refund.html"
    exclude_route_methods = READ_ONLY
    eager = (joinedload(Refund.receipt),)
    order = "-asked"
    search_hint = _l("Order or refund")
    search_in = (Refund.reference, Refund.external_id)
    filters = (
        one_of("state", _l("State"), Refund.status, STATES),
        one_of("to", _l("Goes to"), Refund.to, PLACES),
    )
    columns = (
        Column("reference", _l("Refund"), cells.linked("reference", "RefundAdmin.show"), Refund.id, "code"),
        Column("state", _l("State"), cells.chips("status", STATES, COLOURS), Refund.status),
        Column("amount", _l("Amount"), cells.money("amount_minor"), Refund.amount_minor, "num"),
        Column("to", _l("Goes to"), place),
        Column("why", _l("Reason"), cells.plain("reason")),
        Column("by", _l("Who"), cells.plain("requested_by")),
        Column("asked", _l("Asked"), cells.moment("requested_at"), Refund.requested_at, "when"),
    )

    @expose("/give/<code>", methods=["GET", "POST"])
    @has_access
    @permission_name("give")
    def give(self, code: str) -> Answer:
        """The form over a sale: first it says what it comes to, then it is given."""
        order = orders.get_order(code, actor=current_actor())
        if request.method == "GET":
            return self._form(order, None, {})
        reckoned = None
        try:
            wish = read_wish(order)
            reckoned = refunding.reckon(order, wish)
            if request.form.get("seen") == str(reckoned.amount_minor):
                confirm_amount(reckoned.amount_minor)
                return self._give(order, wish)
        except DomainError as error:
            return self._form(order, reckoned, errors_of(error), HTTP[error.kind])
        return self._form(order, reckoned, {})

    @expose("/reckon/<code>", methods=["POST"])
    @has_access
    @permission_name("give")
    def reckon(self, code: str) -> Answer:
        """What the form comes to as it stands, for the page to show beside it."""
        order = orders.get_order(code, actor=current_actor())
        try:
            reckoned, errors = refunding.reckon(order, read_wish(order)), {}
        except DomainError as error:
            reckoned, errors = None, errors_of(error)
        return self.render_template("admin/_refund_sum.html", order=order, reckoned=reckoned, errors=errors)

    @expose("/instead/<pk>", methods=["POST"])
    @has_access
    @permission_name("give")
    def instead(self, pk: str) -> Answer:
        """What the provider refused goes into the wallet."""
        return self._act(pk, lambda key: refunding.to_wallet_instead(key, actor=current_actor()))

    @expose("/sent/<pk>", methods=["POST"])
    @has_access
    @permission_name("give")
    def sent(self, pk: str) -> Answer:
        """Somebody has sent it by hand."""
        proof = request.form.get("proof", "")[:200]
        return self._act(pk, lambda key: refunding.note_sent(key, proof, actor=current_actor()))

    def _act(self, pk: str, work: Callable[[int], Refund]) -> Answer:
        row = self.row(pk)
        try:
            made = work(row.id)
        except DomainError as error:
            return self.render_show(self.row(pk), HTTP[error.kind], refused=message_of(error))
        flash(_("Done."), "success")
        return redirect(self.url("show", pk=made.id), 303)

    def _give(self, order: Order, wish: RefundWish) -> Answer:
        made = refunding.refund_order(
            order.code,
            wish,
            key=request.form.get("key", "")[:64] or secrets.token_hex(8),
            actor=current_actor(),
        )
        done = all(refund.status is RefundStatus.done for refund in made)
        flash(
            _("The money is back with the customer.") if done else _("The refund is on its way."), "success"
        )
        return redirect(url_for("OrderAdmin.show", pk=order.id, _anchor="refunds"), 303)

    def _form(
        self, order: Order, reckoned: Reckoned | None, errors: dict[str, str], status: int = 200
    ) -> Answer:
        html = self.render_template(
            "admin/refund_give.html",
            view=self,
            title=_("Refund of %(code)s", code=order.code),
            order=order,
            can=refunding.refundable(order),
            typed=request.form if request.method == "POST" else {},
            reckoned=reckoned,
            errors=errors,
            asks_password=reckoned is not None and asks_for(reckoned.amount_minor),
            key=request.form.get("key") or secrets.token_hex(16),
            names={code: method.name for code, method in METHODS.items()},
        )
        return html, status

    def render_show(self, row: Refund, status: int = 200, **context: Any) -> Answer:
        """With its order and what can be done about it."""
        return super().render_show(
            row,
            status,
            order=db.session.scalars(select(Order).where(Order.id == row.order_id)).one(),
            chip=cells.chips("status", STATES, COLOURS)(row),
            place=place(row),
            by_hand=is_by_hand(row),
            moment=cells.show_moment,
            **context,
        )


def read_wish(order: Order) -> RefundWish:
    """The form as a wish; InvalidInput beside each field that cannot be read."""
    form, errors = request.form, {}
    what, to = form.get("what", ""), form.get("to", "")
    if what not in {one.value for one in What}:
        errors["what"] = _("Choose what is given back.")
    if to not in {one.value for one in RefundTo}:
        errors["to"] = _("Choose where the money goes.")
    by_lines = what == What.lines
    units = _counts(order, "units", errors) if by_lines else {}
    shelved = _counts(order, "shelved", errors) if what in {What.lines, What.all} else {}
    amount = 0
    if what == What.amount:
        try:
            amount = parse_money(form.get("amount", ""), order.currency)
        except InvalidInput as error:
            errors |= error.errors
    if errors:
        raise InvalidInput(errors)
    return RefundWish(
        what=What(what),
        to=RefundTo(to),
        reason=form.get("reason", "").replace("\x00", ""),
        units=units,
        shelved=shelved,
        delivery=by_lines and form.get("delivery") == "1",
        amount_minor=amount,
    )


def _counts(order: Order, name: str, errors: dict[str, str]) -> dict[int, int]:
    counts = {}
    for line in order.lines:
        field = f"{name}-{line.id}"
        typed = request.form.get(field, "").strip()
        if not typed:
            continue
        try:
            counts[line.id] = read_count(typed, field)
        except InvalidInput as error:
            errors |= error.errors
    return counts
