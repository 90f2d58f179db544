"""The money that the gateways here have taken: one book of payments for all of them, and the calls back to the store.

A payment is opened by the store, paid (or not) by a person or by the API of this desk, and settles by itself after
`settle_seconds` or when it is told to.
"""

from __future__ import annotations

import math
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.chaos import Fault
from sandbox.desk import Desk

PROVIDERS = ("authorizenet", "midtrans", "xendit")
TITLES = {"authorizenet": "Authorize.Net", "midtrans": "Midtrans", "xendit": "Xendit"}
STORES = {"authorizenet": "miami", "midtrans": "jakarta", "xendit": "jakarta"}
SPACE, SETTINGS = "till.payments", "till.settings"
CALL_AFTER = 0.05
LATE, REORDERED = 20.0, 3.0
"""Seconds that a webhook comes too late by."""
SHORT = {"USD": Decimal("1.00"), "IDR": Decimal(1000)}
OTHER = {"USD": "EUR", "IDR": "USD"}

Payment = dict[str, Any]


class NotNow(Exception):
    """The payment's status allows no such thing."""


@dataclass(frozen=True)
class Call:
    """A webhook as it goes over the wire."""

    body: bytes
    headers: dict[str, str]


Caller = Callable[[Payment, str, bool], Call | None]
CALLERS: dict[str, Caller] = {}
"""Provider → what it calls back with: the payment, what happened, whether to sign it badly. None: it says nothing."""

MOVES: dict[str, tuple[frozenset[str], str]] = {
    # action         from                                  to
    "pay":          (frozenset({"open", "declined", "pending"}), "paid"),
    "choose":       (frozenset({"open", "declined"}),      "pending"),
    "hold":         (frozenset({"open", "declined"}),      "held"),
    "decline":      (frozenset({"open", "declined", "pending"}), "declined"),
    "expire":       (frozenset({"open", "declined", "pending"}), "expired"),
    "approve":      (frozenset({"held"}),                  "paid"),
    "deny":         (frozenset({"held"}),                  "denied"),
    "void":         (frozenset({"paid", "held"}),          "voided"),
    "settle":       (frozenset({"paid"}),                  "paid"),
    "charge_back":  (frozenset({"paid"}),                  "charged_back"),
}  # fmt: skip


def actions_for(payment: Payment) -> list[str]:
    """What can be done with it now. What ran out cannot be paid."""
    if payment["status"] in {"open", "declined", "pending"} and payment.get("until", math.inf) < time.time():
        return ["expire"]
    found = [name for name, (before, _after) in MOVES.items() if payment["status"] in before]
    if settled_at(payment) is not None:
        return [name for name in found if name not in {"void", "settle"}]
    return [name for name in found if name != "charge_back"]


def settled_at(payment: Payment) -> float | None:
    """When the payment settled; None while it has not."""
    return _due(payment["settled_at"], payment["paid_at"], payment["settle_seconds"])


def refund_settled_at(payment: Payment, refund: dict[str, Any]) -> float | None:
    """When the refund settled; None while it has not, or waits."""
    if refund["status"] != "done":
        return None
    return _due(refund["settled_at"], refund["done_at"], payment["settle_seconds"])


def _due(told: float | None, since: float | None, seconds: float) -> float | None:
    if told is not None or since is None:
        return told
    return since + seconds if since + seconds <= time.time() else None


def refunded(payment: Payment) -> Decimal:
    """What has gone back of it, or is on its way."""
    return sum((Decimal(r["amount"]) for r in payment["refunds"] if r["status"] != "failed"), Decimal(0))


