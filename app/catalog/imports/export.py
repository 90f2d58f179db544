"""The whole catalogue as a file that can be imported unchanged. Text is defused: no spreadsheet runs it."""

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from app.catalog.imports.plan import load_house
from app.catalog.imports.sheet import COLUMNS, House, Sheet, defuse
from app.catalog.models import Product, Variant
from app.catalog.service import require_editor
from app.core import audit
from app.core.actor import Actor
from app.core.db import db, transaction

AMOUNTS = frozenset({"price", "compare_at", "cost"})
WHOLE = frozenset({"hue", "min_age", "max_per_order", "weight_g", "position"})
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@transaction()
def export_catalogue(kind: str, *, actor: Actor) -> bytes:
    """Every variant with its product, hidden ones too: `csv` (UTF-8, with a mark for Excel) or `xlsx`. Audited."""
    require_editor(actor)
    house = load_house()
    content = _xlsx(house) if kind == "xlsx" else _csv(house)
    audit.record("catalogue_exported", actor=actor, kind=kind)
    return content


def _rows(house: House) -> Iterator[list[tuple[Sheet, str]]]:
    query = (
        select(Variant)
        .join(Variant.product)
        .options(contains_eager(Variant.product))
        .order_by(Product.category_id, Product.id, Variant.position, Variant.id)
        .execution_options(yield_per=1000)
    )
    for variant in db.session.scalars(query):
        parts = {"variant": variant, "product": variant.product}
        yield [
            (column, _UNPRINTABLE.sub("", column.show(column.get(parts[column.of]), house)))
            for column in COLUMNS
        ]


def _csv(house: House) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.writer(target, quoting=csv.QUOTE_ALL)
    writer.writerow([column.name for column in COLUMNS])
    for row in _rows(house):
        writer.writerow([defuse(text) for _column, text in row])
    return target.getvalue().encode("utf-8-sig")


def _xlsx(house: House) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("catalogue")
    sheet.freeze_panes = "B2"
    sheet.append([_cell(sheet, column.name, bold=True) for column in COLUMNS])
    for row in _rows(house):
        sheet.append([_value(sheet, column, text) for column, text in row])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _value(sheet: Any, column: Sheet, text: str) -> Any:
    if text and column.name in AMOUNTS:
        return Decimal(text)
    if text and column.name in WHOLE:
        return int(text)
    return _cell(sheet, defuse(text)) if text else None


def _cell(sheet: Any, text: str, *, bold: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # text stays text, whatever it begins with
    if bold:
        cell.font = Font(bold=True)
    return cell
