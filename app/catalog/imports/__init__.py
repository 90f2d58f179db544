"""Bringing a whole catalogue in from a file, and taking it out again: a trial first, then all of it or nothing."""

from app.catalog.imports.export import export_catalogue
from app.catalog.imports.files import MAX_BYTES, MAX_ROWS, FileRefused
from app.catalog.imports.models import ImportRow, ImportRun, ImportStatus, Verdict
from app.catalog.imports.service import (
    apply_import,
    discard_import,
    locale_of,
    start_import,
    sweep_imports,
    work,
)
from app.catalog.imports.sheet import COLUMNS

__all__ = [
    "COLUMNS",
    "MAX_BYTES",
    "MAX_ROWS",
    "FileRefused",
    "ImportRow",
    "ImportRun",
    "ImportStatus",
    "Verdict",
    "apply_import",
    "discard_import",
    "export_catalogue",
    "locale_of",
    "start_import",
    "sweep_imports",
    "work",
]
