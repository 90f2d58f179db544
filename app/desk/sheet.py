"""A bank's list read into lines: which column is which, days, amounts. No database.

Every bank and every app writes its own way: columns are found by their names in the usual languages, and people can
say otherwise. Only money that came in is a line; what went out is counted and left alone.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import islice

from app.catalog.imports.files import Cell, FileRefused, read_file
from app.core.amounts import parse_money
from app.core.errors import InvalidInput
from app.core.i18n import _
from app.desk.rules import Line

MAX_LINES = 2_000
MAX_BYTES = 4 * 1024 * 1024
COLUMNS = ("date", "amount", "memo", "name", "id")
NEEDED = ("date", "amount")
LOOK_FOR_HEADER = 10
"""Some lists begin with a title and an account before the names of the columns."""
LONGEST = {"memo": 300, "name": 120, "id": 80}

NAMES: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "posting date", "posted date", "transaction date", "datetime", "fecha", "дата"),
    "amount": (
        "amount",
        "amount (total)",
        "net amount",
        "credit",
        "deposit",
        "importe",
        "monto",
        "сумма",
    ),
    "memo": ("memo", "note", "notes", "message", "description", "details", "concepto", "назначение"),
    "name": (
        "name",
        "from",
        "sender",
        "payer",
        "name of sender/receiver",
        "counterparty",
        "nombre",
        "отправитель",
    ),
    "id": (
        "id",
        "transaction id",
        "reference",
        "reference number",
        "confirmation",
        "confirmation number",
        "номер",
    ),
}
_DAYS = (
    ("%Y-%m-%d", r"\d{4}-\d{1,2}-\d{1,2}"),
    ("%m/%d/%Y", r"\d{1,2}/\d{1,2}/\d{4}"),
    ("%m/%d/%y", r"\d{1,2}/\d{1,2}/\d{2}"),
    ("%d.%m.%Y", r"\d{1,2}\.\d{1,2}\.\d{4}"),
    ("%b %d, %Y", r"[A-Za-z]{3} \d{1,2}, \d{4}"),
)


@dataclass(frozen=True)
class Sheet:
    """A file as it was read: `rows` are (number in the file, cells); `columns` is our guess, name → place."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    columns: dict[str, int]
    told: dict[str, str]


@dataclass(frozen=True)
class Reading:
    """What the rows say. `wrong` are (number, message); `sent` is money out, its amounts above zero."""

    lines: list[tuple[int, Line]]
    wrong: list[tuple[int, str]]
    sent: list[tuple[int, Line]] = field(default_factory=list)

    @property
    def outgoing(self) -> int:
        """How many lines are no money in."""
        return len(self.sent)


