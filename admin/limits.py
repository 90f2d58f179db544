"""Purchase limits: so much of a product or a category may one person buy."""

from typing import Any

from flask_appbuilder.forms import DynamicForm
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import BooleanField, IntegerField
from wtforms.validators import Length, NumberRange, Optional

from admin import cells
from admin.base import FRAMEWORK_ROUTES, StoreInterface, StoreModelView
from admin.catalog import category_rows
from admin.cells import Column
from admin.fields import OptionalText, RowField
from admin.filters import yes_no
from app.catalog.models import Product, Variant
from app.core.db import db
from app.core.errors import InvalidInput
from app.core.i18n import _, _l
from app.orders.limits import PurchaseLimit


class LimitForm(DynamicForm):
    product = OptionalText(
        _l("Product"),
        validators=[Length(max=80)],
        description=_l("Its SKU, barcode or address. Or choose a category."),
    )
    category_id = RowField(
        _l("Category"), category_rows, blank=_l("None"), description=_l("With all below it.")
    )
    per_order = IntegerField(_l("In one order"), validators=[Optional(), NumberRange(1, 9999)])
    per_day = IntegerField(_l("In a day"), validators=[Optional(), NumberRange(1, 9999)])
    per_month = IntegerField(
        _l("In 30 days"),
        validators=[Optional(), NumberRange(1, 9999)],
        description=_l("What was bought on a day may be bought again 30 days later."),
    )
    note = OptionalText(
        _l("Note"), validators=[Length(max=200)], description=_l("For staff: the rule behind it.")
    )
    active = BooleanField(_l("Active"), default=True)


class PurchaseLimitAdmin(StoreModelView):
    """Checked in the cart, when the order is placed, and at the door."""

    datamodel = StoreInterface(PurchaseLimit)
    route_base = "/console/limits"
    noun = "purchase_limit"
    list_title, add_title, edit_title = _l("Purchase limits"), _l("Add limit"), _l("Edit limit")
    hint = _l("For each person: checked in the cart, when ordering, and at the door.")
    empty = _l("Everybody may buy as much as they like.")
    add_form = edit_form = LimitForm
    exclude_route_methods = FRAMEWORK_ROUTES | {"show"}
    eager = (joinedload(PurchaseLimit.product), joinedload(PurchaseLimit.category))
    filters = (yes_no("active", _l("Active"), PurchaseLimit.active, _l("Active"), _l("Off")),)
    columns = (
        Column("target", _l("What"), cells.linked("id", "PurchaseLimitAdmin.edit", str)),
        Column("kind", _l("Kind"), lambda row: _("Product") if row.product_id else _("Category")),
        Column("per_order", _l("In one order"), cells.plain("per_order"), PurchaseLimit.per_order, "num"),
        Column("per_day", _l("In a day"), cells.plain("per_day"), PurchaseLimit.per_day, "num"),
        Column("per_month", _l("In 30 days"), cells.plain("per_month"), PurchaseLimit.per_month, "num"),
        Column("note", _l("Note"), cells.plain("note")),
        Column("active", _l("Active"), cells.yes("active"), PurchaseLimit.active),
    )

    def fill(self, form: Any, item: PurchaseLimit) -> None:
        form.product.data = item.product.slug if item.product else ""

    def save(self, form: Any, item: PurchaseLimit, created: bool) -> None:
        """One target, one number at least."""
        product_id = _find_product(form.product.data)
        if (product_id is None) == (form.category_id.data is None):
            raise InvalidInput({"product": _("Name a product or choose a category, not both.")})
        numbers = {name: form[name].data for name in ("per_order", "per_day", "per_month")}
        if not any(numbers.values()):
            raise InvalidInput({"per_order": _("Write at least one of the three numbers.")})
        item.product_id, item.category_id = product_id, form.category_id.data
        for name, number in numbers.items():
            setattr(item, name, number)
        item.note, item.active = form.note.data, form.active.data


def _find_product(typed: str) -> int | None:
    """The product of an address, SKU or barcode; None for nothing typed. InvalidInput on `product`."""
    if not typed:
        return None
    by_variant = select(Variant.product_id).where((Variant.sku == typed) | (Variant.barcode == typed))
    found = db.session.scalar(
        select(Product.id).where((Product.slug == typed) | Product.id.in_(by_variant)).order_by(Product.id)
    )
    if found is None:
        raise InvalidInput({"product": _("There is no product with this SKU, barcode or address.")})
    return int(found)
