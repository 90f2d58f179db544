"""How PostgreSQL goes about a listing when it knows nothing of the rows yet, as in the minute after an import."""

import pytest
from sqlalchemy import Engine, create_engine, event, text

from app import catalog
from app.catalog import Filters
from app.core.db import db, transaction
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


@pytest.fixture
def unknown(app):
    """PostgreSQL has no statistics of the shelf, and gathers none while the test runs."""
    engine = create_engine(app.config["DATABASE_URL"])
    with engine.begin() as superuser:
        for statement in FORGET:
            superuser.execute(text(statement), {"tables": list(TABLES)})
    with engine.begin() as superuser:
        superuser.execute(text(f"LOCK TABLE {', '.join(TABLES)} IN SHARE UPDATE EXCLUSIVE MODE"))
        yield
    engine.dispose()


@pytest.fixture
def imported(unknown, store):
    branch, category = make_branch(), make_category()
    assert branch.id
    with transaction() as work:
        for statement in FILL:
            work.execute(text(statement), {"category": category.id, "products": PRODUCTS})


def rows_touched(plan):
    """The most rows that one step of the plan gave, all its rounds together."""
    below = [rows_touched(step) for step in plan.get("Plans", [])]
    return max([plan["Actual Rows"] * plan["Actual Loops"], *below])


@pytest.mark.parametrize("filters", [Filters(), Filters(category="vitamins"), Filters(in_stock=True)])
def test_no_step_walks_the_shelf_once_for_every_product(imported, filters):
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
    for statement, parameters in asked:
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
        plan = db.session.connection().exec_driver_sql(explain, parameters).scalar_one()[0]["Plan"]
        # A page of 24 may be looked up by walking the products; 400 × 400 would be 160,000.
        assert rows_touched(plan) <= 30 * PRODUCTS
