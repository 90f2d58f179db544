"""Categories, products and variants: lists with prices one can type over, forms with every language."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import has_access, permission_name
from markupsafe import Markup
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import joinedload, selectinload
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from admin import cells
from admin.base import FRAMEWORK_ROUTES, Answer, StoreInterface, StoreModelView
from admin.cells import Column
from admin.fields import LocalMomentField, OptionalText, RowField, TextsField, WordsField
from admin.filters import Bound, Choice, read_id, yes_no
from admin.inline import active_cell, price_cell, stock_cell
from admin.refusals import message_of
from app import stores
from app.catalog import branches, gallery, service, words
from app.catalog.models import Category, Product, Variant
from app.core import clock
from app.core.amounts import parse_money
from app.core.db import db
from app.core.errors import DomainError, InvalidInput
from app.core.i18n import _, _l, active_locale, pick
from app.inventory.models import Stock
from app.web.actor import current_actor
from app.web.errors import STATUS
from app.web.pictures import picture_url

MAX_AGE = NumberRange(0, 99)


def _amount(typed: str) -> int:
    try:
        return parse_money(typed, stores.current_store().currency)
    except InvalidInput as error:
        raise InvalidInput({"": error.errors["amount"]}) from None


def values_of(form: DynamicForm) -> dict[str, Any]:
    return {name: value for name, value in form.data.items() if name != "csrf_token"}


def name_of(column: Any) -> Any:
    """A {locale: text} column in the reader's language, for searching and ordering."""
    return func.coalesce(column.op("->>")(active_locale()), column.op("->>")("en"))


def category_rows() -> list[tuple[int, str]]:
    """Every category with its parents before it, in the tree's order."""
    rows = db.session.execute(
        select(Category.id, Category.parent_id, Category.name).order_by(Category.position)
    )
    by_parent: dict[int | None, list[tuple[int, str]]] = {}
    for key, parent, name in rows:
        by_parent.setdefault(parent, []).append((key, pick(name)))

    def walk(parent: int | None, before: str, depth: int) -> list[tuple[int, str]]:
        found = []
        for key, name in by_parent.get(parent, []) if depth < 8 else []:
            found += [(key, before + name), *walk(key, f"{before}{name} › ", depth + 1)]
        return found

    return walk(None, "", 0)


class CategoryForm(DynamicForm):
    name = TextsField(_l("Name"), longest=80, needed=True)
    slug = OptionalText(
        _l("Address"),
        validators=[InputRequired(), Length(max=64)],
        description=_l("The last part of its page's address."),
    )
    description = TextsField(_l("Description"), longest=2000, lines=3)
    parent_id = RowField(_l("Stands in"), category_rows, blank=_l("Top of the tree"))
    icon = OptionalText(
        _l("Icon"), validators=[Length(max=32)], description=_l("Name of a drawn icon, for example pill.")
    )
    hue = IntegerField(_l("Hue"), validators=[InputRequired(), NumberRange(0, 360)], default=150)
    position = IntegerField(_l("Position"), validators=[InputRequired(), NumberRange(0, 9999)], default=0)
    min_age = IntegerField(_l("Minimum age"), validators=[InputRequired(), MAX_AGE], default=0)
    active = BooleanField(_l("Active"), default=True)


