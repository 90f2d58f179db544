"""The command line: what a release does, what a check proves. Each command enters the stores it works on."""

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import create_engine

from app import stores
from app.core import schema
from app.core.tenancy import store_scope
from app.demo.commands import demo
from app.verify import verify_store
from config import role_name, role_password

ROLES = ("owner", "app", "relay")


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(release)
    app.cli.add_command(demo)
    app.cli.add_command(verify)


@click.command()
@with_appcontext
def release() -> None:
    """Create the database roles, migrate, and write the framework's permissions."""
    config = current_app.config
    engine = create_engine(config["DATABASE_URL"], isolation_level="AUTOCOMMIT")
    with engine.connect() as admin_connection:
        schema.create_roles(
            admin_connection,
            {role: role_name(role) for role in ROLES},
            {role: role_password(config["SECRET_KEY"], role) for role in ROLES},
        )
    engine.dispose()
    upgrade()
    write_permissions()


def write_permissions() -> None:
    """Write views, menus and permissions of the admin framework to its tables (in the release, never in a worker)."""
    current_app.appbuilder.add_permissions(update_perms=True)  # type: ignore[attr-defined]


@click.command()
@with_appcontext
def verify() -> None:
    """Prove stock, reservations, slots and order projections of every store."""
    wrong = 0
    for store in stores.all_stores():
        with store_scope(store.id):
            for name, rows in verify_store().items():
                click.echo(f"{store.slug:10} {name:24} {'ok' if not rows else f'{len(rows)} wrong'}")
                for row in rows:
                    click.echo(f"    {row}")
                wrong += len(rows)
    raise SystemExit(1 if wrong else 0)
