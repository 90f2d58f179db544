"""A shop that takes cards, and the bank behind them."""

import pytest

from app.core.db import db
from app.core.events import EventRecord
from app.payments.gateways import GATEWAYS
from jobs.base import handle
from tests.factories import make_branch, make_customer, make_staff, make_variant, make_zone, place
from tests.payments.bank import CODE, Bank, open_card


@pytest.fixture
def bank(monkeypatch):
    made = Bank()
    monkeypatch.setitem(GATEWAYS, CODE, made)
    return made


def _cast():
    branch = make_branch()
    make_zone(branch)
    make_variant(branch, "VITC", price_minor=1250, on_hand=500)
    cast = {
        "ana": make_customer("Ana", phone="+13055551234"),
        "carla": make_staff("Carla"),
        "dmitri": make_staff("Dmitri", "manager"),
        "owner": make_staff("Olga", "store_admin"),
    }
    open_card(cast["owner"])
    return cast


@pytest.fixture
def cast(store, bank):
    """Everything is rolled back."""
    return _cast()


@pytest.fixture
def crew(committed, bank):
    """Real commits."""
    return _cast()


def buy(cast, **changes):
    """Ana orders and wants to pay by card."""
    return place(("VITC", 2), actor=cast["ana"], payment_method=CODE, **changes)


def events(name):
    """The events of a type, oldest first."""
    return list(db.session.query(EventRecord).filter_by(type=name).order_by(EventRecord.id))


def hear(subscriber, name):
    """Let a subscriber have every event of a type, as the worker does; how many."""
    ids = [record.id for record in events(name)]
    for event_id in ids:
        handle(event_id, subscriber)
    return len(ids)
