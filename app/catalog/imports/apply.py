"""Writing a plan into the catalogue, in the caller's transaction: all of it, with its audit entries."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert

from app.catalog.imports.plan import Line, Plan, Progress
from app.catalog.imports.sheet import COLUMNS, DEFAULTS, House
from app.catalog.models import Product, Variant
from app.catalog.service import touch
from app.core.actor import Actor
from app.core.audit import AuditEntry
from app.core.db import db

AT_ONCE = 500


def write_plan(plan: Plan, progress: Progress, *, actor: Actor) -> None:
    """Write every row that changes something. The plan has no errors and was laid with its rows locked."""
    prices: list[dict[str, Any]] = []
    new = [line for line in plan.lines if line.is_new]
    _insert_new(new, plan, actor)
    done = len(new)
    for line in plan.lines:
        if line.is_new:
            continue
        if line.changes:
            variant = plan.variants[line.sku]
            before = variant.price_minor
            _change(line, variant, plan, actor)
            if before != variant.price_minor:
                prices.append(_price_entry(variant, before, actor))
        done += 1
        if done % AT_ONCE == 0:
            db.session.flush()
            progress(done, len(plan.lines))
    db.session.flush()
    if prices:
        db.session.execute(insert(AuditEntry), prices)


def _change(line: Line, variant: Variant, plan: Plan, actor: Actor) -> None:
    for column in plan.columns:
        if column.name in line.changes:
            column.put(variant.product if column.of == "product" else variant, line.values[column.name])
    touch(variant.product, actor)


def _insert_new(lines: list[Line], plan: Plan, actor: Actor) -> None:
    """Products first, then their variants; many rows in a statement."""
    ids = {slug: product.id for slug, product in plan.products.items()}
    products: dict[str, dict[str, Any]] = {}
    for line in lines:
        slug = str(line.values["product"])
        if slug in ids:
            _change_known(line, plan.products[slug], plan, actor)
        elif slug not in products:
            products[slug] = _new("product", line, plan.house) | {"changed_by": actor.user_id}
    if products:
        made = insert(Product).returning(Product.slug, Product.id)
        for slug, key in db.session.execute(made, list(products.values())):
            ids[slug] = key
    rows = [
        _new("variant", line, plan.house) | {"product_id": ids[str(line.values["product"])]} for line in lines
    ]
    if rows:
        db.session.execute(insert(Variant), rows)


def _change_known(line: Line, product: Product, plan: Plan, actor: Actor) -> None:
    """A new variant of a known product may say something new of the product too."""
    for column in plan.columns:
        if column.of == "product" and column.name in line.changes:
            column.put(product, line.values[column.name])
    touch(product, actor)


def _new(of: str, line: Line, house: House) -> dict[str, Any]:
    """A row with every column of the file, and what a new one has in the others."""
    made = SimpleNamespace()
    for column in (one for one in COLUMNS if one.of == of):
        if not hasattr(made, column.field):
            setattr(made, column.field, {} if column.locale else [] if column.field == "tags" else None)
        if column.name in line.values:
            column.put(made, line.values[column.name])
        elif column.name == "tax_class":
            usual = str(DEFAULTS["tax_class"])
            made.tax_class = usual if usual in house.tax_classes else min(house.tax_classes)
        elif column.name in DEFAULTS:
            column.put(made, DEFAULTS[column.name])
    return vars(made)


def _price_entry(variant: Variant, before: int, actor: Actor) -> dict[str, Any]:
    return {
        "action": "price_changed",
        "actor_id": actor.user_id,
        "actor_name": actor.name,
        "source": actor.source,
        "subject": f"variant:{variant.id}",
        "detail": {"sku": variant.sku, "changes": [before, variant.price_minor]},
    }


def count_verdicts(lines: Iterable[Line]) -> dict[str, int]:
    """How many rows are new, changed, same and wrong."""
    counts = {"new": 0, "changed": 0, "same": 0, "wrong": 0}
    for line in lines:
        counts[line.verdict.value if line.verdict else "same"] += 1
    return counts
