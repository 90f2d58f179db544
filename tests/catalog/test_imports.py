"""A catalogue from a file: a trial that writes nothing, then all of it or nothing; and out again unchanged."""

import csv
import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.catalog import imports
from app.catalog.imports import ImportRow, ImportRun, ImportStatus, Verdict
from app.catalog.models import Category, Product, Variant
from app.core import storage
from app.core.actor import Actor
from app.core.audit import AuditEntry
from app.core.db import db, transaction
from app.core.errors import Forbidden
from app.core.events import EventRecord
from app.core.tenancy import store_scope
from jobs.base import handle
from jobs.catalog import run_import
from tests.factories import JAKARTA, make_branch, make_category, make_variant

MANAGER = Actor(roles=frozenset({"manager"}), name="Dmitri")


@pytest.fixture
def shop(committed):
    branch = make_branch()
    category = make_category("vitamins")
    make_variant(
        branch, "ZINC", slug="zinc", price_minor=500, category=category, brand="=Marea", tags=["daily"]
    )
    make_variant(
        branch, "IRON", slug="iron", price_minor=1670, category=category, rx_required=True, max_per_order=2
    )
    db.session.remove()
    return committed


def bring(text: str | bytes, name="goods.csv") -> ImportRun:
    """Start an import and let the job check it."""
    content = text.encode() if isinstance(text, str) else text
    run = imports.start_import(name, content, actor=MANAGER)
    return after_work(run.id)


def after_work(run_id: int) -> ImportRun:
    """What the worker does: every ImportAsked, twice."""
    records = select(EventRecord.id).where(EventRecord.type == "ImportAsked").order_by(EventRecord.id)
    for event_id in db.session.scalars(records).all():
        for _time in range(2):
            assert handle(event_id, run_import)
    db.session.remove()
    return db.session.get(ImportRun, run_id)


def errors(run: ImportRun) -> dict[tuple[int, str], str]:
    rows = db.session.scalars(select(ImportRow).where(ImportRow.run_id == run.id))
    return {(row.number, column): message for row in rows for column, message in row.errors}


def price_of(sku: str) -> int:
    return db.session.scalar(select(Variant.price_minor).where(Variant.sku == sku))


def test_first_only_looked_at_then_written(shop):
    run = bring("sku,price,compare_at,brand\nZINC,6.50,8,Alba\nIRON,16.70,,\n")
    assert (run.status, run.total_rows, run.changed_rows, run.same_rows) == (ImportStatus.checked, 2, 1, 1)
    (row,) = db.session.scalars(select(ImportRow))
    assert (row.number, row.sku, row.verdict) == (2, "ZINC", Verdict.changed)
    assert row.changes == {"price": ["5.00", "6.50"], "compare_at": ["", "8.00"], "brand": ["=Marea", "Alba"]}
    assert price_of("ZINC") == 500
    imports.apply_import(run.id, actor=MANAGER)
    run = after_work(run.id)
    assert run.status is ImportStatus.applied and price_of("ZINC") == 650
    assert db.session.scalar(select(Product.brand).where(Product.slug == "zinc")) == "Alba"
    actions = dict(
        db.session.execute(select(AuditEntry.action, func.count()).group_by(AuditEntry.action)).all()
    )
    assert actions["price_changed"] == actions["catalogue_imported"] == actions["import_started"] == 1
    with pytest.raises(imports.service.ImportMoved):
        imports.apply_import(run.id, actor=MANAGER)


def test_new_products_with_several_variants(shop):
    run = bring(
        "sku;product;category;name_en;name_ru;label_en;price;tags;published_from\n"
        "MG-60;magnesium;vitamins;Magnesium;Магний;60 pieces;12,50;Daily, sleep;2026-05-31 09:00\n"
        "MG-120;magnesium;vitamins;Magnesium;Магний;120 pieces;21;Daily, sleep;2026-05-31 09:00\n"
    )
    assert (run.status, run.new_rows, errors(run)) == (ImportStatus.checked, 2, {})
    imports.apply_import(run.id, actor=MANAGER)
    assert after_work(run.id).status is ImportStatus.applied
    product = db.session.scalars(select(Product).where(Product.slug == "magnesium")).one()
    assert product.name == {"en": "Magnesium", "ru": "Магний"} and product.tags == ["daily", "sleep"]
    assert product.published_from.isoformat() == "2026-05-31T13:00:00+00:00"
    assert [(one.sku, one.price_minor, one.tax_class) for one in product.variants] == [
        ("MG-60", 1250, "standard"),
        ("MG-120", 2100, "standard"),
    ]


