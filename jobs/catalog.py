"""The catalogue's work behind the pages: files of pictures that are gone, imports."""

import structlog
from flask_babel import force_locale

from app.catalog import gallery, imports, photos
from app.core.actor import Actor
from app.core.db import transaction
from app.core.events import EventRecord, consume
from jobs.base import subscriber
from jobs.queues import BULK

log = structlog.get_logger()


@subscriber(queue=BULK, external=True)
def forget_pictures(record: EventRecord) -> None:
    """PicturesDropped → their files go. Where they are kept may be away; then it is tried again."""
    photos.forget(record.payload["paths"])
    with transaction():
        consume(record.id, "forget_pictures")


@subscriber(queue=BULK)
def run_import(record: EventRecord) -> None:
    """ImportAsked → the file is checked, or written: all of it with this transaction, or nothing."""
    run_id, step = record.payload["import_id"], record.payload["step"]
    author = Actor(record.actor_id, frozenset({"system"}), record.actor_name, source="job")
    with force_locale(imports.locale_of(run_id)):
        imports.work(run_id, step, actor=author)


def sweep_imports() -> None:
    """Once a day: files of imports that ended a month ago."""
    if swept := imports.sweep_imports():
        log.info("old imports removed", runs=swept)


def sweep_pictures() -> None:
    """Once a day: files that a crash left without a row."""
    if swept := gallery.sweep_files():
        log.info("pictures without a row removed", files=swept)
