"""From the bytes of a file to its header and rows of text: CSV in any usual encoding, or XLSX. Nothing is evaluated.

A file is read row by row and given up at MAX_ROWS, so that no file takes more memory than itself and a few rows.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import ParseError

from babel.numbers import format_decimal
from charset_normalizer import from_bytes
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from app.core.errors import InvalidInput
from app.core.i18n import _, active_locale

MAX_BYTES = 24 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 80
LONGEST_CELL = 20_000
MAX_UNPACKED = 160 * 1024 * 1024
SAMPLE = 64 * 1024
BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
DELIMITERS = ",;\t|"
BROKEN = (
    zipfile.BadZipFile,
    InvalidFileException,
    ParseError,
    zlib.error,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
    EOFError,
    RuntimeError,  # a password, or a way of packing that nobody knows
)
"""What openpyxl raises over a workbook that is none, or a broken one."""


class FileRefused(InvalidInput):
    """The file as a whole cannot be read; `message` says why."""

    def __init__(self, message: str) -> None:
        super().__init__({"file": message})
        self.said = message


@dataclass(frozen=True)
class Formula:
    """A cell that holds a formula, or the error of one: it is refused, never evaluated."""

    text: str


Cell = str | Formula
Row = tuple[int, Sequence[Cell]]
"""A row's number as a spreadsheet counts (the header is in row 1), and its cells."""


@dataclass(frozen=True)
class Table:
    """A file as it is read: `told` says how (format, encoding, delimiter); `rows` can be walked once."""

    header: tuple[str, ...]
    rows: Iterator[Row]
    told: dict[str, str]


def read_file(content: bytes) -> Table:
    """The header and the rows. Raises FileRefused, at once or while the rows are walked."""
    if not content.strip():
        raise FileRefused(_("This file is empty."))
    if len(content) > MAX_BYTES:
        raise FileRefused(_("This file is larger than %(most)s MB.", most=MAX_BYTES // 1024 // 1024))
    if content.startswith(b"PK\x03\x04"):
        return _with_header(_workbook_rows(content), {"format": "XLSX"})
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused(_("This is an old or protected Excel file. Save it as .xlsx or as CSV, please."))
    text, encoding = decode(content)
    delimiter = _find_delimiter(text)
    told = {"format": "CSV", "encoding": encoding, "delimiter": delimiter}
    return _with_header(_csv_rows(text, delimiter), told)


def _with_header(rows: Iterator[Row], told: dict[str, str]) -> Table:
    first = next(rows, None)
    if first is None:
        raise FileRefused(_("This file is empty."))
    header = [cell.strip().lower() if isinstance(cell, str) else cell.text for cell in first[1]]
    while header and not header[-1]:
        header.pop()
    return Table(tuple(header), _limited(rows), told)


def _limited(rows: Iterator[Row]) -> Iterator[Row]:
    for count, row in enumerate(rows, start=1):
        if count > MAX_ROWS:
            raise FileRefused(
                _(
                    "This file has more than %(most)s rows. Split it into several, please.",
                    most=format_decimal(MAX_ROWS, locale=active_locale()),
                )
            )
        yield row


# --- CSV -----------------------------------------------------------------------------------------------------


def decode(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding: by its mark, else UTF-8, else what it looks like (cp1251, cp1252)."""
    encoding = next((name for mark, name in BOMS if content.startswith(mark)), None) or _guess(content)
    try:
        text = content.decode(encoding)
    except UnicodeError:
        raise FileRefused(
            _("The letters of this file cannot be read. Save it as CSV in UTF-8, please.")
        ) from None
    if "\0" in text:
        raise FileRefused(_("This is neither a CSV file nor an Excel workbook (.xlsx)."))
    return text.removeprefix("\ufeff"), encoding.removesuffix("-sig")


def _guess(content: bytes) -> str:
    sample = content[:SAMPLE]
    if (even := sample[::2].count(0)) + (odd := sample[1::2].count(0)) > len(sample) // 8:
        return "utf-16-le" if odd > even else "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        # Russian stands in runs of high bytes, mostly small letters; Spanish has one accent here and there.
        letters = [byte for byte in content[:SAMPLE] if byte >= 0x80]
        runs = sum(1 for a, b in pairwise(content[:SAMPLE]) if a >= 0xC0 and b >= 0xC0)
        if runs * 3 > len(letters) and sum(byte >= 0xE0 for byte in letters) * 2 > len(letters):
            return "cp1251"
        best = from_bytes(sample, cp_isolation=["cp1251", "cp1252"]).best()
        return best.encoding if best is not None else "cp1252"
    return "utf-8"


def _find_delimiter(text: str) -> str:
    line = text.lstrip("\r\n").partition("\n")[0]
    return max(DELIMITERS, key=line.count)


def _csv_rows(text: str, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field limit" in str(error):
                raise FileRefused(_("Row %(row)s has a cell that is too long.", row=number)) from None
            raise FileRefused(
                _("Row %(row)s cannot be read: a quotation mark is out of place.", row=number)
            ) from None
        if any(cell.strip() for cell in cells):
            yield number, cells


# --- XLSX ----------------------------------------------------------------------------------------------------


def _workbook_rows(content: bytes) -> Iterator[Row]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED:
                raise FileRefused(_("This workbook is too large when unpacked."))
        # The formulas, not their values: a value kept beside a formula is not what the person sees.
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size need not be true
        blank = None
        for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), start=1):
            if cells is blank:  # a gap of a million rows, above one stray cell, is one tuple again and again
                continue
            row = [_text_of(cell) for cell in cells]
            while row and not row[-1]:
                row.pop()
            if row:
                yield number, row
            else:
                blank = cells
    except BROKEN as error:
        if isinstance(error, FileRefused):
            raise
        raise FileRefused(_("This Excel workbook is damaged and cannot be opened.")) from None


def _text_of(cell: Any) -> Cell:
    value = cell.value
    if cell.data_type in {"f", "e"}:
        return Formula(str(getattr(value, "text", value)))
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        plain = format(Decimal(repr(round(value, 9))), "f")  # 0.1 + 0.2 is 0.3 to whoever typed it
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    if isinstance(value, datetime | date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    return str(value)