BAD = """sku,product,category,name_en,price,compare_at,max_per_order,barcode,tax_class,rx_required,published_from
A,a,vitamins,A,cheap,,,,standard,no,
B,b,vitamin,B,1.00,,,,standard,no,
C,C c,vitamins,C,1.00,,,,standard,no,
D,d,vitamins,D,2.00,1.00,,,standard,no,
E,e,vitamins,E,2.00,,0,,standard,no,
F,f,vitamins,F,2.00,,,123,standard,no,
G,g,vitamins,G,2.00,,,,luxury,no,
H,h,vitamins,H,2.00,,,,standard,perhaps,
I,i,vitamins,I,2.00,,,,standard,no,31.05.2026
J,j,vitamins,,2.00,,,,standard,no,
,k,vitamins,K,2.00,,,,standard,no,
ZINC,iron,vitamins,Product,2.00,,,,standard,no,
L,l,vitamins,L,2.00,,,,standard,no,
L,l,vitamins,L again,3.00,,,,standard,no,
M,m,vitamins,M,-1,,,,standard,no,
N,n,vitamins,N,=1+1,,,,standard,no,
O,o,vitamins,O,1.00,,,,standard,no,,surplus
P,p,vitamins,{long},1.00,,,,standard,no,
"""


def test_each_mistake_has_its_row_its_column_and_its_words(shop):
    run = bring(BAD.replace("{long}", "x" * 121))
    assert run.status is ImportStatus.refused and run.wrong_rows == 17
    wanted = {
        (2, "price"): "in figures",
        (3, "category"): "Do you mean vitamins?",
        (4, "product"): "Small letters",
        (5, "compare_at"): "higher than the price",
        (6, "max_per_order"): "from 1 to 999",
        (7, "barcode"): "check digit",
        (8, "tax_class"): "It has: exempt, standard.",
        (9, "rx_required"): "yes or no",
        (10, "published_from"): "2026-05-31",
        (11, "name_en"): "new row needs",
        (12, "sku"): "must not be empty",
        (13, "product"): "belongs to the product zinc",
        (15, "sku"): "in row 14 already",
        (15, "name_en"): "Row 14 says something else",
        (16, "price"): "in figures",
        (17, "price"): "in figures",
        (18, ""): "more cells",
        (19, "name_en"): "At most 120",
    }
    found = errors(run)
    assert set(found) >= set(wanted), set(wanted) - set(found)
    for place, words in wanted.items():
        assert words in found[place], (place, found[place])
    assert db.session.scalar(select(func.count(Variant.id))) == 2


def test_one_bad_row_spoils_the_file(shop):
    run = bring("sku,price\nZINC,9\nIRON,free\n")
    assert run.status is ImportStatus.refused
    with pytest.raises(imports.service.ImportMoved):
        imports.apply_import(run.id, actor=MANAGER)
    assert (price_of("ZINC"), price_of("IRON")) == (500, 1670)


def test_what_changed_since_the_trial_is_looked_at_again(shop):
    run = bring("sku,compare_at\nZINC,8\n")
    with transaction():
        db.session.scalars(select(Variant).where(Variant.sku == "ZINC")).one().price_minor = 900
    imports.apply_import(run.id, actor=MANAGER)
    run = after_work(run.id)
    assert run.status is ImportStatus.refused and "has changed since" in run.message
    assert "higher than the price" in errors(run)[(2, "compare_at")]


def test_a_crash_in_the_middle_writes_nothing_and_says_so(shop, monkeypatch):
    run_id = bring("sku,price\nZINC,9\nIRON,9\n").id
    real, calls = imports.apply._change, []

    def crash(*given):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("power cut")
        return real(*given)

    monkeypatch.setattr(imports.apply, "_change", crash)
    imports.apply_import(run_id, actor=MANAGER)
    with pytest.raises(RuntimeError):
        after_work(run_id)
    db.session.remove()
    run = db.session.get(ImportRun, run_id)
    assert run.status is ImportStatus.failed and "Nothing was written" in run.message
    assert price_of("ZINC") == 500
    assert after_work(run_id).status is ImportStatus.failed  # the relay's second try changes nothing
    assert price_of("ZINC") == 500