def read_sheet(content: bytes) -> Sheet:
    """The header and the rows of a CSV or Excel file. Raises FileRefused."""
    if len(content) > MAX_BYTES:
        raise FileRefused(_("This file is larger than %(most)s MB.", most=MAX_BYTES // 1024 // 1024))
    table = read_file(content)
    rows: list[tuple[int, list[str]]] = [(1, list(table.header))]
    rows += [(number, [_text(cell) for cell in cells]) for number, cells in islice(table.rows, MAX_LINES + 1)]
    if len(rows) > MAX_LINES + 1:
        raise FileRefused(_("This list has more than %(most)s lines. Split it, please.", most=MAX_LINES))
    at, columns = _find_header(rows)
    if not rows[at + 1 :]:
        raise FileRefused(_("There is not one line in this list."))
    return Sheet(rows[at][1], rows[at + 1 :], columns, table.told)


def _text(cell: Cell) -> str:
    return " ".join((cell if isinstance(cell, str) else cell.text).replace("\0", "").split())[:300]


def _find_header(rows: Sequence[tuple[int, list[str]]]) -> tuple[int, dict[str, int]]:
    """(place of the row with the names, our guess): the first row that names what is needed, else the first row."""
    for at, (_number, cells) in enumerate(rows[:LOOK_FOR_HEADER]):
        columns = guess_columns(cells)
        if all(name in columns for name in NEEDED):
            return at, columns
    return 0, guess_columns(rows[0][1])


def guess_columns(header: Sequence[str]) -> dict[str, int]:
    """Our name → the place of the column that is called so; the usual names first."""
    places = {name.strip().lower().strip("*:"): at for at, name in reversed(list(enumerate(header)))}
    return {
        ours: next(places[name] for name in usual if name in places)
        for ours, usual in NAMES.items()
        if any(name in places for name in usual)
    }


def read_lines(
    rows: Sequence[tuple[int, Sequence[str]]], columns: Mapping[str, int], currency: str
) -> Reading:
    """The lines of a list, its columns being known. InvalidInput on `columns` when a needed one is not."""
    if missing := [name for name in NEEDED if name not in columns]:
        raise InvalidInput(
            {"columns": _("Say which column is which: %(names)s.", names=", ".join(map(say, missing)))}
        )
    lines: list[tuple[int, Line]] = []
    sent: list[tuple[int, Line]] = []
    wrong: list[tuple[int, str]] = []
    same, keys = Counter[str](), set[str]()
    for number, cells in rows:
        said = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
        if not said["date"] and not said["amount"]:
            continue  # a blank line, or a total under the list
        try:
            amount = read_amount(said["amount"], currency)
            line = _line(said, read_day(said["date"]), amount, same)
            if amount <= 0:
                sent.append((number, replace(line, amount_minor=-amount)))
                continue
            if line.key in keys:
                raise ValueError(_("The same line stands above."))
            keys.add(line.key)
            lines.append((number, line))
        except ValueError as error:
            wrong.append((number, str(error)))
    return Reading(lines, wrong, sent)


def _line(said: Mapping[str, str], day: date, amount: int, same: Counter[str]) -> Line:
    memo, name = said.get("memo", "")[: LONGEST["memo"]], said.get("name", "")[: LONGEST["name"]]
    key = said.get("id", "")[: LONGEST["id"]]
    if not key:
        # Without a number of the bank, what the line says is its number; equal ones are told apart by their order.
        mark = hashlib.sha256(f"{day}|{amount}|{memo}|{name}".encode()).hexdigest()[:24]
        same[mark] += 1
        key = f"line:{mark}:{same[mark]}"
    return Line(key, day, amount, memo, name)


def read_amount(text: str, currency: str) -> int:
    """Minor units with their sign: 45.90, + $45.90, -12.00, (12.00). ValueError otherwise."""
    plain = text.replace("\N{MINUS SIGN}", "-").replace('"', "").strip()
    plain = re.sub(r"^\$\s*-", "-$", plain)
    negative = plain.startswith("-") or plain.endswith("-") or (plain.startswith("(") and plain.endswith(")"))
    plain = re.sub(r"^[-+(\s]+|[-)\s]+$", "", plain).removesuffix(currency).removeprefix(currency).strip()
    try:
        amount = parse_money(plain, currency)
    except InvalidInput as error:
        raise ValueError(error.errors["amount"]) from None
    return -amount if negative else amount


def read_day(text: str) -> date:
    """2026-11-21, 11/21/2026, 21.11.2026, with or without an hour after it. ValueError otherwise."""
    for form, pattern in _DAYS:
        if match := re.match(pattern + r"(?!\d)", text.strip(), re.ASCII):
            try:
                return datetime.strptime(match.group(), form).replace(tzinfo=UTC).date()
            except ValueError:
                break
    raise ValueError(_("This is no day: %(text)s.", text=text[:40] or "–"))


def say(column: str) -> str:
    """Our name of a column, in the reader's language."""
    return {
        "date": _("Date"),
        "amount": _("Amount"),
        "memo": _("Note"),
        "name": _("Sender"),
        "id": _("Bank’s number"),
    }[column]
