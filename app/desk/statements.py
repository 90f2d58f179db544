"""A bank's list from upload to money: read, tried, counted, and the rest matched by hand.

A line counts once under the bank's own number, however often it is uploaded and by however many people at once: the
line's row is unique, and so is the receipt it becomes. A list that breaks off half-way is simply matched again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app import stores
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db, for_update, transaction
from app.core.errors import DomainError, InvalidInput, NotFound
from app.core.i18n import _
from app.desk import rules, sheet
from app.desk.confirming import NOTE_LENGTH, confirm, require_clerk
from app.desk.errors import LineUsed, StatementMoved
from app.desk.holding import BY_HAND, start_of
from app.desk.models import (
    BankLine,
    BankStatement,
    ConfirmationStatus,
    LineStatus,
    StatementStatus,
    TransferClaim,
    TransferConfirmation,
)
from app.desk.rules import Line, Match, Wanted
from app.desk.sheet import Reading
from app.orders import paying
from app.orders.models import Order
from app.payments import differences, reconciliation
from app.payments.models import AttemptStatus, PaymentAttempt
from app.payments.transfers import memo_of, squash

LOOK_BACK = timedelta(days=60)
"""Orders older than that are matched by hand."""
ROUNDS = 3
"""A payment in two parts: the second is matched once the first has asked for the rest."""


@dataclass(frozen=True)
class Trial:
    """What a list would do. `known`: lines that an earlier list had."""

    reading: Reading
    matches: dict[str, Match]
    known: frozenset[str]
    codes: dict[int, str]
    error: str = ""

    def verdict(self, line: Line) -> str:
        """known | memo | cents | name | open."""
        if line.key in self.known:
            return "known"
        return self.matches[line.key].how if line.key in self.matches else "open"


@transaction()
def upload(method: str, filename: str, content: bytes, *, actor: Actor) -> BankStatement:
    """Keep a list; nothing is counted yet. Raises Forbidden, InvalidInput on `method`, FileRefused."""
    require_clerk(actor)
    if method not in BY_HAND:
        raise InvalidInput({"method": _("Choose whose list this is.")})
    read = sheet.read_sheet(content)
    statement = BankStatement(
        method=method,
        filename=filename.replace("\x00", "")[:120] or "statement.csv",
        told=read.told | {"lines": str(len(read.rows))},
        header=read.header,
        rows=[[number, cells] for number, cells in read.rows],
        columns=read.columns,
        uploaded_at=clock.now(),
        uploaded_by=actor.user_id,
    )
    db.session.add(statement)
    db.session.flush()
    audit.record(
        "bank_list_uploaded", actor=actor, subject=f"bank_list:{statement.id}", file=statement.filename
    )
    return statement


@transaction()
def set_columns(statement_id: int, columns: dict[str, int], *, actor: Actor) -> None:
    """Say which column is which. Raises NotFound, StatementMoved, InvalidInput on `columns`."""
    statement = _take(statement_id, actor)
    known = {
        name: at
        for name, at in columns.items()
        if name in sheet.COLUMNS and 0 <= at < max(len(statement.header), 1)
    }
    sheet.read_lines([], known, stores.current_store().currency)  # refuses what is missing
    statement.columns = known


def _take(statement_id: int, actor: Actor) -> BankStatement:
    require_clerk(actor)
    statement = db.session.scalar(for_update(select(BankStatement).where(BankStatement.id == statement_id)))
    if statement is None:
        raise NotFound
    if statement.status is not StatementStatus.checked:
        raise StatementMoved
    return statement


def try_out(statement: BankStatement) -> Trial:
    """What the list would do now. Nothing is written."""
    try:
        reading = _read(statement)
    except InvalidInput as refusal:
        return Trial(Reading([], []), {}, frozenset(), {}, str(refusal.errors["columns"]))
    lines = [line for _number, line in reading.lines]
    known = _known(statement.method, lines)
    wanted = load_wanted(statement.method)
    matches = rules.match([line for line in lines if line.key not in known], wanted)
    return Trial(reading, matches, known, codes_of(wanted))


def _read(statement: BankStatement) -> Reading:
    rows = [(int(number), list(cells)) for number, cells in statement.rows]
    return sheet.read_lines(rows, statement.columns, stores.current_store().currency)


def _known(method: str, lines: Sequence[Line]) -> frozenset[str]:
    keys = [line.key for line in lines]
    query = select(BankLine.line_id).where(BankLine.method == method, BankLine.line_id.in_(keys))
    return frozenset(db.session.scalars(query))


def apply(statement_id: int, *, actor: Actor) -> int:
    """Count what matches by itself; how many lines that was. Called again it goes on where it broke off.

    Raises Forbidden, NotFound, StatementMoved, InvalidInput on `columns`.
    """
    method, first = _write_lines(statement_id, actor)
    done = match_open(method, actor=actor)
    if first is not None:
        reconciliation.ask_run(method, actor=actor, since=start_of(first))
    return done


@transaction()
def _write_lines(statement_id: int, actor: Actor) -> tuple[str, date | None]:
    """(method, the first day of the list)."""
    statement = _take(statement_id, actor)
    currency = stores.current_store().currency
    read = _read(statement).lines
    rows = [
        {
            "statement_id": statement.id,
            "number": number,
            "method": statement.method,
            "line_id": line.key,
            "day": line.day,
            "amount_minor": line.amount_minor,
            "currency": currency,
            "memo": line.memo,
            "name": line.name,
            "status": LineStatus.open,
        }
        for number, line in read
    ]
    if rows:
        once = insert(BankLine).on_conflict_do_nothing(index_elements=["store_id", "method", "line_id"])
        db.session.execute(once, rows)
    statement.status = StatementStatus.applied
    audit.record("bank_list_applied", actor=actor, subject=f"bank_list:{statement.id}", lines=len(rows))
    return statement.method, min((line.day for _number, line in read), default=None)


@transaction()
def discard(statement_id: int, *, actor: Actor) -> None:
    """Count nothing of the list. Raises Forbidden, NotFound, StatementMoved."""
    statement = _take(statement_id, actor)
    statement.status = StatementStatus.discarded
    audit.record("bank_list_discarded", actor=actor, subject=f"bank_list:{statement.id}")


def match_open(method: str, *, actor: Actor) -> int:
    """Match what is open of a method's lines, each in a transaction of its own; how many were.

    Raises Forbidden. What somebody else settles meanwhile stays as they left it.
    """
    require_clerk(actor)
    done = 0
    for _round in range(ROUNDS):
        found = _find(method)
        if not found:
            break
        done += sum(_settle(line_id, one, actor) for line_id, one in found)
    return done


@transaction()
def _find(method: str) -> list[tuple[int, Match]]:
    query = select(BankLine).where(BankLine.method == method, BankLine.status == LineStatus.open)
    kept = {row.line_id: row for row in db.session.scalars(query.order_by(BankLine.id))}
    matches = rules.match([line_of(row) for row in kept.values()], load_wanted(method))
    return [(kept[key].id, one) for key, one in matches.items()]


def line_of(row: BankLine) -> Line:
    """A kept line for the rules."""
    return Line(row.line_id, row.day, row.amount_minor, row.memo, row.name)


def _settle(line_id: int, found: Match, actor: Actor) -> bool:
    try:
        with transaction():
            if found.wanted.confirmation_id is not None:
                _prove(line_id, found.wanted.confirmation_id, found.how, actor)
            else:
                amount = db.session.get_one(BankLine, line_id).amount_minor
                confirm(found.wanted.attempt_id, amount, actor=actor, line_id=line_id, how=found.how)
    except DomainError:
        return False  # somebody was faster, or it waits for a second person: the line stays with people
    return True


def _prove(line_id: int, confirmation_id: int, how: str, actor: Actor) -> None:
    """The bank's list says what staff saw before: the line belongs to their confirmation, no money is added."""
    confirmation = db.session.scalars(
        for_update(select(TransferConfirmation).where(TransferConfirmation.id == confirmation_id))
    ).one()
    line = db.session.scalars(for_update(select(BankLine).where(BankLine.id == line_id))).one()
    used = db.session.scalar(select(BankLine.id).where(BankLine.confirmation_id == confirmation_id))
    same = line.amount_minor == confirmation.amount_minor
    if line.status is not LineStatus.open or used is not None or not same:
        raise LineUsed
    line.confirmation_id, line.how, line.status = confirmation.id, how, LineStatus.matched
    audit.record("transfer_proved", actor=actor, subject=f"bank_line:{line.id}", confirmation=confirmation.id)


