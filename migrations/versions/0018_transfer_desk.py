"""The desk for money sent by hand: claims, confirmations, bank lists"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.add_column(
        "store", sa.Column("transfer_unique_cents", sa.Boolean(), server_default="true", nullable=False)
    )
    op.add_column(
        "store",
        sa.Column("transfer_reminder_minutes", sa.SmallInteger(), server_default="10", nullable=False),
    )
    op.add_column(
        "store", sa.Column("transfer_minutes", sa.SmallInteger(), server_default="60", nullable=False)
    )
    op.add_column(
        "store",
        sa.Column("transfer_second_from_minor", sa.BigInteger(), server_default="50000", nullable=False),
    )
    _claims()
    _confirmations()
    _statements()
    _lines()


def _own(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("store_id", sa.BigInteger(), server_default=sa.text("app_store()"), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f(f"fk_{table}_store_id")),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("id", name=op.f(f"uq_{table}_id")),
    )


def _fk(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["store_id", column],
        [f"{target}.store_id", f"{target}.id"],
        name=op.f(f"fk_{table}_store_id_{column}"),
    )


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["ab_user.id"], name=op.f(f"fk_{table}_{column}"))


def _claims() -> None:
    op.create_table(
        "transfer_claim",
        sa.Column("attempt_id", sa.BigInteger(), nullable=False),
        sa.Column("payer", sa.String(length=120), server_default="", nullable=False),
        sa.Column("reference", sa.String(length=60), server_default="", nullable=False),
        sa.Column("picture", sa.String(length=120), server_default="", nullable=False),
        sa.Column("picture_digest", sa.String(length=64), server_default="", nullable=False),
        sa.Column("picture_look", sa.String(length=1024), server_default="", nullable=False),
        sa.Column("doubts", JSON, server_default="[]", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *_own("transfer_claim"),
        _fk("transfer_claim", "attempt_id", "payment_attempt"),
    )
    op.create_index("ix_transfer_claim_attempt", "transfer_claim", ["store_id", "attempt_id"])
    op.create_index("ix_transfer_claim_at", "transfer_claim", ["store_id", "at"])


def _confirmations() -> None:
    table = "transfer_confirmation"
    status = sa.Enum(
        "waiting", "done", "dropped", name="confirmationstatus", native_enum=False, length=24
    )
    op.create_table(
        table,
        sa.Column("attempt_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", status, nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("first_by", sa.Integer(), nullable=True),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_by", sa.Integer(), nullable=True),
        sa.Column("second_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt_id", sa.BigInteger(), nullable=True),
        *_own(table),
        sa.CheckConstraint("amount_minor > 0", name=op.f(f"ck_{table}_amount")),
        sa.CheckConstraint("second_by IS NULL OR second_by <> first_by", name=op.f(f"ck_{table}_two_people")),
        sa.CheckConstraint(
            "(status = 'done') = (receipt_id IS NOT NULL)", name=op.f(f"ck_{table}_receipt")
        ),
        _fk(table, "attempt_id", "payment_attempt"),
        _fk(table, "receipt_id", "payment_receipt"),
        _person(table, "first_by"),
        _person(table, "second_by"),
        sa.UniqueConstraint("store_id", "receipt_id", name=op.f(f"uq_{table}_store_id_receipt_id")),
    )
    op.create_index(f"ix_{table}_attempt", table, ["store_id", "attempt_id"])
    op.create_index(
        f"uq_{table}_waiting",
        table,
        ["store_id", "attempt_id"],
        unique=True,
        postgresql_where="status = 'waiting'",
    )


def _statements() -> None:
    status = sa.Enum(
        "checked", "applied", "discarded", name="statementstatus", native_enum=False, length=24
    )
    op.create_table(
        "bank_statement",
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("filename", sa.String(length=120), nullable=False),
        sa.Column("told", JSON, server_default="{}", nullable=False),
        sa.Column("header", JSON, nullable=False),
        sa.Column("rows", JSON, nullable=False),
        sa.Column("columns", JSON, server_default="{}", nullable=False),
        sa.Column("status", status, nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        *_own("bank_statement"),
        _person("bank_statement", "uploaded_by"),
    )
    op.create_index("ix_bank_statement_at", "bank_statement", ["store_id", "uploaded_at"])


def _lines() -> None:
    status = sa.Enum(
        "open", "waiting", "matched", "ignored", name="linestatus", native_enum=False, length=24
    )
    op.create_table(
        "bank_line",
        sa.Column("statement_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("line_id", sa.String(length=100), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("memo", sa.String(length=300), server_default="", nullable=False),
        sa.Column("name", sa.String(length=120), server_default="", nullable=False),
        sa.Column("status", status, nullable=False),
        sa.Column("how", sa.String(length=8), server_default="", nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("confirmation_id", sa.BigInteger(), nullable=True),
        *_own("bank_line"),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_bank_line_amount")),
        sa.CheckConstraint(
            "(status IN ('waiting', 'matched')) = (confirmation_id IS NOT NULL)",
            name=op.f("ck_bank_line_confirmation"),
        ),
        _fk("bank_line", "statement_id", "bank_statement"),
        _fk("bank_line", "confirmation_id", "transfer_confirmation"),
        sa.UniqueConstraint(
            "store_id", "method", "line_id", name=op.f("uq_bank_line_store_id_method_line_id")
        ),
        sa.UniqueConstraint(
            "store_id", "confirmation_id", name=op.f("uq_bank_line_store_id_confirmation_id")
        ),
    )
    op.create_index(
        "ix_bank_line_open", "bank_line", ["store_id", "method", "id"], postgresql_where="status = 'open'"
    )
    op.create_index("ix_bank_line_statement", "bank_line", ["store_id", "statement_id", "number"])


def downgrade() -> None:
    for table in ("bank_line", "bank_statement", "transfer_confirmation", "transfer_claim"):
        op.drop_table(table)
    for column in (
        "transfer_second_from_minor",
        "transfer_minutes",
        "transfer_reminder_minutes",
        "transfer_unique_cents",
    ):
        op.drop_column("store", column)
