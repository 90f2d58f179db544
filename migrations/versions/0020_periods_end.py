"""Whether a period of periodic work was finished, so that another worker takes over what a killed one left"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("periodic_run", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE periodic_run SET ended_at = started_at")


def downgrade() -> None:
    op.drop_column("periodic_run", "ended_at")
