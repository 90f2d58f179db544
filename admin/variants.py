"""Variants: what is sold, with prices and stock one can type over."""

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy import Select
from sqlalchemy.orm import contains_eager
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import InputRequired, Length, NumberRange

from admin import cells
from admin.base import FRAMEWORK_ROUTES, Answer, StoreInterface, StoreModelView
from admin.catalog import ProductAdmin, category_rows, name_of, put_shelves, values_of
from admin.cells import Column
from admin.fields import MoneyField, OptionalText, TextsField
from admin.filters import Choice, read_id, yes_no
from admin.inline import active_cell, price_cell, stock_cell
from app import stores
from app.catalog import service
from app.catalog.models import Product, Variant
from app.core.i18n import _l
from app.web.actor import current_actor


class VariantForm(DynamicForm):
    label = TextsField(_l("Label"), longest=80, description=_l("For example 500 mg, 60 tablets."))
    sku = OptionalText(_l("SKU"), validators=[InputRequired(), Length(max=40)])
    price_minor = MoneyField(_l("Price"), validators=[InputRequired()])
    compare_at_minor = MoneyField(_l("Price before"), description=_l("Shown struck through."))
    cost_minor = MoneyField(
        _l("Cost"), validators=[InputRequired()], description=_l("Purchase price, for reports.")
    )
    tax_class = SelectField(
        _l("Tax class"), choices=lambda: [(name, name) for name in stores.current_store().tax_rates_bp]
    )
    barcode = OptionalText(_l("Barcode"), validators=[Length(max=14)])
    weight_g = IntegerField(
        _l("Weight in grams"), validators=[InputRequired(), NumberRange(0, 100_000)], default=0
    )
    position = IntegerField(_l("Position"), validators=[InputRequired(), NumberRange(0, 9999)], default=0)
    active = BooleanField(_l("Active"), default=True)


class VariantAdmin(StoreModelView):
    """What is sold: SKU, price, stock. The figures of the list can be typed over."""

    datamodel = StoreInterface(Variant)
    route_base = "/console/variants"
    noun = "variant"
    list_title, add_title, edit_title = _l("Variants"), _l("Add variant"), _l("Edit variant")
    add_form = edit_form = VariantForm
    exclude_route_methods = FRAMEWORK_ROUTES | {"show", "add"}
    joins = (Variant.product,)
    eager = (contains_eager(Variant.product),)
    order = "sku"
    search_hint = _l("SKU, name or barcode")
    search_in = (
        Variant.sku,
        Variant.barcode,
        Product.name.op("->>")("en"),
        Product.name.op("->>")("ru"),
        Product.name.op("->>")("es"),
    )
    filters = (
        yes_no("active", _l("Active"), Variant.active, _l("Active"), _l("Hidden")),
        Choice(
            "category",
            _l("Category"),
            lambda: [(str(key), name) for key, name in category_rows()],
            lambda value: Product.category_id == int(value),
        ),
    )
    columns = (
        Column("sku", _l("SKU"), cells.linked("sku", "VariantAdmin.edit"), Variant.sku, "th-sku"),
        Column("product", _l("Product"), lambda row: str(row.product), name_of(Product.name)),
        Column("label", _l("Label"), cells.texts("label")),
        Column("price", _l("Price"), price_cell, Variant.price_minor, "num"),
        Column(
            "compare", _l("Price before"), cells.money("compare_at_minor"), Variant.compare_at_minor, "num"
        ),
        Column("cost", _l("Cost"), cells.money("cost_minor"), Variant.cost_minor, "num"),
        Column(
            "stock",
            _l("Stock"),
            lambda row: cells.joined(stock_cell(shelf) for shelf in row.shelves),
            css="num",
        ),
        Column("active", _l("Active"), lambda row: active_cell("variant", row), Variant.active),
    )

    def base_query(self) -> Select[Any]:
        query = super().base_query()
        product = read_id(request.args.get("product", ""))
        return query.where(Variant.product_id == product) if product is not None else query

    def load_page(self) -> Any:
        """With what each branch has of the page's variants, in one query."""
        page = super().load_page()
        put_shelves(page.rows)
        return page

    @expose("/new/<product_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def new(self, product_id: str) -> Answer:
        """A form for one more variant of a product."""
        product = ProductAdmin.datamodel.get(product_id)
        if product is None:
            return self.row("")
        form, item = self.add_form(), Variant(product_id=product.id)
        if request.method == "POST" and form.validate() and self.try_save(form, item, created=True):
            return redirect(self.after_save(item), 303)
        return self.render_form(form, None, back=url_for("ProductAdmin.edit", pk=product.id))

    def save(self, form: DynamicForm, item: Variant, created: bool) -> None:
        classes = set(stores.current_store().tax_rates_bp)
        service.save_variant(item, values_of(form), actor=current_actor(), tax_classes=classes)

    def after_save(self, item: Variant) -> str:
        return url_for("ProductAdmin.edit", pk=item.product_id)

    after_delete = after_save
