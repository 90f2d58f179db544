"""A history of a few days has everything that can happen to money, adds up, and is found out when it is changed."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text

from app.core.db import db
from app.core.events import EventRecord
from app.core.tenancy import store_scope
from app.demo.money.plans import Deck, Ending, How
from app.demo.seed import seed_demo
from app.desk import queue
from app.orders.models import Order
from app.orders.states import PaymentStatus
from app.payments import methods
from app.payments.models import (
    AttemptStatus,
    MessageStatus,
    PaymentAttempt,
    PaymentReceipt,
    ReceiptStatus,
    Refund,
    RefundStatus,
    RefundTo,
    WebhookMessage,
)
from app.payments.settlement_models import Chargeback, DifferenceSort, SettlementDifference, SettlementRun
from app.verify import verify_store
from sandbox.past import load_past
from sandbox.store import Store as SandboxStore
from tests import factories
from tests.factories import JAKARTA, MIAMI

STORES = pytest.mark.parametrize("store_id", [MIAMI, JAKARTA], ids=["miami", "jakarta"])


@dataclass
class Town:
    """The demo world, and the folder in which the sandbox finds what was paid."""

    app: Flask
    past: Path

    def wrong(self, store_id: int) -> dict[str, list[str]]:
        with self.app.app_context(), store_scope(store_id):
            return {name: rows for name, rows in verify_store().items() if rows}


@pytest.fixture(scope="module")
def town(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("sandbox")
    before, app.config["SANDBOX_DATA"] = app.config["SANDBOX_DATA"], str(folder)
    try:
        with app.app_context():
            # Lists name what is three days old, and were compared last night: up to a day ago, as the hour is.
            seed_demo(tmp_path_factory.mktemp("packs"), days=4)
            db.session.remove()
        yield Town(app, folder)
    finally:
        app.config["SANDBOX_DATA"] = before
        factories.sweep(app)


@pytest.fixture
def inside(town: Town, store_id: int) -> Iterator[Town]:
    with town.app.app_context(), store_scope(store_id):
        yield town
        db.session.remove()


@STORES
def test_it_adds_up(town, store_id):
    assert town.wrong(store_id) == {}


@STORES
def test_every_open_method_has_paid_orders(inside, store_id):
    paid = select(PaymentAttempt.method).where(PaymentAttempt.status == AttemptStatus.paid)
    assert set(db.session.scalars(paid)) == set(methods.open_codes()) - {"cash"}


@STORES
def test_money_went_back_in_every_way(inside, store_id):
    done = set(db.session.scalars(select(Refund.to).where(Refund.status == RefundStatus.done)))
    assert done == {RefundTo.source, RefundTo.wallet, RefundTo.cash}
    assert any(refund.lines for refund in db.session.scalars(select(Refund)))
    assert db.session.scalars(select(Chargeback)).all()


@STORES
def test_tries_failed_ran_out_and_were_made_again(inside, store_id):
    tried = defaultdict(set)
    for attempt in db.session.scalars(select(PaymentAttempt)):
        tried[attempt.status].add(attempt.number)
    assert {AttemptStatus.failed, AttemptStatus.expired, AttemptStatus.paid} <= set(tried)
    assert 2 in tried[AttemptStatus.paid]


@STORES
def test_lists_were_compared_and_leave_something_to_do(inside, store_id):
    assert db.session.scalars(select(SettlementRun)).all()
    sorts = set(db.session.scalars(select(SettlementDifference.sort)))
    assert DifferenceSort.missing_here in sorts


def test_too_much_went_into_wallets(town):
    with town.app.app_context(), store_scope(MIAMI):
        over = select(PaymentReceipt).where(PaymentReceipt.wallet_minor > 0)
        assert {one.status for one in db.session.scalars(over)} >= {ReceiptStatus.applied}


@STORES
def test_calls_stand_where_they_came(inside, store_id):
    calls = db.session.scalars(select(WebhookMessage)).all()
    assert calls
    assert len({call.received_at.date() for call in calls}) > 1
    assert all(json.loads(call.body) for call in calls)


@STORES
def test_nobody_is_told_of_it_today(inside, store_id):
    """But of what is still to come: the time of a transfer that was asked for a moment ago ends."""
    query = select(EventRecord.type).where(EventRecord.published_at.is_(None)).distinct()
    assert set(db.session.scalars(query)) <= {"TransferReminder", "TransferLapses"}


@STORES
def test_something_waits_for_staff(inside, store_id):
    review = select(PaymentReceipt).where(PaymentReceipt.status == ReceiptStatus.review)
    assert db.session.scalars(review).all()
    calls = set(db.session.scalars(select(WebhookMessage.status)))
    assert {MessageStatus.failed, MessageStatus.forged, MessageStatus.ignored} <= calls
    waiting = select(Order).where(Order.payment_status == PaymentStatus.AWAITING, Order.status == "PENDING")
    assert len(db.session.scalars(waiting).all()) >= 3
    assert (queue.counts()["said"] > 0) == (store_id == MIAMI)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param(
            "UPDATE ledger_posting SET amount_minor = amount_minor + 1 WHERE id = (SELECT max(p.id) FROM "
            "ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id WHERE e.moment = 'payment_received')",
            {"entries sum to zero": "entry", "balances = postings": "account"},
            id="a posting",
        ),
        pytest.param(
            "UPDATE ledger_account SET balance_minor = balance_minor - 100 WHERE kind = 'clearing'",
            {"balances = postings": "account clearing"},
            id="balances",
        ),
        pytest.param(
            "UPDATE wallet_lot SET left_minor = left_minor - 1 WHERE id = "
            "(SELECT max(id) FROM wallet_lot WHERE left_minor > 0 AND expires_at > now())",
            {"wallet lots = uses": "wallet lot "},
            id="a lot",
        ),
        pytest.param(
            "UPDATE orders SET wallet_minor = 1, due_minor = due_minor - 1 WHERE id = "
            "(SELECT max(id) FROM orders WHERE status = 'DELIVERED')",
            {"orders = entries": "order ", "orders = their events": "order "},
            id="an order's money",
        ),
        pytest.param(
            "UPDATE payment_receipt SET applied_minor = applied_minor - 1 WHERE id = "
            "(SELECT max(id) FROM payment_receipt WHERE status = 'applied' AND refunded_minor = 0)",
            {"receipts = entries": "receipt "},
            id="a payment",
        ),
    ],
)
def test_what_a_superuser_changes_is_named(town, change, named):
    """Past every trigger and right, as nobody else can."""
    engine = create_engine(town.app.config["DATABASE_URL"])
    table = change.split()[1]
    try:
        with engine.begin() as superuser:
            superuser.execute(text("SET LOCAL session_replication_role = replica"))
            superuser.execute(text(f"CREATE TABLE kept AS SELECT * FROM {table}"))
            assert superuser.execute(text(change)).rowcount
        found = {name: town.wrong(MIAMI).get(name, []) + town.wrong(JAKARTA).get(name, []) for name in named}
        assert all(any(row.startswith(word) for row in found[name]) for name, word in named.items()), found
    finally:
        with engine.begin() as superuser:
            superuser.execute(text("SET LOCAL session_replication_role = replica"))
            superuser.execute(text(f"DELETE FROM {table}"))
            superuser.execute(text(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM kept"))
            superuser.execute(text("DROP TABLE kept"))
        engine.dispose()
    assert (town.wrong(MIAMI), town.wrong(JAKARTA)) == ({}, {})


def test_the_sandbox_knows_what_was_paid(town, tmp_path):
    store = SandboxStore(tmp_path)
    made = load_past(store, town.past)
    with town.app.app_context(), store_scope(MIAMI):
        ours = select(PaymentReceipt.external_id).where(PaymentReceipt.method == "authorizenet")
        wanted = set(db.session.scalars(ours))
    assert wanted <= set(store.values("till.payments.authorizenet"))
    assert made > len(wanted)
    assert load_past(store, town.past) == 0


def test_a_store_without_methods_is_paid_in_cash():
    deck = Deck("miami", Random("x"), ["cash"])
    assert {deck.deal().method for _card in range(300)} == {"cash"}


def test_what_is_not_open_is_paid_in_cash():
    deck = Deck("miami", Random("x"), ["cash", "authorizenet"])
    dealt = [deck.deal() for _card in range(300)]
    assert {plan.method for plan in dealt} == {"cash", "authorizenet"}
    given_up = [plan for plan in dealt if plan.ending is Ending.unpaid]
    assert {plan.how for plan in given_up} == {How.never, How.unheard}
    assert all(plan.method != "cash" for plan in given_up)
