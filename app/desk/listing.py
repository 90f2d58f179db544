"""What staff bring from banks and apps, as a settlement list: its lines against what was counted, method by method.

A line is named by the bank's number for it, as its receipt is. One that nobody has settled points at the order that its
note names, so that another amount is seen as one. Money out is on the list where it is a refund that staff have sent.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select

from app import stores
from app.core.actor import Actor
from app.core.db import db, for_update, transaction
from app.desk import rules, sheet, statements
from app.desk.holding import BY_HAND, start_of
from app.desk.models import (
    BankLine,
    BankStatement,
    LineStatus,
    StatementStatus,
    TransferConfirmation,
)
from app.desk.rules import Line, Sent
from app.orders.models import Order
from app.payments import matching
from app.payments.models import PaymentAttempt, Refund, RefundStatus, RefundTo
from app.payments.ports import Settled
from app.payments.reconciliation import Source, register_source
from app.payments.settlement_models import SettlementLine

BEHIND = timedelta(days=2)
"""So much later a bank may show what the app showed at once."""
AGO = timedelta(days=5)
"""A refund that was written down so long before the list began may still be on it."""
NAMED = "bank:"


def source_for(method: str) -> Source:
    """The lists of a method that is paid by hand: what stands on them is in an account of the store."""
    return Source(
        lambda since, until: fetch(method, since, until),
        grace=BEHIND,
        covers=lambda: covered(method),
        post=post,
        ended=put_aside,
    )


@transaction()
def covered(method: str) -> tuple[datetime, datetime] | None:
    """The time in which every payment must stand on a list; None before the first list."""
    days = select(func.min(BankLine.day), func.max(BankLine.day)).where(BankLine.method == method)
    first, last = db.session.execute(days).one()
    return None if first is None else (start_of(first) + BEHIND, start_of(last) - BEHIND)


@transaction()
def fetch(method: str, since: datetime, until: datetime) -> Sequence[Settled]:
    """The lines of a time: money in that nobody put aside, and refunds."""
    zone = stores.current_store().zone
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    query = (
        select(BankLine, PaymentAttempt.reference)
        .outerjoin(TransferConfirmation, TransferConfirmation.id == BankLine.confirmation_id)
        .outerjoin(PaymentAttempt, PaymentAttempt.id == TransferConfirmation.attempt_id)
        .where(BankLine.method == method, BankLine.day.between(first, last))
        .where(BankLine.status != LineStatus.ignored)
        .order_by(BankLine.id)
    )
    rows = db.session.execute(query).all()
    named = _names([line for line, reference in rows if reference is None], method)
    lines = [_settled(line, reference or named.get(line.id, ""), until) for line, reference in rows]
    return [*lines, *_refunds(method, since, until)]


def _settled(line: BankLine, reference: str, until: datetime) -> Settled:
    at = min(start_of(line.day) + timedelta(hours=12), until)
    return Settled(NAMED + line.line_id, reference, line.amount_minor, 0, line.currency, at)


def _names(lines: Sequence[BankLine], method: str) -> dict[int, str]:
    """Line id → reference of the attempt that its note names."""
    wanted = statements.load_wanted(method) if lines else []
    found = {line.id: rules.named(statements.line_of(line), wanted) for line in lines}
    ids = {one.attempt_id for one in found.values() if one is not None}
    query = select(PaymentAttempt.id, PaymentAttempt.reference).where(PaymentAttempt.id.in_(ids))
    references = {row.id: row.reference for row in db.session.execute(query)}
    return {line_id: references[one.attempt_id] for line_id, one in found.items() if one is not None}


def _refunds(method: str, since: datetime, until: datetime) -> list[Settled]:
    """Money out that is a refund of ours; what else went out is the store's own affair."""
    sent = select(Refund).where(
        Refund.method == method,
        Refund.to == RefundTo.source,
        Refund.status == RefundStatus.done,
        Refund.ended_at.between(since - AGO, until),
    )
    refunds = db.session.scalars(sent.order_by(Refund.id)).all()
    if not refunds:
        return []
    zone = stores.current_store().zone
    wanted = [
        Sent(one.reference, one.external_id, one.amount_minor, one.ended_at.astimezone(zone).date())
        for one in refunds
        if one.ended_at is not None
    ]
    currency = stores.current_store().currency
    return [
        Settled(
            f"out:{line.key}",
            one.reference,
            -line.amount_minor,
            0,
            currency,
            min(start_of(line.day) + timedelta(hours=12), until),
            kind="refund",
        )
        for line, one in rules.match_sent(_money_out(method, since), wanted)
    ]


def _money_out(method: str, since: datetime) -> list[Line]:
    """What went out on lists brought since then, each line once; amounts above zero."""
    brought = select(BankStatement).where(
        BankStatement.method == method,
        BankStatement.status == StatementStatus.applied,
        BankStatement.uploaded_at >= since,
    )
    found: dict[str, Line] = {}
    for statement in db.session.scalars(brought.order_by(BankStatement.id)):
        rows = [(int(number), list(cells)) for number, cells in statement.rows]
        reading = sheet.read_lines(rows, statement.columns, stores.current_store().currency)
        found |= {line.key: line for _number, line in reading.sent}
    return list(found.values())


def post(settled: SettlementLine, code: str, actor: Actor) -> bool:
    """Give a line to an order, by the desk's own rules; whether it counts, or waits for a second person.

    Raises what statements.match_by_hand does.
    """
    line = db.session.scalars(_lines_of(settled)).one()
    attempt = matching.find_attempt(settled)
    known = db.session.get(Order, attempt.order_id) if attempt is not None else None
    statements.match_by_hand(line.id, code or (known.code if known else ""), actor=actor)
    db.session.flush()
    return line.status is LineStatus.matched


def put_aside(settled: SettlementLine, reason: str) -> None:
    """Staff have explained the line, or took it as it is: it waits for nobody at the desk any more."""
    line = db.session.scalar(for_update(_lines_of(settled)))
    if line is not None and line.status is LineStatus.open:
        line.status, line.note = LineStatus.ignored, reason


def _lines_of(settled: SettlementLine) -> Select[BankLine]:
    key = settled.external_id.removeprefix(NAMED)
    return select(BankLine).where(BankLine.method == settled.method, BankLine.line_id == key)


for _method in BY_HAND:
    register_source(_method, source_for(_method))
