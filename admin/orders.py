"""Orders: found, read, and moved by the one table of transitions; never written here."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from admin import cells
from admin.base import READ_ONLY, Answer, StoreInterface, StoreModelView
from admin.cells import Column
from admin.couriers import Others, ask_others, courier_part, label_of
from admin.figures import DONE, WAITING
from admin.filters import Choice, read_id
from admin.inventory import in_branch
from admin.order_money import money_back
from admin.payments import payments_of
from admin.refusals import message_of
from app import fulfilment, orders, shipping, stores
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, NotFound
from app.core.events import EventRecord, history
from app.core.i18n import _, _l, _n
from app.orders.labels import ACTION, KIND, PAYMENT, STATUS
from app.orders.models import Order, OrderAdjustment
from app.orders.states import FINAL, Action, Guard, Kind, PaymentStatus, Status, allowed, find
from app.web.actor import current_actor
from app.web.errors import STATUS as HTTP
from app.web.rendering import show_time

HERE = (
    Action.confirm,
    Action.ready,
    Action.hand_over,
    Action.fail,
    Action.take_back,
    Action.retry,
    Action.cancel,
)
"""What is done from this page; drivers are chosen on the board."""
BULK = (Action.confirm, Action.ready)
MOST_AT_ONCE = 100
PAY_COLOURS = {
    PaymentStatus.PAID: "success",
    PaymentStatus.DUE: "warning",
    PaymentStatus.PARTIAL: "warning",
    PaymentStatus.AWAITING: "info",
    PaymentStatus.FAILED: "danger",
}
EVENTS = {
    "OrderPlaced": _l("Placed"),
    "OrderPaid": _l("Payment"),
    "OrderAcknowledged": _l("Acknowledged"),
    "ReviewRequested": _l("Review asked for"),
    "OrderRefunded": _l("Money given back"),
}


def status_chip(order: Order) -> Markup:
    """The state, and whether its promise has passed."""
    chip = cells.chip(STATUS[order.status], f"st-{order.status.value}")
    late = order.promised_until and order.status in WAITING and order.promised_until < clock.now()
    return cells.joined((chip, cells.chip(_l("Late"), "danger"))) if late else chip


def promised(order: Order) -> str:
    """The window a customer was told."""
    if order.promised_until is None:
        return cells.NOTHING
    until = order.promised_until
    start = f"{show_time(order.promised_from)} – " if order.promised_from else ""
    return f"{cells.show_day(until)}, {start}{show_time(until)}"


def _midnight() -> datetime:
    local = clock.now().astimezone(stores.current_store().zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


class OrderAdmin(StoreModelView):
    """Every order of the store. Acting goes through orders.act, which knows who may do what."""

    datamodel = StoreInterface(Order)
    route_base = "/console/orders"
    list_title = _l("Orders")
    list_template, show_template = "admin/orders.html", "admin/order.html"
    exclude_route_methods = READ_ONLY
    eager = (joinedload(Order.branch), joinedload(Order.zone))
    order = "-placed"
    search_hint = _l("Code, name or phone")
    search_in = (Order.code, Order.contact_name, Order.contact_phone)
    filters = (
        Choice(
            "status",
            _l("State"),
            lambda: [(status.value, word) for status, word in STATUS.items()],
            lambda value: Order.status == Status(value),
        ),
        Choice(
            "kind",
            _l("Kind"),
            lambda: [(kind.value, word) for kind, word in KIND.items()],
            lambda value: Order.kind == Kind(value),
        ),
        in_branch(Order.branch_id),
        Choice(
            "which",
            _l("Which"),
            lambda: (("open", _l("Open")), ("late", _l("Late now")), ("today", _l("Delivered today"))),
            lambda value: {
                "open": Order.status.not_in(FINAL),
                "late": Order.status.in_(WAITING) & (Order.promised_until < clock.now()),
                "today": Order.status.in_(DONE) & (Order.status_at >= _midnight()),
            }[value],
        ),
    )
    columns = (
        Column("code", _l("Order"), cells.linked("code", "OrderAdmin.show"), Order.code, "code"),
        Column("status", _l("State"), status_chip, Order.status),
        Column("customer", _l("Customer"), cells.plain("contact_name"), Order.contact_name),
        Column("zone", _l("Zone"), lambda row: str(row.zone or row.branch)),
        Column("promised", _l("Promised"), promised, Order.promised_until, "when"),
        Column("payment", _l("Payment"), cells.chips("payment_status", PAYMENT, PAY_COLOURS)),
        Column("total", _l("Total"), cells.money("total_minor"), Order.total_minor, "num"),
        Column("placed", _l("Placed"), cells.moment("placed_at"), Order.placed_at, "when"),
    )

    @expose("/act/<pk>/<action>", methods=["POST"])
    @has_access
    @permission_name("act")
    def act(self, pk: str, action: str) -> Answer:
        """One action on one order; refused, the page says why beside it."""
        order = self.row(pk)
        try:
            orders.act(order.code, _known(action), actor=current_actor(), details=_details())
        except DomainError as error:
            return self.render_show(
                self.row(pk), HTTP[error.kind], refused={action: message_of(error)}, typed=request.form
            )
        flash(_("Done."), "success")
        return redirect(self.url("show", pk=pk), 303)

    @expose("/bulk", methods=["POST"])
    @has_access
    @permission_name("act")
    def bulk(self) -> Answer:
        """One action on every ticked order, each by itself: what cannot move is named, the rest moves."""
        action = _known(request.form.get("action", ""))
        keys = [key for key in map(read_id, request.form.getlist("row")) if key is not None][:MOST_AT_ONCE]
        codes = list(db.session.scalars(select(Order.code).where(Order.id.in_(keys)).order_by(Order.id)))
        done = sum(self._moved(code, action) for code in codes) if action in BULK else 0
        flash(_n("%(num)s order moved.", "%(num)s orders moved.", done), "success" if done else "warning")
        return redirect(self.url("list"), 303)

    def _moved(self, code: str, action: Action) -> bool:
        try:
            orders.act(code, action, actor=current_actor())
        except DomainError as error:
            flash(f"{code}: {message_of(error)}", "warning")
            return False
        return True

    @expose("/note/<pk>", methods=["POST"])
    @has_access
    @permission_name("act")
    def note(self, pk: str) -> Answer:
        """A note of staff to staff."""
        order = self.row(pk)
        try:
            orders.add_note(order.code, request.form.get("body", ""), actor=current_actor())
        except DomainError as error:
            return self.render_show(
                self.row(pk), HTTP[error.kind], refused={"note": message_of(error)}, typed=request.form
            )
        return redirect(self.url("show", pk=pk, _anchor="notes"), 303)

    @expose("/couriers/<pk>", methods=["POST"])
    @has_access
    @permission_name("act")
    def couriers(self, pk: str) -> Answer:
        """Ask couriers for their prices: nothing is written to the order."""
        order = self.row(pk)
        try:
            others = ask_others(order)
        except DomainError as error:
            return self.render_show(self.row(pk), HTTP[error.kind], refused={"courier": message_of(error)})
        return self.render_show(self.row(pk), others=others)

    @expose("/courier/<pk>", methods=["POST"])
    @has_access
    @permission_name("act")
    def courier(self, pk: str) -> Answer:
        """Send it by the courier that was picked."""
        order, picked = self.row(pk), request.form.get("courier", "")[:120]
        try:
            shipment = fulfilment.send_by_another(order.code, picked, actor=current_actor())
        except DomainError as error:
            return self.render_show(self.row(pk), HTTP[error.kind], refused={"courier": message_of(error)})
        flash(_("%(courier)s carries this order now.", courier=shipment.name), "success")
        return redirect(self.url("show", pk=pk, _anchor="courier"), 303)

    def render_show(
        self, row: Order, status: int = 200, *, others: Others | None = None, **context: Any
    ) -> Answer:
        """With its lines, history, notes, and what this person may do to it."""
        order = orders.get_order(row.code, actor=current_actor())
        may = [
            action for action in allowed(order.kind, order.status, current_actor().roles) if action in HERE
        ]
        return super().render_show(
            order,
            status,
            actions=[(a, label_of(order, a, ACTION[a]), _wants_reason(order, a)) for a in may],
            courier=courier_part(order, others),
            back=money_back(order),
            story=[_told(record) for record in history("order", order.id)],
            notes=orders.notes_of(order),
            payments=payments_of(order, may=self.appbuilder.sm.has_access("can_show", "PaymentAttemptAdmin")),
            adjustments=_adjustments(order),
            chip=status_chip(order),
            pay=cells.chip(PAYMENT[order.payment_status], PAY_COLOURS.get(order.payment_status, "default")),
            kind=KIND[order.kind],
            promised=promised(order),
            tracking=orders.tracking_url(order.code),
            board=url_for("DispatchView.index", order=order.code),
            **context,
        )


def _known(action: str) -> Action:
    if action not in {one.value for one in HERE}:
        raise NotFound
    return Action(action)


def _details() -> orders.Details:
    return orders.Details(reason=request.form.get("reason", "").strip()[:200])


def _wants_reason(order: Order, action: Action) -> bool:
    row = find(order.kind, order.status, action)
    return row is not None and Guard.has_reason in row.guards


def _adjustments(order: Order) -> list[OrderAdjustment]:
    query = select(OrderAdjustment).where(OrderAdjustment.order_id == order.id)
    return list(db.session.scalars(query.order_by(OrderAdjustment.id)))


def _told(record: EventRecord) -> dict[str, object]:
    """One line of the order's history."""
    moved = record.payload.get("action") if record.type == "OrderMoved" else None
    return {
        "what": STATUS[Status(record.payload["target"])] if moved else EVENTS.get(record.type, record.type),
        "at": record.occurred_at,
        "who": record.actor_name,
        "source": record.source,
        "reason": shipping.say_reason(record.payload.get("reason", "")),
    }
