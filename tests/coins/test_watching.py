"""The watcher against the simulator: what arrives, what does not, and what is not what it seems."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import loyalty
from app.core import clock
from app.core.db import db
from app.core.events import EventRecord
from app.orders import paying
from app.orders.states import PaymentStatus
from app.payments import methods
from app.payments.coins.models import CoinAddress, CoinCounter, TransferStatus
from app.payments.coins.quoting import CoinDesk
from app.payments.errors import GatewayDown
from app.payments.models import AttemptStatus, PaymentAttempt
from tests.coins.conftest import LATER, Till

P, S = PaymentStatus, AttemptStatus


def attempt_of(till: Till, quote) -> PaymentAttempt:
    return db.session.get_one(PaymentAttempt, quote.attempt_id)


def events(name: str) -> int:
    query = select(func.count()).select_from(EventRecord).where(EventRecord.type == name)
    return db.session.scalars(query).one()


@pytest.mark.parametrize(
    ("method", "blocks"),
    [("btc", 1), ("eth", 12), ("usdt_erc20", 12), ("usdc_erc20", 12), ("usdt_trc20", 19)],
)
def test_the_exact_amount_pays_the_order_when_it_is_final(till, proved, method, blocks):
    order, quote = till.ask(method, quantity=3)
    paid = till.chains.pay_uri(quote.address.address, coin=method, units=int(quote.units))
    if blocks > 1:
        till.chains.mine(method, blocks - 1)
    till.look()
    assert order.payment_status is P.AWAITING
    till.chains.mine(method)
    till.look(2)
    assert order.payment_status is P.PAID
    assert attempt_of(till, quote).status is S.paid
    [receipt] = till.receipts(order)
    assert (receipt.amount_minor, receipt.applied_minor, receipt.wallet_minor) == (
        order.due_minor,
        order.due_minor,
        0,
    )
    assert receipt.external_id.startswith(paid)
    assert proved() == {}


@pytest.mark.parametrize("method", ["btc", "eth", "usdt_erc20"])
def test_the_qr_code_is_enough_to_pay(till, method):
    order, quote = till.ask(method)
    shown = attempt_of(till, quote).shown
    till.chains.pay_uri(shown["qr"])
    till.chains.mine(method, 12)
    till.look()
    assert order.payment_status is P.PAID
    assert shown["show"] == "qr"


@pytest.mark.parametrize("method", ["btc", "usdt_erc20", "usdt_trc20"])
def test_what_came_before_the_address_was_given_pays_nothing(till, method):
    """A key that was in use elsewhere has addresses with a past."""
    order, quote = till.ask(method, quantity=3)
    till.chains.send(method, quote.address.address, int(quote.units))
    till.chains.mine(method, 20)
    quote.address.created_at += timedelta(hours=3)
    db.session.flush()
    till.look(2)
    assert (order.payment_status, till.transfers()) == (P.AWAITING, [])


def test_a_small_amount_of_bitcoin_counts_at_once(till):
    order, quote = till.ask("btc")
    till.chains.send("btc", quote.address.address, int(quote.units))
    till.look()
    assert order.due_minor <= 2_000
    assert order.payment_status is P.PAID


def test_a_small_amount_that_can_be_taken_back_does_not(till):
    order, quote = till.ask("btc")
    till.chains.send("btc", quote.address.address, int(quote.units), replaceable=True)
    till.look()
    assert order.payment_status is P.AWAITING
    assert attempt_of(till, quote).status is S.held
    till.chains.mine("btc")
    till.look()
    assert order.payment_status is P.PAID


def test_a_large_sum_does_not_come_in_as_many_small_ones(till):
    order, quote = till.ask("btc", sku="GOLD")
    part = int(quote.units) // 60
    for _ in range(3):
        till.chains.send("btc", quote.address.address, part)
    till.look()
    assert {row.status for row in till.transfers()} == {TransferStatus.seen}
    assert till.receipts(order) == []


def test_short_by_one_unit_is_part_paid_and_the_rest_can_follow(till, proved):
    order, quote = till.ask("btc", quantity=3)
    till.chains.send("btc", quote.address.address, int(quote.units) - 1)
    till.chains.mine("btc", 2)
    till.look()
    assert order.payment_status is P.PARTIAL
    assert sum(receipt.applied_minor for receipt in till.receipts(order)) == order.due_minor - 1
    top_up = till.quote(till.start(order))
    assert attempt_of(till, top_up).amount_minor == 1
    assert top_up.address_id == quote.address_id
    assert top_up.units == 546
    till.chains.send("btc", top_up.address.address, 546)
    till.chains.mine("btc", 2)
    till.look()
    assert order.payment_status is P.PAID
    assert loyalty.balance_of(order.customer_id) == 34
    assert proved() == {}


def test_two_halves_are_the_whole(till):
    order, quote = till.ask("btc", quantity=3)
    half = int(quote.units) // 2
    for part in (half, int(quote.units) - half):
        till.chains.send("btc", quote.address.address, part)
    till.chains.mine("btc")
    till.look()
    assert order.payment_status is P.PAID
    assert sum(receipt.amount_minor for receipt in till.receipts(order)) == order.due_minor


def test_what_is_too_much_goes_to_the_wallet(till, proved):
    order, quote = till.ask("usdt_trc20", quantity=3)
    till.chains.send("usdt_trc20", quote.address.address, int(quote.units) + 2_500_000)
    till.chains.mine("usdt_trc20", 19)
    till.look()
    assert order.payment_status is P.PAID
    assert loyalty.balance_of(order.customer_id) == 250
    assert proved() == {}


def test_late_money_counts_at_the_rate_of_its_day(till, proved):
    order, quote = till.ask("btc", quantity=3)
    with clock.moved(LATER):
        till.look()
        assert attempt_of(till, quote).status is S.expired
        till.chains.settle(rates={"BTC": "32125.00"})
        till.chains.send("btc", quote.address.address, int(quote.units))
        till.look()
        till.chains.mine("btc", 3)
        till.look()
    [receipt] = till.receipts(order)
    assert receipt.amount_minor == order.due_minor // 2
    assert order.payment_status is P.PARTIAL
    assert proved() == {}


def test_money_that_was_on_its_way_in_time_keeps_its_rate(till):
    order, quote = till.ask("btc", quantity=3)
    till.chains.send("btc", quote.address.address, int(quote.units))
    till.look()
    with clock.moved(LATER):
        till.chains.settle(rates={"BTC": "32125.00"})
        till.chains.mine("btc", 2)
        till.look()
    assert order.payment_status is P.PAID


def test_money_to_an_old_address_of_a_paid_order_is_the_customers(till, proved):
    order, quote = till.ask("btc", quantity=3)
    till.chains.send("btc", quote.address.address, int(quote.units))
    till.chains.mine("btc", 2)
    till.look()
    with clock.moved(timedelta(days=9)):
        till.chains.send("btc", quote.address.address, 100_000)
        till.chains.mine("btc", 2)
        till.look()
    assert loyalty.balance_of(order.customer_id) == 100_000 * 6_425_000 // 10**8
    assert events("PaidTwice") == 1
    assert proved() == {}


def test_an_address_that_nobody_uses_is_looked_at_ever_more_rarely_and_at_last_no_more(till):
    _order, quote = till.ask("btc")
    pauses = []
    for age in (
        timedelta(0),
        timedelta(minutes=30),
        timedelta(hours=5),
        timedelta(days=5),
        timedelta(days=31),
    ):
        with clock.moved(age):
            till.look()
            look_at = db.session.get_one(CoinAddress, quote.address_id).look_at
            pauses.append(round((look_at - clock.now()).total_seconds(), -1) if look_at else None)
    assert pauses == [10, 60, 600, 7200, None]


@pytest.mark.parametrize("method", ["usdt_erc20", "usdt_trc20"])
def test_a_fake_token_is_nothing(till, method):
    order, quote = till.ask(method)
    till.chains.settle(lax=True)  # an explorer that shows every token
    till.chains.send(method, quote.address.address, int(quote.units), fake=True)
    till.chains.mine(method, 20)
    till.look()
    assert till.transfers() == []
    assert order.payment_status is P.AWAITING


@pytest.mark.parametrize("method", ["usdt_erc20", "usdt_trc20", "eth"])
def test_a_transfer_of_nothing_is_nothing(till, method):
    _order, quote = till.ask(method)
    till.chains.send(method, quote.address.address, 0)
    till.chains.mine(method, 20)
    till.look()
    assert till.transfers() == []


def test_another_token_than_the_one_asked_for_does_not_pay(till):
    order, quote = till.ask("usdt_erc20")
    till.chains.send("usdc_erc20", quote.address.address, int(quote.units))
    till.chains.mine("usdc_erc20", 12)
    till.look()
    assert order.payment_status is P.AWAITING


def test_a_transfer_that_failed_on_the_chain_is_nothing(till):
    _order, quote = till.ask("eth")
    till.chains.send("eth", quote.address.address, int(quote.units), failed=True)
    till.chains.mine("eth", 12)
    till.look()
    assert till.transfers() == []


def test_ether_from_a_contract_counts(till):
    order, quote = till.ask("eth")
    till.chains.send("eth", quote.address.address, int(quote.units), internal=True)
    till.chains.mine("eth", 12)
    till.look()
    assert order.payment_status is P.PAID


def test_a_double_spend_before_it_is_final_costs_nothing(till, proved):
    order, quote = till.ask("btc", quantity=3)
    txid = till.chains.send("btc", quote.address.address, int(quote.units), replaceable=True)
    till.look()
    assert attempt_of(till, quote).status is S.held
    till.chains.double_spend(txid)
    till.look()
    assert attempt_of(till, quote).status is S.held  # one explorer may lag
    till.look()
    assert attempt_of(till, quote).status is S.failed
    assert till.receipts(order) == []
    till.chains.send("btc", quote.address.address, int(quote.units))
    till.chains.mine("btc", 2)
    till.look()
    assert order.payment_status is P.PAID
    assert proved() == {}


def test_what_is_reorganised_away_after_it_counted_comes_before_staff(till):
    order, quote = till.ask("btc", quantity=3)
    till.chains.send("btc", quote.address.address, int(quote.units))
    till.chains.mine("btc")
    till.look()
    assert order.payment_status is P.PAID
    till.chains.undo("btc", drop=True)
    till.look(2)
    assert [row.status for row in till.transfers()] == [TransferStatus.vanished]
    assert events("PaymentInReview") == 1
    assert [receipt.reason for receipt in till.receipts(order)] == ["vanished"]
    till.look(3)
    assert events("PaymentInReview") == 1


def test_a_reorganisation_that_brings_it_back_changes_nothing(till, proved):
    order, quote = till.ask("btc", quantity=3)
    till.chains.send("btc", quote.address.address, int(quote.units))
    till.chains.mine("btc")
    till.look()
    till.chains.undo("btc")
    till.look(3)
    till.chains.mine("btc", 8)
    till.look(2)
    assert len(till.receipts(order)) == 1
    assert order.payment_status is P.PAID
    assert proved() == {}


def test_the_same_news_again_changes_nothing(till, proved):
    order, quote = till.ask("usdt_erc20", quantity=3)
    till.chains.send("usdt_erc20", quote.address.address, int(quote.units))
    till.chains.mine("usdt_erc20", 12)
    till.look(4)
    assert len(till.receipts(order)) == 1
    assert proved() == {}


def test_one_transaction_can_pay_two_orders(till):
    """An exchange pays many in one transaction: the place in it alone does not tell two receipts apart."""
    first, one = till.ask("usdt_erc20")
    second, two = till.ask("usdt_erc20")
    names = set()
    for quote in (one, two):
        till.chains.send("usdt_erc20", quote.address.address, int(quote.units))
    till.chains.mine("usdt_erc20", 12)
    till.look()
    for order in (first, second):
        [receipt] = till.receipts(order)
        txid, address, place = receipt.external_id.split(":")
        names.add((address, place))
        assert len(txid) == 66
    assert names == {(one.address.address, "0"), (two.address.address, "0")}


def test_every_order_has_an_address_of_its_own_and_keeps_it(till):
    addresses = []
    for _ in range(3):
        order, quote = till.ask("btc")
        addresses.append(quote.address.address)
        with clock.moved(LATER):
            till.look()
            again = till.quote(till.start(order))
        assert again.address_id == quote.address_id
    assert len(set(addresses)) == 3


def test_coins_of_one_key_never_share_an_address(till):
    quotes = [till.ask(method)[1] for method in ("eth", "usdt_erc20", "usdc_erc20", "eth")]
    assert len({quote.address.address for quote in quotes}) == 4


def test_an_index_is_not_given_out_again_when_its_order_is_gone(till):
    before = {row.fingerprint: row.next_index for row in db.session.scalars(select(CoinCounter))}
    till.ask("btc")
    till.ask("btc")
    after = {row.fingerprint: row.next_index for row in db.session.scalars(select(CoinCounter))}
    assert sorted(after[name] - before[name] for name in before) == [0, 0, 2]


@pytest.mark.parametrize("mode", ["down", "500", "429"])
def test_without_a_rate_the_order_stands(till, mode):
    order = till.order("btc")
    till.chains.sandbox.chaos("chain", mode)
    with pytest.raises(GatewayDown):
        till.start(order)
    till.chains.sandbox.chaos("chain", "ok")
    assert order.payment_status is P.AWAITING
    assert till.quote(till.start(order)).rate_minor == 6_425_000


def test_a_rate_that_leaps_is_not_believed(till):
    till.ask("btc")
    till.chains.settle(rates={"BTC": "6425.00"})
    with pytest.raises(GatewayDown):
        till.ask("btc")


def test_a_dollar_token_that_lost_its_dollar_is_not_taken(till):
    till.chains.settle(rates={"USDT": "0.91"})
    with pytest.raises(GatewayDown):
        till.ask("usdt_trc20")


def test_an_explorer_that_is_away_holds_nobody_up(till):
    order, quote = till.ask("btc")
    till.chains.send("btc", quote.address.address, int(quote.units))
    till.chains.sandbox.chaos("chain", "down")
    till.look()
    assert till.transfers() == []
    till.chains.sandbox.chaos("chain", "ok")
    till.look()
    assert order.payment_status is P.PAID


def test_starting_the_same_attempt_again_gives_the_same_quote(till):
    order = till.order("btc")
    attempt = till.start(order)
    first = till.quote(attempt).id
    paying.start(attempt, CoinDesk(), methods.credentials("btc"))
    assert till.quote(attempt).id == first
