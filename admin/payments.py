"""Payments for staff: every try, all money that came, what waits for a decision, and the providers' own words."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy import select, true
from sqlalchemy.orm import joinedload

from admin import cells
from admin.base import READ_ONLY, Answer, StoreInterface, StoreModelView
from admin.cells import Column
from admin.confirming import asks_for, confirm_amount
from admin.filters import Choice, one_of
from admin.refusals import errors_of
from app import orders
from app.core.db import db
from app.core.errors import DomainError
from app.core.i18n import _, _l
from app.orders import reviewing
from app.orders.models import Order
from app.payments import attempts, inbox, receipts
from app.payments.catalogue import METHODS
from app.payments.labels import ATTEMPT, MESSAGE, RECEIPT, SOURCE, WRONG
from app.payments.models import (
    AttemptStatus,
    MessageStatus,
    PaymentAttempt,
    PaymentReceipt,
    ReceiptStatus,
    WebhookMessage,
)
from app.web.actor import current_actor
from app.web.errors import STATUS as HTTP

ATTEMPT_COLOURS = {
    AttemptStatus.pending: "info",
    AttemptStatus.held: "warning",
    AttemptStatus.paid: "success",
    AttemptStatus.failed: "danger",
}
RECEIPT_COLOURS = {
    ReceiptStatus.applied: "success",
    ReceiptStatus.to_wallet: "info",
    ReceiptStatus.review: "warning",
}
MESSAGE_COLOURS = {
    MessageStatus.new: "info",
    MessageStatus.done: "success",
    MessageStatus.forged: "danger",
    MessageStatus.failed: "danger",
}
PROVIDERS = ("authorizenet", "midtrans", "xendit")
EVERYTHING = "all"
SHOWN_BYTES = 20_000


def method_name(row: Any) -> str:
    """What people call the method of a row."""
    known = METHODS.get(row.method)
    return str(known.name) if known else str(row.method)


def payments_of(order: Order, *, may: bool) -> dict[str, Any]:
    """The tries to pay an order and what came, for its page; `may`: whether their own pages open."""
    return {
        "tried": attempts.attempts_of(order.id),
        "came": receipts.receipts_of(order.id),
        "words": ATTEMPT,
        "receipt_words": RECEIPT,
        "name": method_name,
        "page": orders.payment_url(order.code),
        "may": may,
    }


def _of_method(column: Any) -> Choice:
    return Choice(
        "method",
        _l("Method"),
        lambda: [(code, method.name) for code, method in METHODS.items() if code != "cash"],
        lambda value: column == value,
    )


def _order_code(column: Any) -> Any:
    """The code of the order of a row, for searching."""
    return select(Order.code).where(Order.id == column).scalar_subquery()


class _OfOrders(StoreModelView):
    """Rows that belong to orders: shown with the order's code, in one query."""

    def load_page(self) -> Any:
        page = super().load_page()
        link_orders(page.rows)
        return page

    def render_show(self, row: Any, status: int = 200, **context: Any) -> Answer:
        link_orders([row])
        return super().render_show(row, status, **context)


def link_orders(rows: Any) -> None:
    """Give each row a link to its order."""
    keys = {row.order_id for row in rows}
    codes = dict(db.session.execute(select(Order.id, Order.code).where(Order.id.in_(keys))).all())
    link = cells.linked("order", "OrderAdmin.show", lambda row: codes.get(row.order_id, ""), "order_id")
    for row in rows:
        row.order_link = link(row)


ORDER = Column("order", _l("Order"), lambda row: row.order_link, css="code")


