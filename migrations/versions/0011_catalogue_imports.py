"""catalogue imports"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('import_run',
    sa.Column('filename', sa.String(length=120), nullable=False),
    sa.Column('file_key', sa.String(length=120), nullable=False),
    sa.Column('locale', sa.String(length=5), nullable=False),
    sa.Column('status', sa.Enum('checking', 'checked', 'refused', 'applying', 'applied', 'failed', 'discarded', name='importstatus', native_enum=False, length=24), nullable=False),
    sa.Column('told', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('message', sa.String(length=500), server_default='', nullable=False),
    sa.Column('total_rows', sa.Integer(), server_default='0', nullable=False),
    sa.Column('done_rows', sa.Integer(), server_default='0', nullable=False),
    sa.Column('new_rows', sa.Integer(), server_default='0', nullable=False),
    sa.Column('changed_rows', sa.Integer(), server_default='0', nullable=False),
    sa.Column('same_rows', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wrong_rows', sa.Integer(), server_default='0', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['ab_user.id'], name=op.f('fk_import_run_created_by')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_import_run_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_import_run')),
    sa.UniqueConstraint('id', name=op.f('uq_import_run_id'))
    )
    op.create_table('import_row',
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('sku', sa.String(length=64), nullable=False),
    sa.Column('verdict', sa.Enum('new', 'changed', 'wrong', name='verdict', native_enum=False, length=24), nullable=False),
    sa.Column('changes', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('errors', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['store_id', 'run_id'], ['import_run.store_id', 'import_run.id'], name=op.f('fk_import_row_store_id_run_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_import_row_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_import_row')),
    sa.UniqueConstraint('id', name=op.f('uq_import_row_id'))
    )
    op.create_index('ix_import_row_run', 'import_row', ['store_id', 'run_id', 'number'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_import_row_run', table_name='import_row')
    op.drop_table('import_row')
    op.drop_table('import_run')
