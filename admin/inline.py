"""Cells of a list that can be typed over: price, stock, active. Each is a small form of its own, with its own words
when something is wrong; without a script it is a page of one field."""

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from markupsafe import Markup
from sqlalchemy import select

from admin.base import Answer
from admin.counting import count_stock, read_count
from admin.filters import read_id
from admin.refusals import message_of
from app import stores
from app.catalog import service
from app.catalog.models import Product, Variant
from app.core.actor import MANAGERS
from app.core.amounts import parse_money, show_plain
from app.core.db import db, for_update, transaction
from app.core.errors import DomainError, ErrorKind
from app.core.i18n import _l
from app.inventory.models import Stock
from app.web.actor import current_actor
from app.web.errors import STATUS
from app.web.rendering import show_money

MODELS: dict[str, Any] = {"price": Variant, "stock": Stock, "variant": Variant, "product": Product}


class ChangedMeanwhile(DomainError):
    """Somebody else has changed the figure since the field was opened."""

    kind = ErrorKind.conflict
    message = _l("Somebody has changed this meanwhile: it is %(now)s now. Save again to replace it.")


def may_edit() -> bool:
    """Whether the cells are buttons for this person."""
    return current_actor().has(*MANAGERS)


def price_cell(variant: Variant) -> Markup:
    """The price; a press makes it a field."""
    return _render("price", variant)


def stock_cell(shelf: Stock) -> Markup:
    """What a branch has on its shelf; a press makes it a field with a reason."""
    return _render("stock", shelf)


def active_cell(kind: str, row: Variant | Product) -> Markup:
    """A switch for a 'variant' or a 'product'."""
    return _render(kind, row)


def _render(
    kind: str, row: Any, *, editing: bool = False, error: str = "", typed: dict[str, str] | None = None
) -> Markup:
    html = render_template(
        "admin/_cell.html",
        kind=kind,
        row=row,
        editing=editing,
        error=error,
        typed=typed or {},
        may=may_edit(),
        plain=show_plain(row.price_minor, stores.current_store().currency) if kind == "price" else "",
    )
    return Markup(html)


class VariantCellView(BaseView):
    """The cells' own small addresses."""

    route_base = "/console/cells"
    default_view = "read"

    @expose("/<kind>/<pk>", methods=["GET"])
    @has_access
    @permission_name("show")
    def read(self, kind: str, pk: str) -> Answer:
        """The cell as it is, or (?edit=1) as a field."""
        row = self._found(kind, pk)
        return self._answer(kind, row, 200, editing=bool(request.args.get("edit")) and may_edit())

    @expose("/<kind>/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def write(self, kind: str, pk: str) -> Answer:
        """Take what was typed: the cell with its new value, or the field with what is wrong."""
        row = self._found(kind, pk)
        try:
            _write(kind, row, request.form)
        except DomainError as error:
            row = self._found(kind, pk)
            typed = request.form.to_dict()
            return self._answer(
                kind, row, STATUS[error.kind], editing=True, error=message_of(error), typed=typed
            )
        if not request.headers.get("HX-Request"):
            return redirect(_list_of(kind), 303)
        return self._answer(kind, row, 200)

    def _found(self, kind: str, pk: str) -> Any:
        number = read_id(pk)
        model = MODELS.get(kind)
        row = db.session.get(model, number) if model is not None and number is not None else None
        return row or abort(404)

    def _answer(self, kind: str, row: Any, status: int, **state: Any) -> Answer:
        cell = _render(kind, row, **state)
        if request.headers.get("HX-Request"):
            return str(cell), status
        page = self.render_template("admin/cell.html", cell=cell, title=str(row), back=_list_of(kind))
        return page, status


@transaction()
def _write(kind: str, row: Any, form: Any) -> None:
    actor = current_actor()
    if kind == "price":
        price = parse_money(form.get("price", ""), stores.current_store().currency, "price")
        _require_as_seen(kind, row, form, price)
        service.set_price(row.id, price, actor=actor)
    elif kind == "stock":
        count = read_count(form.get("on_hand", ""))
        _require_as_seen(kind, row, form, count)
        count_stock(row.id, count, actor=actor, reason=form.get("reason", ""))
    elif kind == "variant":
        service.set_variant_active(row.id, form.get("active") == "1", actor=actor)
    else:
        service.set_product_active(row.id, form.get("active") == "1", actor=actor)


def _require_as_seen(kind: str, row: Any, form: Any, wanted: int) -> None:
    """ChangedMeanwhile when the figure is another one than the person saw when the field was opened.

    The row is locked until it is written, so of two people who saved at once the second is told. Without a `seen`
    (a script of somebody's own) the figure is simply set.
    """
    row = db.session.scalar(for_update(select(MODELS[kind]).where(MODELS[kind].id == row.id)))
    now = row.price_minor if kind == "price" else row.on_hand
    seen = form.get("seen", "")
    if seen and seen != str(now) and wanted != now:
        raise ChangedMeanwhile(now=show_money(now) if kind == "price" else now)


def _list_of(kind: str) -> str:
    return url_for(
        "ProductAdmin.list"
        if kind == "product"
        else "StockAdmin.list"
        if kind == "stock"
        else "VariantAdmin.list"
    )


__all__ = ["VariantCellView", "active_cell", "may_edit", "price_cell", "stock_cell"]
