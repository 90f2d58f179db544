"""`flask demo …`: the demo world, filled and brought to life."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app.demo.drive import drive_command
from app.demo.seed import is_seeded, seed_demo

demo = AppGroup("demo", help="The demo world.")
demo.add_command(drive_command)


@demo.command("seed")
@click.option("--if-empty", is_flag=True, help="Do nothing when the demo world is there.")
@click.option(
    "--days", default=90, show_default=True, envvar="DEMO_HISTORY_DAYS", help="Days of history before today."
)
def seed_command(if_empty: bool, days: int) -> None:
    """Open the demo stores with goods, people and history."""
    if if_empty and is_seeded():
        return
    seed_demo(Path(current_app.static_folder or "static") / "packs", days=days)
    click.echo("The demo stores are open.")