def test_progress_is_seen_while_it_runs(shop, monkeypatch):
    seen, monkey = [], imports.service._say_progress

    def watch(run_id, done, total):
        monkey(run_id, done, total)
        seen.append((done, total))

    monkeypatch.setattr(imports.service, "_say_progress", watch)
    rows = "".join(f"NEW-{n},p-{n},vitamins,Name {n},1.00\n" for n in range(1200))
    run = bring(f"sku,product,category,name_en,price\n{rows}")
    assert seen == [(0, 1200), (500, 1200), (1000, 1200)] and run.new_rows == 1200


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_goes_out_comes_back_unchanged(shop, kind):
    with transaction():
        product = db.session.scalars(select(Product).where(Product.slug == "zinc")).one()
        product.name = {"en": '=HYPERLINK("x")', "ru": "Цинк, «капли»", "es": "'Zinc'"}
        product.description = {"en": 'Two\nlines; "quoted"', "ru": "-5 °C"}
        product.published_until = product.created_at.replace(year=2031)
        variant = product.variants[0]
        variant.compare_at_minor, variant.barcode, variant.label = 700, "4006381333931", {"en": "+60"}
    content = imports.export_catalogue(kind, actor=MANAGER)
    run = bring(content, f"catalogue.{kind}")
    assert (run.status, run.total_rows, run.same_rows, errors(run)) == (ImportStatus.checked, 2, 2, {})
    imports.apply_import(run.id, actor=MANAGER)
    assert after_work(run.id).status is ImportStatus.applied
    assert imports.export_catalogue("csv", actor=MANAGER) == (
        content if kind == "csv" else imports.export_catalogue("csv", actor=MANAGER)
    )


def test_nothing_that_goes_out_runs(shop):
    with transaction():
        for product in db.session.scalars(select(Product)):
            product.name = {"en": "=cmd|' /C calc'!A0"}
            product.brand = "@SUM(1+1)"
    rows = list(csv.reader(io.StringIO(imports.export_catalogue("csv", actor=MANAGER).decode("utf-8-sig"))))
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row)
    book = load_workbook(io.BytesIO(imports.export_catalogue("xlsx", actor=MANAGER)))
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)


def test_formulas_in_a_workbook_are_refused_beside_their_cell(shop):
    from openpyxl import Workbook

    book, target = Workbook(), io.BytesIO()
    book.active.append(["sku", "price"])
    book.active.append(["ZINC", "=5+4"])
    book.save(target)
    run = bring(target.getvalue(), "goods.xlsx")
    assert run.status is ImportStatus.refused and "Formulas are not taken" in errors(run)[(2, "price")]


def test_another_stores_goods_are_not_touched(shop):
    text = "sku,price\nZINC,1.00\n"
    mine = bring(text).id
    imports.apply_import(mine, actor=MANAGER)
    with store_scope(JAKARTA):
        assert db.session.get(ImportRun, mine) is None
        other = imports.start_import("goods.csv", text.encode(), actor=MANAGER)
        assert "imports/2/" in other.file_key
    db.session.remove()
    assert after_work(mine).status is ImportStatus.applied


def test_who_may(shop):
    for actor in (Actor(), Actor(roles=frozenset({"dispatcher"}))):
        with pytest.raises(Forbidden):
            imports.start_import("goods.csv", b"sku\nZINC\n", actor=actor)
        with pytest.raises(Forbidden):
            imports.export_catalogue("csv", actor=actor)


def test_a_discarded_file_changes_nothing_and_old_ones_are_swept(shop, app):
    run = bring("sku,price\nZINC,9\n")
    imports.discard_import(run.id, actor=MANAGER)
    with pytest.raises(imports.service.ImportMoved):
        imports.apply_import(run.id, actor=MANAGER)
    assert price_of("ZINC") == 500 and imports.sweep_imports() == 0
    with transaction():
        run = db.session.get(ImportRun, run.id)
        key, run.created_at = run.file_key, run.created_at.replace(year=2020)
    assert storage.file_storage().get(key)
    assert imports.sweep_imports() == 1
    with pytest.raises(storage.FileMissing):
        storage.file_storage().get(key)
    assert db.session.scalar(select(func.count(ImportRow.id))) == 0


def test_every_column_has_a_place(shop):
    assert db.session.scalar(select(func.count(Category.id))) == 1
    names = [column.name for column in imports.COLUMNS]
    assert len(names) == len(set(names)) and {"sku", "product", "category", "price"} <= set(names)
