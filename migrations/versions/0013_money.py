"""money"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('ledger_account',
    sa.Column('kind', sa.Enum('customers', 'driver_cash', 'till', 'courier_cash', 'owner_cash', 'clearing', 'bank', 'inventory', 'goods_moving', 'goods_out', 'wallet', 'refunds_due', 'suppliers', 'tax_payable', 'commission_payable', 'sales', 'delivery_fees', 'discounts', 'sales_returns', 'cost_of_goods', 'stock_losses', 'cashback', 'referral', 'gifts', 'gateway_fees', 'chargebacks', 'commissions', 'over_short', name='accountkind', native_enum=False, length=24), nullable=False),
    sa.Column('subject', sa.String(length=40), server_default='', nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('balance_minor', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("kind NOT IN ('driver_cash', 'till') OR balance_minor >= 0", name=op.f('ck_ledger_account_never_below_zero')),
    sa.CheckConstraint("kind NOT IN ('wallet') OR balance_minor <= 0", name=op.f('ck_ledger_account_never_above_zero')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_ledger_account_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_ledger_account')),
    sa.UniqueConstraint('id', name=op.f('uq_ledger_account_id')),
    sa.UniqueConstraint('store_id', 'id', 'currency', name=op.f('uq_ledger_account_store_id_id_currency')),
    sa.UniqueConstraint('store_id', 'kind', 'currency', 'subject', name=op.f('uq_ledger_account_store_id_kind_currency_subject'))
    )
    op.create_table('ledger_entry',
    sa.Column('reference', sa.String(length=96), nullable=False),
    sa.Column('moment', sa.String(length=32), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('document', sa.String(length=16), server_default='', nullable=False),
    sa.Column('document_id', sa.BigInteger(), nullable=True),
    sa.Column('reverses_id', sa.BigInteger(), nullable=True),
    sa.Column('note', sa.String(length=200), server_default='', nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor_name', sa.String(length=128), server_default='', nullable=False),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['ab_user.id'], name=op.f('fk_ledger_entry_actor_id')),
    sa.ForeignKeyConstraint(['store_id', 'reverses_id'], ['ledger_entry.store_id', 'ledger_entry.id'], name=op.f('fk_ledger_entry_store_id_reverses_id')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_ledger_entry_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_ledger_entry')),
    sa.UniqueConstraint('id', name=op.f('uq_ledger_entry_id')),
    sa.UniqueConstraint('store_id', 'id', 'currency', name=op.f('uq_ledger_entry_store_id_id_currency')),
    sa.UniqueConstraint('store_id', 'reference', name=op.f('uq_ledger_entry_store_id_reference')),
    sa.UniqueConstraint('store_id', 'reverses_id', name=op.f('uq_ledger_entry_store_id_reverses_id'))
    )
    op.create_index('ix_ledger_entry_at', 'ledger_entry', ['store_id', 'occurred_at'], unique=False)
    op.create_index('ix_ledger_entry_document', 'ledger_entry', ['store_id', 'document', 'document_id'], unique=False)
    op.create_table('payment_method',
    sa.Column('code', sa.String(length=16), nullable=False),
    sa.Column('active', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('position', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('settings', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('secrets', sa.LargeBinary(), nullable=True),
    sa.Column('kinds', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('tiers', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('min_minor', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('max_minor', sa.BigInteger(), nullable=True),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('min_minor >= 0 AND (max_minor IS NULL OR max_minor >= min_minor)', name=op.f('ck_payment_method_amounts')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_payment_method_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_payment_method')),
    sa.UniqueConstraint('id', name=op.f('uq_payment_method_id')),
    sa.UniqueConstraint('store_id', 'code', name=op.f('uq_payment_method_store_id_code'))
    )
    op.create_table('webhook_message',
    sa.Column('provider', sa.String(length=16), nullable=False),
    sa.Column('event_id', sa.String(length=160), nullable=False),
    sa.Column('headers', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.Enum('new', 'done', 'ignored', 'forged', 'failed', name='messagestatus', native_enum=False, length=24), nullable=False),
    sa.Column('about', sa.String(length=80), server_default='', nullable=False),
    sa.Column('reference', sa.String(length=40), server_default='', nullable=False),
    sa.Column('external_id', sa.String(length=120), server_default='', nullable=False),
    sa.Column('problem', sa.String(length=200), server_default='', nullable=False),
    sa.Column('times', sa.Integer(), server_default='1', nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('processed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('replayed_by', sa.Integer(), nullable=True),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['replayed_by'], ['ab_user.id'], name=op.f('fk_webhook_message_replayed_by')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_webhook_message_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_webhook_message')),
    sa.UniqueConstraint('id', name=op.f('uq_webhook_message_id')),
    sa.UniqueConstraint('store_id', 'provider', 'event_id', name=op.f('uq_webhook_message_store_id_provider_event_id'))
    )
    op.create_index('ix_webhook_message_at', 'webhook_message', ['store_id', 'received_at'], unique=False)
    op.create_index('ix_webhook_message_new', 'webhook_message', ['store_id', 'id'], unique=False, postgresql_where="status = 'new'")
    op.create_table('ledger_posting',
    sa.Column('entry_id', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('amount_minor <> 0', name=op.f('ck_ledger_posting_amount')),
    sa.ForeignKeyConstraint(['store_id', 'account_id', 'currency'], ['ledger_account.store_id', 'ledger_account.id', 'ledger_account.currency'], name=op.f('fk_ledger_posting_store_id_account_id_currency')),
    sa.ForeignKeyConstraint(['store_id', 'entry_id', 'currency'], ['ledger_entry.store_id', 'ledger_entry.id', 'ledger_entry.currency'], name=op.f('fk_ledger_posting_store_id_entry_id_currency')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_ledger_posting_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_ledger_posting')),
    sa.UniqueConstraint('id', name=op.f('uq_ledger_posting_id')),
    sa.UniqueConstraint('store_id', 'entry_id', 'account_id', name=op.f('uq_ledger_posting_store_id_entry_id_account_id'))
    )
    op.create_index('ix_ledger_posting_account', 'ledger_posting', ['store_id', 'account_id', 'id'], unique=False)
    op.create_table('wallet_lot',
    sa.Column('customer_id', sa.BigInteger(), nullable=False),
    sa.Column('entry_id', sa.BigInteger(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('left_minor', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('left_minor >= 0 AND left_minor <= amount_minor', name=op.f('ck_wallet_lot_left')),
    sa.ForeignKeyConstraint(['store_id', 'customer_id'], ['customer.store_id', 'customer.id'], name=op.f('fk_wallet_lot_store_id_customer_id')),
    sa.ForeignKeyConstraint(['store_id', 'entry_id'], ['ledger_entry.store_id', 'ledger_entry.id'], name=op.f('fk_wallet_lot_store_id_entry_id')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_wallet_lot_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_wallet_lot')),
    sa.UniqueConstraint('id', name=op.f('uq_wallet_lot_id'))
    )
    op.create_index('ix_wallet_lot_customer', 'wallet_lot', ['store_id', 'customer_id', 'expires_at'], unique=False, postgresql_where='left_minor > 0')
    op.create_index('ix_wallet_lot_expiry', 'wallet_lot', ['store_id', 'expires_at'], unique=False, postgresql_where='left_minor > 0')
    op.create_table('wallet_lot_use',
    sa.Column('lot_id', sa.BigInteger(), nullable=False),
    sa.Column('entry_id', sa.BigInteger(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('returned_minor', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_wallet_lot_use_amount')),
    sa.ForeignKeyConstraint(['store_id', 'entry_id'], ['ledger_entry.store_id', 'ledger_entry.id'], name=op.f('fk_wallet_lot_use_store_id_entry_id')),
    sa.ForeignKeyConstraint(['store_id', 'lot_id'], ['wallet_lot.store_id', 'wallet_lot.id'], name=op.f('fk_wallet_lot_use_store_id_lot_id')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_wallet_lot_use_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_wallet_lot_use')),
    sa.UniqueConstraint('id', name=op.f('uq_wallet_lot_use_id')),
    sa.UniqueConstraint('store_id', 'lot_id', 'entry_id', name=op.f('uq_wallet_lot_use_store_id_lot_id_entry_id'))
    )
    op.create_table('payment_attempt',
    sa.Column('order_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.SmallInteger(), nullable=False),
    sa.Column('reference', sa.String(length=40), nullable=False),
    sa.Column('method', sa.String(length=16), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('status', sa.Enum('started', 'pending', 'held', 'paid', 'failed', 'expired', 'cancelled', name='attemptstatus', native_enum=False, length=24), nullable=False),
    sa.Column('external_id', sa.String(length=120), server_default='', nullable=False),
    sa.Column('shown', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('reason', sa.String(length=200), server_default='', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_payment_attempt_amount')),
    sa.ForeignKeyConstraint(['store_id', 'order_id'], ['orders.store_id', 'orders.id'], name=op.f('fk_payment_attempt_store_id_order_id')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_payment_attempt_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_payment_attempt')),
    sa.UniqueConstraint('id', name=op.f('uq_payment_attempt_id')),
    sa.UniqueConstraint('store_id', 'order_id', 'number', name=op.f('uq_payment_attempt_store_id_order_id_number')),
    sa.UniqueConstraint('store_id', 'reference', name=op.f('uq_payment_attempt_store_id_reference'))
    )
    op.create_index('ix_payment_attempt_external', 'payment_attempt', ['store_id', 'method', 'external_id'], unique=False)
    op.create_index('ix_payment_attempt_open', 'payment_attempt', ['store_id', 'expires_at'], unique=False, postgresql_where="status IN ('started', 'pending', 'held')")
    op.create_table('payment_attempt_event',
    sa.Column('attempt_id', sa.BigInteger(), nullable=False),
    sa.Column('status', sa.Enum('started', 'pending', 'held', 'paid', 'failed', 'expired', 'cancelled', name='attemptstatus', native_enum=False, length=24), nullable=False),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('note', sa.String(length=200), server_default='', nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['store_id', 'attempt_id'], ['payment_attempt.store_id', 'payment_attempt.id'], name=op.f('fk_payment_attempt_event_store_id_attempt_id')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_payment_attempt_event_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_payment_attempt_event')),
    sa.UniqueConstraint('id', name=op.f('uq_payment_attempt_event_id'))
    )
    op.create_index('ix_payment_attempt_event_attempt', 'payment_attempt_event', ['store_id', 'attempt_id', 'id'], unique=False)
    op.create_table('payment_receipt',
    sa.Column('order_id', sa.BigInteger(), nullable=False),
    sa.Column('attempt_id', sa.BigInteger(), nullable=True),
    sa.Column('method', sa.String(length=16), nullable=False),
    sa.Column('external_id', sa.String(length=120), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('applied_minor', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('wallet_minor', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('refunded_minor', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('status', sa.Enum('applied', 'to_wallet', 'review', 'returned', name='receiptstatus', native_enum=False, length=24), nullable=False),
    sa.Column('reason', sa.String(length=24), server_default='', nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_by', sa.String(length=128), server_default='', nullable=False),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_payment_receipt_amount')),
    sa.CheckConstraint('applied_minor >= 0 AND wallet_minor >= 0 AND refunded_minor >= 0 AND applied_minor + wallet_minor <= amount_minor AND refunded_minor <= applied_minor', name=op.f('ck_payment_receipt_parts')),
    sa.ForeignKeyConstraint(['store_id', 'attempt_id'], ['payment_attempt.store_id', 'payment_attempt.id'], name=op.f('fk_payment_receipt_store_id_attempt_id')),
    sa.ForeignKeyConstraint(['store_id', 'order_id'], ['orders.store_id', 'orders.id'], name=op.f('fk_payment_receipt_store_id_order_id')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_payment_receipt_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_payment_receipt')),
    sa.UniqueConstraint('id', name=op.f('uq_payment_receipt_id')),
    sa.UniqueConstraint('store_id', 'method', 'external_id', name=op.f('uq_payment_receipt_store_id_method_external_id'))
    )
    op.create_index('ix_payment_receipt_order', 'payment_receipt', ['store_id', 'order_id'], unique=False)
    op.create_index('ix_payment_receipt_review', 'payment_receipt', ['store_id', 'received_at'], unique=False, postgresql_where="status = 'review'")
    op.create_table('refund',
    sa.Column('order_id', sa.BigInteger(), nullable=False),
    sa.Column('receipt_id', sa.BigInteger(), nullable=True),
    sa.Column('reference', sa.String(length=40), nullable=False),
    sa.Column('method', sa.String(length=16), server_default='', nullable=False),
    sa.Column('to', sa.Enum('source', 'wallet', 'cash', name='refundto', native_enum=False, length=24), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('lines', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('status', sa.Enum('requested', 'sending', 'done', 'failed', 'dropped', name='refundstatus', native_enum=False, length=24), nullable=False),
    sa.Column('external_id', sa.String(length=120), server_default='', nullable=False),
    sa.Column('reason', sa.String(length=200), server_default='', nullable=False),
    sa.Column('problem', sa.String(length=200), server_default='', nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('requested_by', sa.String(length=128), server_default='', nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_refund_amount')),
    sa.ForeignKeyConstraint(['store_id', 'order_id'], ['orders.store_id', 'orders.id'], name=op.f('fk_refund_store_id_order_id')),
    sa.ForeignKeyConstraint(['store_id', 'receipt_id'], ['payment_receipt.store_id', 'payment_receipt.id'], name=op.f('fk_refund_store_id_receipt_id')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_refund_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_refund')),
    sa.UniqueConstraint('id', name=op.f('uq_refund_id')),
    sa.UniqueConstraint('store_id', 'reference', name=op.f('uq_refund_store_id_reference'))
    )
    op.create_index('ix_refund_open', 'refund', ['store_id', 'requested_at'], unique=False, postgresql_where="status IN ('requested', 'sending')")
    op.create_index('ix_refund_order', 'refund', ['store_id', 'order_id'], unique=False)
    op.add_column('orders', sa.Column('change_to_wallet_minor', sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column('orders', 'change_to_wallet_minor')
    op.drop_index('ix_refund_order', table_name='refund')
    op.drop_index('ix_refund_open', table_name='refund', postgresql_where="status IN ('requested', 'sending')")
    op.drop_table('refund')
    op.drop_index('ix_payment_receipt_review', table_name='payment_receipt', postgresql_where="status = 'review'")
    op.drop_index('ix_payment_receipt_order', table_name='payment_receipt')
    op.drop_table('payment_receipt')
    op.drop_index('ix_payment_attempt_event_attempt', table_name='payment_attempt_event')
    op.drop_table('payment_attempt_event')
    op.drop_index('ix_payment_attempt_open', table_name='payment_attempt', postgresql_where="status IN ('started', 'pending', 'held')")
    op.drop_index('ix_payment_attempt_external', table_name='payment_attempt')
    op.drop_table('payment_attempt')
    op.drop_table('wallet_lot_use')
    op.drop_index('ix_wallet_lot_expiry', table_name='wallet_lot', postgresql_where='left_minor > 0')
    op.drop_index('ix_wallet_lot_customer', table_name='wallet_lot', postgresql_where='left_minor > 0')
    op.drop_table('wallet_lot')
    op.drop_index('ix_ledger_posting_account', table_name='ledger_posting')
    op.drop_table('ledger_posting')
    op.drop_index('ix_webhook_message_new', table_name='webhook_message', postgresql_where="status = 'new'")
    op.drop_index('ix_webhook_message_at', table_name='webhook_message')
    op.drop_table('webhook_message')
    op.drop_table('payment_method')
    op.drop_index('ix_ledger_entry_document', table_name='ledger_entry')
    op.drop_index('ix_ledger_entry_at', table_name='ledger_entry')
    op.drop_table('ledger_entry')
    op.drop_table('ledger_account')
