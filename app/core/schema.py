"""What the database itself guarantees and the models cannot say: roles, row-level security, grants, triggers.

Run by the release step around the migrations; every statement may run again.
"""

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

FUNCTIONS = (
    # The store of the running transaction; NULL (so: no rows) when none is set. `nullif`, because a setting that was
    # set once in a session reads '' afterwards.
    """CREATE OR REPLACE FUNCTION app_store() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
       $$ SELECT nullif(current_setting('app.store_id', true), '')::bigint $$""",
    """CREATE OR REPLACE FUNCTION wake_relay() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN NOTIFY event; RETURN NULL; END $$""",
    """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME; END $$""",
    # The application owns no table, and only an owner may. Whoever holds a table already is doing the same.
    """CREATE OR REPLACE FUNCTION refresh_statistics() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
       SET search_path = public, pg_temp AS
       $$ BEGIN ANALYZE (SKIP_LOCKED) category, product, product_photo, variant, stock; END $$""",
)

EXTENSIONS = ("pg_trgm", "btree_gist", "unaccent")
APPEND_ONLY = ("event", "audit_entry", "stock_movement", "event_consumption")
"""Tables whose rows the application may add and read, and nothing else."""


class ExtensionMissing(RuntimeError):
    """The database has not got an extension that the product needs, and this user may not create it."""


def create_roles(admin: Connection, names: dict[str, str], passwords: dict[str, str]) -> None:
    """Make the three roles, on a connection that may: `names` and `passwords` by owner, app, relay."""
    for role, name in names.items():
        exists = admin.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :n"), {"n": name}).first()
        verb = "ALTER" if exists else "CREATE"
        admin.exec_driver_sql(
            f'{verb} ROLE "{name}" LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE '
            f"PASSWORD '{passwords[role]}'"
        )
    app, relay, owner = names["app"], names["relay"], names["owner"]
    for role in (app, relay):
        admin.exec_driver_sql(f"ALTER ROLE \"{role}\" SET lock_timeout = '3s'")
        admin.exec_driver_sql(f"ALTER ROLE \"{role}\" SET statement_timeout = '15s'")
        admin.exec_driver_sql(f"ALTER ROLE \"{role}\" SET idle_in_transaction_session_timeout = '30s'")
    for extension in EXTENSIONS:
        _create_extension(admin, extension)
    admin.exec_driver_sql(f'GRANT "{owner}" TO CURRENT_USER')
    admin.exec_driver_sql(f'ALTER SCHEMA public OWNER TO "{owner}"')
    admin.exec_driver_sql(f'GRANT USAGE ON SCHEMA public TO "{app}", "{relay}"')


def _create_extension(admin: Connection, extension: str) -> None:
    try:
        admin.exec_driver_sql(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    except DBAPIError as refused:
        raise ExtensionMissing(
            f"PostgreSQL's extension {extension} is needed. Have an administrator of the server run "
            f"CREATE EXTENSION {extension}; in this database, then release again. ({refused.orig})"
        ) from refused


def prepare(owner: Connection, app: str) -> None:
    """Before migrating: functions that defaults need, and what the application may do to tables to come."""
    for statement in FUNCTIONS:
        owner.exec_driver_sql(statement)
    owner.exec_driver_sql("REVOKE ALL ON FUNCTION refresh_statistics() FROM PUBLIC")
    owner.exec_driver_sql(f'GRANT EXECUTE ON FUNCTION refresh_statistics() TO "{app}"')
    owner.exec_driver_sql(
        f'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{app}"'
    )
    owner.exec_driver_sql(
        f'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO "{app}"'
    )


def protect(owner: Connection, app: str, relay: str) -> None:
    """After migrating: force row-level security on every tenant table, then narrow the grants.

    It walks the catalogue instead of a list, so a new table with `store_id` cannot be forgotten.
    """
    if not _has_table(owner, "event"):
        return
    for table in tenant_tables(owner):
        _protect_table(owner, table, app)
    _protect_store(owner, app)
    for table in APPEND_ONLY:
        owner.exec_driver_sql(f'REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM "{app}"')
    for table in ("event", "audit_entry", "stock_movement"):
        _trigger(owner, table, "append_only", "BEFORE DELETE OR TRUNCATE", "refuse_change", "STATEMENT")
    _trigger(owner, "audit_entry", "no_update", "BEFORE UPDATE", "refuse_change", "STATEMENT")
    _trigger(owner, "stock_movement", "no_update", "BEFORE UPDATE", "refuse_change", "STATEMENT")
    _trigger(owner, "event", "wake_relay", "AFTER INSERT", "wake_relay", "STATEMENT")
    _open_to_relay(owner, relay)


def tenant_tables(connection: Connection) -> list[str]:
    """Every table that carries store_id."""
    rows = connection.execute(
        text(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'store_id' AND NOT a.attisdropped "
            "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY 1"
        )
    )
    return [row[0] for row in rows]


def _has_table(connection: Connection, table: str) -> bool:
    return bool(connection.execute(text("SELECT to_regclass(:t)"), {"t": f"public.{table}"}).scalar())


def _policy(owner: Connection, table: str, name: str, body: str) -> None:
    owner.exec_driver_sql(f"DROP POLICY IF EXISTS {name} ON {table}")
    owner.exec_driver_sql(f"CREATE POLICY {name} ON {table} {body}")


def _protect_table(owner: Connection, table: str, app: str) -> None:
    owner.exec_driver_sql(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    owner.exec_driver_sql(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
    _policy(
        owner,
        f'"{table}"',
        "tenant",
        f'TO "{app}" USING (store_id = app_store()) WITH CHECK (store_id = app_store())',
    )


def _protect_store(owner: Connection, app: str) -> None:
    """Any store may be read (a host has to be found); a store's own row alone may be changed."""
    owner.exec_driver_sql("ALTER TABLE store ENABLE ROW LEVEL SECURITY")
    owner.exec_driver_sql("ALTER TABLE store FORCE ROW LEVEL SECURITY")
    _policy(owner, "store", "find", f'FOR SELECT TO "{app}" USING (true)')
    _policy(
        owner, "store", "own", f'FOR UPDATE TO "{app}" USING (id = app_store()) WITH CHECK (id = app_store())'
    )
    _policy(owner, "store", "platform", "TO CURRENT_USER USING (true) WITH CHECK (true)")
    owner.exec_driver_sql(f'REVOKE INSERT, DELETE ON store FROM "{app}"')
    owner.exec_driver_sql(f'REVOKE INSERT, UPDATE, DELETE ON store_host FROM "{app}"')


def _open_to_relay(owner: Connection, relay: str) -> None:
    """The relay reads events and what was consumed of them, and writes its own marks: nothing else."""
    owner.exec_driver_sql(f'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM "{relay}"')
    owner.exec_driver_sql(f'GRANT SELECT ON event, event_consumption TO "{relay}"')
    owner.exec_driver_sql(
        f'GRANT UPDATE (leased_until, attempts, published_at, dead_at) ON event TO "{relay}"'
    )
    _policy(owner, "event", "relay", f'TO "{relay}" USING (true) WITH CHECK (true)')
    _policy(owner, "event_consumption", "relay", f'FOR SELECT TO "{relay}" USING (true)')


def _trigger(owner: Connection, table: str, name: str, when: str, function: str, each: str) -> None:
    owner.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {table}")
    owner.exec_driver_sql(
        f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()"
    )