class PaymentAttemptAdmin(_OfOrders):
    """Every try to pay an order."""

    datamodel = StoreInterface(PaymentAttempt)
    route_base = "/console/payments"
    list_title = _l("Payments")
    show_template = "admin/payment.html"
    empty = _l("Nobody has paid online yet.")
    exclude_route_methods = READ_ONLY
    order = "-created"
    search_hint = _l("Order code or the provider’s number")
    search_in = (PaymentAttempt.reference, PaymentAttempt.external_id)
    filters = (
        one_of("state", _l("State"), PaymentAttempt.status, ATTEMPT),
        _of_method(PaymentAttempt.method),
    )
    columns = (
        Column("created", _l("Begun"), cells.moment("created_at"), PaymentAttempt.created_at, "when"),
        ORDER,
        Column("number", _l("Try"), cells.linked("number", "PaymentAttemptAdmin.show"), None, "num"),
        Column("method", _l("Method"), method_name, PaymentAttempt.method),
        Column("amount", _l("Amount"), cells.money("amount_minor"), PaymentAttempt.amount_minor, "num"),
        Column("state", _l("State"), cells.chips("status", ATTEMPT, ATTEMPT_COLOURS), PaymentAttempt.status),
        Column("reason", _l("Reason"), cells.plain("reason"), css="words"),
    )
    details = (
        *columns[:2],
        *columns[3:],
        Column("reference", _l("Our reference"), cells.plain("reference")),
        Column("external", _l("The provider’s number"), cells.plain("external_id")),
        Column("expires", _l("Good until"), cells.moment("expires_at")),
        Column("asked", _l("Provider asked"), cells.moment("asked_at")),
    )

    def render_show(self, row: PaymentAttempt, status: int = 200, **context: Any) -> Answer:
        """With its steps, the money that came on it, and what the provider said of it."""
        came = select(PaymentReceipt).where(PaymentReceipt.attempt_id == row.id).order_by(PaymentReceipt.id)
        said = (
            select(WebhookMessage)
            .where(WebhookMessage.reference == row.reference)
            .order_by(WebhookMessage.id.desc())
        )
        return super().render_show(
            row,
            status,
            steps=attempts.history_of(row.id),
            came=db.session.scalars(came).all(),
            messages=db.session.scalars(said.limit(20)).all(),
            words={"attempt": ATTEMPT, "source": SOURCE, "receipt": RECEIPT, "message": MESSAGE},
            moment=cells.show_moment,
            **context,
        )


def _asked_for(row: PaymentReceipt) -> str:
    attempt = row.attempt
    return cells.show_money(attempt.amount_minor, attempt.currency) if attempt else cells.NOTHING


