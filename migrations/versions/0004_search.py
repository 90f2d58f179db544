"""search documents, searches in vain, the covers' index"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Small letters without accents, and nothing between them but one space: the parser of full text takes a no-break
# space for a letter when the database's locale is plain C.
FOLD = """CREATE FUNCTION search_fold(said text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT regexp_replace(lower(unaccent(said)), '[^[:alnum:]]+', ' ', 'g') $$"""

WORDS = """CREATE FUNCTION search_words(folded text) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(DISTINCT word), '{}')
  FROM string_to_table(folded, ' ') AS word WHERE length(word) > 2 $$"""

# Cyrillic becomes Latin letter by letter: under a plain C locale trigrams know ASCII alone.
LATIN = """CREATE FUNCTION search_latin(folded text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT translate(folded, 'абвгдежзийклмнопрстуфхцчшщыэюяёъь', 'abvgdejziiklmnoprstufhcqwxyeuae') $$"""

# `said` is a text per language; the store's own language stands in for one that is missing.
SAY = """CREATE FUNCTION search_say(said jsonb, locale text, fallback text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT concat_ws(' ', nullif(said ->> locale, ''), CASE WHEN locale <> fallback THEN said ->> fallback END) $$"""

WRITE = """CREATE FUNCTION search_write(item product) RETURNS void LANGUAGE sql AS $$
  INSERT INTO product_search (store_id, product_id, locale, document, words)
  SELECT item.store_id, item.id, spoken.locale,
    setweight(to_tsvector(spoken.stems, said.name), 'A')
    || setweight(to_tsvector(spoken.stems, said.labels), 'B')
    || setweight(to_tsvector(spoken.stems, said.subtitle), 'C')
    || setweight(to_tsvector(spoken.stems, said.description), 'D'),
    search_words(said.name || ' ' || said.labels || ' ' || said.subtitle)
  FROM (VALUES ('en', 'english'::regconfig), ('ru', 'russian'), ('es', 'spanish')) AS spoken (locale, stems),
    store AS home, category AS drawer,
    LATERAL (SELECT
      search_fold(search_say(item.name, spoken.locale, home.default_locale)) AS name,
      search_fold(search_say(item.subtitle, spoken.locale, home.default_locale)) AS subtitle,
      search_fold(search_say(item.description, spoken.locale, home.default_locale)) AS description,
      search_fold(concat_ws(' ', item.brand, array_to_string(item.tags, ' '),
        search_say(drawer.name, spoken.locale, home.default_locale))) AS labels) AS said
  WHERE home.id = item.store_id AND drawer.store_id = item.store_id AND drawer.id = item.category_id
  ON CONFLICT (store_id, locale, product_id)
    DO UPDATE SET document = excluded.document, words = excluded.words $$"""

TRIGGERS = (
    """CREATE FUNCTION search_follow_product() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM search_write(NEW); RETURN NULL; END $$""",
    """CREATE FUNCTION search_follow_category() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM search_write(product) FROM product
       WHERE product.store_id = NEW.store_id AND product.category_id = NEW.id; RETURN NULL; END $$""",
    """CREATE TRIGGER search_follow AFTER INSERT OR UPDATE OF name, subtitle, description, brand, tags, category_id
    ON product FOR EACH ROW EXECUTE FUNCTION search_follow_product()""",
    """CREATE TRIGGER search_follow AFTER UPDATE OF name ON category
    FOR EACH ROW EXECUTE FUNCTION search_follow_category()""",
)


def upgrade() -> None:
    op.create_table(
        "product_search",
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("document", postgresql.TSVECTOR(), nullable=False),
        sa.Column("words", postgresql.ARRAY(sa.Text()), nullable=False),
        *_tenant("product_search"),
        sa.ForeignKeyConstraint(
            ["store_id", "product_id"],
            ["product.store_id", "product.id"],
            name=op.f("fk_product_search_store_id_product_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "store_id", "locale", "product_id", name=op.f("uq_product_search_store_id_locale_product_id")
        ),
    )
    op.create_index("ix_product_search_product", "product_search", ["store_id", "product_id"])
    op.create_table(
        "search_miss",
        sa.Column("words", sa.String(length=60), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("count", sa.Integer(), server_default="1", nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        *_tenant("search_miss"),
        sa.UniqueConstraint("store_id", "locale", "words", name=op.f("uq_search_miss_store_id_locale_words")),
    )
    op.create_index("ix_search_miss_count", "search_miss", ["store_id", "count"])
    op.create_index("ix_product_photo_product", "product_photo", ["store_id", "product_id", "position"])
    for statement in (FOLD, WORDS, LATIN, SAY, WRITE, *TRIGGERS):
        op.get_bind().exec_driver_sql(statement)
    _fill()


def _fill() -> None:
    """Write the documents of what is there. Row security is forced on the owner too: lifted here, put back after."""
    connection = op.get_bind()
    for table in ("product", "category"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    products = connection.scalar(sa.text("SELECT count(*) FROM product"))
    connection.execute(sa.text("SELECT search_write(product) FROM product"))
    written = connection.scalar(sa.text("SELECT count(DISTINCT product_id) FROM product_search"))
    for table in ("product", "category"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    if products != written:
        raise RuntimeError(f"{products} products, but {written} of them can be searched")


def downgrade() -> None:
    for table in ("product", "category"):
        op.execute(f"DROP TRIGGER search_follow ON {table}")
    for function in (
        "search_follow_product()",
        "search_follow_category()",
        "search_write(product)",
        "search_say(jsonb, text, text)",
        "search_words(text)",
        "search_latin(text)",
        "search_fold(text)",
    ):
        op.execute(f"DROP FUNCTION {function}")
    op.drop_index("ix_product_photo_product", table_name="product_photo")
    op.drop_table("search_miss")
    op.drop_table("product_search")


def _tenant(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """The columns and keys of every table of a store."""
    return (
        sa.Column("store_id", sa.BigInteger(), server_default=sa.text("app_store()"), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f(f"fk_{table}_store_id")),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("id", name=op.f(f"uq_{table}_id")),
    )
