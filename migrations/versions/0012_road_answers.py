"""How far addresses are from branches by road, asked once"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "road_answer",
        sa.Column("asked", sa.String(length=64), nullable=False),
        sa.Column("metres", sa.Integer(), nullable=False),
        sa.Column("by_road", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("store_id", sa.BigInteger(), server_default=sa.text("app_store()"), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("metres >= 0", name=op.f("ck_road_answer_metres")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_road_answer_store_id")),
        sa.PrimaryKeyConstraint("store_id", "id", name=op.f("pk_road_answer")),
        sa.UniqueConstraint("id", name=op.f("uq_road_answer_id")),
        sa.UniqueConstraint("store_id", "asked", name=op.f("uq_road_answer_store_id_asked")),
    )


def downgrade() -> None:
    op.drop_table("road_answer")
