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
       $$ BEGIN ANALYZE (SKIP_LOCKED) category, product, product_photo, variant, stock, orders, order_line, event,
         ledger_account, ledger_entry, ledger_posting, payment_attempt, payment_receipt, refund; END $$""",
    # Balances: of the accounts with a floor first, then the customers', then by id. Every transaction that posts takes
    # the customers' account, whatever it posts: several entries in one transaction then never wait in a circle.
    # And not against the foreign keys' checks, which hold each account's key by then.
    """CREATE OR REPLACE FUNCTION ledger_keep_balances() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         PERFORM FROM ledger_account a WHERE a.id IN (
             SELECT p.account_id FROM posted p
             UNION ALL
             SELECT c.id FROM ledger_account c JOIN posted p ON c.store_id = p.store_id AND c.currency = p.currency
               WHERE c.kind = 'customers')
           ORDER BY a.kind NOT IN ('wallet', 'driver_cash', 'till'), a.kind <> 'customers', a.id FOR NO KEY UPDATE;
         UPDATE ledger_account a SET balance_minor = a.balance_minor + d.amount
           FROM (SELECT p.account_id, sum(p.amount_minor) AS amount FROM posted p GROUP BY 1) d
           WHERE a.id = d.account_id;
         RETURN NULL;
       END $$""",
    # A balance is written by the function above alone, which runs inside another trigger.
    """CREATE OR REPLACE FUNCTION ledger_guard_balance() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF (TG_OP = 'INSERT' AND NEW.balance_minor <> 0) OR (TG_OP = 'UPDATE' AND pg_trigger_depth() < 2) THEN
           RAISE EXCEPTION 'a balance is the sum of its postings' USING ERRCODE = 'insufficient_privilege';
         END IF;
         RETURN NEW;
       END $$""",
    """CREATE OR REPLACE FUNCTION ledger_require_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
       DECLARE
         entry bigint := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
         lines bigint; total numeric;
       BEGIN
         SELECT count(*), coalesce(sum(amount_minor), 0) INTO lines, total
           FROM ledger_posting WHERE store_id = NEW.store_id AND entry_id = entry;
         IF total <> 0 OR lines < 2 THEN
           RAISE EXCEPTION 'ledger entry %% has %% postings that sum to %%', entry, lines, total
             USING ERRCODE = 'check_violation';
         END IF;
         RETURN NULL;
       END $$""",
)

EXTENSIONS = ("pg_trgm", "btree_gist", "unaccent")
NEVER_UPDATED = frozenset(
    {"audit_entry", "stock_movement", "ledger_entry", "ledger_posting", "payment_attempt_event"}
)
"""Tables whose rows nobody updates or deletes, not even their owner."""
APPEND_ONLY = NEVER_UPDATED | {"event", "event_consumption", "ledger_account"}
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
    tables = tenant_tables(owner)  # on the way down some are gone
    for table in tables:
        _protect_table(owner, table, app)
    _protect_store(owner, app)
    for table in APPEND_ONLY.intersection(tables):
        owner.exec_driver_sql(f'REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM "{app}"')
    for table in (NEVER_UPDATED | {"event", "ledger_account"}).intersection(tables):
        _trigger(owner, table, "append_only", "BEFORE DELETE OR TRUNCATE", "refuse_change", "STATEMENT")
    for table in NEVER_UPDATED.intersection(tables):
        _trigger(owner, table, "no_update", "BEFORE UPDATE", "refuse_change", "STATEMENT")
    if "ledger_posting" in tables:
        _keep_ledger(owner, app)
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


def _keep_ledger(owner: Connection, app: str) -> None:
    """Balances follow their postings; an entry that does not sum to zero is refused at commit."""
    # The right to lock the row; what is written there is guarded by the trigger.
    owner.exec_driver_sql(f'GRANT UPDATE (balance_minor) ON ledger_account TO "{app}"')
    _trigger(
        owner, "ledger_account", "guard_balance", "BEFORE INSERT OR UPDATE", "ledger_guard_balance", "ROW"
    )
    owner.exec_driver_sql("DROP TRIGGER IF EXISTS keep_balances ON ledger_posting")
    owner.exec_driver_sql(
        "CREATE TRIGGER keep_balances AFTER INSERT ON ledger_posting REFERENCING NEW TABLE AS posted "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_keep_balances()"
    )
    for table, column in (("ledger_entry", "id"), ("ledger_posting", "entry_id")):
        owner.exec_driver_sql(f"DROP TRIGGER IF EXISTS balanced ON {table}")
        owner.exec_driver_sql(
            f"CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED "
            f"FOR EACH ROW EXECUTE FUNCTION ledger_require_balanced('{column}')"
        )


def _trigger(owner: Connection, table: str, name: str, when: str, function: str, each: str) -> None:
    owner.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {table}")
    owner.exec_driver_sql(
        f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()"
    )
