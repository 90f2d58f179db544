"""`python -m bench.imports`: 5,000 rows into an empty catalogue and again as a change, beside the limit of the spec."""

import io
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from launch.services import services

ROWS = int(os.environ.get("BENCH_ROWS", "5000"))
LIMIT_SECONDS = 30.0


def main() -> int:
    """Print the table; 1 when the limit is passed."""
    with tempfile.TemporaryDirectory(prefix="theriac-bench-") as folder, services(Path(folder)) as addresses:
        os.environ.update(
            DATABASE_URL=addresses.database_url,
            REDIS_URL=addresses.redis_url,
            SECRET_KEY="bench-secret-of-no-value",
            DATA_DIR=folder,
            FLASK_APP="wsgi.py",
            LOG_LEVEL="error",
        )
        slowest = _measure()
    return int(slowest > LIMIT_SECONDS)


def _measure() -> float:
    from app.catalog import imports
    from app.core.tenancy import store_scope
    from app.factory import create_app
    from tests.factories import open_stores

    app = create_app()
    app.test_cli_runner().invoke(args=["release"], catch_exceptions=False)
    with app.app_context():
        open_stores()
        with store_scope(1):
            _make_category()
            results = [
                ("CSV, all new", *_bring(_file(price="1.00"))),
                ("CSV, every price another", *_bring(_file(price="2.00"))),
            ]
            start = time.perf_counter()
            workbook = imports.export_catalogue("xlsx", actor=_manager())
            exported = time.perf_counter() - start
            results.append(("XLSX of the export, all columns", *_bring(workbook)))
    print(f"{ROWS:,} rows, limit {LIMIT_SECONDS:.0f} s             check s   write s")
    for name, checked, written in results:
        print(f"{name:34} {checked:8.2f}  {written:8.2f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"export to XLSX {exported:.2f} s, {len(workbook) / 1e6:.1f} MB; peak memory {peak:.0f} MB")
    return max(checked + written for _name, checked, written in results)


def _manager() -> Any:
    from app.core.actor import Actor

    return Actor(roles=frozenset({"manager"}), name="bench")


def _bring(content: bytes) -> tuple[float, float]:
    """Seconds of checking and of writing."""
    from app.catalog import imports

    run = imports.start_import("bench", content, actor=_manager()).id
    start = time.perf_counter()
    _work()
    checked = time.perf_counter()
    imports.apply_import(run, actor=_manager())
    _work()
    return checked - start, time.perf_counter() - checked


def _work() -> None:
    """What a worker does with the step that was asked for last."""
    from sqlalchemy import select

    from app.core.db import db
    from app.core.events import EventRecord
    from jobs.base import handle
    from jobs.catalog import run_import

    asked = select(EventRecord.id).where(EventRecord.type == "ImportAsked").order_by(EventRecord.id.desc())
    handle(db.session.scalars(asked.limit(1)).one(), run_import)


def _make_category() -> None:
    from app.catalog.models import Category
    from app.core.db import db, transaction

    with transaction():
        db.session.add(Category(slug="vitamins", name={"en": "Vitamins"}))


def _file(price: str) -> bytes:
    target = io.StringIO()
    target.write("sku,product,category,name_en,name_ru,subtitle_en,brand,tags,price,barcode\n")
    for number in range(ROWS):
        target.write(
            f"SKU-{number},product-{number},vitamins,Remedy {number},Средство {number},60 tablets,"
            f'Marea,"daily, kids",{price},\n'
        )
    return target.getvalue().encode()


if __name__ == "__main__":
    sys.exit(main())
