"""Lists of banks and apps as they come: other columns, other days, other signs, other letters."""

from datetime import date

import pytest

from app.catalog.imports.files import FileRefused
from app.core.errors import InvalidInput
from app.desk import sheet

CHASE = (
    "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #\n"
    "CREDIT,11/21/2026,Zelle payment from ANA LOPEZ 22310 1121-AB3D,45.90,QUICKPAY_CREDIT,900.00,\n"
    'DEBIT,11/21/2026,"Rent, November","-1,200.00",ACH_DEBIT,854.10,\n'
)
VENMO = (
    "Account Statement - (@brickell),,,,,,,\n"
    "Account Activity,,,,,,,\n"
    ",ID,Datetime,Type,Status,Note,From,Amount (total)\n"
    ",38221,2026-11-21T14:03:22,Payment,Complete,1121-AB3D,Ana Lopez,+ $45.90\n"
    ",38222,2026-11-21T15:00:00,Payment,Complete,rent,Bob,- $12.00\n"
    ",,,,,,,\n"
)
CASHAPP = (
    "Transaction ID;Date;Transaction Type;Currency;Amount;Fee;Net Amount;Notes;Name of sender/receiver\n"
    "tx_1;2026-11-21 10:00:00 EST;Payment;USD;$1,045.90;$0;$1,045.90;1121-AB3D;José Núñez\n"
)


def read(content, currency="USD"):
    found = sheet.read_sheet(content)
    return found, sheet.read_lines(found.rows, found.columns, currency)


def test_a_bank():
    found, reading = read(CHASE.encode())
    line = reading.lines[0][1]
    assert (line.day, line.amount_minor, reading.outgoing) == (date(2026, 11, 21), 4590, 1)
    assert "1121-AB3D" in line.memo and line.key.startswith("line:")
    assert found.header[found.columns["date"]] == "posting date"


def test_venmo_begins_with_a_title():
    found, reading = read(VENMO.encode())
    assert [(number, line.key, line.name, line.amount_minor) for number, line in reading.lines] == [
        (4, "38221", "Ana Lopez", 4590)
    ]
    assert reading.outgoing == 1 and reading.wrong == []
    assert found.columns == {"id": 1, "date": 2, "memo": 5, "name": 6, "amount": 7}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_letters(encoding):
    _found, reading = read(CASHAPP.encode(encoding))
    line = reading.lines[0][1]
    assert (line.key, line.name, line.amount_minor) == ("tx_1", "José Núñez", 104_590)


def test_equal_lines_without_numbers_are_two():
    rows = "date,amount,note\n2026-11-21,5.00,tip\n2026-11-21,5.00,tip\n"
    keys = [line.key for _number, line in read(rows.encode())[1].lines]
    assert len(set(keys)) == 2
    assert keys == [line.key for _number, line in read(rows.encode())[1].lines]


def test_the_same_number_twice_in_a_list_is_one():
    rows = "date,amount,id\n2026-11-21,5.00,A\n2026-11-21,5.00,A\n"
    reading = read(rows.encode())[1]
    assert len(reading.lines) == 1 and [number for number, _message in reading.wrong] == [3]


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("45.90", 4590),
        ("+ $45.90", 4590),
        ("$1,045.90", 104_590),
        ("-12.00", -1200),
        ("- $12.00", -1200),
        ("(12.00)", -1200),
        ("\N{MINUS SIGN}12.00", -1200),
        ("-$12.00", -1200),
        ("$-12.00", -1200),
        ("12.00 USD", 1200),
    ],
)
def test_amounts(text, minor):
    assert sheet.read_amount(text, "USD") == minor


@pytest.mark.parametrize("text", ["", "abc", "1.2.3", "45,90,1", "12.345", "NaN", "1e5"])
def test_what_is_no_amount(text):
    with pytest.raises(ValueError, match=r"."):
        sheet.read_amount(text, "USD")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-21", date(2026, 11, 21)),
        ("2026-11-21T14:03:22Z", date(2026, 11, 21)),
        ("11/21/2026", date(2026, 11, 21)),
        ("11/21/26", date(2026, 11, 21)),
        ("21.11.2026", date(2026, 11, 21)),
        ("Nov 21, 2026", date(2026, 11, 21)),
    ],
)
def test_days(text, day):
    assert sheet.read_day(text) == day


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "31/12/2026", "21112026"])
def test_what_is_no_day(text):
    with pytest.raises(ValueError, match=r"."):
        sheet.read_day(text)


def test_unreadable_rows_are_named_and_left_out():
    rows = "date,amount,note\nsoon,5.00,a\n2026-11-21,five,b\n2026-11-21,5.00,c\n"
    reading = read(rows.encode())[1]
    assert [number for number, _message in reading.wrong] == [2, 3] and len(reading.lines) == 1


def test_columns_nobody_can_guess_are_asked_for():
    found = sheet.read_sheet(b"wann,wieviel,wozu\n2026-11-21,5.00,1121-AB3D\n")
    with pytest.raises(InvalidInput):
        sheet.read_lines(found.rows, found.columns, "USD")
    reading = sheet.read_lines(found.rows, {"date": 0, "amount": 1, "memo": 2}, "USD")
    assert reading.lines[0][1].memo == "1121-AB3D"


def test_too_much_is_refused():
    with pytest.raises(FileRefused):
        sheet.read_sheet(b"date,amount\n" + b"2026-11-21,5.00\n" * (sheet.MAX_LINES + 1))
    with pytest.raises(FileRefused):
        sheet.read_sheet(b"x" * (sheet.MAX_BYTES + 1))
