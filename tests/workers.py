"""Which worker runs what: xdist's own groups are lost on the way (pytest 9 reads no name that xdist writes)."""

from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadScopeScheduling

PRODUCT = "tests/e2e/"
SMOKE = "tests/smoke/"
RUNNING = "tests/jobs/running/"
PROCESSES = ("tests/jobs/", "tests/launch/", "tests/live/", "tests/races/", "tests/architecture/")


def scope_of(nodeid: str) -> str:
    """The file of a test; what drives the whole product, or shares running workers, is one scope: started once."""
    if nodeid.startswith(PRODUCT):
        return "product"
    return RUNNING if nodeid.startswith(RUNNING) else nodeid.split("::", 1)[0]


def longest_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The product, a fresh copy of it, what starts processes, the rest: no worker is left alone with a long file."""
    early = (PRODUCT, SMOKE, PROCESSES)
    return sorted(items, key=lambda item: [not item.nodeid.startswith(folders) for folders in early])


class ByScope(LoadScopeScheduling):
    """A scope stays in one worker: its fixtures are made once. Scopes go out in the order of the tests."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)
