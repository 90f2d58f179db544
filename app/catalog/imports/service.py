"""The steps of an import: start (a person), check (a job), apply or discard (a person), write (a job)."""

from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import delete, insert, select, update

from app.catalog.events import ImportAsked
from app.catalog.imports.apply import count_verdicts, write_plan
from app.catalog.imports.files import FileRefused, read_file
from app.catalog.imports.models import WORKING, ImportRow, ImportRun, ImportStatus
from app.catalog.imports.plan import Plan, lay_plan
from app.catalog.imports.sheet import read_header
from app.catalog.service import require_editor
from app.core import audit, clock, storage
from app.core.actor import Actor
from app.core.db import aside, db, for_update, refresh_statistics, release_connection, transaction
from app.core.errors import DomainError, ErrorKind, NotFound
from app.core.events import emit
from app.core.i18n import DEFAULT_LOCALE, _, _l, active_locale

log = structlog.get_logger()
TYPES = {"XLSX": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")}
KEPT = timedelta(days=30)
MANY = 300
"""From so many rows on PostgreSQL has to count anew, or it goes by a shelf that is no more."""


class ImportMoved(DomainError):
    """Somebody else has taken the next step already."""

    kind, message = ErrorKind.conflict, _l("This import is no longer waiting for that.")


class FilesAway(DomainError):
    """The place where files are kept does not answer."""

    kind, message = ErrorKind.unavailable, _l("Files cannot be kept at the moment. Please try again later.")


def start_import(filename: str, content: bytes, *, actor: Actor) -> ImportRun:
    """Keep the file and ask a job to check it. FileRefused for what can be seen at once, FilesAway."""
    require_editor(actor)
    table = read_file(content)
    read_header(table.header)
    ending, kind = TYPES.get(table.told["format"], ("csv", "text/csv"))
    release_connection()
    key = storage.new_key("imports", f".{ending}")
    try:
        storage.file_storage().put(key, content, kind)
    except storage.StorageError:
        raise FilesAway from None
    with transaction():
        run = ImportRun(
            filename=filename[:120] or f"catalogue.{ending}",
            file_key=key,
            locale=active_locale(),
            told=table.told,
            created_by=actor.user_id,
        )
        db.session.add(run)
        db.session.flush()
        emit(ImportAsked(import_id=run.id, step="check"), actor=actor)
        audit.record("import_started", actor=actor, subject=f"import:{run.id}", file=run.filename)
    return run


@transaction()
def apply_import(run_id: int, *, actor: Actor) -> ImportRun:
    """Write what was checked. Twice is once. Raises NotFound, ImportMoved."""
    run = _take(run_id, ImportStatus.checked, actor)
    run.status, run.done_rows = ImportStatus.applying, 0
    emit(ImportAsked(import_id=run.id, step="apply"), actor=actor)
    return run


@transaction()
def discard_import(run_id: int, *, actor: Actor) -> ImportRun:
    """Change nothing. Raises NotFound, ImportMoved."""
    run = _take(run_id, ImportStatus.checked, actor)
    run.status, run.finished_at = ImportStatus.discarded, clock.now()
    audit.record("import_discarded", actor=actor, subject=f"import:{run.id}", file=run.filename)
    return run


def _take(run_id: int, status: ImportStatus, actor: Actor) -> ImportRun:
    require_editor(actor)
    run = db.session.scalar(for_update(select(ImportRun).where(ImportRun.id == run_id)))
    if run is None:
        raise NotFound
    if run.status is not status:
        raise ImportMoved
    return run


# --- the job's part ------------------------------------------------------------------------------------------


def locale_of(run_id: int) -> str:
    """The language of whoever brought the file: its messages are written in it."""
    return db.session.scalar(select(ImportRun.locale).where(ImportRun.id == run_id)) or DEFAULT_LOCALE


def work(run_id: int, step: str, *, actor: Actor) -> None:
    """Do the step in the caller's transaction; nothing when it was done before. A crash ends the run as failed."""
    run = db.session.get(ImportRun, run_id)
    wanted = ImportStatus.checking if step == "check" else ImportStatus.applying
    if run is None or run.status is not wanted:
        return
    try:
        _check(run) if step == "check" else _apply(run, actor)
    except FileRefused as refusal:
        _refuse(run, refusal.said)
    except Exception:
        db.session.rollback()  # lets go of the run's row
        _mark_failed(run_id)
        raise


def _check(run: ImportRun) -> None:
    plan = _lay(run, lock=False)
    _report(run, plan)
    run.status = ImportStatus.refused if plan.wrong else ImportStatus.checked
    run.finished_at = clock.now() if plan.wrong else None


def _apply(run: ImportRun, actor: Actor) -> None:
    plan = _lay(run, lock=True)
    if plan.wrong:  # the catalogue has changed since the trial
        run.status = ImportStatus.refused
        run.message = str(_("The catalogue has changed since this file was checked. Nothing was written."))
    else:
        write_plan(plan, partial(_say_progress, run.id), actor=actor)
        run.status = ImportStatus.applied
        counts = count_verdicts(plan.lines)
        if counts["new"] + counts["changed"] >= MANY:
            refresh_statistics()
        audit.record(
            "catalogue_imported",
            actor=actor,
            subject=f"import:{run.id}",
            file=run.filename,
            new=counts["new"],
            changed=counts["changed"],
        )
    _report(run, plan)  # last: from here on the run's row is locked, and the bar stands still
    run.finished_at = clock.now()


def _lay(run: ImportRun, *, lock: bool) -> Plan:
    try:
        content = storage.file_storage().get(run.file_key)
    except storage.FileMissing:
        raise FileRefused(str(_("The file is no longer there. Please bring it again."))) from None
    return lay_plan(read_file(content), partial(_say_progress, run.id), lock=lock)


def _report(run: ImportRun, plan: Plan) -> None:
    """Keep what each row does; one that changes nothing is only counted."""
    counts = count_verdicts(plan.lines)
    run.total_rows = run.done_rows = len(plan.lines)
    run.new_rows, run.changed_rows = counts["new"], counts["changed"]
    run.same_rows, run.wrong_rows = counts["same"], counts["wrong"]
    db.session.execute(delete(ImportRow).where(ImportRow.run_id == run.id))
    rows = [
        {
            "run_id": run.id,
            "number": line.number,
            "sku": line.sku[:64],
            "verdict": line.verdict,
            "changes": line.changes if not line.errors else {},
            "errors": [list(error) for error in line.errors],
        }
        for line in plan.lines
        if line.verdict is not None
    ]
    if rows:
        db.session.execute(insert(ImportRow), rows)


def _refuse(run: ImportRun, message: str) -> None:
    run.status, run.message, run.finished_at = ImportStatus.refused, message[:500], clock.now()


def _say_progress(run_id: int, done: int, total: int) -> None:
    with aside() as session:
        told = {"done_rows": done, "total_rows": total}
        session.execute(update(ImportRun).where(ImportRun.id == run_id).values(told))


def _mark_failed(run_id: int) -> None:
    log.exception("import broke off", run_id=run_id)
    message = str(_("Something went wrong on our side. Nothing was written."))
    with aside() as session:
        session.execute(
            update(ImportRun)
            .where(ImportRun.id == run_id)
            .values(status=ImportStatus.failed, message=message, finished_at=clock.now())
        )


def sweep_imports() -> int:
    """Remove runs that ended a month ago with their files and rows; how many. Raises StorageError."""
    long_ago = clock.now() - KEPT
    query = select(ImportRun).where(ImportRun.created_at < long_ago, ImportRun.status.not_in(WORKING))
    old = list(db.session.scalars(query))
    keys = [run.file_key for run in old]
    with transaction():
        db.session.execute(delete(ImportRun).where(ImportRun.id.in_([run.id for run in old])))
    storage.file_storage().delete(keys)
    return len(keys)
