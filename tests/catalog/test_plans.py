"""How PostgreSQL goes about a listing of which it knows nothing, or something wrong, and after it has counted."""

import pytest
from sqlalchemy import Engine, create_engine, event, text

from app import catalog
from app.catalog import Filters
from app.core.db import db, refresh_statistics, transaction
from tests.factories import make_branch, make_category

PRODUCTS = 400

FILL = (
    """INSERT INTO product (category_id, slug, brand, name, tags, hue, rx_required, min_age, rating_centi, rating_count,
         sold_count, active)
       SELECT :category, 'p-' || n, 'Marea', '{"en": "Vitamin"}', '{daily}', 90, false, 0, 0, 0, n, true
       FROM generate_series(1, :products) n""",
    """INSERT INTO variant (product_id, sku, barcode, price_minor, cost_minor, tax_class, weight_g, position, active)
       SELECT id, 'S' || id, '', 500, 100, 'standard', 1, 0, true FROM product""",
    """INSERT INTO stock (branch_id, variant_id, on_hand, reserved, low_at)
       SELECT branch.id, variant.id, 5, 0, 1 FROM branch, variant""",
)


TABLES = ("product", "variant", "stock")
FORGET = (
    "SELECT pg_clear_relation_stats('public', name) FROM unnest(CAST(:tables AS text[])) AS name",
    """SELECT pg_clear_attribute_stats('public', tablename, attname, false)
       FROM pg_stats WHERE schemaname = 'public' AND tablename = ANY (:tables)""",
)


def fill():
    branch, category = make_branch(), make_category()
    assert branch.id
    with transaction() as work:
        for statement in FILL:
            work.execute(text(statement), {"category": category.id, "products": PRODUCTS})


def rows_touched(plan):
    """The most rows that one step of the plan gave or threw away, all its rounds together."""
    below = [rows_touched(step) for step in plan.get("Plans", [])]
    thrown = sum(count for name, count in plan.items() if name.startswith("Rows Removed by "))
    return max([(plan["Actual Rows"] + thrown) * plan["Actual Loops"], *below])


@pytest.fixture
def unwatched(app):
    """Autovacuum, which counts by itself when it finds the time, leaves the shelf alone."""
    engine = create_engine(app.config["DATABASE_URL"])

    def tell(what):
        with engine.begin() as superuser:
            for table in TABLES:
                superuser.execute(text(f"ALTER TABLE {table} {what}"))

    tell("SET (autovacuum_enabled = off)")  # waits for one that is counting
    yield
    tell("RESET (autovacuum_enabled)")
    engine.dispose()


EMPTIED = """SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', name, 'relpages', 40, 'reltuples', 0)
             FROM unnest(CAST(:tables AS text[])) AS name"""


def forget(app, *then):
    """PostgreSQL knows nothing of the shelf, or what `then` makes it believe."""
    engine = create_engine(app.config["DATABASE_URL"])
    with engine.begin() as superuser:
        for statement in (*FORGET, *then):
            superuser.execute(text(statement), {"tables": list(TABLES)})
    engine.dispose()


def most_rows(filters):
    """The most rows that a step of the listing's queries gave."""
    asked = []

    def note(_connection, _cursor, statement, parameters, *_rest):
        if statement.startswith("WITH shelf"):
            asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert catalog.list_products(filters).total == PRODUCTS
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(asked) == 2
    return max(rows_touched(explain(*question)) for question in asked)


def explain(statement, parameters):
    question = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
    return db.session.connection().exec_driver_sql(question, parameters).scalar_one()[0]["Plan"]


@pytest.mark.usefixtures("unwatched")
@pytest.mark.parametrize("believed", [(), (EMPTIED,)], ids=["knows nothing", "believes it is empty"])
def test_a_count_keeps_the_shelf_from_being_walked_for_every_card(app, store, believed):
    forget(app, *believed)
    fill()
    assert most_rows(Filters()) >= 20 * PRODUCTS, "the trap"
    refresh_statistics()
    for filters in (Filters(), Filters(category="vitamins"), Filters(in_stock=True)):
        assert most_rows(filters) <= 4 * PRODUCTS
