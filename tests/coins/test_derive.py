"""Addresses from account keys against the published vectors; keys that have no business here."""

import logging

import pytest

from app.core.audit import AuditEntry
from app.core.db import db
from app.core.errors import InvalidInput
from app.payments import methods
from app.payments.coins.chains import Chain
from app.payments.coins.derive import KeyNotReadable, PrivateKeyGiven, looks_private, read_key
from app.payments.models import PaymentMethod
from tests.admin.conftest import PASSWORD, sign_in  # noqa: F401 - a fixture
from tests.coins.vectors import RECEIVING, XPUB_BITCOIN, XPUB_ETHEREUM, XPUB_TRON, YPUB, ZPRV, ZPUB
from tests.factories import make_staff

XPRV = "xprv" + ZPRV[4:]


@pytest.mark.parametrize(("where", "addresses"), RECEIVING.items(), ids=lambda value: str(value)[2:20])
def test_the_published_addresses(where: tuple[str, str], addresses: tuple[str, str]) -> None:
    chain, key = where
    account = read_key(key, Chain(chain))
    assert tuple(account.address(index) for index in (0, 1)) == addresses


def test_pasted_with_spaces_and_line_breaks_it_is_the_same_key() -> None:
    assert read_key(f"  {ZPUB[:40]}\n{ZPUB[40:]} ", Chain.bitcoin) == read_key(ZPUB, Chain.bitcoin)


@pytest.mark.parametrize("key", [XPRV, ZPRV, f" {ZPRV} ", ZPRV.upper(), f"my key: {ZPRV}", ZPRV[:60]])
@pytest.mark.parametrize("chain", list(Chain))
def test_a_private_key_is_refused_by_its_own_name_and_not_repeated(key: str, chain: Chain) -> None:
    with pytest.raises(PrivateKeyGiven) as refused:
        read_key(key, chain)
    assert "prv" not in f"{refused.value!r} {refused.value} {refused.value.data}".lower().replace(
        "private", ""
    )


@pytest.mark.parametrize(
    "key",
    [
        "",
        "hello",
        "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu",
        ZPUB[:-1],
        ZPUB[:50] + ("a" if ZPUB[50] != "a" else "b") + ZPUB[51:],
        "vpub" + ZPUB[4:],
    ],
    ids=["empty", "words", "an address", "cut", "one letter wrong", "of the test network"],
)
def test_what_is_no_account_key_is_refused(key: str) -> None:
    with pytest.raises(KeyNotReadable):
        read_key(key, Chain.bitcoin)


@pytest.mark.parametrize("key", [ZPUB, YPUB])
def test_other_chains_take_only_an_xpub(key: str) -> None:
    with pytest.raises(KeyNotReadable, match="xpub"):
        read_key(key, Chain.ethereum)


def test_an_account_counts_its_addresses_once_however_it_is_spelled() -> None:
    as_bitcoin, as_ethereum = read_key(XPUB_ETHEREUM, Chain.bitcoin), read_key(XPUB_ETHEREUM, Chain.ethereum)
    assert as_bitcoin.fingerprint == as_ethereum.fingerprint
    assert read_key(XPUB_BITCOIN, Chain.bitcoin).fingerprint != as_ethereum.fingerprint


def test_a_private_key_in_the_settings_is_kept_nowhere(store: int, caplog: pytest.LogCaptureFixture) -> None:
    owner = make_staff("Olga", "store_admin")
    with caplog.at_level(logging.DEBUG), pytest.raises(InvalidInput) as refused:
        methods.configure("btc", {"xpub": ZPRV}, {}, actor=owner)
    assert "private key" in refused.value.errors["xpub"]
    assert ZPRV[:20] not in caplog.text + str(refused.value.errors)
    assert next(row for row in methods.all_methods() if row.code == "btc").settings == {}
    assert "btc" not in methods.open_codes()


PHRASE = " ".join(["abandon"] * 11 + ["about"])
"""The recovery phrase that everybody knows."""


@pytest.mark.parametrize(
    "typed",
    [
        PHRASE,
        PHRASE.upper(),
        " ".join(f"{n}. {word}" for n, word in enumerate(PHRASE.split(), 1)),
        PHRASE.replace(" ", ", "),
        " ".join(["ábaco"] * 24),
        f"my key: {ZPRV}",
        f"{ZPUB}\n{ZPRV}",
        "e9873d79c6d87dc0fb6a5778633389f4453213303da61f20bd67fc233aa33262",
        "0xe9873d79c6d87dc0fb6a5778633389f4453213303da61f20bd67fc233aa33262",
        "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617",
    ],
    ids=["words", "capitals", "numbered", "commas", "24 words", "with a word", "both", "hex", "0x", "WIF"],
)
def test_what_spends_coins_is_known_however_it_is_written(typed: str) -> None:
    assert looks_private(typed)
    with pytest.raises(PrivateKeyGiven):
        read_key(typed, Chain.bitcoin)


@pytest.mark.parametrize(
    "typed",
    [
        *(ZPUB, YPUB, XPUB_BITCOIN, XPUB_ETHEREUM, XPUB_TRON),
        "xpub6Bosf" + "zPrV" + "x" * 98,
        "",
        "Brickell Apothecary, 1 SW 8th St",
        "pay@brickell.example",
    ],
)
def test_what_spends_nothing_is_not_taken_for_it(typed: str) -> None:
    assert not looks_private(typed)


@pytest.mark.parametrize("method", ["btc", "zelle"])
@pytest.mark.parametrize("typed", [ZPRV, PHRASE, " ".join(["abandon"] * 24)])
def test_no_page_repeats_it_and_no_table_keeps_it(committed, sign_in, method: str, typed: str) -> None:  # noqa: F811
    staff = sign_in("store_admin")
    field = "setting-xpub" if method == "btc" else "setting-handle"
    form = {field: typed, "setting-display_name": "Brickell", "min_minor": "5", "password": PASSWORD}
    answer = staff.post(f"/console/payment-methods/edit/{method}", form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "private key or a recovery phrase" in page
    assert typed not in page and "abandon" not in page and 'value="5' in page
    assert not [row for row in db.session.query(AuditEntry) if typed[:20] in str(row.detail)]
    assert db.session.query(PaymentMethod).count() == 0


def test_a_coin_without_a_key_is_not_offered(store: int) -> None:
    owner = make_staff("Olga", "store_admin")
    row = methods.configure("btc", {"xpub": ""}, {}, actor=owner)
    row.active = True
    assert isinstance(row, PaymentMethod)
    assert "btc" not in methods.open_codes()
    methods.configure("btc", {"xpub": ZPUB}, {}, actor=owner)
    assert "btc" in methods.open_codes()
