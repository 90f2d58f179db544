"""A gateway inside the test: it answers what the test has put into it. The real ones are tried against the sandbox."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.core.actor import Actor
from app.payments import terms
from app.payments.ports import (
    Charge,
    Credentials,
    Heard,
    News,
    NewsStatus,
    RefundAnswer,
    Refunding,
    SendError,
    Settled,
    Show,
    Started,
)
from app.payments.terms import Terms

CODE = "authorizenet"
SIGNED = {"X-Signature": "right"}
ACCOUNT = {"api_login_id": "login"}
SECRETS = {"transaction_key": "k", "signature_key": "s"}


@dataclass
class Bank:
    """`knows` is what it says of a reference; `away` what it raises instead of answering."""

    name: str = CODE
    currencies: frozenset[str] = frozenset({"USD"})
    settings: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    knows: dict[str, News] = field(default_factory=dict)
    away: SendError | None = None
    started: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def pay(
        self, reference: str, amount_minor: int, currency: str = "USD", *, number: str = "", **more: object
    ) -> None:
        """Somebody has paid, or, by `status`, something else has become of it."""
        status = more.pop("status", NewsStatus.paid)
        assert isinstance(status, NewsStatus)
        self.knows[reference] = News(status, reference, number or f"tx-{reference}", amount_minor, currency)

    def start(self, account: Credentials, charge: Charge) -> Started:
        if self.away is not None:
            raise self.away
        self.started.append(charge.reference)
        return Started(Show.redirect, url="https://pay.test/hosted", form={"token": charge.reference})

    def ask(self, account: Credentials, reference: str, external_id: str) -> News | None:
        if self.away is not None:
            raise self.away
        self.asked.append(reference)
        return self.knows.get(reference)

    def is_genuine(self, account: Credentials, headers: Mapping[str, str], body: bytes) -> bool:
        return headers.get("X-Signature") == "right"

    def read(self, headers: Mapping[str, str], body: bytes) -> Heard:
        said = json.loads(body)
        return Heard(event_id=said["id"], reference=said["reference"], about=said.get("about", "paid"))

    def refund(self, account: Credentials, refunding: Refunding) -> RefundAnswer:
        return RefundAnswer(f"back-{refunding.reference}")

    def settlements(self, account: Credentials, since: datetime, until: datetime) -> list[Settled]:
        return []


def open_card(owner: Actor) -> None:
    """Let the store take cards."""
    terms.save(CODE, Terms(active=True), ACCOUNT, SECRETS, actor=owner)


def call_of(reference: str, number: str = "call-1") -> bytes:
    """What the provider sends about a payment."""
    return json.dumps({"id": number, "reference": reference}).encode()
