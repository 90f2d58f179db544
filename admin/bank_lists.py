"""Lists from banks and apps: bringing one in, trying it, counting it, and matching by hand what is left."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload

from admin import cells
from admin.base import READ_ONLY, Answer, StoreInterface, StoreModelView
from admin.cells import Column
from admin.filters import read_id
from admin.refusals import message_of
from app.core.db import db
from app.core.errors import DomainError, InvalidInput, NotFound
from app.core.i18n import _, _l, _n
from app.desk import queue, rules, sheet, statements
from app.desk.holding import BY_HAND
from app.desk.models import BankLine, BankStatement, LineStatus, StatementStatus
from app.desk.rules import Wanted
from app.orders.models import Order
from app.payments.catalogue import METHODS
from app.payments.models import PaymentAttempt
from app.web.actor import current_actor
from app.web.errors import STATUS

STATES = {
    StatementStatus.checked: _l("Not counted yet"),
    StatementStatus.applied: _l("Credited"),
    StatementStatus.discarded: _l("Discarded"),
}
COLOURS = {StatementStatus.checked: "warning", StatementStatus.applied: "success"}
HOW = {
    "memo": _l("By the note"),
    "cents": _l("By its cents"),
    "name": _l("By amount and name"),
    "hand": _l("By hand"),
    "known": _l("On an earlier list"),
    "open": _l("Left for you"),
}
HOW_COLOURS = {"memo": "success", "cents": "success", "name": "success", "hand": "info", "open": "warning"}
LINE_STATES = {
    LineStatus.open: _l("Left for you"),
    LineStatus.waiting: _l("Waits for a second person"),
    LineStatus.matched: _l("Credited"),
    LineStatus.ignored: _l("Put aside"),
}
LINE_COLOURS = {LineStatus.open: "warning", LineStatus.waiting: "info", LineStatus.matched: "success"}


@dataclass(frozen=True)
class Left:
    """A line that people have to match, and whom it could belong to: (wanted, order code)."""

    line: BankLine
    proposals: list[tuple[Wanted, str]]


class BankStatementAdmin(StoreModelView):
    """What banks say."""

    datamodel = StoreInterface(BankStatement)
    route_base = "/console/bank-lists"
    noun = "bank_list"
    list_title = _l("Bank lists")
    empty = _l("No list has been brought in yet.")
    list_template = "admin/bank_lists.html"
    show_template = "admin/bank_list.html"
    exclude_route_methods = READ_ONLY
    eager = (joinedload(BankStatement.author), defer(BankStatement.rows))
    columns = (
        Column(
            "file", _l("File"), cells.linked("filename", "BankStatementAdmin.show"), BankStatement.filename
        ),
        Column(
            "method", _l("Payment method"), lambda row: str(METHODS[row.method].name), BankStatement.method
        ),
        Column("state", _l("State"), cells.chips("status", STATES, COLOURS), BankStatement.status),
        Column("rows", _l("Rows"), lambda row: row.told.get("lines", cells.NOTHING), css="num"),
        Column("by", _l("By"), lambda row: str(row.author) if row.author else cells.NOTHING),
        Column("at", _l("Brought"), cells.moment("uploaded_at"), BankStatement.uploaded_at, "when"),
    )

    def render_list(self, status: int = 200, **context: Any) -> Answer:
        """With the form that takes a file, and the lines that are nobody's yet."""
        context.setdefault("errors", {})
        return super().render_list(
            status, left=left_lines(), methods=by_hand(), typed=request.form, limit=sheet.MAX_LINES, **context
        )

    @expose("/upload", methods=["POST"])
    @has_access
    @permission_name("edit")
    def upload(self) -> Answer:
        """Take a list; nothing is counted before somebody says so."""
        sent = request.files.get("file")
        content = sent.stream.read(sheet.MAX_BYTES + 1) if sent else b""
        name = sent.filename or "" if sent else ""
        try:
            made = statements.upload(request.form.get("method", ""), name, content, actor=current_actor())
        except DomainError as error:
            return self.render_list(STATUS[error.kind], errors=_fields(error))
        return redirect(self.url("show", pk=made.id), 303)

    def render_show(self, row: BankStatement, status: int = 200, **context: Any) -> Answer:
        """What the list would do, or what became of each of its lines."""
        words = {"states": STATES, "colours": COLOURS, "how": HOW, "how_colours": HOW_COLOURS}
        words |= {"line_states": LINE_STATES, "line_colours": LINE_COLOURS}
        context.setdefault("errors", {})
        trial = statements.try_out(row) if row.status is StatementStatus.checked else None
        kept = lines_of(row) if row.status is StatementStatus.applied else []
        names = [(name, sheet.say(name), name in sheet.NEEDED) for name in sheet.COLUMNS]
        return super().render_show(
            row, status, trial=trial, kept=kept, columns=names, methods=METHODS, **words, **context
        )

    @expose("/columns/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def columns_of(self, pk: str) -> Answer:
        """Say which column is which."""
        chosen = {name: read_id(request.form.get(name, "")) for name in sheet.COLUMNS}
        wanted = {name: at - 1 for name, at in chosen.items() if at}
        return self._step(pk, lambda row: statements.set_columns(row.id, wanted, actor=current_actor()))

    @expose("/apply/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def apply(self, pk: str) -> Answer:
        """Count what matches by itself."""

        def count(row: BankStatement) -> None:
            done = statements.apply(row.id, actor=current_actor())
            flash(_n("%(num)d line is counted.", "%(num)d lines are counted.", done), "success")

        return self._step(pk, count)

    @expose("/discard/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def discard(self, pk: str) -> Answer:
        """Count nothing."""
        return self._step(pk, lambda row: statements.discard(row.id, actor=current_actor()))

    def _step(self, pk: str, act: Any) -> Answer:
        row = self.row(pk)
        try:
            act(row)
        except DomainError as error:
            return self.render_show(self.row(pk), STATUS[error.kind], errors=_fields(error))
        return redirect(self.url("show", pk=pk), 303)

    @expose("/again", methods=["POST"])
    @has_access
    @permission_name("edit")
    def again(self) -> Answer:
        """Look for owners of all lines that are nobody's yet."""
        done = sum(statements.match_open(method, actor=current_actor()) for method in sorted(BY_HAND))
        flash(
            _n("%(num)d line is counted.", "%(num)d lines are counted.", done), "success" if done else "info"
        )
        return redirect(self.url("list"), 303)

    @expose("/match/<line_id>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def match(self, line_id: str) -> Answer:
        """This line is of that order."""
        code = request.form.get("chosen") or request.form.get("code", "")
        return self._line(line_id, lambda number: _match(number, code))

    @expose("/ignore/<line_id>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def ignore(self, line_id: str) -> Answer:
        """This line is of no order."""
        note = request.form.get("note", "")
        return self._line(line_id, lambda number: statements.ignore(number, note, actor=current_actor()))

    def _line(self, line_id: str, act: Any) -> Answer:
        number = read_id(line_id) or 0
        try:
            act(number)
        except NotFound:
            raise
        except DomainError as error:
            return self.render_list(STATUS[error.kind], errors={f"line-{number}": message_of(error)})
        flash(_("Saved."), "success")
        return redirect(self.url("list"), 303)


def _match(number: int, code: str) -> None:
    statements.match_by_hand(number, code, actor=current_actor())


def _fields(error: DomainError) -> dict[str, str]:
    return error.errors if isinstance(error, InvalidInput) else {"": message_of(error)}


def by_hand() -> list[tuple[str, object]]:
    """(code, name) of the methods that lists are brought for."""
    return [(code, method.name) for code, method in METHODS.items() if code in BY_HAND]


def left_lines() -> list[Left]:
    """The lines that are nobody's, with whom they could belong to."""
    lines = queue.open_lines()
    wanted = {method: statements.load_wanted(method) for method in {line.method for line in lines}}
    codes = statements.codes_of([one for each in wanted.values() for one in each])
    return [
        Left(
            line,
            [
                (one, codes[one.order_id])
                for one in rules.propose(statements.line_of(line), wanted[line.method])
            ],
        )
        for line in lines
    ]


def lines_of(row: BankStatement) -> list[tuple[BankLine, str]]:
    """A counted list's own lines with the codes of their orders."""
    query = select(BankLine).where(BankLine.statement_id == row.id).options(joinedload(BankLine.confirmation))
    lines = db.session.scalars(query.order_by(BankLine.number)).all()
    ids = [line.confirmation.attempt_id for line in lines if line.confirmation]
    named = select(PaymentAttempt.id, Order.code).join(Order, Order.id == PaymentAttempt.order_id)
    codes = {found.id: found.code for found in db.session.execute(named.where(PaymentAttempt.id.in_(ids)))}
    return [
        (line, codes.get(line.confirmation.attempt_id, "") if line.confirmation else "") for line in lines
    ]