def match_by_hand(line_id: int, code: str, *, actor: Actor) -> None:
    """Give a line to an order: as the proof of what was confirmed before, or as money that pays it.

    An order that needs none gets it into the customer's wallet; one whose customer chose Venmo and sent by Zelle gets
    a try by Zelle. Raises Forbidden, NotFound for a line, InvalidInput on `code` for an order that was never to be paid
    by hand, NothingToPay, MethodClosed, AwaitsSecond, LineUsed.
    """
    require_clerk(actor)
    line = db.session.get(BankLine, line_id)
    if line is None:
        raise NotFound
    code = code.replace("\x00", "").strip().upper()
    wanted = load_wanted(line.method, code=code) if code else []
    if not wanted and not _is_by_hand(code):
        raise InvalidInput({"code": _("No order with this code was to be paid this way.")})
    proved = [one for one in wanted if one.seen_minor == line.amount_minor]
    with transaction():
        if proved and proved[0].confirmation_id is not None:
            _prove(line_id, proved[0].confirmation_id, "hand", actor)
        else:
            attempt_id = wanted[-1].attempt_id if wanted else _try_by(line.method, code, actor)
            confirm(attempt_id, line.amount_minor, actor=actor, line_id=line_id)


def _is_by_hand(code: str) -> bool:
    query = (
        select(PaymentAttempt.id)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .where(Order.code == code, PaymentAttempt.method.in_(BY_HAND))
    )
    return bool(code) and db.session.scalars(query).first() is not None


