"""Isolation, proved from PostgreSQL's own catalogue and from a plain SQL session of the application's role."""

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from app.catalog.models import Category, Product
from app.core.db import db, transaction
from app.core.schema import tenant_tables
from app.core.tenancy import TenantSwitchError, UnsafeRoleError, assert_safe_role, store_scope
from tests.factories import (
    JAKARTA,
    MIAMI,
    make_branch,
    make_category,
    make_customer,
    make_variant,
    make_zone,
    place,
)

WRONG = {
    "a tenant table without enabled and forced row-level security": """
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'store_id'
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT a.attisdropped
          AND NOT (c.relrowsecurity AND c.relforcerowsecurity)""",
    "a tenant table whose policy for the application is not its store": """
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'store_id'
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT EXISTS (
          SELECT FROM pg_policies p WHERE p.tablename = c.relname AND p.cmd = 'ALL' AND 'theriac_app' = ANY (p.roles)
            AND p.qual = '(store_id = app_store())' AND p.with_check = p.qual)""",
    "a second policy for the application on a tenant table": """
        SELECT p.tablename FROM pg_policies p JOIN information_schema.columns c
          ON c.table_name = p.tablename AND c.column_name = 'store_id' AND c.table_schema = 'public'
        WHERE ('theriac_app' = ANY (p.roles) OR 'public' = ANY (p.roles)) AND p.policyname <> 'tenant'""",
    "a tenant table whose key does not begin with store_id": """
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'store_id'
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT EXISTS (
          SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p'
            AND k.conkey[1] = a.attnum AND cardinality(k.conkey) = 2)""",
    "a nullable store_id, or one without the default of the transaction's store": """
        SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'store_id'
          AND (is_nullable = 'YES' OR column_default IS DISTINCT FROM 'app_store()')""",
    "a foreign key between tenant tables without store_id": """
        SELECT k.conname FROM pg_constraint k
          JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attname = 'store_id'
          JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attname = 'store_id'
        WHERE k.contype = 'f' AND NOT (a.attnum = ANY (k.conkey) AND b.attnum = ANY (k.confkey))""",
    "a unique key of a tenant table that tells of other stores": """
        SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_attribute a
          ON a.attrelid = i.indrelid AND a.attname = 'store_id'
        WHERE i.indisunique AND a.attnum <> ALL (i.indkey) AND NOT (cardinality(i.indkey) = 1 AND EXISTS (
          SELECT FROM pg_attribute x WHERE x.attrelid = i.indrelid AND x.attnum = i.indkey[0] AND x.attname = 'id'))""",
    "a view, which would run as its owner, or a materialised view": """
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')""",
    # One may: it refreshes the planner's statistics, which only an owner can, takes nothing and answers nothing.
    "a function that runs as its owner": """
        SELECT p.proname FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
        WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace AND NOT (
          p.proname = 'refresh_statistics' AND p.pronargs = 0 AND p.prorettype = 'void'::regtype
          AND p.prosrc ~ '^ *BEGIN ANALYZE [^;]*; END *$' AND 'search_path=public, pg_temp' = ANY (p.proconfig))""",
    "a role of ours that passes row-level security": """
        SELECT rolname FROM pg_roles WHERE rolname LIKE 'theriac\\_%' AND (rolsuper OR rolbypassrls)""",
    "a right of the relay beyond events": """
        SELECT table_name FROM information_schema.table_privileges WHERE grantee = 'theriac_relay'
          AND NOT (table_name IN ('event', 'event_consumption') AND privilege_type = 'SELECT')""",
    "a right to change what is append-only": """
        SELECT table_name FROM information_schema.table_privileges WHERE grantee = 'theriac_app'
          AND table_name IN ('event', 'event_consumption', 'audit_entry', 'stock_movement')
          AND privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE')""",
}


@pytest.fixture(scope="module")
def superuser(app):
    engine = create_engine(app.config["DATABASE_URL"])
    yield engine
    engine.dispose()


@pytest.mark.parametrize("wrong", WRONG, ids=lambda name: name)
def test_the_catalogue_has_no(superuser, wrong):
    with superuser.connect() as connection:
        assert [row[0] for row in connection.execute(text(WRONG[wrong]))] == []


