"""Writing the document down: what is released is compared with what is there by the tests."""

import json

import click
from flask.cli import AppGroup

from blueprints.api.spec import document

group = AppGroup("api", help="The API's document.")


@group.command("document")
def print_document() -> None:
    """Print the OpenAPI document with sorted keys, as the released one is kept."""
    click.echo(json.dumps(document(), indent=1, sort_keys=True, ensure_ascii=False))
