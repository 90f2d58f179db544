"""ledger"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
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


def downgrade() -> None:
    op.drop_index('ix_ledger_posting_account', table_name='ledger_posting')
    op.drop_table('ledger_posting')
    op.drop_index('ix_ledger_entry_document', table_name='ledger_entry')
    op.drop_index('ix_ledger_entry_at', table_name='ledger_entry')
    op.drop_table('ledger_entry')
    op.drop_table('ledger_account')
