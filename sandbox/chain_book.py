"""Three small chains: who sent what to whom, in which block, and what became of it."""

from __future__ import annotations

import os
import re
import secrets
import time
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl

from sandbox.desk import Desk

TXS, HEADS, SETTINGS, RATES = "chain.txs", "chain.heads", "chain.settings", "chain.rates"
FIRST_HEIGHT = {"bitcoin": 920_000, "ethereum": 24_000_000, "tron": 78_000_000}
SECONDS = {"bitcoin": 30.0, "ethereum": 4.0, "tron": 2.0}
"""Between two blocks, when they come by themselves: quicker than in life, so that nobody waits an hour."""
ADDRESS = {
    "bitcoin": re.compile(r"bc1[02-9ac-hj-np-z]{11,71}|[13][1-9A-HJ-NP-Za-km-z]{25,34}"),
    "ethereum": re.compile(r"0x[0-9a-fA-F]{40}"),
    "tron": re.compile(r"T[1-9A-HJ-NP-Za-km-z]{33}"),
}


@dataclass(frozen=True)
class Coin:
    """What can be sent: its chain, its decimals and, of a token, its contract."""

    code: str
    chain: str
    symbol: str
    decimals: int
    contract: str = ""


COINS = {
    coin.code: coin
    for coin in (
        Coin("btc", "bitcoin", "BTC", 8),
        Coin("eth", "ethereum", "ETH", 18),
        Coin("usdt_erc20", "ethereum", "USDT", 6, "0xdAC17F958D2ee523a2206206994597C13D831ec7"),
        Coin("usdc_erc20", "ethereum", "USDC", 6, "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"),
        Coin("usdt_trc20", "tron", "USDT", 6, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
    )
}
FAKE = {"ethereum": "0x" + "fa4e" * 10, "tron": "TFakeTokenFakeTokenFakeTokenFakeTo"}
DEFAULT_RATES = {"BTC": "64250.00", "ETH": "3120.00", "USDT": "1.00", "USDC": "1.00"}


class NotPossible(ValueError):
    """The chain would not take this."""


def units_of(text: str, decimals: int) -> int:
    """An amount of coins in its smallest units. NotPossible for one that is none, or too fine."""
    try:
        units = Decimal(text.strip()).scaleb(decimals)
    except InvalidOperation as error:
        raise NotPossible("amount must be a number") from error
    if not units.is_finite() or units < 0 or units != units.to_integral_value():
        raise NotPossible(f"amount has at most {decimals} decimals and is not below zero")
    return int(units)


def read_uri(text: str) -> dict[str, str]:
    """What a QR code says: coin, address and amount as far as it names them; a bare address is only that."""
    scheme, _, rest = text.strip().partition(":")
    if not rest:
        return {"to": text.strip()}
    where, _, query = rest.partition("?")
    asked = dict(parse_qsl(query))
    if scheme == "bitcoin":
        return {"coin": "btc", "to": where, "amount": asked.get("amount", "")}
    if scheme != "ethereum":
        raise NotPossible("an address, a bitcoin: or an ethereum: link")
    target, _, call = where.partition("/")
    target = target.partition("@")[0]
    if not call:
        return {"coin": "eth", "to": target, "units": asked.get("value", "")}
    token = next((c for c in COINS.values() if c.contract.lower() == target.lower()), None)
    if call != "transfer" or token is None:
        raise NotPossible("an unknown token or call")
    return {"coin": token.code, "to": asked.get("address", ""), "units": asked.get("uint256", "")}


class Book:
    """The chains as they stand now: blocks that are due by themselves are made as soon as somebody looks."""

    def __init__(self, desk: Desk) -> None:
        self.store = desk.store

    # ---- settings and rates
    def settings(self) -> dict[str, Any]:
        auto = os.environ.get("SANDBOX_AUTO_BLOCKS", "1") != "0"
        kept = {"auto": auto, "lax": False}
        return kept | self.store.values(SETTINGS)

    def configure(self, asked: dict[str, Any]) -> None:
        """`auto`: blocks come by themselves; `lax`: explorers show every token, whichever was asked for."""
        with self.store.lock:
            for name in ("auto", "lax"):
                if name in asked:
                    for chain in FIRST_HEIGHT:
                        self.height(chain)  # what was due until now
                        self._set_head(chain, self.height(chain))
                    self.store.set_value(SETTINGS, name, bool(asked[name]))

    def rates(self) -> dict[str, str]:
        return DEFAULT_RATES | self.store.values(RATES)

    def set_rate(self, symbol: str, rate: str) -> None:
        if symbol not in DEFAULT_RATES or not re.fullmatch(r"\d{1,9}(\.\d{1,8})?", rate):
            raise NotPossible("a symbol and a price")
        self.store.set_value(RATES, symbol, rate)

    # ---- blocks
    def height(self, chain: str) -> int:
        """The last block, after those that were due."""
        with self.store.lock:
            head = self.store.value(HEADS, chain)
            if head is None:
                self._set_head(chain, FIRST_HEIGHT[chain])
                return FIRST_HEIGHT[chain]
            due = int((time.time() - head["at"]) / SECONDS[chain]) if self.settings()["auto"] else 0
            if due > 0:
                self.mine(chain, due)
            return int(self.store.value(HEADS, chain)["height"])

    def mine(self, chain: str, blocks: int = 1) -> int:
        """Make blocks; the first takes in all that waits."""
        with self.store.lock:
            head = self.store.value(HEADS, chain) or {"height": FIRST_HEIGHT[chain]}
            for tx in self._all(chain):
                if tx["block"] is None and not tx["gone"]:
                    self._write(tx | {"block": head["height"] + 1, "block_at": int(time.time())})
            self._set_head(chain, head["height"] + blocks)
            return int(head["height"]) + blocks

    def undo(self, chain: str, blocks: int, *, drop: bool = False) -> int:
        """A reorganisation: the last blocks never were; what was in them waits again, or is lost with `drop`."""
        with self.store.lock:
            height = self.height(chain) - blocks
            for tx in self._all(chain):
                if tx["block"] is not None and tx["block"] > height:
                    self._write(tx | {"block": None, "gone": drop})
            self._set_head(chain, height)
            return height

    def _set_head(self, chain: str, height: int) -> None:
        self.store.set_value(HEADS, chain, {"height": height, "at": time.time()})

    # ---- transactions
    def send(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A transfer that waits for its block. `fake`: a token that only has the name."""
        said = read_uri(str(asked.get("to", ""))) if asked.get("to") else {}
        asked = (
            said
            | {name: value for name, value in asked.items() if value not in ("", None)}
            | {"to": said.get("to", "")}
        )
        coin = COINS.get(str(asked.get("coin", "")))
        if coin is None:
            raise NotPossible(f"coin must be one of {', '.join(COINS)}")
        if not ADDRESS[coin.chain].fullmatch(asked["to"]):
            raise NotPossible(f"this is no address on {coin.chain}")
        units = (
            units_of(str(asked["amount"]), coin.decimals)
            if asked.get("amount")
            else units_of(str(asked.get("units", "")), 0)
        )
        tx = {
            "id": ("0x" if coin.chain == "ethereum" else "") + secrets.token_hex(32),
            "chain": coin.chain,
            "coin": coin.code,
            "contract": FAKE[coin.chain] if asked.get("fake") and coin.contract else coin.contract,
            "to": asked["to"],
            "units": str(units),
            "replaceable": bool(asked.get("replaceable")),
            "internal": bool(asked.get("internal")) and coin.code == "eth",
            "failed": bool(asked.get("failed")),
            "block": None,
            "block_at": 0,
            "gone": False,
            "at": time.time(),
        }
        self.height(coin.chain)
        self._write(tx)
        return tx

    def double_spend(self, txid: str) -> dict[str, Any] | None:
        """The same coins are spent on something else: the transaction is on no chain any more."""
        with self.store.lock:
            tx = self.store.value(TXS, txid)
            if tx is None:
                return None
            self._write(tx | {"gone": True, "block": None})
            return dict(self.store.value(TXS, txid))

    def newest(self) -> list[dict[str, Any]]:
        """Everything that was ever sent, newest first."""
        rows = list(self.store.values(TXS).values())
        return sorted(rows, key=lambda tx: -tx["at"])

    def paid_to(self, chain: str, address: str) -> list[dict[str, Any]]:
        """What stands or waits on the chain for an address, oldest first, with its `confirmations`."""
        height = self.height(chain)
        same = address.lower() if chain == "ethereum" else address
        found = []
        for tx in self._all(chain):
            to = tx["to"].lower() if chain == "ethereum" else tx["to"]
            if to == same and not tx["gone"]:
                deep = height - tx["block"] + 1 if tx["block"] is not None else 0
                found.append(tx | {"confirmations": deep})
        return found

    def find(self, txid: str) -> dict[str, Any] | None:
        return self.store.value(TXS, txid)

    def _all(self, chain: str) -> list[dict[str, Any]]:
        rows = [tx for tx in self.store.values(TXS).values() if tx["chain"] == chain]
        return sorted(rows, key=lambda tx: tx["at"])

    def _write(self, tx: dict[str, Any]) -> None:
        self.store.set_value(TXS, tx["id"], tx)