class CategoryAdmin(StoreModelView):
    """The drawers of the cabinet."""

    list_template = "admin/categories.html"
    datamodel = StoreInterface(Category)
    route_base = "/console/categories"
    noun = "category"
    list_title, add_title, edit_title = _l("Categories"), _l("Add category"), _l("Edit category")
    add_form = edit_form = CategoryForm
    exclude_route_methods = FRAMEWORK_ROUTES | {"show"}
    eager = (joinedload(Category.parent),)
    order = "position"
    search_in = (
        Category.name.op("->>")("en"),
        Category.name.op("->>")("ru"),
        Category.name.op("->>")("es"),
        Category.slug,
    )
    filters = (
        Choice(
            "parent",
            _l("Stands in"),
            lambda: [("0", _l("Top of the tree")), *((str(k), n) for k, n in category_rows())],
            lambda value: Category.parent_id == int(value) if value != "0" else Category.parent_id.is_(None),
        ),
        yes_no("active", _l("Active"), Category.active, _l("Active"), _l("Hidden")),
    )
    columns = (
        Column(
            "name",
            _l("Name"),
            cells.linked("name", "CategoryAdmin.edit", cells.texts("name")),
            name_of(Category.name),
        ),
        Column("parent", _l("Stands in"), lambda row: str(row.parent) if row.parent else cells.NOTHING),
        Column("slug", _l("Address"), cells.plain("slug"), Category.slug),
        Column(
            "min_age",
            _l("Minimum age"),
            lambda row: f"{row.min_age}+" if row.min_age else cells.NOTHING,
            Category.min_age,
            "num",
        ),
        Column("position", _l("Position"), cells.plain("position"), Category.position, "num"),
        Column("active", _l("Active"), cells.yes("active"), Category.active),
    )

    def save(self, form: DynamicForm, item: Category, created: bool) -> None:
        service.save_category(item, values_of(form), actor=current_actor())

    @expose("/tree", methods=["GET"])
    @has_access
    @permission_name("edit")
    def tree(self) -> Answer:
        """All of them as they hang together, to be dragged about."""
        rows: dict[int, list[Category]] = {}
        for category in branches.load_rows():
            rows.setdefault(category.parent_id or 0, []).append(category)
        counted = select(Product.category_id, func.count()).group_by(Product.category_id)
        counts = dict(db.session.execute(counted).all())
        moved = read_id(request.args.get("moved", ""))
        return self.render_template(
            "admin/tree.html", title=_("Arrange categories"), rows=rows, counts=counts, moved=moved
        )

    @expose("/place/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def place(self, pk: str) -> Answer:
        """Where it was dragged to: under `parent` (0: the top), before `before`."""
        parent, before = (read_id(request.form.get(name, "")) for name in ("parent", "before"))
        try:
            branches.place_category(self.row(pk).id, parent or None, before, actor=current_actor())
        except DomainError as error:
            return message_of(error), STATUS[error.kind]
        return "", 204

    @expose("/step/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def step(self, pk: str) -> Answer:
        """One step up, down, in or out, by a button."""
        step = request.form.get("step", "")
        try:
            branches.step_category(self.row(pk).id, step, actor=current_actor())
        except DomainError as error:
            flash(message_of(error), "danger")
        return redirect(self.url("tree", moved=pk, step=step, _anchor=f"category-{pk}"), 303)


class ProductForm(DynamicForm):
    name = TextsField(_l("Name"), longest=120, needed=True)
    subtitle = TextsField(_l("Subtitle"), longest=160)
    description = TextsField(_l("Description"), longest=8000, lines=5)
    slug = OptionalText(
        _l("Address"),
        validators=[InputRequired(), Length(max=80)],
        description=_l("The last part of its page's address."),
    )
    category_id = RowField(_l("Category"), category_rows, validators=[InputRequired()])
    brand = OptionalText(_l("Brand"), validators=[Length(max=80)])
    tags = WordsField(_l("Tags"), description=_l("With commas between them."))
    hue = IntegerField(_l("Hue"), validators=[InputRequired(), NumberRange(0, 360)], default=150)
    rx_required = BooleanField(_l("Prescription"), description=_l("Sold only with a prescription."))
    min_age = IntegerField(
        _l("Minimum age"),
        validators=[InputRequired(), MAX_AGE],
        default=0,
        description=_l("The driver checks ID at the door."),
    )
    max_per_order = IntegerField(_l("Most in one order"), validators=[Optional(), NumberRange(1, 999)])
    active = BooleanField(_l("Active"), default=True)
    published_from = LocalMomentField(_l("Shown from"), render_kw={"type": "datetime-local"})
    published_until = LocalMomentField(_l("Shown until"), render_kw={"type": "datetime-local"})


PRODUCT_GROUPS = (
    (_l("What it is"), ("name", "subtitle", "description", "slug", "category_id", "brand", "tags", "hue")),
    (_l("Who may buy it"), ("rx_required", "min_age", "max_per_order")),
    (_l("When it is shown"), ("active", "published_from", "published_until")),
)
_prices = select(func.min(Variant.price_minor)).where(Variant.product_id == Product.id).scalar_subquery()
_units = (
    select(func.coalesce(func.sum(Stock.available), 0))
    .join(Variant, Variant.id == Stock.variant_id)
    .where(Variant.product_id == Product.id)
    .scalar_subquery()
)


SHOWN = {"now": _l("Shown now"), "later": _l("Shown later"), "over": _l("No longer shown")}


def _is_shown(value: str) -> ColumnElement[bool]:
    now = clock.now()
    later = and_(Product.published_from.is_not(None), Product.published_from > now)
    over = and_(Product.published_until.is_not(None), Product.published_until <= now)
    return {"now": ~later & ~over & Product.active, "later": later, "over": over}[value]


def _words(kind: words.Kind) -> list[tuple[str, str]]:
    return [(name, name) for name, _count in words.count_words(kind)]


def thumb(product: Product) -> Markup:
    """The cover on its stage."""
    cover = product.photos[0] if product.photos else None
    picture = (
        Markup('<img src="{}" alt="" loading="lazy" width="36" height="45">').format(picture_url(cover.path))
        if cover
        else Markup('<i class="fa fa-image" aria-hidden="true"></i>')
    )
    return Markup('<span class="th-thumb" style="--h:{}">{}</span>').format(product.hue, picture)


def _price_of(product: Product) -> object:
    if len(product.variants) == 1:
        return price_cell(product.variants[0])
    prices = sorted(variant.price_minor for variant in product.variants)
    if not prices:
        return cells.NOTHING
    shown = [cells.show_money(price) for price in dict.fromkeys((prices[0], prices[-1]))]
    address = url_for("VariantAdmin.list", product=product.id)
    return Markup('<a href="{}">{}</a>').format(address, " – ".join(shown))


def _stock_of(product: Product) -> object:
    units = getattr(product, "units", 0)
    low = (
        cells.chip(_l("Out"), "danger")
        if units <= 0
        else cells.chip(_l("Low"), "warning")
        if getattr(product, "is_low", False)
        else ""
    )
    address = url_for(
        "StockAdmin.list", q=product.variants[0].sku if len(product.variants) == 1 else "", product=product.id
    )
    return Markup('<a href="{}">{}</a> {}').format(address, units, low)


class ProductAdmin(StoreModelView):
    """The remedies as customers know them."""

    datamodel = StoreInterface(Product)
    route_base = "/console/products"
    noun = "product"
    list_title, add_title, edit_title = _l("Products"), _l("Add product"), _l("Edit product")
    add_form = edit_form = ProductForm
    fieldsets = PRODUCT_GROUPS
    form_template = "admin/product.html"
    exclude_route_methods = FRAMEWORK_ROUTES | {"show"}
    eager = (joinedload(Product.category), selectinload(Product.variants), selectinload(Product.photos))
    order = "name"
    search_hint = _l("Name, brand or address")
    search_in = (
        Product.name.op("->>")("en"),
        Product.name.op("->>")("ru"),
        Product.name.op("->>")("es"),
        Product.brand,
        Product.slug,
    )
    filters = (
        Choice(
            "category",
            _l("Category"),
            lambda: [(str(key), name) for key, name in category_rows()],
            lambda value: Product.category_id.in_(
                select(Category.id).where((Category.id == int(value)) | (Category.parent_id == int(value)))
            ),
        ),
        Choice("brand", _l("Brand"), lambda: _words("brand"), lambda value: Product.brand == value),
        Choice("tag", _l("Tags"), lambda: _words("tag"), lambda value: Product.tags.contains([value])),
        yes_no("active", _l("Active"), Product.active, _l("Active"), _l("Hidden")),
        Choice("shown", _l("Shown"), lambda: [*SHOWN.items()], _is_shown),
        yes_no("rx", _l("Prescription"), Product.rx_required, _l("Needed"), _l("Not needed")),
        Choice(
            "stock",
            _l("Stock"),
            lambda: (("out", _l("Out of stock")), ("in", _l("In stock"))),
            lambda value: _units <= 0 if value == "out" else _units > 0,
        ),
        Bound("above", _l("Price from"), _amount, lambda amount: _prices >= amount),
        Bound("below", _l("Price to"), _amount, lambda amount: _prices <= amount),
    )
    columns: ClassVar[tuple[Column, ...]] = (
        Column("photo", "", thumb, css="th-photo"),
        Column(
            "name",
            _l("Name"),
            cells.linked("name", "ProductAdmin.edit", cells.texts("name")),
            name_of(Product.name),
        ),
        Column("category", _l("Category"), lambda row: str(row.category)),
        Column("brand", _l("Brand"), cells.plain("brand"), Product.brand),
        Column("price", _l("Price"), _price_of, _prices, "num"),
        Column("stock", _l("Stock"), _stock_of, _units, "num"),
        Column("active", _l("Active"), lambda row: active_cell("product", row), Product.active),
        Column("changed", _l("Changed"), cells.moment("changed_at"), Product.changed_at, "when"),
    )

    def load_page(self) -> Any:
        """Two figures of stock for the page's rows, in one query."""
        page = super().load_page()
        shelves = (
            select(
                Variant.product_id,
                func.sum(Stock.available),
                func.bool_or(Stock.available <= Stock.low_at),
            )
            .join(Stock, Stock.variant_id == Variant.id)
            .where(Variant.product_id.in_([product.id for product in page.rows]))
            .group_by(Variant.product_id)
        )
        known = {key: (int(units), low) for key, units, low in db.session.execute(shelves)}
        for product in page.rows:
            product.units, product.is_low = known.get(product.id, (0, False))
        return page

    def save(self, form: DynamicForm, item: Product, created: bool) -> None:
        service.save_product(item, values_of(form), actor=current_actor())

    def after_save(self, item: Product) -> str:
        return self.url("edit", pk=item.id)

    def render_form(self, form: DynamicForm, item: Product | None, **context: Any) -> tuple[str, int]:
        """With the product's variants, what is on the shelves of each, and its pictures."""
        if item is not None:
            db.session.refresh(item, ["variants", "photos"])
            put_shelves(item.variants)
        return super().render_form(form, item, cells=CELLS, **context)

    def render_refused_photo(self, product_id: int, refusal: str, status: int = 422) -> Answer:
        """The product's page again, with what is wrong with the picture beside it."""
        item = self.row(product_id)
        form = self.edit_form(formdata=None, obj=item)
        return self.render_form(form, item, photo_error=refusal)[0], status

    def remove(self, item: Product) -> None:
        """With its variants and pictures, unless something was ever sold or stocked."""
        gallery.drop_photos(item.id, item.photos, actor=current_actor())
        for variant in item.variants:
            db.session.delete(variant)
        db.session.flush()
        super().remove(item)


def put_shelves(variants: Sequence[Any]) -> None:
    """Give each variant its `shelves`: what every branch has of it, in one query."""
    wanted = select(Stock).where(Stock.variant_id.in_([variant.id for variant in variants]))
    shelves: dict[int, list[Stock]] = {}
    for shelf in db.session.scalars(
        wanted.options(joinedload(Stock.branch), joinedload(Stock.variant)).order_by(Stock.branch_id)
    ):
        shelves.setdefault(shelf.variant_id, []).append(shelf)
    for variant in variants:
        variant.shelves = shelves.get(variant.id, [])


CELLS = {"price_cell": price_cell, "stock_cell": stock_cell, "active_cell": active_cell}