SPOILT = {
    "a tenant table without enabled and forced row-level security": "ALTER TABLE category NO FORCE ROW LEVEL SECURITY",
    "a tenant table whose policy for the application is not its store": """
        DROP POLICY tenant ON category; CREATE POLICY tenant ON category TO theriac_app USING (true)""",
    "a second policy for the application on a tenant table": "CREATE POLICY also ON category USING (true)",
    "a tenant table whose key does not begin with store_id": """
        CREATE TABLE spoilt (id bigint PRIMARY KEY, store_id bigint)""",
    "a nullable store_id, or one without the default of the transaction's store": """
        ALTER TABLE category ALTER store_id DROP DEFAULT""",
    "a foreign key between tenant tables without store_id": """
        ALTER TABLE product ADD UNIQUE (id);
        ALTER TABLE variant ADD CONSTRAINT spoilt FOREIGN KEY (product_id) REFERENCES product (id)""",
    "a unique key of a tenant table that tells of other stores": "CREATE UNIQUE INDEX spoilt ON category (slug)",
    "a view, which would run as its owner, or a materialised view": "CREATE VIEW spoilt AS SELECT * FROM category",
    "a function that runs as its owner": """
        CREATE FUNCTION spoilt() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'""",
    "a role of ours that passes row-level security": "CREATE ROLE theriac_spoilt BYPASSRLS",
    "a right of the relay beyond events": "GRANT SELECT ON category TO theriac_relay",
    "a right to change what is append-only": "GRANT UPDATE ON event TO theriac_app",
}
"""One deed for each check above that it must see; each is undone with its transaction."""


def test_every_check_has_a_deed_that_it_must_see():
    assert SPOILT.keys() == WRONG.keys()


@pytest.mark.parametrize("wrong", WRONG, ids=lambda name: name)
def test_the_walk_can_fail(superuser, wrong):
    with superuser.connect() as connection:
        connection.execute(text(SPOILT[wrong]))
        found = [row[0] for row in connection.execute(text(WRONG[wrong]))]
        connection.rollback()
    assert len(found) == 1


def test_the_walk_finds_a_table_that_was_forgotten(superuser):
    """A bare table with store_id, as somebody in a hurry would make it, is caught four times over."""
    with superuser.connect() as connection:
        connection.execute(text("CREATE TABLE forgotten (id bigint PRIMARY KEY, store_id bigint)"))
        found = {
            name
            for name, query in WRONG.items()
            if "forgotten" in {r[0] for r in connection.execute(text(query))}
        }
        connection.rollback()
    assert len(found) == 4


def test_without_a_store_no_row_of_any_tenant_table_is_seen(committed):
    ana = make_customer()
    branch = make_branch()
    make_zone(branch)
    make_variant(branch, "VITC")
    place(("VITC", 1), actor=ana)
    engine = create_engine(committed.config["SQLALCHEMY_DATABASE_URI"])
    with engine.connect() as connection:
        tables = tenant_tables(connection)
        seen = {t: connection.execute(text(f'SELECT count(*) FROM "{t}"')).scalar() for t in tables}
    engine.dispose()
    assert len(tables) > 25
    assert set(seen.values()) == {0}


def test_without_a_store_nothing_is_written(committed):
    engine = create_engine(committed.config["SQLALCHEMY_DATABASE_URI"])
    with engine.connect() as connection, pytest.raises((IntegrityError, ProgrammingError)):
        connection.execute(text("INSERT INTO category (slug, name) VALUES ('x', '{}')"))
    engine.dispose()


def test_rows_of_the_other_store_are_not_there(committed):
    mine = make_category("mine").id
    with store_scope(JAKARTA):
        assert db.session.get(Category, mine) is None
        assert db.session.scalars(select(Category)).all() == []


def test_a_row_cannot_point_into_another_store(committed):
    foreign = make_category("foreign").id
    with store_scope(JAKARTA), pytest.raises(IntegrityError), transaction():
        db.session.add(Product(category_id=foreign, slug="smuggled", name={"en": "Smuggled"}))


def test_a_row_cannot_be_written_for_another_store(committed):
    with pytest.raises(ProgrammingError, match="row-level security"), transaction():
        db.session.add(Category(slug="smuggled", name={"en": "x"}, store_id=JAKARTA))


def test_the_store_cannot_change_inside_a_transaction(committed):
    with transaction(), pytest.raises(TenantSwitchError), store_scope(JAKARTA):
        pass


def test_the_store_is_set_again_after_every_commit(committed):
    make_category("one")
    db.session.commit()
    assert db.session.execute(text("SELECT current_setting('app.store_id')")).scalar() == str(MIAMI)


def test_a_pooled_connection_forgets_its_store(committed):
    make_category("one")
    db.session.remove()
    with db.engine.connect() as connection:
        assert (
            connection.execute(text("SELECT coalesce(current_setting('app.store_id', true), '')")).scalar()
            == ""
        )


def test_the_application_refuses_a_role_that_is_not_bound(app, superuser):
    with pytest.raises(UnsafeRoleError):
        assert_safe_role(superuser)
    with app.app_context():
        assert_safe_role(db.engine)
