"""Chargebacks, settlement lists and their differences; refunds that are asked about again"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('settlement_run',
    sa.Column('method', sa.String(length=16), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.Enum('running', 'done', 'failed', name='runstatus', native_enum=False, length=24), nullable=False),
    sa.Column('lines', sa.Integer(), server_default='0', nullable=False),
    sa.Column('matched', sa.Integer(), server_default='0', nullable=False),
    sa.Column('differences', sa.Integer(), server_default='0', nullable=False),
    sa.Column('problem', sa.String(length=200), server_default='', nullable=False),
    sa.Column('asked_by', sa.String(length=128), server_default='', nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_settlement_run_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_settlement_run')),
    sa.UniqueConstraint('id', name=op.f('uq_settlement_run_id'))
    )
    op.create_index('ix_settlement_run_method', 'settlement_run', ['store_id', 'method', 'id'], unique=False)
    op.create_table('chargeback',
    sa.Column('order_id', sa.BigInteger(), nullable=False),
    sa.Column('receipt_id', sa.BigInteger(), nullable=False),
    sa.Column('method', sa.String(length=16), nullable=False),
    sa.Column('case', sa.String(length=120), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('fee_minor', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('status', sa.Enum('taken', 'won', 'lost', name='chargebackstatus', native_enum=False, length=24), nullable=False),
    sa.Column('reason', sa.String(length=200), server_default='', nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('recorded_by', sa.String(length=128), server_default='', nullable=False),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('amount_minor > 0 AND fee_minor >= 0', name=op.f('ck_chargeback_amounts')),
    sa.ForeignKeyConstraint(['store_id', 'order_id'], ['orders.store_id', 'orders.id'], name=op.f('fk_chargeback_store_id_order_id')),
    sa.ForeignKeyConstraint(['store_id', 'receipt_id'], ['payment_receipt.store_id', 'payment_receipt.id'], name=op.f('fk_chargeback_store_id_receipt_id')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_chargeback_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_chargeback')),
    sa.UniqueConstraint('id', name=op.f('uq_chargeback_id')),
    sa.UniqueConstraint('store_id', 'method', 'case', name=op.f('uq_chargeback_store_id_method_case'))
    )
    op.create_index('ix_chargeback_order', 'chargeback', ['store_id', 'order_id'], unique=False)
    op.create_table('settlement_line',
    sa.Column('method', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.Enum('payment', 'refund', 'chargeback', name='linekind', native_enum=False, length=24), nullable=False),
    sa.Column('external_id', sa.String(length=120), nullable=False),
    sa.Column('reference', sa.String(length=80), server_default='', nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('fee_minor', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('receipt_id', sa.BigInteger(), nullable=True),
    sa.Column('refund_id', sa.BigInteger(), nullable=True),
    sa.Column('chargeback_id', sa.BigInteger(), nullable=True),
    sa.Column('booked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('booked_minor', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('fee_minor >= 0', name=op.f('ck_settlement_line_fee')),
    sa.ForeignKeyConstraint(['store_id', 'chargeback_id'], ['chargeback.store_id', 'chargeback.id'], name=op.f('fk_settlement_line_store_id_chargeback_id')),
    sa.ForeignKeyConstraint(['store_id', 'receipt_id'], ['payment_receipt.store_id', 'payment_receipt.id'], name=op.f('fk_settlement_line_store_id_receipt_id')),
    sa.ForeignKeyConstraint(['store_id', 'refund_id'], ['refund.store_id', 'refund.id'], name=op.f('fk_settlement_line_store_id_refund_id')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_settlement_line_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_settlement_line')),
    sa.UniqueConstraint('id', name=op.f('uq_settlement_line_id')),
    sa.UniqueConstraint('store_id', 'method', 'kind', 'external_id', name=op.f('uq_settlement_line_store_id_method_kind_external_id'))
    )
    op.create_index('ix_settlement_line_receipt', 'settlement_line', ['store_id', 'receipt_id'], unique=False)
    op.create_index('ix_settlement_line_refund', 'settlement_line', ['store_id', 'refund_id'], unique=False)
    op.create_index('ix_settlement_line_unbooked', 'settlement_line', ['store_id', 'method'], unique=False, postgresql_where='booked_at IS NULL')
    op.create_table('settlement_difference',
    sa.Column('method', sa.String(length=16), nullable=False),
    sa.Column('sort', sa.Enum('missing_here', 'missing_there', 'amount', 'currency', name='differencesort', native_enum=False, length=24), nullable=False),
    sa.Column('kind', sa.Enum('payment', 'refund', 'chargeback', name='linekind', native_enum=False, length=24), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('line_id', sa.BigInteger(), nullable=True),
    sa.Column('receipt_id', sa.BigInteger(), nullable=True),
    sa.Column('refund_id', sa.BigInteger(), nullable=True),
    sa.Column('ours_minor', sa.BigInteger(), nullable=True),
    sa.Column('theirs_minor', sa.BigInteger(), nullable=True),
    sa.Column('ours_currency', sa.String(length=3), server_default='', nullable=False),
    sa.Column('theirs_currency', sa.String(length=3), server_default='', nullable=False),
    sa.Column('written_off_minor', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('status', sa.Enum('open', 'settled', 'explained', 'gone', name='differencestatus', native_enum=False, length=24), server_default='open', nullable=False),
    sa.Column('how', sa.String(length=16), server_default='', nullable=False),
    sa.Column('reason', sa.String(length=200), server_default='', nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.String(length=128), server_default='', nullable=False),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['store_id', 'line_id'], ['settlement_line.store_id', 'settlement_line.id'], name=op.f('fk_settlement_difference_store_id_line_id')),
    sa.ForeignKeyConstraint(['store_id', 'receipt_id'], ['payment_receipt.store_id', 'payment_receipt.id'], name=op.f('fk_settlement_difference_store_id_receipt_id')),
    sa.ForeignKeyConstraint(['store_id', 'refund_id'], ['refund.store_id', 'refund.id'], name=op.f('fk_settlement_difference_store_id_refund_id')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_settlement_difference_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_settlement_difference')),
    sa.UniqueConstraint('id', name=op.f('uq_settlement_difference_id')),
    sa.UniqueConstraint('store_id', 'key', name=op.f('uq_settlement_difference_store_id_key'))
    )
    op.create_index('ix_settlement_difference_open', 'settlement_difference', ['store_id', 'method', 'found_at'], unique=False, postgresql_where="status = 'open'")
    op.add_column('refund', sa.Column('tries', sa.SmallInteger(), server_default='0', nullable=False))
    op.add_column('refund', sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('refund', sa.Column('voided', sa.Boolean(), server_default='false', nullable=False))
    op.add_column('store', sa.Column('refund_limit_minor', sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column('store', 'refund_limit_minor')
    op.drop_column('refund', 'voided')
    op.drop_column('refund', 'asked_at')
    op.drop_column('refund', 'tries')
    op.drop_index('ix_settlement_difference_open', table_name='settlement_difference', postgresql_where="status = 'open'")
    op.drop_table('settlement_difference')
    op.drop_index('ix_settlement_line_unbooked', table_name='settlement_line', postgresql_where='booked_at IS NULL')
    op.drop_index('ix_settlement_line_refund', table_name='settlement_line')
    op.drop_index('ix_settlement_line_receipt', table_name='settlement_line')
    op.drop_table('settlement_line')
    op.drop_index('ix_chargeback_order', table_name='chargeback')
    op.drop_table('chargeback')
    op.drop_index('ix_settlement_run_method', table_name='settlement_run')
    op.drop_table('settlement_run')