class Till:
    """One provider's payments at one desk. Every change is in its journal."""

    def __init__(self, desk: Desk, provider: str) -> None:
        self.desk, self.store, self.provider = desk, desk.store, provider
        self.space = f"{SPACE}.{provider}"

    # ---- settings
    def settings(self) -> dict[str, Any]:
        """Where webhooks go, after how many seconds money settles, whether refunds wait, and for how many seconds the
        token of a card is good."""
        port = os.environ.get("PORT")
        address = f"http://{STORES[self.provider]}.localhost:{port}/webhooks/{self.provider}"
        return {
            "webhooks": [address] if port else [],
            "settle_seconds": 86_400.0,
            "refunds_wait": False,
            "token_seconds": 900.0,
        } | self.store.values(f"{SETTINGS}.{self.provider}")

    def configure(self, changes: dict[str, Any]) -> None:
        """Change what is given of them."""
        for name in ("webhooks", "settle_seconds", "refunds_wait", "token_seconds"):
            if name in changes:
                self.store.set_value(f"{SETTINGS}.{self.provider}", name, changes[name])

    # ---- reading
    def get(self, payment_id: str) -> Payment | None:
        found: Payment | None = self.store.value(self.space, payment_id)
        return found

    def newest(self) -> list[Payment]:
        return sorted(self.store.values(self.space).values(), key=lambda payment: -payment["at"])

    def find(self, **wanted: Any) -> Payment | None:
        """The newest payment with these values."""
        return next((p for p in self.newest() if all(p.get(k) == v for k, v in wanted.items())), None)

    # ---- writing
    def open(self, payment_id: str, reference: str, amount: Decimal, currency: str, **more: Any) -> Payment:
        """A payment that can be paid. `more`: what the provider keeps besides."""
        payment: Payment = {
            "id": payment_id,
            "provider": self.provider,
            "reference": reference,
            "amount": str(amount),
            "asked": str(amount),
            "currency": currency,
            "status": "open",
            "transaction": "",
            "tries": [],
            "refunds": [],
            "by": "",
            "at": time.time(),
            "paid_at": None,
            "settled_at": None,
            "settle_seconds": float(self.settings()["settle_seconds"]),
            "history": [{"what": "opened", "at": time.time()}],
        } | more
        self._keep(payment)
        return payment

    def put_card(self, payment_id: str, card: str) -> None:
        """The customer takes another card, by its last figures."""
        with self.store.lock:
            payment = self.get(payment_id)
            assert payment is not None  # the caller has looked
            self._keep(payment | {"card": card})

    def act(self, payment_id: str, action: str, *, by: str = "", transaction: str = "") -> Payment:
        """Do it, and call the store back. NotNow when its status does not allow it."""
        with self.store.lock:
            payment = self.get(payment_id)
            assert payment is not None  # the caller has looked
            if action not in actions_for(payment):
                raise NotNow(f"{action} is not possible for a payment that is {payment['status']}")
            fault = self.desk.chaos.take_fault(self.provider)
            changes = self._changes(payment, action, by, transaction)
            if action == "pay":
                changes |= _taken_wrongly(payment, fault.mode)
            history = [*payment["history"], {"what": action, "at": time.time()}]
            payment = payment | changes | {"status": MOVES[action][1], "history": history}
            self._keep(payment)
        self.tell(payment, action, fault)
        return payment

    def _changes(self, payment: Payment, action: str, by: str, transaction: str) -> dict[str, Any]:
        now = time.time()
        if action == "decline" and self.provider == "authorizenet":  # a number for each try
            return {"tries": [*payment["tries"], {"transaction": transaction, "at": now}], "by": by}
        if action == "settle":
            return {"settled_at": now}
        if action in {"pay", "hold", "choose", "decline"}:
            return {"transaction": transaction, "by": by, "paid_at": now if action == "pay" else None}
        return {"paid_at": now} if action == "approve" else {}

    def refund(self, payment_id: str, refund_id: str, reference: str, amount: Decimal) -> Payment:
        """Give money back. NotNow above what is left of it."""
        with self.store.lock:
            payment = self.get(payment_id)
            assert payment is not None  # the caller has looked
            if payment["status"] != "paid" or amount > Decimal(payment["amount"]) - refunded(payment):
                raise NotNow("more than what is left of the payment")
            waits = bool(self.settings()["refunds_wait"])
            one = {
                "id": refund_id,
                "reference": reference,
                "amount": str(amount),
                "status": "pending" if waits else "done",
                "at": time.time(),
                "done_at": None if waits else time.time(),
                "settled_at": None,
            }
            history = [*payment["history"], {"what": f"refund {amount}", "at": time.time()}]
            payment = payment | {"refunds": [*payment["refunds"], one], "history": history}
            self._keep(payment)
        if not waits:
            self.tell(payment, "refund")
        return payment

    def end_refunds(self, payment_id: str, *, well: bool = True) -> Payment:
        """Refunds that wait are done, or fail."""
        with self.store.lock:
            payment = self.get(payment_id)
            assert payment is not None  # the caller has looked
            ended = {"status": "done" if well else "failed", "done_at": time.time() if well else None}
            rows = [row | ended if row["status"] == "pending" else row for row in payment["refunds"]]
            payment = payment | {"refunds": rows}
            self._keep(payment)
        self.tell(payment, "refund")
        return payment

    def settle_all(self) -> int:
        """Close the day: everything paid and every refund settles; how many lines."""
        with self.store.lock:
            now, lines = time.time(), 0
            for payment in self.newest():
                changes: dict[str, Any] = {}
                if payment["status"] == "paid" and settled_at(payment) is None:
                    changes["settled_at"], lines = now, lines + 1
                rows = [
                    row | {"settled_at": now}
                    if row["status"] == "done" and refund_settled_at(payment, row) is None
                    else row
                    for row in payment["refunds"]
                ]
                lines += sum(new is not old for new, old in zip(rows, payment["refunds"], strict=True))
                self._keep(payment | changes | {"refunds": rows})
            return lines

    def _keep(self, payment: Payment) -> None:
        self.store.set_value(self.space, payment["id"], payment)

    # ---- calling back
    def tell(self, payment: Payment, what: str, fault: Fault | None = None) -> None:
        """Call the store, with whatever the switch for callbacks does to it."""
        fault = fault or self.desk.chaos.take_fault(self.provider)
        call = CALLERS[self.provider](payment, what, fault.mode == "forged")
        if call is None or fault.mode == "lost":
            return
        wait = {"late": fault.seconds or LATE, "reordered": fault.seconds or REORDERED}.get(
            fault.mode, CALL_AFTER
        )
        for _time in range(2 if fault.mode == "duplicate" else 1):
            self.desk.callbacks.run([(wait, self._post(call, payment.get("notify") or []))])

    def _post(self, call: Call, addresses: list[str]) -> Callable[[], None]:
        urls = addresses or list(self.settings()["webhooks"])
        headers = {"Content-Type": "application/json"} | call.headers

        def run() -> None:
            for url in urls:
                self.desk.callbacks.post(self.provider, url, content=call.body, headers=headers)

        return run


def _taken_wrongly(payment: Payment, mode: str) -> dict[str, Any]:
    """What the switches for a wrong amount and a wrong currency make of a payment: the provider itself takes it so."""
    currency = payment["currency"]
    if mode == "wrong_amount":
        short = Decimal(payment["amount"]) - SHORT.get(currency, Decimal(1))
        return {"amount": str(max(short, Decimal(1)))}
    if mode == "wrong_currency":
        return {"currency": OTHER.get(currency, "EUR")}
    return {}


def new_id(figures: int = 11) -> str:
    """A number such as providers give, hard to guess."""
    return str(secrets.randbelow(9 * 10 ** (figures - 1)) + 10 ** (figures - 1))
