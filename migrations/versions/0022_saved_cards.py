"""Cards that a provider keeps for a customer, and the attempts that are paid by one"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('saved_card',
    sa.Column('customer_id', sa.BigInteger(), nullable=False),
    sa.Column('method', sa.String(length=16), nullable=False),
    sa.Column('profile_id', sa.String(length=40), nullable=False),
    sa.Column('payment_profile_id', sa.String(length=40), nullable=False),
    sa.Column('brand', sa.String(length=20), server_default='', nullable=False),
    sa.Column('last_four', sa.String(length=4), nullable=False),
    sa.Column('expires', sa.String(length=7), server_default='', nullable=False),
    sa.Column('kept_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('forgotten_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("last_four ~ '^[0-9]{4}$'", name=op.f('ck_saved_card_last_four')),
    sa.CheckConstraint("expires ~ '^([0-9]{4}-[0-9]{2})?$'", name=op.f('ck_saved_card_expires')),
    sa.ForeignKeyConstraint(['store_id', 'customer_id'], ['customer.store_id', 'customer.id'], name=op.f('fk_saved_card_store_id_customer_id')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_saved_card_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_saved_card')),
    sa.UniqueConstraint('id', name=op.f('uq_saved_card_id')),
    sa.UniqueConstraint('store_id', 'method', 'profile_id', 'payment_profile_id', name=op.f('uq_saved_card_store_id_method_profile_id_payment_profile_id'))
    )
    op.create_index('ix_saved_card_customer', 'saved_card', ['store_id', 'customer_id'], unique=False, postgresql_where='removed_at IS NULL')
    op.add_column('payment_attempt', sa.Column('card_id', sa.BigInteger(), nullable=True))
    op.add_column('payment_attempt', sa.Column('keep_card', sa.Boolean(), server_default='false', nullable=False))
    op.create_foreign_key(op.f('fk_payment_attempt_store_id_card_id'), 'payment_attempt', 'saved_card', ['store_id', 'card_id'], ['store_id', 'id'])


def downgrade() -> None:
    op.drop_constraint(op.f('fk_payment_attempt_store_id_card_id'), 'payment_attempt', type_='foreignkey')
    op.drop_column('payment_attempt', 'keep_card')
    op.drop_column('payment_attempt', 'card_id')
    op.drop_index('ix_saved_card_customer', table_name='saved_card', postgresql_where='removed_at IS NULL')
    op.drop_table('saved_card')
