"""Streams of earlier tests speak of orders with the same numbers: each test starts without any."""

import pytest

from blueprints.live import feed


@pytest.fixture(autouse=True)
def no_streams(app):
    """Empty streams."""
    keys = list(feed.client().scan_iter("theriac:track:*"))
    if keys:
        feed.client().delete(*keys)
