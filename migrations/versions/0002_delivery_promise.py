"""What the delivery promise is made of: outlines, bands, capacities by hour, closures, weights, wishes"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('delivery_policy',
    sa.Column('slot_minutes', sa.SmallInteger(), nullable=False),
    sa.Column('horizon_days', sa.SmallInteger(), nullable=False),
    sa.Column('lead_minutes', sa.SmallInteger(), nullable=False),
    sa.Column('express_share_bp', sa.SmallInteger(), nullable=False),
    sa.Column('counts', sa.Enum('orders', 'items', 'value', name='counts', native_enum=False, length=24), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('express_share_bp BETWEEN 0 AND 10000', name=op.f('ck_delivery_policy_express_share_bp')),
    sa.CheckConstraint('horizon_days BETWEEN 1 AND 14', name=op.f('ck_delivery_policy_horizon_days')),
    sa.CheckConstraint('lead_minutes BETWEEN 0 AND 1440', name=op.f('ck_delivery_policy_lead_minutes')),
    sa.CheckConstraint('slot_minutes IN (10, 12, 15, 20, 30, 60)', name=op.f('ck_delivery_policy_slot_minutes')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_delivery_policy_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_delivery_policy')),
    sa.UniqueConstraint('id', name=op.f('uq_delivery_policy_id'))
    )
    op.create_index('uq_delivery_policy_store', 'delivery_policy', ['store_id'], unique=True)
    op.create_table('expansion_wish',
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('zip', sa.String(length=10), nullable=False),
    sa.Column('locale', sa.String(length=5), nullable=False),
    sa.Column('token', sa.String(length=64), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_expansion_wish_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_expansion_wish')),
    sa.UniqueConstraint('id', name=op.f('uq_expansion_wish_id')),
    sa.UniqueConstraint('store_id', 'email', 'zip', name=op.f('uq_expansion_wish_store_id_email_zip')),
    sa.UniqueConstraint('store_id', 'token', name=op.f('uq_expansion_wish_store_id_token'))
    )
    op.create_index('ix_expansion_wish_zip', 'expansion_wish', ['store_id', 'zip'], unique=False)
    op.create_table('geocode_answer',
    sa.Column('asked', sa.String(length=64), nullable=False),
    sa.Column('lat', sa.Float(), nullable=False),
    sa.Column('lng', sa.Float(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_geocode_answer_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_geocode_answer')),
    sa.UniqueConstraint('id', name=op.f('uq_geocode_answer_id')),
    sa.UniqueConstraint('store_id', 'asked', name=op.f('uq_geocode_answer_store_id_asked'))
    )
    op.create_table('hour_capacity',
    sa.Column('branch_id', sa.BigInteger(), nullable=False),
    sa.Column('weekday', sa.SmallInteger(), nullable=False),
    sa.Column('hour', sa.SmallInteger(), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('capacity >= 0', name=op.f('ck_hour_capacity_capacity')),
    sa.CheckConstraint('weekday BETWEEN 0 AND 6 AND hour BETWEEN 0 AND 23', name=op.f('ck_hour_capacity_when')),
    sa.ForeignKeyConstraint(['store_id', 'branch_id'], ['branch.store_id', 'branch.id'], name=op.f('fk_hour_capacity_store_id_branch_id')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_hour_capacity_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_hour_capacity')),
    sa.UniqueConstraint('id', name=op.f('uq_hour_capacity_id')),
    sa.UniqueConstraint('store_id', 'branch_id', 'weekday', 'hour', name=op.f('uq_hour_capacity_store_id_branch_id_weekday_hour'))
    )
    op.create_table('slot_closure',
    sa.Column('branch_id', sa.BigInteger(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('note', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_slot_closure_order')),
    sa.ForeignKeyConstraint(['store_id', 'branch_id'], ['branch.store_id', 'branch.id'], name=op.f('fk_slot_closure_store_id_branch_id')),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_slot_closure_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_slot_closure')),
    sa.UniqueConstraint('id', name=op.f('uq_slot_closure_id'))
    )
    op.create_index('ix_slot_closure_ends', 'slot_closure', ['store_id', 'branch_id', 'ends_at'], unique=False)
    op.create_table('zone_band',
    sa.Column('zone_id', sa.BigInteger(), nullable=False),
    sa.Column('from_metres', sa.Integer(), nullable=False),
    sa.Column('extra_minor', sa.BigInteger(), nullable=False),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('extra_minor >= 0', name=op.f('ck_zone_band_extra_minor')),
    sa.CheckConstraint('from_metres > 0', name=op.f('ck_zone_band_from_metres')),
    sa.ForeignKeyConstraint(['store_id', 'zone_id'], ['zone.store_id', 'zone.id'], name=op.f('fk_zone_band_store_id_zone_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_zone_band_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_zone_band')),
    sa.UniqueConstraint('id', name=op.f('uq_zone_band_id')),
    sa.UniqueConstraint('store_id', 'zone_id', 'from_metres', name=op.f('uq_zone_band_store_id_zone_id_from_metres'))
    )
    op.create_table('zone_reach',
    sa.Column('zone_id', sa.BigInteger(), nullable=False),
    sa.Column('zip', sa.String(length=10), nullable=False),
    sa.Column('fee_minor', sa.BigInteger(), nullable=False),
    sa.Column('store_id', sa.BigInteger(), server_default=sa.text('app_store()'), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('fee_minor >= 0', name=op.f('ck_zone_reach_fee_minor')),
    sa.ForeignKeyConstraint(['store_id', 'zone_id'], ['zone.store_id', 'zone.id'], name=op.f('fk_zone_reach_store_id_zone_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['store_id'], ['store.id'], name=op.f('fk_zone_reach_store_id')),
    sa.PrimaryKeyConstraint('store_id', 'id', name=op.f('pk_zone_reach')),
    sa.UniqueConstraint('id', name=op.f('uq_zone_reach_id')),
    sa.UniqueConstraint('store_id', 'zip', name=op.f('uq_zone_reach_store_id_zip'))
    )
    op.alter_column('branch', 'slot_capacity',
               existing_type=sa.SMALLINT(),
               type_=sa.Integer(),
               existing_nullable=False)
    op.add_column('delivery_slot', sa.Column('counts', sa.Enum('orders', 'items', 'value', name='counts', native_enum=False, length=24), server_default='orders', nullable=False))
    op.add_column('delivery_slot', sa.Column('edited', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.alter_column('delivery_slot', 'capacity',
               existing_type=sa.SMALLINT(),
               type_=sa.Integer(),
               existing_nullable=False)
    op.alter_column('delivery_slot', 'booked',
               existing_type=sa.SMALLINT(),
               type_=sa.Integer(),
               existing_nullable=False)
    op.add_column('orders', sa.Column('slot_weight', sa.Integer(), nullable=True))
    op.add_column('zone', sa.Column('polygon', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True))


def downgrade() -> None:
    op.drop_column('zone', 'polygon')
    op.drop_column('orders', 'slot_weight')
    op.alter_column('delivery_slot', 'booked',
               existing_type=sa.Integer(),
               type_=sa.SMALLINT(),
               postgresql_using='least(booked, 32767)',
               existing_nullable=False)
    op.alter_column('delivery_slot', 'capacity',
               existing_type=sa.Integer(),
               type_=sa.SMALLINT(),
               postgresql_using='least(capacity, 32767)',
               existing_nullable=False)
    op.drop_column('delivery_slot', 'edited')
    op.drop_column('delivery_slot', 'counts')
    op.alter_column('branch', 'slot_capacity',
               existing_type=sa.Integer(),
               type_=sa.SMALLINT(),
               postgresql_using='least(slot_capacity, 32767)',
               existing_nullable=False)
    op.drop_table('zone_reach')
    op.drop_table('zone_band')
    op.drop_index('ix_slot_closure_ends', table_name='slot_closure')
    op.drop_table('slot_closure')
    op.drop_table('hour_capacity')
    op.drop_table('geocode_answer')
    op.drop_index('ix_expansion_wish_zip', table_name='expansion_wish')
    op.drop_table('expansion_wish')
    op.drop_index('uq_delivery_policy_store', table_name='delivery_policy')
    op.drop_table('delivery_policy')
