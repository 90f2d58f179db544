"""Streams of earlier tests speak of orders with the same numbers: each test starts without any."""

from collections.abc import Iterator

import pytest
from flask import Flask

from blueprints.live import feed
from tests.live.server import serve


@pytest.fixture(autouse=True)
def no_streams(app):
    """Empty streams."""
    keys = list(feed.client().scan_iter("theriac:track:*"))
    if keys:
        feed.client().delete(*keys)


@pytest.fixture(scope="session")
def server(app: Flask, environment: dict[str, str]) -> Iterator[int]:
    """One web process for all tests of this folder."""
    with serve(environment) as port:
        yield port
