"""Migrations run as the owner role; row-level security and grants are laid around them by app.core.schema."""

from alembic import context
from flask import current_app
from sqlalchemy import create_engine

from app.core import schema
from app.core.db import db
from config import role_name

config = context.config
target_metadata = db.metadata


def _skip_empty(migration_context, _revision, directives):
    if getattr(config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def run_migrations_online() -> None:
    """Migrate on one connection, in one transaction: all of it or none."""
    engine = create_engine(current_app.config["OWNER_DATABASE_URL"])
    with engine.begin() as connection:
        schema.prepare(connection, role_name("app"))
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            compare_type=True,
            process_revision_directives=_skip_empty,
        )
        with context.begin_transaction():
            context.run_migrations()
        schema.protect(connection, role_name("app"), role_name("relay"))
    engine.dispose()


run_migrations_online()
