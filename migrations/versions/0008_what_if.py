"""What-ifs: scenarios that were asked, with their answers"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('what_if',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('scenario', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('status', sa.Enum('waiting', 'done', name='runstatus', native_enum=False, length=24), nullable=False),
    sa.Column('result', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_by', sa.Integer(), nullable=True),
    sa.Column('asked_name', sa.String(length=128), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('applied_name', sa.String(length=128), nullable=False),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['asked_by'], ['ab_user.id'], name=op.f('fk_what_if_asked_by')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_what_if_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_what_if')),
    sa.UniqueConstraint('id', name=op.f('uq_what_if_id'))
    )
    op.create_index('ix_what_if_asked', 'what_if', ['store_id', 'asked_at'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_what_if_asked', table_name='what_if')
    op.drop_table('what_if')
