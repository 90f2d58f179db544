"""What lies on the shelves, and every movement that put it there."""

from typing import Any

from flask import request, url_for
from flask_appbuilder.forms import DynamicForm
from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager
from wtforms.validators import InputRequired, Length

from admin import cells
from admin.base import NO_ADDING, READ_ONLY, StoreInterface, StoreModelView
from admin.catalog import name_of
from admin.cells import Column
from admin.counting import count_stock, read_count
from admin.fields import OptionalText
from admin.filters import Choice, read_id
from admin.inline import stock_cell
from app.catalog.models import Product, Variant
from app.core.db import db
from app.core.i18n import _l
from app.inventory.models import MovementKind, Stock, StockMovement
from app.stores.models import Branch
from app.web.actor import current_actor

KINDS = {
    MovementKind.receipt: _l("Receipt"),
    MovementKind.sale: _l("Sale"),
    MovementKind.returned: _l("Return"),
    MovementKind.adjustment: _l("Adjustment"),
    MovementKind.transfer: _l("Transfer"),
    MovementKind.expiry: _l("Expiry"),
}
KIND_COLOURS = {
    MovementKind.receipt: "success",
    MovementKind.returned: "info",
    MovementKind.adjustment: "warning",
    MovementKind.expiry: "danger",
}


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


class StockForm(DynamicForm):
    on_hand = OptionalText(
        _l("Counted"),
        validators=[InputRequired()],
        render_kw={"inputmode": "numeric"},
        description=_l("What is on the shelf now."),
    )
    reason = OptionalText(_l("Reason"), validators=[InputRequired(), Length(max=160)])


class StockAdmin(StoreModelView):
    """What each branch has; the figure can be typed over, with a reason."""

    datamodel = StoreInterface(Stock)
    route_base = "/console/stock"
    noun = "stock"
    list_title, edit_title = _l("Stock"), _l("Count stock")
    edit_form = StockForm
    exclude_route_methods = NO_ADDING | {"show"}
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
            lambda value: Stock.on_hand - Stock.reserved <= (Stock.low_at if value == "low" else 0),
        ),
    )
    columns = (
        Column(
            "sku",
            _l("SKU"),
            cells.linked("sku", "VariantAdmin.edit", cells.plain("variant.sku"), "variant_id"),
            Variant.sku,
        ),
        Column("product", _l("Product"), lambda row: str(row.variant.product), name_of(Product.name)),
        Column("on_hand", _l("On hand"), stock_cell, Stock.on_hand, "num"),
        Column("reserved", _l("Promised"), cells.plain("reserved"), Stock.reserved, "num"),
        Column("available", _l("Available"), cells.plain("available"), Stock.on_hand - Stock.reserved, "num"),
        Column("low_at", _l("Low at"), cells.plain("low_at"), Stock.low_at, "num"),
        Column(
            "movements",
            _l("Movements"),
            lambda row: cells.Markup('<a href="{}">{}</a>').format(
                url_for("StockMovementAdmin.list", stock=row.id), _l("Show")
            ),
        ),
    )

    def base_query(self) -> Select[Any]:
        query = super().base_query()
        product = read_id(request.args.get("product", ""))
        return query.where(Variant.product_id == product) if product is not None else query

    def save(self, form: DynamicForm, item: Stock, created: bool) -> None:
        """By the service: a movement with its reason."""
        count_stock(item.id, read_count(form.on_hand.data), actor=current_actor(), reason=form.reason.data)

    def told(self, changed: dict[str, Any]) -> dict[str, Any]:
        return {"changes": {name: pair for name, pair in changed.items() if name == "on_hand"}}


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
    )
    order = "-at"
    search_hint = _l("SKU or reason")
    search_in = (Variant.sku, StockMovement.reason)
    filters = (
        in_branch(Stock.branch_id),
        Choice(
            "kind",
            _l("Kind"),
            lambda: [(kind.value, word) for kind, word in KINDS.items()],
            lambda value: StockMovement.kind == MovementKind(value),
        ),
    )
    columns = (
        Column("at", _l("When"), cells.moment("at"), StockMovement.at, "when"),
        Column("kind", _l("Kind"), cells.chips("kind", KINDS, KIND_COLOURS)),
        Column("sku", _l("SKU"), cells.plain("stock.variant.sku"), Variant.sku),
        Column("product", _l("Product"), lambda row: str(row.stock.variant.product)),
        Column("branch", _l("Branch"), lambda row: str(row.stock.branch)),
        Column(
            "quantity",
            _l("Difference"),
            lambda row: f"{row.quantity:+d}".replace("-", "\N{MINUS SIGN}"),
            StockMovement.quantity,
            "num",
        ),
        Column("cost", _l("Cost each"), cells.money("unit_cost_minor"), css="num"),
        Column("reason", _l("Reason"), cells.plain("reason")),
    )

    def base_query(self) -> Select[Any]:
        query = super().base_query()
        stock = read_id(request.args.get("stock", ""))
        return query.where(StockMovement.stock_id == stock) if stock is not None else query
