"""Addresses for coins, what was asked to them, and what came"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None

_SEEN = sa.Enum("seen", "counted", "vanished", name="transferstatus", native_enum=False, length=24)


def _tenant(table: str) -> list[sa.schema.SchemaItem]:
    """What every table of a store has."""
    return [
        sa.Column("store_id", sa.BigInteger(), server_default=sa.text("app_store()"), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f(f"fk_{table}_store_id")),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("id", name=op.f(f"uq_{table}_id")),
    ]


def _points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_store_id_{column}")
    return sa.ForeignKeyConstraint(["store_id", column], [f"{to}.store_id", f"{to}.id"], name=name)


def upgrade() -> None:
    op.create_table(
        "coin_counter",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("next_index", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("next_index >= 0", name=op.f("ck_coin_counter_next_index")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coin_counter")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_coin_counter_fingerprint")),
    )
    op.create_table(
        "coin_address",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("key_index", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        *_tenant("coin_address"),
        _points("coin_address", "order_id", "orders"),
        sa.UniqueConstraint("store_id", "address", name=op.f("uq_coin_address_store_id_address")),
        sa.UniqueConstraint(
            "store_id",
            "order_id",
            "method",
            "fingerprint",
            name=op.f("uq_coin_address_store_id_order_id_method_fingerprint"),
        ),
    )
    op.create_index(
        "ix_coin_address_look", "coin_address", ["look_at"], postgresql_where="look_at IS NOT NULL"
    )
    op.create_table(
        "coin_quote",
        sa.Column("attempt_id", sa.BigInteger(), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("rate_minor", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Numeric(38, 0), nullable=False),
        sa.Column("quoted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        *_tenant("coin_quote"),
        _points("coin_quote", "attempt_id", "payment_attempt"),
        _points("coin_quote", "address_id", "coin_address"),
        sa.CheckConstraint("rate_minor > 0 AND units > 0", name=op.f("ck_coin_quote_amounts")),
        sa.UniqueConstraint("store_id", "attempt_id", name=op.f("uq_coin_quote_store_id_attempt_id")),
    )
    op.create_index("ix_coin_quote_address", "coin_quote", ["store_id", "address_id", "id"])
    op.create_table(
        "coin_transfer",
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("txid", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("units", sa.Numeric(38, 0), nullable=False),
        sa.Column("confirmations", sa.Integer(), server_default="0", nullable=False),
        sa.Column("replaceable", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("status", _SEEN, nullable=False),
        sa.Column("missed", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("quote_id", sa.BigInteger(), nullable=True),
        sa.Column("rate_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("receipt_id", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        *_tenant("coin_transfer"),
        _points("coin_transfer", "address_id", "coin_address"),
        _points("coin_transfer", "quote_id", "coin_quote"),
        _points("coin_transfer", "receipt_id", "payment_receipt"),
        sa.CheckConstraint("units > 0 AND rate_minor > 0", name=op.f("ck_coin_transfer_amounts")),
        sa.UniqueConstraint(
            "store_id",
            "address_id",
            "txid",
            "position",
            name=op.f("uq_coin_transfer_store_id_address_id_txid_position"),
        ),
    )


def downgrade() -> None:
    op.drop_table("coin_transfer")
    op.drop_table("coin_quote")
    op.drop_table("coin_address")
    op.drop_table("coin_counter")
