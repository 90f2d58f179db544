"""price overrides"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('price_override',
    sa.Column('variant_id', sa.BigInteger(), nullable=False),
    sa.Column('price_minor', sa.BigInteger(), nullable=False),
    sa.Column('customer_id', sa.BigInteger(), nullable=True),
    sa.Column('doctor_id', sa.Integer(), nullable=True),
    sa.Column('tier', sa.String(length=24), server_default='', nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=160), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('price_minor >= 0', name=op.f('ck_price_override_price')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_price_override_period')),
    sa.CheckConstraint("num_nonnulls(customer_id, doctor_id, nullif(tier, '')) <= 1", name=op.f('ck_price_override_one_buyer')),
    postgresql.ExcludeConstraint((sa.column('store_id'), '='), (sa.column('variant_id'), '='), (sa.text('coalesce(customer_id, 0)'), '='), (sa.text('coalesce(doctor_id, 0)'), '='), (sa.column('tier'), '='), (sa.text('tstzrange(starts_at, ends_at)'), '&&'), using='gist', name='ex_price_override_overlap'),
    sa.ForeignKeyConstraint(['created_by'], ['ab_user.id'], name=op.f('fk_price_override_created_by')),
    sa.ForeignKeyConstraint(['doctor_id'], ['ab_user.id'], name=op.f('fk_price_override_doctor_id')),
    sa.ForeignKeyConstraint(['store_id', 'customer_id'], ['customer.store_id', 'customer.id'], name=op.f('fk_price_override_store_id_customer_id')),
    sa.ForeignKeyConstraint(['store_id', 'variant_id'], ['variant.store_id', 'variant.id'], name=op.f('fk_price_override_store_id_variant_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_price_override_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_price_override')),
    sa.UniqueConstraint('id', name=op.f('uq_price_override_id'))
    )
    op.create_index('ix_price_override_variant', 'price_override', ['store_id', 'variant_id'], unique=False)
    op.add_column('order_line', sa.Column('list_minor', sa.BigInteger(), nullable=True))
    op.add_column('order_line', sa.Column('price_kind', sa.String(length=8), server_default='', nullable=False))
    op.add_column('order_line', sa.Column('price_note', sa.String(length=160), server_default='', nullable=False))


def downgrade() -> None:
    op.drop_column('order_line', 'price_note')
    op.drop_column('order_line', 'price_kind')
    op.drop_column('order_line', 'list_minor')
    op.drop_index('ix_price_override_variant', table_name='price_override')
    op.drop_table('price_override')
