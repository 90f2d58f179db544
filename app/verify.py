"""`flask verify`: proof that what is kept agrees with what happened. Names each wrong row, exits 1 on the first store
that has any."""

from collections.abc import Callable, Iterator

import click
from flask.cli import with_appcontext

from app import stores
from app.core.tenancy import store_scope
from app.inventory.verify import check_stock
from app.orders.projection import check_projection
from app.orders.verify import check_reservations, check_slots

CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "stock = movements": check_stock,
    "reserved = open orders": check_reservations,
    "slots = orders": check_slots,
    "orders = their events": check_projection,
}


def verify_store() -> dict[str, list[str]]:
    """Check → the wrong rows of the current store."""
    return {name: list(check()) for name, check in CHECKS.items()}


@click.command("verify")
@with_appcontext
def verify_command() -> None:
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
