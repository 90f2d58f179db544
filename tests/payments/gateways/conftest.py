"""The gateways' adapters against the sandbox, a real server: one bench for each of them."""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.core import clock, settings
from app.payments.gateways import GATEWAYS
from app.payments.ports import Charge, Credentials, Gateway, News, Refunding
from sandbox.authorizenet import signature_key
from tests.jobs.harness import PROVIDERS, SECRETS, outside
from tests.sandbox.conftest import Receiver, Sandbox, receiver

__all__ = ["outside", "receiver"]

ACCOUNTS = {
    "authorizenet": Credentials(
        {"api_login_id": "5anDb0xLog1n"},
        {"transaction_key": "5anDb0xTr4nsKey1", "signature_key": signature_key()},
    ),
    "midtrans": Credentials({}, {"server_key": "SB-Mid-server-sandbox"}),
    "xendit": Credentials(
        {}, {"secret_key": "xnd_development_sandbox", "callback_token": "sandbox-xendit-callback-token"}
    ),
}
CURRENCY = {"authorizenet": "USD", "midtrans": "IDR", "xendit": "IDR"}
numbers = itertools.count(1)


def new_code() -> str:
    """An order's code that no test before has used at this sandbox."""
    return f"CTR-20261121-{next(numbers):04d}"


@dataclass
class Bench:
    """One adapter, its account, and the desk of its provider."""

    name: str
    desk: Sandbox
    account: Credentials = field(init=False)

    def __post_init__(self) -> None:
        self.account = ACCOUNTS[self.name]

    @property
    def gateway(self) -> Gateway:
        return GATEWAYS[self.name]

    @property
    def currency(self) -> str:
        return CURRENCY[self.name]

    def charge(self, amount: int = 125_000, reference: str = "") -> Charge:
        code = new_code()
        return Charge(
            reference=reference or f"{code}_pay1",
            order_code=code,
            amount_minor=amount,
            currency=self.currency,
            return_url="http://shop.test/back",
            cancel_url="http://shop.test/back",
            expires_at=clock.now() + timedelta(minutes=30),
            name="Ana",
        )

    def started(self, amount: int = 125_000) -> Charge:
        """A charge that the customer can pay."""
        charge = self.charge(amount)
        self.gateway.start(self.account, charge)
        return charge

    def paid(self, amount: int = 125_000, by: str = "") -> Charge:
        charge = self.started(amount)
        self.act(charge, "pay", by=by)
        return charge

    def settled(self, amount: int = 125_000) -> Charge:
        charge = self.paid(amount)
        self.act(charge, "settle") if self.name != "xendit" else self.close_day()
        return charge

    def kept(self, charge: Charge) -> list[dict[str, Any]]:
        """The provider's own record of it."""
        rows = self.desk.http.get("/money/payments.json", params={"provider": self.name}).json()
        names = {charge.reference, short(charge.reference)}
        return [row for row in rows if row["reference"] in names]

    def act(self, charge: Charge, action: str, by: str = "") -> None:
        payment = self.kept(charge)[0]
        url = f"/money/payments/{self.name}/{payment['id']}"
        self.desk.http.post(url, json={"action": action, "by": by}).raise_for_status()

    def close_day(self) -> None:
        self.desk.http.post("/money/settle", json={"provider": self.name}).raise_for_status()

    def configure(self, **changes: Any) -> None:
        self.desk.http.post(f"/money/settings/{self.name}", json=changes).raise_for_status()

    def ask(self, charge: Charge) -> News | None:
        external_id = self.kept(charge)[0]["id"] if self.name == "xendit" else ""
        return self.gateway.ask(self.account, charge.reference, external_id)

    def refunding(self, charge: Charge, amount: int, number: int = 1) -> Refunding:
        news = self.ask(charge)
        assert news is not None
        return Refunding(
            reference=f"{charge.order_code}_ref{number}",
            payment_reference=charge.reference,
            payment_external_id=news.external_id,
            amount_minor=amount,
            paid_minor=charge.amount_minor,
            currency=self.currency,
            reason="A jar was broken",
        )

    def minor(self, amount: str) -> int:
        return int(Decimal(amount) * (100 if self.currency == "USD" else 1))


def short(reference: str) -> str:
    from app.payments.gateways.names import shorten

    return shorten(reference)


@pytest.fixture
def desk(outside: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The sandbox, well, with nobody to call; the adapters talk to it."""
    outside.chaos("all", "ok")
    for name in ACCOUNTS:
        calm = {"webhooks": [], "settle_seconds": 86_400, "refunds_wait": False}
        outside.http.post(f"/money/settings/{name}", json=calm).raise_for_status()
    values = {name: outside.url + path for name, path in PROVIDERS.items()} | SECRETS
    monkeypatch.setattr(settings, "_values", values)
    yield outside
    outside.chaos("all", "ok")


@pytest.fixture(params=list(ACCOUNTS))
def bench(request: pytest.FixtureRequest, desk: Sandbox) -> Bench:
    """Each gateway in turn."""
    return Bench(request.param, desk)


@pytest.fixture
def calls(receiver: Receiver, bench: Bench) -> Receiver:
    """What the store's webhook address sees of this provider."""
    bench.configure(webhooks=[f"{receiver.url}/webhooks/{bench.name}"])
    return receiver


def pause(seconds: float) -> None:
    """Wait for a thing that must not happen."""
    time.sleep(seconds)
