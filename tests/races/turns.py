"""Two transactions whose order of arrival the test decides: the first commits only once the second waits for it."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from flask import Flask
from sqlalchemy import text

from app.core.db import db, transaction
from app.core.errors import DomainError
from app.core.tenancy import store_scope
from tests.factories import MIAMI

PATIENCE = 10.0
"""Seconds; less than the lock timeout of the roles, so that whoever waits is not turned away meanwhile."""
_WAITING = text(
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
    " AND transactionid = pg_current_xact_id()::xid"
)


def in_turn(
    app: Flask, first: Callable[[], object], *others: Callable[[], object]
) -> tuple[object, list[object]]:
    """Run `first`, then, before it commits, `others` at once: (its result, theirs); a refusal is a result.

    Fails when none of the others came to wait for a row of the first one: then there was no race.
    """
    holding = Event()

    def hold() -> object:
        with transaction():
            try:
                done = first()
            except DomainError as refusal:
                holding.set()
                return refusal
            db.session.flush()
            holding.set()
            _wait_for_company()
            return done

    def follow(call: Callable[[], object]) -> object:
        assert holding.wait(timeout=30)
        try:
            return call()
        except DomainError as refusal:
            return refusal

    def run(work: Callable[[], object]) -> object:
        with app.app_context(), store_scope(MIAMI):
            return work()

    with ThreadPoolExecutor(1 + len(others)) as pool:
        ahead = pool.submit(run, hold)
        behind = [pool.submit(run, lambda call=call: follow(call)) for call in others]
        return ahead.result(), [one.result() for one in behind]


def _wait_for_company() -> None:
    deadline = time.monotonic() + PATIENCE
    while not db.session.scalar(_WAITING):
        assert time.monotonic() < deadline, "nobody waited for the first one"
        time.sleep(0.01)
