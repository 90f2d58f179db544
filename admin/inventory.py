"""What lies on the shelves, and every movement that put it there."""

from datetime import datetime, time, timedelta
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import has_access, permission_name
from markupsafe import Markup, escape
from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload
from wtforms import DateField, SelectField
from wtforms.validators import InputRequired, Length, Optional

from admin import cells
from admin.base import NO_ADDING, READ_ONLY, Answer, StoreInterface, StoreModelView
from admin.catalog import name_of
from admin.cells import Column
from admin.counting import count_stock, move_threshold, read_count, take_delivery
from admin.fields import MoneyField, OptionalText, RowField
from admin.filters import Bound, Choice, read_id
from admin.inline import stock_cell
from admin.refusals import message_of, put_errors
from app import stores
from app.catalog.models import Product, Variant
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, InvalidInput
from app.core.i18n import _, _l
from app.inventory import queries, rules, watches
from app.inventory.models import Cause, MovementKind, Stock, StockLot, StockMovement
from app.stores.models import Branch
from app.web.actor import current_actor
from app.web.errors import STATUS as HTTP

KINDS = {
    MovementKind.receipt: _l("Receipt"),
    MovementKind.sale: _l("Sale"),
    MovementKind.returned: _l("Return"),
    MovementKind.taken_back: _l("Brought back"),
    MovementKind.adjustment: _l("Adjustment"),
    MovementKind.transfer: _l("Transfer"),
    MovementKind.expiry: _l("Expiry"),
}
KIND_COLOURS = {
    MovementKind.receipt: "success",
    MovementKind.returned: "info",
    MovementKind.taken_back: "info",
    MovementKind.adjustment: "warning",
    MovementKind.expiry: "danger",
}
CAUSES = {
    Cause.counted: _l("Counted"),
    Cause.damaged: _l("Damaged"),
    Cause.lost: _l("Lost or stolen"),
    Cause.found: _l("Found again"),
    Cause.recalled: _l("Recalled by the maker"),
    Cause.own_use: _l("Used in the pharmacy"),
    Cause.supplier: _l("Sent back to the supplier"),
    Cause.transfer: _l("Difference in a transfer"),
    Cause.other: _l("Another reason"),
}
BY_HAND = tuple(cause for cause in Cause if cause is not Cause.transfer)
"""What a person may put an adjustment down to."""


def branch_rows() -> list[tuple[int, str]]:
    """The store's branches."""
    return [
        (key, name) for key, name in db.session.execute(select(Branch.id, Branch.name).order_by(Branch.name))
    ]


def in_branch(column: Any) -> Choice:
    """A drop-down of the store's branches over a column."""
    return Choice(
        "branch",
        _l("Branch"),
        lambda: [(str(key), name) for key, name in branch_rows()],
        lambda value: column == int(value),
    )


def read_day(typed: str) -> datetime:
    """The start of a day by the store's clock."""
    try:
        day = clock.read_day(typed)
    except ValueError:
        raise InvalidInput({"": _("Choose a date.")}) from None
    return datetime.combine(day, time(), tzinfo=stores.current_store().zone)


class StockForm(DynamicForm):
    lot = SelectField(_l("What was counted"), choices=[])
    on_hand = OptionalText(
        _l("Counted"),
        validators=[InputRequired()],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
        description=_l("What is on the shelf now."),
    )
    cause = SelectField(_l("Cause"), choices=[(cause.value, CAUSES[cause]) for cause in BY_HAND])
    reason = OptionalText(_l("Reason"), validators=[InputRequired(), Length(max=160)])


class DeliveryForm(DynamicForm):
    branch_id = RowField(_l("Branch"), branch_rows, validators=[InputRequired()])
    sku = OptionalText(_l("SKU or barcode"), validators=[InputRequired(), Length(max=40)])
    quantity = OptionalText(_l("Units"), validators=[InputRequired()], render_kw={"inputmode": "numeric"})
    lot_code = OptionalText(
        _l("Lot"),
        validators=[Length(max=40)],
        description=_l("As printed on the pack. Empty: without a lot."),
    )
    expires_on = DateField(
        _l("Last good day"), validators=[Optional()], description=_l("Sold until this day is over.")
    )
    unit_cost_minor = MoneyField(_l("Cost each"), description=_l("Empty: the cost of the price list."))
    reason = OptionalText(
        _l("Note"), validators=[Length(max=160)], description=_l("Supplier or delivery note, for example.")
    )


def _average(row: Stock) -> object:
    return cells.show_money(rules.cost_of(row.value_minor, row.on_hand, 1)) if row.on_hand else cells.NOTHING


