"""What a file would do to the catalogue, row by row. `lay_plan` reads and compares; writing is apply.py's."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import select

from app import stores
from app.catalog.imports.files import Formula, Row, Table
from app.catalog.imports.models import Verdict
from app.catalog.imports.sheet import COLUMNS, DEFAULTS, CellWrong, House, Sheet, plain_of, read_header
from app.catalog.models import Category, Product, Variant
from app.catalog.rules import period_fits, struck_price_fits
from app.core.db import db
from app.core.i18n import _

NEW_NEEDS = ("product", "price")
NEW_PRODUCT_NEEDS = ("category",)
AT_ONCE = 1000
_PRODUCT_COLUMNS = frozenset(column.name for column in COLUMNS if column.of == "product")
Progress = Callable[[int, int], None]
"""Told how many rows are done, and of how many."""
Thing = TypeVar("Thing", Product, Variant)


@dataclass
class Line:
    """One row of the file. `values` are by column name; `errors` are (column, message)."""

    number: int
    sku: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[tuple[str, str]] = field(default_factory=list)
    changes: dict[str, list[str]] = field(default_factory=dict)
    is_new: bool = False

    @property
    def verdict(self) -> Verdict | None:
        """None when the row changes nothing."""
        if self.errors:
            return Verdict.wrong
        return Verdict.new if self.is_new else Verdict.changed if self.changes else None


@dataclass
class Plan:
    """Every row of a file, with what the catalogue holds of it now."""

    house: House
    columns: tuple[Sheet, ...]
    lines: list[Line]
    variants: dict[str, Variant]
    products: dict[str, Product]

    @property
    def wrong(self) -> int:
        return sum(1 for line in self.lines if line.errors)


def load_house() -> House:
    """The store as a sheet needs it."""
    store = stores.current_store()
    return House(
        currency=store.currency,
        zone=store.zone,
        default_locale=store.default_locale,
        tax_classes=frozenset(store.tax_rates_bp),
        categories={row.slug: row.id for row in db.session.execute(select(Category.slug, Category.id))},
    )


def lay_plan(table: Table, progress: Progress = lambda done, total: None, *, lock: bool = False) -> Plan:
    """Read every row and compare it with the catalogue. Raises FileRefused for a file that is wrong as a whole.

    With `lock` the variants and products are held until the transaction ends.
    """
    house, columns = load_house(), read_header(table.header)
    lines = [_read_row(row, columns, house) for row in table.rows]
    _find_twins(lines)
    progress(0, len(lines))
    plan = Plan(house, columns, lines, {}, {})
    plan.variants = {one.sku: one for one in _load(Variant, Variant.sku, {x.sku for x in lines}, lock=lock)}
    owners = {variant.product_id for variant in plan.variants.values()}
    slugs = {str(line.values["product"]) for line in lines if line.values.get("product")}
    known = [*_load(Product, Product.id, owners, lock=lock), *_load(Product, Product.slug, slugs, lock=lock)]
    plan.products = {product.slug: product for product in known}
    said: dict[tuple[int | str, str], tuple[Any, int]] = {}
    for done, line in enumerate(lines, start=1):
        _judge(line, plan, said)
        if done % 500 == 0:
            progress(done, len(lines))
    return plan


def _read_row(row: Row, columns: tuple[Sheet, ...], house: House) -> Line:
    number, cells = row
    line = Line(number)
    if any(cells[len(columns) :]):
        line.errors.append(("", _("This row has more cells than there are columns.")))
    for place, column in enumerate(columns):
        cell = cells[place] if place < len(cells) else ""
        try:
            if isinstance(cell, Formula):
                raise CellWrong(_("Formulas are not taken. Write the value itself."))
            line.values[column.name] = column.read(plain_of(cell), house)
        except CellWrong as error:
            line.errors.append((column.name, str(error)))
    line.sku = str(line.values.get("sku", ""))
    return line


def _find_twins(lines: Iterable[Line]) -> None:
    first: dict[str, int] = {}
    for line in lines:
        if not line.sku:
            continue
        if line.sku in first:
            line.errors.append(("sku", _("This SKU is in row %(row)s already.", row=first[line.sku])))
        first.setdefault(line.sku, line.number)


def _load(model: type[Thing], key: Any, wanted: Collection[Any], *, lock: bool) -> Iterator[Thing]:
    """The rows with one of these keys, a batch at a time; locked in the order of their ids."""
    ordered = sorted(wanted)
    for start in range(0, len(ordered), AT_ONCE):
        query = select(model).where(key.in_(ordered[start : start + AT_ONCE])).order_by(model.id)
        if lock:
            # Not FOR UPDATE: orders that point at a variant need not wait for a change of its price.
            query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
        yield from db.session.scalars(query)


# --- what a row means ----------------------------------------------------------------------------------------


def _judge(line: Line, plan: Plan, said: dict[tuple[int | str, str], tuple[Any, int]]) -> None:
    """Compare a row with the catalogue and with what other rows say of the same product."""
    variant = plan.variants.get(line.sku)
    line.is_new = variant is None
    product = _product_of(line, variant, plan)
    if line.is_new:
        _need(line, NEW_NEEDS)
        if product is None and line.values.get("product"):
            _need(line, (*NEW_PRODUCT_NEEDS, f"name_{plan.house.default_locale}"))
    _agree(line, product, said)
    for column in plan.columns:
        if column.name not in line.values:
            continue
        thing = product if column.of == "product" else variant
        _compare(line, column, thing, plan.house)
    _check_together(line, product, variant)
    own_name = f"name_{plan.house.default_locale}"
    if not line.is_new and line.values.get(own_name) == "":
        line.errors.append((own_name, _("This must not be empty.")))


def _product_of(line: Line, variant: Variant | None, plan: Plan) -> Product | None:
    named = line.values.get("product")
    if variant is None:
        return plan.products.get(str(named)) if named else None
    if named is not None and named != variant.product.slug:
        message = _("This SKU belongs to the product %(product)s.", product=variant.product.slug)
        line.errors.append(("product", message))
    return variant.product


def _need(line: Line, names: Iterable[str]) -> None:
    wrong = {column for column, _message in line.errors}
    for name in names:
        if name not in wrong and line.values.get(name) in (None, ""):
            line.errors.append((name, _("A new row needs this.")))


def _agree(line: Line, product: Product | None, said: dict[tuple[int | str, str], tuple[Any, int]]) -> None:
    key = product.id if product is not None else str(line.values.get("product", ""))
    if not key:
        return
    for name, value in line.values.items():
        if name not in _PRODUCT_COLUMNS:
            continue
        before, row = said.setdefault((key, name), (value, line.number))
        if before != value:
            line.errors.append((name, _("Row %(row)s says something else of the same product.", row=row)))


def _compare(line: Line, column: Sheet, thing: Any, house: House) -> None:
    after = column.show(line.values[column.name], house)
    before = column.show(column.get(thing), house) if thing is not None else ""
    if before != after and not (thing is None and line.values[column.name] == DEFAULTS.get(column.name)):
        line.changes[column.name] = [before[:200], after[:200]]


def _check_together(line: Line, product: Product | None, variant: Variant | None) -> None:
    def value(name: str, thing: Any, attribute: str) -> Any:
        return line.values.get(name, getattr(thing, attribute, None))

    price, before = value("price", variant, "price_minor"), value("compare_at", variant, "compare_at_minor")
    if not struck_price_fits(price, before):
        line.errors.append(("compare_at", _("The price before must be higher than the price.")))
    start = value("published_from", product, "published_from")
    end = value("published_until", product, "published_until")
    if not period_fits(start, end):
        line.errors.append(("published_until", _("This must be later than the beginning.")))
