"""The chain against the books: what agrees, what is missing on either side, and what staff do about it."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from app.core import clock
from app.core.db import db, transaction
from app.orders import reconciling
from app.orders.states import PaymentStatus
from app.payments import methods, reconciliation
from app.payments.coins.chains import COINS, FOLLOWED
from app.payments.coins.models import CoinTransfer
from app.payments.settlement_models import DifferenceSort, RunStatus
from tests.coins.vectors import ZPUB
from tests.factories import make_staff


@pytest.fixture
def dmitri(till):
    return make_staff("Dmitri", "manager")


def compare(method, actor, monkeypatch, days=2):
    """As it is compared some days later, when everything should be there."""
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(days=days))
    run = reconciliation.ask_run(method, actor=actor)
    reconciliation.reconcile(run.id)
    monkeypatch.setattr(clock, "now", real)
    db.session.expire_all()
    return run


def paid(till, method, quantity=3):
    order, quote = till.ask(method, quantity=quantity)
    till.chains.send(method, quote.address.address, int(quote.units))
    till.chains.mine(method, FOLLOWED[COINS[method].chain])
    till.look(2)
    return order


@pytest.mark.parametrize("method", ["btc", "eth", "usdt_erc20", "usdt_trc20"])
def test_what_the_chain_says_agrees_with_the_books(till, dmitri, monkeypatch, proved, method):
    order = paid(till, method)
    assert order.payment_status is PaymentStatus.PAID
    for _again in range(2):
        run = compare(method, dmitri, monkeypatch)
        assert (run.status, run.lines, run.matched, run.differences) == (RunStatus.done, 1, 1, 0)
    assert proved() == {}


def test_a_payment_that_is_on_no_chain_is_missing_there(till, dmitri, monkeypatch):
    order, quote = till.ask("btc", quantity=3)
    till.chains.send("btc", quote.address.address, int(quote.units))
    till.chains.mine("btc")
    till.look()
    till.chains.undo("btc", drop=True)
    run = compare("btc", dmitri, monkeypatch)
    (found,) = reconciliation.open_differences("btc")
    assert (run.status, found.sort) == (RunStatus.done, DifferenceSort.missing_there)
    assert found.receipt_id == till.receipts(order)[0].id


def test_a_transfer_that_nobody_saw_is_posted_once(till, dmitri, monkeypatch, proved):
    order, quote = till.ask("btc", quantity=3)
    till.chains.send("btc", quote.address.address, int(quote.units))
    till.chains.mine("btc", 6)
    compare("btc", dmitri, monkeypatch)
    (found,) = reconciliation.open_differences("btc")
    assert (found.sort, reconciling.order_of(found)) == (DifferenceSort.missing_here, order)
    reconciling.post_missing(found.id, actor=dmitri)
    assert order.payment_status is PaymentStatus.PAID
    assert reconciliation.open_differences("btc") == []
    till.look(2)  # the watcher comes to it at last
    assert len(till.receipts(order)) == 1
    (row,) = till.transfers()
    assert (row.receipt_id, row.amount_minor) == (
        till.receipts(order)[0].id,
        till.receipts(order)[0].amount_minor,
    )
    assert proved() == {}


def test_what_the_books_have_wrongly_is_another_amount(till, dmitri, monkeypatch):
    order = paid(till, "btc")
    with transaction():
        db.session.execute(delete(CoinTransfer))
        (receipt,) = till.receipts(order)
        receipt.amount_minor, receipt.applied_minor = receipt.amount_minor - 100, receipt.applied_minor - 100
    compare("btc", dmitri, monkeypatch)
    (found,) = reconciliation.open_differences("btc")
    assert found.sort is DifferenceSort.amount
    assert found.theirs_minor - found.ours_minor == 100


def test_an_explorer_that_is_away_fails_the_run(till, dmitri, monkeypatch):
    paid(till, "btc")
    till.chains.sandbox.chaos("chain", "500")
    run = compare("btc", dmitri, monkeypatch)
    till.chains.sandbox.chaos("all", "ok")
    assert run.status is RunStatus.failed and "TryLater" in run.problem


def test_a_store_that_waits_longer_counts_later(till):
    settings = {"xpub": ZPUB, "confirm_0_to": "0", "confirm_1_to": "1", "confirm_2_to": "2"}
    methods.configure("btc", settings, {}, actor=till.owner)
    order, quote = till.ask("btc")
    till.chains.send("btc", quote.address.address, int(quote.units))
    till.chains.mine("btc", 2)
    till.look()
    assert till.receipts(order) == []
    till.chains.mine("btc")
    till.look()
    assert order.payment_status is PaymentStatus.PAID
