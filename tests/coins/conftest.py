"""The chains of the sandbox, a shop that takes coins, and whoever pays."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.core import clock
from app.core.actor import Actor
from app.core.db import db, transaction
from app.orders import coin_watch, paying
from app.orders.models import Order
from app.payments import attempts, methods
from app.payments.coins.chains import COINS
from app.payments.coins.derive import read_key
from app.payments.coins.models import CoinAddress, CoinCounter, CoinQuote, CoinTransfer
from app.payments.coins.quoting import CoinDesk
from app.payments.models import PaymentAttempt, PaymentReceipt
from app.verify import verify_store
from tests.coins.vectors import XPUB_ETHEREUM, XPUB_TRON, ZPUB
from tests.factories import make_branch, make_customer, make_staff, make_variant, make_zone, place
from tests.jobs.harness import outside
from tests.sandbox.conftest import Sandbox

__all__ = ["outside"]

PATHS = {
    "BITCOIN_EXPLORER_URL": "/chain/bitcoin",
    "ETHEREUM_EXPLORER_URL": "/chain/ethereum",
    "TRON_EXPLORER_URL": "/chain/tron",
    "COIN_RATES_URL": "/chain/rates",
}
KEYS = {"btc": ZPUB, "eth": XPUB_ETHEREUM, "usdt_erc20": XPUB_ETHEREUM, "usdt_trc20": XPUB_TRON}
KEYS["usdc_erc20"] = XPUB_ETHEREUM
_fresh = count(1)


@dataclass
class Chains:
    """The simulator's desk. Blocks come by hand."""

    sandbox: Sandbox

    def _press(self, what: str, **asked: Any) -> dict[str, Any]:
        answer = self.sandbox.http.post(f"/chain/sandbox/{what}", json=asked)
        return dict(answer.raise_for_status().json())

    def send(self, coin: str, to: str, units: int, **how: Any) -> str:
        return str(self._press("send", coin=coin, to=to, units=units, **how)["id"])

    def pay_uri(self, uri: str, **how: Any) -> str:
        return str(self._press("send", to=uri, **how)["id"])

    def mine(self, coin: str, blocks: int = 1) -> None:
        self._press("mine", chain=COINS[coin].chain.value, blocks=blocks)

    def undo(self, coin: str, blocks: int = 1, *, drop: bool = False) -> None:
        self._press("reorg", chain=COINS[coin].chain.value, blocks=blocks, drop=drop)

    def double_spend(self, txid: str) -> None:
        self._press("double-spend", txid=txid)

    def settle(self, **asked: Any) -> None:
        self._press("settings", **asked)


@pytest.fixture
def chains(outside: Sandbox, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Chains:
    """The explorers and the prices, well, with the adapters pointed at them."""
    outside.chaos("all", "ok")
    for name, path in PATHS.items():
        monkeypatch.setitem(app.config, name, outside.url + path)
    monkeypatch.setitem(app.config, "ETHEREUM_EXPLORER_KEY", "sandbox-etherscan-key")
    monkeypatch.setitem(app.config, "TRON_EXPLORER_KEY", "")
    made = Chains(outside)
    made.settle(auto=False, lax=False, rates={"BTC": "64250.00", "ETH": "3120.00", "USDT": "1.00"})
    return made


@dataclass
class Till:
    """A shop that takes every coin, and its customer."""

    chains: Chains
    ana: Actor
    owner: Actor

    def order(self, method: str = "btc", quantity: int = 1, sku: str = "VITC") -> Order:
        return place((sku, quantity), actor=self.ana, payment_method=method)

    def start(self, order: Order) -> PaymentAttempt:
        """The order's newest attempt, quoted; another one when it is no longer open."""
        attempt = attempts.attempts_of(order.id)[-1]
        if attempt.status.value != "started":
            attempt = paying.next_attempt(order.code, actor=self.ana)
        paying.start(attempt, CoinDesk(), methods.credentials(attempt.method))
        return attempt

    def ask(self, method: str = "btc", quantity: int = 1, sku: str = "VITC") -> tuple[Order, CoinQuote]:
        """An order and what it is asked to pay."""
        order = self.order(method, quantity, sku)
        return order, self.quote(self.start(order))

    def quote(self, attempt: PaymentAttempt) -> CoinQuote:
        return db.session.scalars(select(CoinQuote).where(CoinQuote.attempt_id == attempt.id)).one()

    def look(self, times: int = 1) -> None:
        """The watcher's rounds, each at all addresses."""
        for _ in range(times):
            with transaction():
                db.session.execute(update(CoinAddress).values(look_at=clock.now()))
            coin_watch.watch()

    def receipts(self, order: Order) -> list[PaymentReceipt]:
        query = select(PaymentReceipt).where(PaymentReceipt.order_id == order.id)
        return list(db.session.scalars(query.order_by(PaymentReceipt.id)))

    def transfers(self) -> list[CoinTransfer]:
        return list(db.session.scalars(select(CoinTransfer).order_by(CoinTransfer.id)))


@pytest.fixture
def till(store: int, chains: Chains) -> Till:
    """Every coin is open; addresses begin where no test before has been."""
    branch = make_branch()
    make_zone(branch)
    make_variant(branch, "VITC", price_minor=1250, on_hand=500)
    make_variant(branch, "GOLD", price_minor=90_000, on_hand=500)
    made = Till(chains, make_customer("Ana"), make_staff("Olga", "store_admin"))
    open_coins(made.owner)
    return made


def open_coins(owner: Actor) -> None:
    """Set every coin up, as the owner does."""
    for method, key in KEYS.items():
        methods.configure(method, {"xpub": key}, {}, actor=owner).active = True
    with transaction():
        for key, chain in {ZPUB: "btc", XPUB_ETHEREUM: "eth", XPUB_TRON: "usdt_trc20"}.items():
            fingerprint = read_key(key, COINS[chain].chain).fingerprint
            db.session.add(CoinCounter(fingerprint=fingerprint, next_index=1000 * next(_fresh)))


@pytest.fixture
def proved() -> Iterator[Callable[[], dict[str, list[str]]]]:
    """What `verify` finds wrong: nothing, after every test."""

    def run() -> dict[str, list[str]]:
        db.session.flush()
        return {name: rows for name, rows in verify_store().items() if rows}

    yield run


LATER = timedelta(minutes=20)
"""Past the time for which a rate is kept."""
