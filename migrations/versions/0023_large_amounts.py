"""Five hundred dollars are a large amount; fifty thousand rupiah are none"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE store SET transfer_second_from_minor = 7500000 "
        "WHERE currency = 'IDR' AND transfer_second_from_minor = 50000"
    )


def downgrade() -> None:
    op.execute(
        "UPDATE store SET transfer_second_from_minor = 50000 "
        "WHERE currency = 'IDR' AND transfer_second_from_minor = 7500000"
    )
