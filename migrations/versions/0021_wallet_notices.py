"""When somebody proved anew who they are, and when they were told that money of theirs ends"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("login_session", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("wallet_lot", sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("wallet_lot", "warned_at")
    op.drop_column("login_session", "confirmed_at")