def _try_by(method: str, code: str, actor: Actor) -> int:
    """A try by the way the money took, for an order that was to be paid by hand in another one."""
    return paying.next_attempt(code, actor=actor, method=method, source="staff").id


@transaction()
def ignore(line_id: int, note: str, *, actor: Actor) -> None:
    """Say that a line pays no order, and why. Raises Forbidden, NotFound, LineUsed, InvalidInput on `note`."""
    require_clerk(actor)
    known = db.session.get(BankLine, line_id)
    if known is None:
        raise NotFound
    note = note.replace("\x00", "").strip()[:NOTE_LENGTH]
    if not note:
        raise InvalidInput({"note": _("Say what this money is.")})
    # Held in the order of the comparison: its line first, then ours.
    explained = differences.explain_line(known.method, f"bank:{known.line_id}", note, actor=actor)
    line = db.session.scalars(for_update(select(BankLine).where(BankLine.id == line_id))).one()
    if line.status is not LineStatus.open and not (explained and line.status is LineStatus.ignored):
        raise LineUsed
    line.status, line.note = LineStatus.ignored, note
    audit.record("bank_line_ignored", actor=actor, subject=f"bank_line:{line.id}", note=line.note)


def load_wanted(method: str, *, code: str = "") -> list[Wanted]:
    """The attempts that lines of this method may belong to, oldest first: those not paid, and those that were
    confirmed and stand on no list yet. With `code`, all of one order, however old, paid or proved."""
    query = (
        select(PaymentAttempt, Order.code, Order.contact_name)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .where(PaymentAttempt.method == method)
        .order_by(PaymentAttempt.id)
    )
    if code:
        query = query.where(Order.code == code)
    else:
        query = query.where(PaymentAttempt.created_at > clock.now() - LOOK_BACK)
    rows = db.session.execute(query).all()
    ids = [attempt.id for attempt, _code, _name in rows]
    seen, waiting, payers = _unproved(ids), _waiting(ids), _payers(ids)
    zone = stores.current_store().zone
    return [
        Wanted(
            attempt_id=attempt.id,
            order_id=attempt.order_id,
            memo=squash(memo_of(order_code)),
            amount_minor=attempt.amount_minor,
            asked_on=attempt.created_at.astimezone(zone).date(),
            names=(name, *payers.get(attempt.id, ())),
            has_extra=bool(attempt.shown.get("extra_minor")),
            seen_minor=seen[attempt.id].amount_minor if attempt.id in seen else None,
            confirmation_id=seen[attempt.id].id if attempt.id in seen else None,
        )
        for attempt, order_code, name in rows
        if code
        or attempt.id in seen
        or (attempt.status is not AttemptStatus.paid and attempt.id not in waiting)
    ]


def _unproved(attempt_ids: list[int]) -> dict[int, TransferConfirmation]:
    """Attempt id → what staff confirmed of it by what they saw, without a line of the bank."""
    proved = select(BankLine.confirmation_id).where(BankLine.confirmation_id.is_not(None))
    query = select(TransferConfirmation).where(
        TransferConfirmation.attempt_id.in_(attempt_ids),
        TransferConfirmation.status == ConfirmationStatus.done,
        TransferConfirmation.id.not_in(proved),
    )
    return {row.attempt_id: row for row in db.session.scalars(query)}


def _waiting(attempt_ids: list[int]) -> set[int]:
    """Attempts whose amount waits for a second person."""
    query = select(TransferConfirmation.attempt_id).where(
        TransferConfirmation.attempt_id.in_(attempt_ids),
        TransferConfirmation.status == ConfirmationStatus.waiting,
    )
    return set(db.session.scalars(query))


def _payers(attempt_ids: list[int]) -> dict[int, tuple[str, ...]]:
    query = select(TransferClaim.attempt_id, TransferClaim.payer).where(
        TransferClaim.attempt_id.in_(attempt_ids), TransferClaim.payer != ""
    )
    found: dict[int, tuple[str, ...]] = {}
    for attempt_id, payer in db.session.execute(query):
        found[attempt_id] = (*found.get(attempt_id, ()), payer)
    return found


def codes_of(wanted: Sequence[Wanted]) -> dict[int, str]:
    """Order id → its code."""
    query = select(Order.id, Order.code).where(Order.id.in_({one.order_id for one in wanted}))
    return {row.id: row.code for row in db.session.execute(query)}
