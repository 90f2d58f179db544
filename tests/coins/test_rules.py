"""Amounts, confirmations and QR texts: plain values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInput
from app.payments.coins.chains import COINS, show_units, units_for, worth
from app.payments.coins.finality import needed, read_finality
from app.payments.coins.quoting import payment_uri

BTC, ETH, USDT = COINS["btc"], COINS["eth"], COINS["usdt_erc20"]
PLACE = "0x9858EfFD232B4033E47d90003D41EC34EcaEda94"


@given(
    st.sampled_from(list(COINS.values())),
    st.integers(1, 10_000_000),
    st.integers(1_000, 20_000_000),
)
def test_what_is_asked_is_worth_the_amount_and_a_step_less_is_not(coin, amount, rate):
    rate = 100 if coin.par else rate
    units = units_for(coin, amount, rate)
    assert worth(coin, units, rate) >= amount
    if units > coin.least_units:
        assert worth(coin, units - coin.step, rate) < amount
    assert units % coin.step == 0 or units == coin.least_units


def test_a_satoshi_less_is_a_cent_less():
    units = units_for(BTC, 4_000, 6_425_000)
    assert (units, worth(BTC, units, 6_425_000), worth(BTC, units - 1, 6_425_000)) == (62257, 4_000, 3_999)


def test_nothing_is_asked_that_no_node_would_carry():
    assert units_for(BTC, 1, 6_425_000) == 546
    assert worth(BTC, 546, 6_425_000) == 35


@pytest.mark.parametrize(
    ("coin", "units", "text"),
    [
        (BTC, 62257, "0.00062257"),
        (BTC, 100_000_000, "1.00"),
        (BTC, 150_000_000, "1.50"),
        (ETH, 12_820_510_000_000_000, "0.01282051"),
        (ETH, 1, "0.000000000000000001"),
        (USDT, 40_000_000, "40.00"),
        (USDT, 40_000_001, "40.000001"),
    ],
)
def test_amounts_are_shown_to_the_last_unit(coin, units, text):
    assert show_units(coin, units) == text


@pytest.mark.parametrize(
    ("coin", "amount", "replaceable", "count"),
    [
        pytest.param(BTC, 2_000, False, 0, id="small: at once"),
        pytest.param(BTC, 2_000, True, 1, id="small, but it can be taken back"),
        pytest.param(BTC, 2_001, False, 1, id="more than small"),
        pytest.param(BTC, 50_001, False, 2, id="large"),
        pytest.param(BTC, 200_001, False, 3, id="very large"),
        pytest.param(ETH, 1, False, 12, id="ether"),
        pytest.param(USDT, 1, False, 12, id="token on Ethereum"),
        pytest.param(COINS["usdt_trc20"], 1, False, 19, id="TRON: solid"),
    ],
)
def test_confirmations_go_by_the_amount(coin, amount, replaceable, count):
    assert needed(coin, amount, replaceable=replaceable) == count


USUAL_TYPED = {"confirm_0_to": "", "confirm_1_to": "500", "confirm_2_to": "2,000.00"}


@pytest.mark.parametrize(
    ("coin", "typed", "amount", "count"),
    [
        pytest.param(BTC, USUAL_TYPED, 50_000, 1, id="as usual"),
        pytest.param(BTC, USUAL_TYPED | {"confirm_0_to": "0"}, 1, 1, id="nothing at once"),
        pytest.param(BTC, USUAL_TYPED | {"confirm_0_to": "100"}, 10_000, 0, id="more at once"),
        pytest.param(BTC, USUAL_TYPED | {"confirm_1_to": "20"}, 2_001, 2, id="two sooner"),
        pytest.param(ETH, {"confirmations": "32"}, 1, 32, id="deeper"),
        pytest.param(ETH, {}, 1, 12, id="nothing set"),
        pytest.param(COINS["usdt_trc20"], {}, 1, 19, id="TRON is solid or not"),
    ],
)
def test_a_store_sets_when_coins_count(store, coin, typed, amount, count):
    assert needed(coin, amount, finality=read_finality(coin, typed)) == count


@pytest.mark.parametrize(
    ("coin", "typed", "field"),
    [
        (BTC, {"confirm_0_to": "600"}, "confirm_1_to"),
        (BTC, {"confirm_2_to": "1e9"}, "confirm_2_to"),
        (BTC, {"confirm_0_to": "-1"}, "confirm_0_to"),
        (BTC, {"confirm_1_to": "９９"}, "confirm_1_to"),
        (ETH, {"confirmations": "0"}, "confirmations"),
        (ETH, {"confirmations": "33"}, "confirmations"),
        (ETH, {"confirmations": "²"}, "confirmations"),
        (ETH, {"confirmations": "1" * 400}, "confirmations"),
    ],
)
def test_confirmations_that_nobody_can_mean(store, coin, typed, field):
    with pytest.raises(InvalidInput) as refused:
        read_finality(coin, typed)
    assert list(refused.value.errors) == [field]


@pytest.mark.parametrize(
    ("coin", "address", "units", "uri"),
    [
        (BTC, "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", 62257,
         "bitcoin:bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu?amount=0.00062257"),
        (ETH, PLACE, 12_820_510_000_000_000, f"ethereum:{PLACE}@1?value=12820510000000000"),
        (USDT, PLACE, 40_000_000,
         f"ethereum:0xdAC17F958D2ee523a2206206994597C13D831ec7@1/transfer?address={PLACE}&uint256=40000000"),
        (COINS["usdt_trc20"], "TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH", 1, "TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH"),
    ],
)  # fmt: skip
def test_the_code_says_what_to_pay(coin, address, units, uri):
    assert payment_uri(coin, address, units) == uri