class PaymentReviewAdmin(_OfOrders):
    """All money that came; at first what waits for a decision."""

    datamodel = StoreInterface(PaymentReceipt)
    route_base = "/console/payment-review"
    list_title = _l("Payments to decide")
    hint = _l(
        "Money that came in another amount or currency than was asked for. Nothing of it is booked yet."
    )
    empty = _l("Nothing waits for a decision.")
    show_template = "admin/receipt.html"
    exclude_route_methods = READ_ONLY
    order = "-received"
    eager = (joinedload(PaymentReceipt.attempt),)
    search_hint = _l("Order code or the provider’s number")
    search_in = (PaymentReceipt.external_id, _order_code(PaymentReceipt.order_id))
    filters = (
        Choice(
            "state",
            _l("State"),
            lambda: [
                *((state.value, word) for state, word in RECEIPT.items()),
                (EVERYTHING, _l("Everything that came")),
            ],
            lambda value: true() if value == EVERYTHING else PaymentReceipt.status == ReceiptStatus(value),
        ),
        _of_method(PaymentReceipt.method),
    )
    columns = (
        Column("received", _l("Received"), cells.moment("received_at"), PaymentReceipt.received_at, "when"),
        ORDER,
        Column("method", _l("Method"), method_name, PaymentReceipt.method),
        Column(
            "amount",
            _l("Amount"),
            cells.linked("amount", "PaymentReviewAdmin.show", cells.money("amount_minor")),
            PaymentReceipt.amount_minor,
            "num",
        ),
        Column("asked", _l("Asked for"), _asked_for, css="num"),
        Column("why", _l("What is wrong"), lambda row: WRONG.get(row.reason, cells.NOTHING)),
        Column("state", _l("State"), cells.chips("status", RECEIPT, RECEIPT_COLOURS), PaymentReceipt.status),
    )
    details = (
        *columns,
        Column("external", _l("The provider’s number"), cells.plain("external_id")),
        Column("applied", _l("Paid of the order"), cells.money("applied_minor")),
        Column("wallet", _l("Into the wallet"), cells.money("wallet_minor")),
        Column("by", _l("Decided by"), cells.plain("settled_by")),
    )

    def base_query(self) -> Any:
        query = super().base_query()
        if request.endpoint == f"{self.endpoint}.list" and not request.args.get("state"):
            query = query.where(PaymentReceipt.status == ReceiptStatus.review)
        return query

    def title_of(self, row: PaymentReceipt) -> str:
        return f"{method_name(row)}, {cells.show_money(row.amount_minor, row.currency)}"

    @expose("/accept/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def accept(self, pk: str) -> Answer:
        """It pays the order."""
        return self._decide(pk, reviewing.accept)

    @expose("/wallet/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def wallet(self, pk: str) -> Answer:
        """It goes to the customer's wallet."""
        return self._decide(pk, reviewing.put_into_wallet)

    @expose("/back/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def back(self, pk: str) -> Answer:
        """It goes back to where it came from."""
        return self._decide(pk, reviewing.send_back)

    def _decide(self, pk: str, decide: Callable[..., PaymentReceipt]) -> Answer:
        row = self.row(pk)
        try:
            confirm_amount(row.amount_minor)
            decide(row.id, reason=request.form.get("reason", ""), actor=current_actor())
        except DomainError as error:
            return self.render_show(self.row(pk), HTTP[error.kind], errors=errors_of(error))
        flash(_("Done."), "success")
        return redirect(self.url("show", pk=pk), 303)

    def render_show(self, row: PaymentReceipt, status: int = 200, **context: Any) -> Answer:
        """With what can be decided."""
        waits = row.status is ReceiptStatus.review
        return super().render_show(
            row,
            status,
            waits=waits and self.may("accept"),
            may_go_back=METHODS[row.method].refunds_to_source,
            typed=request.form.get("reason", ""),
            asks_password=waits and asks_for(row.amount_minor),
            **{"errors": {}} | context,
        )


class WebhookMessageAdmin(StoreModelView):
    """The inbox: providers' calls exactly as they came."""

    datamodel = StoreInterface(WebhookMessage)
    route_base = "/console/webhooks"
    list_title = _l("Providers’ calls")
    hint = _l(
        "Kept as they came and believed only after the provider’s own answer. Reading one again is harmless."
    )
    empty = _l("No provider has called yet.")
    show_template = "admin/webhook.html"
    exclude_route_methods = READ_ONLY
    order = "-received"
    search_hint = _l("Order code or the provider’s number")
    search_in = (WebhookMessage.reference, WebhookMessage.external_id, WebhookMessage.event_id)
    filters = (
        one_of("state", _l("State"), WebhookMessage.status, MESSAGE),
        Choice(
            "provider",
            _l("Provider"),
            lambda: [(code, METHODS[code].name) for code in PROVIDERS],
            lambda value: WebhookMessage.provider == value,
        ),
    )
    columns = (
        Column("received", _l("Received"), cells.moment("received_at"), WebhookMessage.received_at, "when"),
        Column(
            "reference",
            _l("Payment"),
            cells.linked(
                "reference", "WebhookMessageAdmin.show", lambda row: row.reference or row.event_id[:24]
            ),
            WebhookMessage.reference,
            "code",
        ),
        Column("provider", _l("Provider"), lambda row: METHODS[row.provider].name, WebhookMessage.provider),
        Column("about", _l("About"), cells.plain("about")),
        Column("times", _l("Times"), cells.plain("times"), WebhookMessage.times, "num"),
        Column("state", _l("State"), cells.chips("status", MESSAGE, MESSAGE_COLOURS), WebhookMessage.status),
        Column("problem", _l("Problem"), cells.plain("problem")),
    )
    details = (
        *columns,
        Column("external", _l("The provider’s number"), cells.plain("external_id")),
        Column("event", _l("Name of the call"), cells.plain("event_id")),
        Column("processed", _l("Read"), cells.moment("processed_at")),
    )

    def title_of(self, row: WebhookMessage) -> str:
        return row.reference or f"{METHODS[row.provider].name}, {cells.show_moment(row.received_at)}"

    @expose("/replay/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def replay(self, pk: str) -> Answer:
        """Read it again."""
        row = self.row(pk)
        inbox.replay(row.id, actor=current_actor())
        flash(_("It is being read again."), "success")
        return redirect(self.url("show", pk=pk), 303)

    def render_show(self, row: WebhookMessage, status: int = 200, **context: Any) -> Answer:
        """With the call as it came."""
        text = bytes(row.body[:SHOWN_BYTES]).decode("utf-8", errors="replace")
        may = row.status is not MessageStatus.forged and self.may("replay")
        return super().render_show(row, status, body=text, may_replay=may, **context)
