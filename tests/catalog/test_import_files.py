"""Reading files: every usual encoding and both formats; what is no table is refused with a reason; nothing is run."""

import io
import re
import time
import tracemalloc
import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook

from app.catalog.imports import MAX_ROWS, files
from app.catalog.imports.files import FileRefused, Formula, decode, read_file
from app.catalog.imports.sheet import BY_NAME, defuse, plain_of, read_header

RUSSIAN = "sku;name_ru\nA-1;Магний цитрат, капсулы\nA-2;Витамин С для детей\n"
SPANISH = "sku;name_es\nA-1;Cápsulas de magnesio para el corazón\nA-2;Jarabe para niños pequeños\n"


@pytest.fixture(autouse=True)
def speaking(app):
    with app.test_request_context(base_url="http://miami.localhost"):
        yield


def workbook(*rows) -> bytes:
    book, target = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        (RUSSIAN, "utf-8", "utf-8"),
        (RUSSIAN, "utf-8-sig", "utf-8"),
        (RUSSIAN, "utf-16", "utf-16"),
        (RUSSIAN, "utf-16-le", "utf-16-le"),
        (RUSSIAN, "utf-16-be", "utf-16-be"),
        (RUSSIAN, "cp1251", "cp1251"),
        (RUSSIAN * 50, "cp1251", "cp1251"),
        (SPANISH, "cp1252", "cp1252"),
        (SPANISH * 50, "cp1252", "cp1252"),
        (SPANISH, "utf-8", "utf-8"),
    ],
)
def test_letters_are_read_as_they_were_meant(text, encoding, found):
    assert decode(text.encode(encoding)) == (text, found)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter):
    table = read_file(f'sku{delimiter}price\r\n"A{delimiter}1"{delimiter}2\r\n\r\nB{delimiter}3'.encode())
    assert table.header == ("sku", "price") and table.told["delimiter"] == delimiter
    assert list(table.rows) == [(2, [f"A{delimiter}1", "2"]), (4, ["B", "3"])]


def test_a_workbook_gives_texts():
    content = workbook(
        ["SKU ", "price", "active", "published_from"],
        ["A", 12.5, True, datetime(2026, 5, 31, 9)],  # noqa: DTZ001 - a spreadsheet knows no zone
        [None, None, None, None],
        [1234567890123, 12000.0, False, "x"],
        ["B", 0.1 + 0.2, "", None],
    )
    table = read_file(content)
    assert table.header == ("sku", "price", "active", "published_from")
    assert [(number, list(cells)) for number, cells in table.rows] == [
        (2, ["A", "12.5", "yes", "2026-05-31 09:00:00"]),
        (4, ["1234567890123", "12000", "no", "x"]),
        (5, ["B", "0.3"]),
    ]


def test_formulas_are_carried_as_formulas_and_never_run():
    rows = list(read_file(workbook(["sku", "price"], ["=cmd|'/c calc'!A1", "=1+1"])).rows)
    assert all(isinstance(cell, Formula) for cell in rows[0][1])
    ((_number, cells),) = read_file(b"sku,name_en\nA,=cmd|' /C calc'!A0\n").rows
    assert cells == ["A", "=cmd|' /C calc'!A0"]


def bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * (files.MAX_UNPACKED + 1))
    return target.getvalue()


def laughing() -> bytes:
    """A workbook whose XML asks for a thousand million letters."""
    target = io.BytesIO()
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<!DOCTYPE x [<!ENTITY l0 "lol">{entities}]><x>&l9;</x>'
    with zipfile.ZipFile(io.BytesIO(workbook(["sku"]))) as good, zipfile.ZipFile(target, "w") as packed:
        for part in good.namelist():
            packed.writestr(part, xml if part == "xl/workbook.xml" else good.read(part))
    return target.getvalue()


def marked(*, locked: bool = False) -> bytes:
    """A workbook whose parts say that they have a password, or that they are packed in a way nobody knows."""
    content = bytearray(workbook(["sku"]))
    for sign, flags, method in ((b"PK\x03\x04", 6, 8), (b"PK\x01\x02", 8, 10)):
        for found in [*re.finditer(re.escape(sign), content)]:
            if locked:
                content[found.start() + flags] |= 1
            else:
                content[found.start() + method] = 99
    return bytes(content)


def test_a_stray_cell_at_the_very_end_takes_no_time():
    book = Workbook()
    book.active.append(["sku"])
    book.active.append(["A"])
    book.active.cell(row=1_048_576, column=1, value="Z")
    target = io.BytesIO()
    book.save(target)
    started = time.monotonic()
    assert [number for number, _cells in read_file(target.getvalue()).rows] == [2, 1_048_576]
    assert time.monotonic() - started < 6


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (marked(locked=True), "damaged"),
        (marked(), "damaged"),
        (b"sku\n" + b"a" * 200_000, "Row 2 .*too long"),
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "old or protected"),
        (b"PK\x03\x04 but no zip", "damaged"),
        (workbook(["sku"])[:-400], "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "letters|neither"),
        (b"sku,price\nA,1\nB,2\x00\n", "neither"),
        (b'sku,price\nA,1\n"B,2\nC,3\n', "Row 3 .*quotation"),
        (b'sku,price\nA,"1"x\n', "Row 2 .*quotation"),
        (b"x" * (files.MAX_BYTES + 1), "larger than 24 MB"),
        (bomb(), "too large when unpacked"),
        (laughing(), "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_table_is_refused(content, said):
    with pytest.raises(FileRefused) as refusal:
        list(read_file(content).rows)
    assert re.search(said, refusal.value.said)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_hundred_thousand_rows_are_given_up_in_time(kind):
    if kind == "csv":
        content = b"sku,price\n" + b"".join(b"SKU-%d,1.00\n" % number for number in range(100_000))
    else:
        book, target = Workbook(write_only=True), io.BytesIO()
        sheet = book.create_sheet()
        for number in range(MAX_ROWS + 5_000):
            sheet.append([f"SKU-{number}", 1] if number else ["sku", "price"])
        book.save(target)
        content = target.getvalue()
    tracemalloc.start()
    read = 0
    with pytest.raises(FileRefused) as refusal:
        for _row in read_file(content).rows:
            read += 1
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "more than 20,000 rows" in refusal.value.said
    assert read == MAX_ROWS and peak < 40 * 1024 * 1024, peak


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (("sku", "prise"), "“prise”. Do you mean price?"),
        (("sku", "xyzzy"), "There is no column “xyzzy”."),
        (("sku", "price", "price"), "price is there twice"),
        (("price", "product"), "sku is missing"),
        (("sku", "", "price"), "no heading"),
    ],
)
def test_wrong_headings_are_named(header, said):
    with pytest.raises(FileRefused) as refusal:
        read_header(header)
    assert said in refusal.value.said


def test_headings_in_any_order_and_case():
    table = read_file(b" Price ,SKU\n1,A\n")
    assert read_header(table.header) == (BY_NAME["price"], BY_NAME["sku"])


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@x", "\tx", "'tis", "''x", "'=x", "plain", "", "a=b", "- dash", "Ёлка", "a\nb"],
)
def test_what_is_defused_comes_back_as_it_was(text):
    shown = defuse(text)
    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r")) and plain_of(shown) == text
