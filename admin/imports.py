"""The catalogue from a file and back: bringing one in, watching it, reading its report row by row, writing it."""

from dataclasses import replace
from typing import Any

from flask import Response, abort, flash, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from admin import cells
from admin.base import READ_ONLY, Answer, ListPage, StoreInterface, StoreModelView
from admin.cells import Column
from admin.filters import read_asked
from admin.refusals import message_of
from app import stores
from app.catalog import imports
from app.catalog.imports import ImportRow, ImportRun, ImportStatus, Verdict
from app.core.db import db
from app.core.errors import DomainError
from app.core.i18n import _l
from app.web.actor import current_actor
from app.web.errors import STATUS

STATES = {
    ImportStatus.checking: _l("Being checked"),
    ImportStatus.checked: _l("Ready to be written"),
    ImportStatus.refused: _l("Refused"),
    ImportStatus.applying: _l("Being written"),
    ImportStatus.applied: _l("Written"),
    ImportStatus.failed: _l("Broke off"),
    ImportStatus.discarded: _l("Discarded"),
}
COLOURS = {
    ImportStatus.checking: "info",
    ImportStatus.applying: "info",
    ImportStatus.checked: "warning",
    ImportStatus.refused: "danger",
    ImportStatus.failed: "danger",
    ImportStatus.applied: "success",
}
VERDICTS = {Verdict.wrong: _l("Wrong"), Verdict.new: _l("New"), Verdict.changed: _l("Changed")}
VERDICT_COLOURS = {Verdict.wrong: "danger", Verdict.new: "success", Verdict.changed: "info"}
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
PAGE = 100


class ProductImportAdmin(StoreModelView):
    """Files on their way into the catalogue."""

    datamodel = StoreInterface(ImportRun)
    route_base = "/console/imports"
    noun = "import"
    list_title = _l("Import and export")
    empty = _l("No file has been brought in yet.")
    list_template = "admin/imports.html"
    show_template = "admin/import.html"
    exclude_route_methods = READ_ONLY
    eager = (joinedload(ImportRun.author),)
    columns = (
        Column("file", _l("File"), cells.linked("filename", "ProductImportAdmin.show"), ImportRun.filename),
        Column("state", _l("State"), cells.chips("status", STATES, COLOURS), ImportRun.status),
        Column("rows", _l("Rows"), cells.plain("total_rows"), ImportRun.total_rows, "num"),
        Column("new", _l("New"), cells.plain("new_rows"), css="num"),
        Column("changed", _l("Changed"), cells.plain("changed_rows"), css="num"),
        Column("wrong", _l("Wrong"), cells.plain("wrong_rows"), css="num"),
        Column("by", _l("By"), lambda row: str(row.author) if row.author else cells.NOTHING),
        Column("at", _l("Brought"), cells.moment("created_at"), ImportRun.created_at, "when"),
    )

    def render_list(self, status: int = 200, **context: Any) -> Answer:
        """With the form that takes a file, and what its columns are."""
        limits = {"rows": imports.MAX_ROWS, "megabytes": imports.MAX_BYTES // 1024 // 1024}
        return super().render_list(status, sheet=imports.COLUMNS, limits=limits, **context)

    @expose("/upload", methods=["POST"])
    @has_access
    @permission_name("edit")
    def upload(self) -> Answer:
        """Take a file; a job checks it."""
        sent = request.files.get("file")
        content = sent.stream.read(imports.MAX_BYTES + 1) if sent else b""
        try:
            run = imports.start_import(sent.filename or "" if sent else "", content, actor=current_actor())
        except DomainError as error:
            return self.render_list(STATUS[error.kind], file_error=message_of(error))
        return redirect(self.url("show", pk=run.id), 303)

    def render_show(self, row: ImportRun, status: int = 200, **context: Any) -> Answer:
        """The report, a hundred rows at a time."""
        verdict = request.args.get("verdict", "")
        rows = select(ImportRow).where(ImportRow.run_id == row.id).order_by(ImportRow.number)
        if verdict in {one.value for one in Verdict}:
            rows = rows.where(ImportRow.verdict == Verdict(verdict))
        page = _page_of(rows)
        return super().render_show(row, status, page=page, verdict=verdict, **self._words(), **context)

    def _words(self) -> dict[str, Any]:
        words = {"states": STATES, "colours": COLOURS}
        return words | {"verdicts": VERDICTS, "verdict_colours": VERDICT_COLOURS}

    @expose("/state/<pk>", methods=["GET"])
    @has_access
    @permission_name("show")
    def state(self, pk: str) -> Answer:
        """The bar; when the work is over, the whole page anew."""
        run = self.row(pk)
        if not run.is_working:
            return Response(status=204, headers={"HX-Refresh": "true"})
        return self.render_template("admin/_import_bar.html", row=run, view=self, **self._words())

    @expose("/apply/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def apply(self, pk: str) -> Answer:
        """Write what was checked."""
        return self._step(pk, imports.apply_import)

    @expose("/discard/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def discard(self, pk: str) -> Answer:
        """Change nothing."""
        return self._step(pk, imports.discard_import)

    def _step(self, pk: str, act: Any) -> Answer:
        run = self.row(pk)
        try:
            act(run.id, actor=current_actor())
        except DomainError as error:
            flash(str(error), "danger")
        return redirect(self.url("show", pk=pk), 303)

    @expose("/export/<kind>", methods=["GET"])
    @has_access
    @permission_name("edit")
    def export(self, kind: str) -> Answer:
        """The whole catalogue as a file that can be brought in again."""
        if kind not in KINDS:
            abort(404)
        content = imports.export_catalogue(kind, actor=current_actor())
        day = stores.local_today()
        name = f"catalogue-{stores.current_store().slug}-{day}.{kind}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, content_type=KINDS[kind], headers=headers)


def _page_of(query: Select[Any]) -> ListPage:
    asked = replace(read_asked(request.args, (), ""), size=PAGE)
    count = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = db.session.scalars(query.limit(PAGE).offset((asked.page - 1) * PAGE))
    return ListPage([*rows], count, asked, {})
