"""The command line: what a release does, what a check proves. Each command enters the stores it works on."""

from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from flask_migrate import upgrade
from sqlalchemy import create_engine

from app import identity, notifications, stores
from app.core import schema
from app.core.actor import SYSTEM
from app.core.tenancy import store_scope
from app.demo.commands import demo
from app.identity.passwords import SHORTEST_STAFF
from app.orders import books
from app.payments import methods
from app.stores.models import StoreStatus
from app.stores.opening import set_status
from app.verify import verify_store
from config import role_name, role_password

ROLES = ("owner", "app", "relay")


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(release)
    app.cli.add_command(demo)
    app.cli.add_command(store_group)
    app.cli.add_command(verify)
    app.cli.add_command(secrets_group)


@click.command()
@with_appcontext
def release() -> None:
    """Create the database roles, migrate, write the framework's permissions, give stores their new defaults."""
    config = current_app.config
    engine = create_engine(config["DATABASE_URL"], isolation_level="AUTOCOMMIT")
    with engine.connect() as admin_connection:
        try:
            schema.create_roles(
                admin_connection,
                {role: role_name(role) for role in ROLES},
                {role: role_password(config["SECRET_KEY"], role) for role in ROLES},
            )
        except schema.ExtensionMissing as missing:
            raise click.ClickException(str(missing)) from missing
    engine.dispose()
    upgrade()
    write_permissions()
    fill_in_defaults()


def fill_in_defaults() -> None:
    """Give every store, suspended ones too, what a newer version knows: what to tell (rows that staff edited stay),
    and the ledger's entries of what was done before there was one."""
    for store_id in stores.store_ids():
        with store_scope(store_id):
            notifications.ensure_defaults()
            books.begin_books()


def write_permissions() -> None:
    """Write views, menus and permissions of the admin framework to its tables (in the release, never in a worker)."""
    current_app.extensions["appbuilder"].add_permissions(update_perms=True)


secrets_group = AppGroup("secrets", help="The stores' accounts with providers, sealed under VAULT_KEYS.")


@secrets_group.command("rotate")
def rotate_command() -> None:
    """Seal every secret anew under the first of VAULT_KEYS; then an older key can be taken away."""
    for store_id in stores.store_ids():
        with store_scope(store_id):
            click.echo(f"store {store_id}: {methods.rotate_secrets()} sealed anew")


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


store_group = AppGroup("store", help="Open and suspend stores.")


def _rates(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, int]:
    try:
        return {name: int(rate) for name, rate in (pair.split("=", 1) for pair in given)}
    except ValueError:
        raise click.BadParameter("write it as class=basis points, e.g. standard=700") from None


@store_group.command("open")
@click.argument("slug")
@click.option("--name", required=True)
@click.option("--prefix", required=True, help="Begins every order code, 2 to 4 letters.")
@click.option("--host", "hosts", required=True, multiple=True, help="The first is the one links name.")
@click.option("--currency", required=True)
@click.option("--country", required=True, type=click.Choice(["US", "ID"]))
@click.option("--timezone", required=True)
@click.option("--min-age", default=0, show_default=True)
@click.option("--tax", "tax", multiple=True, callback=_rates, help="class=basis points, once per class.")
@click.option("--tax-inclusive", is_flag=True, help="Shelf prices contain the tax.")
@click.option("--owner", required=True, help="E-mail of the store's administrator.")
@click.password_option(help="The administrator's password, twelve characters or more.")
def open_command(
    slug: str, hosts: tuple[str, ...], tax: dict[str, int], owner: str, password: str, **store: Any
) -> None:
    """Open a store and give it an administrator."""
    if len(password) < SHORTEST_STAFF:
        raise click.BadParameter(f"use at least {SHORTEST_STAFF} characters", param_hint="--password")
    columns = {**store, "prefix": store["prefix"].upper(), "currency": store["currency"].upper()}
    columns |= {"tax_rates_bp": tax or {"standard": 0}, "capabilities": ["delivery", "pickup"]}
    store_id = stores.open_store(hosts, slug=slug, **columns)
    with store_scope(store_id):
        notifications.ensure_defaults()
        identity.grant_role(identity.administrator(owner, password), "store_admin", SYSTEM)
    click.echo(f"{slug} is open at {', '.join(hosts)}.")


@store_group.command("suspend")
@click.argument("slug")
def suspend_command(slug: str) -> None:
    """Close a store's doors; its hosts answer 404, nothing is lost."""
    _set_status(slug, StoreStatus.suspended)


@store_group.command("resume")
@click.argument("slug")
def resume_command(slug: str) -> None:
    """Open a suspended store again."""
    _set_status(slug, StoreStatus.open)


def _set_status(slug: str, status: StoreStatus) -> None:
    if not set_status(slug, status):
        raise click.ClickException(f"there is no store {slug}")
