"""The catalogue's work behind the pages: files of pictures that are gone."""

import structlog

from app.catalog import gallery, photos
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


def sweep_pictures() -> None:
    """Once a day: files that a crash left without a row."""
    if swept := gallery.sweep_files():
        log.info("pictures without a row removed", files=swept)