class StockAdmin(StoreModelView):
    """What each branch has; the figure can be typed over, with a reason."""

    datamodel = StoreInterface(Stock)
    route_base = "/console/stock"
    noun = "stock"
    list_title, edit_title, add_title = _l("Stock"), _l("Count stock"), _l("Take in a delivery")
    edit_form = StockForm
    list_template, show_template = "admin/stock_list.html", "admin/stock.html"
    exclude_route_methods = NO_ADDING
    joins = (Stock.variant, Variant.product, Stock.branch)
    eager = (contains_eager(Stock.variant).contains_eager(Variant.product), contains_eager(Stock.branch))
    order = "product"
    search_hint = _l("SKU or name")
    search_in = (
        Variant.sku,
        Product.name.op("->>")("en"),
        Product.name.op("->>")("ru"),
        Product.name.op("->>")("es"),
    )
    filters = (
        in_branch(Stock.branch_id),
        Choice(
            "level",
            _l("Level"),
            lambda: (("low", _l("Low")), ("out", _l("Out of stock"))),
            lambda value: Stock.available <= (Stock.low_at if value == "low" else 0),
        ),
    )
    columns = (
        Column(
            "sku", _l("SKU"), cells.linked("sku", "StockAdmin.show", cells.plain("variant.sku")), Variant.sku
        ),
        Column("product", _l("Product"), lambda row: str(row.variant.product), name_of(Product.name)),
        Column("on_hand", _l("On hand"), stock_cell, Stock.on_hand, "num"),
        Column("reserved", _l("Promised"), cells.plain("reserved"), Stock.reserved, "num"),
        Column("available", _l("Available"), lambda row: max(0, row.available), Stock.available, "num"),
        Column("low_at", _l("Low at"), cells.plain("low_at"), Stock.low_at, "num"),
        Column("average", _l("Cost each"), _average, css="num"),
        Column("value", _l("Value"), cells.money("value_minor"), Stock.value_minor, "num"),
    )

    def base_query(self) -> Select[Any]:
        query = super().base_query()
        product = read_id(request.args.get("product", ""))
        return query.where(Variant.product_id == product) if product is not None else query

    def title_of(self, row: Stock) -> str:
        return f"{row.variant.product}, {row.branch}"

    def render_show(self, row: Stock, status: int = 200, **context: Any) -> Answer:
        """With its lots, its latest movements, and what is on the way."""
        lots = queries.lots_of(row)
        return super().render_show(
            row,
            status,
            lots=[(lot, queries.days_left(lot.expires_on)) for lot in lots],
            past=sum(lot.remaining for lot in lots if (queries.days_left(lot.expires_on) or 0) < 0),
            movements=queries.latest_movements(row),
            coming=queries.on_their_way(row),
            waiting=watches.waiting_count(row.variant_id),
            average=_average(row),
            cause_of=cause_of,
            kind_chip=cells.chips("kind", KINDS, KIND_COLOURS),
            difference=difference,
            moment=cells.show_moment,
            **context,
        )

    def fill(self, form: Any, item: Stock) -> None:
        form.lot.data = request.args.get("lot", "")

    def _choices(self, item: Stock) -> list[tuple[str, object]]:
        lots = [
            (str(lot.id), _("Lot %(code)s, %(units)s units", code=lot.code, units=lot.remaining))
            for lot in queries.lots_of(item)
        ]
        return [("", _l("The whole shelf")), *lots]

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Answer:
        """Count the shelf, or one lot of it."""
        item = self.row(pk)
        form = self.edit_form()
        form.lot.choices = self._choices(item)
        if request.method == "GET":
            self.fill(form, item)
        elif form.validate() and self.try_save(form, item, created=False):
            flash(_("Saved."), "success")
            return redirect(self.url("show", pk=pk), 303)
        return self.render_form(form, item, back=self.url("show", pk=pk))

    def save(self, form: Any, item: Stock, created: bool) -> None:
        """By the service: a movement with its reason."""
        count_stock(
            item.id,
            read_count(form.on_hand.data),
            actor=current_actor(),
            reason=form.reason.data,
            cause=Cause(form.cause.data),
            lot_id=read_id(form.lot.data or ""),
        )

    def told(self, changed: dict[str, Any]) -> dict[str, Any]:
        return {"changes": {name: pair for name, pair in changed.items() if name == "on_hand"}}

    @expose("/deliver", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def deliver(self) -> Answer:
        """Take a delivery in: a lot with its date and cost."""
        form = DeliveryForm(**self._asked())
        if request.method == "POST" and form.validate():
            try:
                stock_id = self._deliver(form)
            except DomainError as error:
                put_errors(form, error)
            else:
                flash(_("Saved."), "success")
                return redirect(self.url("show", pk=stock_id), 303)
        return self.render_form(form, None)

    def _asked(self) -> dict[str, Any]:
        first = next(iter(branch_rows()), (None, ""))[0]
        return {
            "branch_id": read_id(request.args.get("branch", "")) or first,
            "sku": request.args.get("sku", ""),
        }

    def _deliver(self, form: Any) -> int:
        return take_delivery(
            form.branch_id.data,
            form.sku.data,
            read_count(form.quantity.data, "quantity", 1),
            actor=current_actor(),
            unit_cost_minor=form.unit_cost_minor.data,
            lot_code=form.lot_code.data,
            expires_on=form.expires_on.data,
            reason=form.reason.data,
        )

    @expose("/threshold/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def threshold(self, pk: str) -> Answer:
        """From how many units down managers are told."""
        row = self.row(pk)
        typed = request.form.get("low_at", "")
        try:
            move_threshold(row.id, read_count(typed, "low_at"), actor=current_actor())
        except DomainError as error:
            return self.render_show(self.row(pk), HTTP[error.kind], refused=message_of(error), typed=typed)
        flash(_("Saved."), "success")
        return redirect(self.url("show", pk=pk), 303)


def difference(row: StockMovement) -> str:
    """+3, −2."""
    return f"{row.quantity:+d}".replace("-", "\N{MINUS SIGN}")


def cause_of(row: StockMovement) -> object:
    """Why it moved: the cause and the words, the order or the transfer it belongs to."""
    parts: list[object] = []
    if row.cause is not None:
        parts.append(CAUSES[row.cause])
    if row.order_id is not None:
        address = url_for("OrderAdmin.show", pk=row.order_id)
        parts.append(Markup('<a href="{}">{}</a>').format(address, _("Order")))
    if row.transfer_id is not None:
        address = url_for("StockTransferAdmin.show", pk=row.transfer_id)
        parts.append(Markup('<a href="{}">T-{}</a>').format(address, row.transfer_id))
    if row.reason:
        parts.append(row.reason)
    return Markup(", ").join(map(escape, parts)) if parts else cells.NOTHING


class StockMovementAdmin(StoreModelView):
    """Every change of stock, never changed itself."""

    datamodel = StoreInterface(StockMovement)
    route_base = "/console/movements"
    list_title = _l("Movements")
    exclude_route_methods = READ_ONLY | {"show"}
    joins = (StockMovement.stock, Stock.variant)
    eager = (
        contains_eager(StockMovement.stock).contains_eager(Stock.variant).joinedload(Variant.product),
        contains_eager(StockMovement.stock).joinedload(Stock.branch),
        joinedload(StockMovement.lot),
    )
    order = "-at"
    search_hint = _l("SKU, lot or reason")
    search_in = (Variant.sku, StockMovement.reason, StockLot.code)
    filters: ClassVar[tuple[Any, ...]] = (
        in_branch(Stock.branch_id),
        Choice(
            "kind",
            _l("Kind"),
            lambda: [(kind.value, word) for kind, word in KINDS.items()],
            lambda value: StockMovement.kind == MovementKind(value),
        ),
        Choice(
            "cause",
            _l("Cause"),
            lambda: [(cause.value, word) for cause, word in CAUSES.items()],
            lambda value: StockMovement.cause == Cause(value),
        ),
        Bound("from", _l("From"), read_day, lambda at: StockMovement.at >= at, kind="date"),
        Bound(
            "until", _l("Until"), read_day, lambda at: StockMovement.at < at + timedelta(days=1), kind="date"
        ),
    )
    columns = (
        Column("at", _l("When"), cells.moment("at"), StockMovement.at, "when"),
        Column("kind", _l("Kind"), cells.chips("kind", KINDS, KIND_COLOURS)),
        Column(
            "sku",
            _l("SKU"),
            cells.linked("sku", "StockAdmin.show", cells.plain("stock.variant.sku"), "stock_id"),
            Variant.sku,
        ),
        Column("product", _l("Product"), lambda row: str(row.stock.variant.product)),
        Column("branch", _l("Branch"), lambda row: str(row.stock.branch)),
        Column("lot", _l("Lot"), cells.plain("lot.code")),
        Column("quantity", _l("Difference"), difference, StockMovement.quantity, "num"),
        Column("value", _l("Value"), cells.money("value_minor"), StockMovement.value_minor, "num"),
        Column("reason", _l("Reason"), cause_of),
    )

    def base_query(self) -> Select[Any]:
        query = super().base_query().outerjoin(StockLot, StockLot.id == StockMovement.lot_id)
        stock = read_id(request.args.get("stock", ""))
        return query.where(StockMovement.stock_id == stock) if stock is not None else query
