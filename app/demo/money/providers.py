"""The gateways of the history as a book: what they took, gave back and settled, and what they said of it.

The same book is handed to the sandbox, so that its desk knows these payments too: they can be refunded, looked up and
settled after the demo has begun.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from app.core.money import Minor, exponent
from app.payments.catalogue import METHODS, Flow
from app.payments.gateways.names import shorten
from app.payments.models import PaymentAttempt
from app.payments.ports import Heard, Settled

SETTLES_AFTER = timedelta(hours=26)
GATEWAYS = frozenset(code for code, method in METHODS.items() if method.flow is Flow.gateway)
WAYS = {
    "authorizenet": ("card",),
    "midtrans": ("credit_card", "credit_card", "bank_transfer", "gopay"),
    "xendit": ("qris",),
}
CARD_BP, QRIS_BP, FLAT_IDR = 290, 63, 4000
"""What Midtrans takes of a card and Xendit of a QRIS payment, in basis points; Midtrans of anything else."""


@dataclass
class GivenBack:
    """A refund as the provider has it."""

    id: str
    reference: str
    amount_minor: Minor
    at: datetime


@dataclass
class Taken:
    """A payment as the provider has it. `listed` False: its lists leave it out."""

    provider: str
    reference: str
    order_code: str
    transaction: str
    asked_minor: Minor
    amount_minor: Minor
    currency: str
    by: str
    at: datetime
    paid_at: datetime
    refunds: list[GivenBack] = field(default_factory=list)
    voided_at: datetime | None = None
    charged_back_at: datetime | None = None
    listed: bool = True
    agreed: bool = False

    @property
    def settles_at(self) -> datetime:
        return self.paid_at + SETTLES_AFTER

    @property
    def fee_minor(self) -> Minor:
        """By the transaction; Authorize.Net bills by the month."""
        if self.provider == "midtrans":
            return round(self.amount_minor * CARD_BP / 10_000) if self.by == "credit_card" else FLAT_IDR
        return round(self.amount_minor * QRIS_BP * 1.11 / 10_000) if self.provider == "xendit" else 0


@dataclass
class Book:
    """All that the gateways know of one store."""

    random: Random
    payments: dict[str, Taken] = field(default_factory=dict)

    def number(self) -> str:
        """A name such as providers give."""
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def take(self, attempt: PaymentAttempt, code: str, at: datetime, amount_minor: Minor = 0) -> Taken:
        """They have taken money for an attempt, of its amount unless another is told."""
        transaction = {
            "authorizenet": lambda: str(self.random.randrange(10**10, 10**11)),
            "xendit": lambda: f"qrpy_{self.number()}",
        }.get(attempt.method, self.number)()
        taken = Taken(
            provider=attempt.method,
            reference=attempt.reference,
            order_code=code,
            transaction=transaction,
            asked_minor=attempt.amount_minor,
            amount_minor=amount_minor or attempt.amount_minor,
            currency=attempt.currency,
            by=self.random.choice(WAYS[attempt.method]),
            at=attempt.created_at,
            paid_at=at,
        )
        self.payments[transaction] = taken
        return taken

    def give_back(self, taken: Taken, reference: str, amount_minor: Minor, at: datetime) -> GivenBack:
        """They have sent so much of a payment back."""
        prefix = {"xendit": "rfd-"}.get(taken.provider, "")
        number = str(self.random.randrange(10**10, 10**11)) if taken.provider == "authorizenet" else ""
        made = GivenBack(number or f"{prefix}{self.number()}", reference, amount_minor, at)
        taken.refunds.append(made)
        return made

    def settlements(self, provider: str, since: datetime, until: datetime) -> Sequence[Settled]:
        """Their list of a span of time, without what we have compared before."""
        lines = [
            line
            for one in self.payments.values()
            if one.provider == provider and not one.agreed
            for line in _lines_of(one)
        ]
        return [line for line in lines if since <= line.at < until]


def _lines_of(one: Taken) -> list[Settled]:
    if one.voided_at is not None or not one.listed:
        return []
    lines = [
        Settled(one.transaction, one.reference, one.amount_minor, one.fee_minor, one.currency, one.settles_at)
    ]
    for back in one.refunds:
        at = _lines_at(back, one)
        lines.append(Settled(back.id, back.reference, -back.amount_minor, 0, one.currency, at, "refund"))
    if one.charged_back_at is not None:
        lines.append(
            Settled(
                one.transaction,
                one.reference,
                -one.amount_minor,
                0,
                one.currency,
                one.charged_back_at,
                "chargeback",
            )
        )
    return lines


def _lines_at(back: GivenBack, one: Taken) -> datetime:
    """When a refund is in their list."""
    return max(back.at, one.settles_at) + timedelta(hours=3)


def call_of(taken: Taken) -> tuple[Heard, dict[str, str], bytes]:
    """The provider's call about a payment: as we read it, its headers, its body."""
    number = f"{taken.provider}-{taken.transaction}"
    heard = Heard(number, taken.reference, taken.transaction, _ABOUT[taken.provider])
    body = json.dumps(_BODIES[taken.provider](taken, number)).encode()
    return heard, {"Content-Type": "application/json", "User-Agent": taken.provider}, body


_ABOUT = {
    "authorizenet": "payment.authcapture.created",
    "midtrans": "settlement",
    "xendit": "qr.payment",
}


def plain(amount_minor: Minor, currency: str) -> str:
    """12.50, 75000: as providers write an amount."""
    digits = exponent(currency)
    return f"{amount_minor / 10**digits:.{digits}f}"


def _of_authorizenet(taken: Taken, number: str) -> dict[str, Any]:
    return {
        "notificationId": number,
        "eventType": "net.authorize.payment.authcapture.created",
        "eventDate": f"{taken.paid_at:%Y-%m-%dT%H:%M:%S.0000000Z}",
        "payload": {
            "responseCode": 1,
            "authAmount": float(plain(taken.amount_minor, taken.currency)),
            "invoiceNumber": shorten(taken.reference),
            "entityName": "transaction",
            "id": taken.transaction,
        },
    }


def _of_midtrans(taken: Taken, _number: str) -> dict[str, Any]:
    return {
        "transaction_status": "settlement",
        "transaction_id": taken.transaction,
        "status_code": "200",
        "payment_type": taken.by,
        "order_id": taken.reference,
        "gross_amount": f"{taken.amount_minor}.00",
        "fraud_status": "accept",
        "currency": taken.currency,
    }


def _of_xendit(taken: Taken, number: str) -> dict[str, Any]:
    return {
        "event": "qr.payment",
        "id": number,
        "data": {
            "id": taken.transaction,
            "reference_id": taken.reference,
            "amount": taken.amount_minor,
            "currency": taken.currency,
            "status": "SUCCEEDED",
        },
    }


_BODIES = {"authorizenet": _of_authorizenet, "midtrans": _of_midtrans, "xendit": _of_xendit}


def hand_over(books: Sequence[Book], folder: Path) -> None:
    """Write the books where the sandbox finds them as it starts."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [_row(one) for book in books for one in book.payments.values()]
    (folder / "past-payments.json").write_text(
        json.dumps(rows, default=lambda at: at.timestamp(), separators=(",", ":"))
    )


def _row(one: Taken) -> dict[str, Any]:
    name = shorten if one.provider == "authorizenet" else str
    names = ("provider", "order_code", "transaction", "currency", "by", "at", "paid_at", "settles_at")
    more = ("voided_at", "charged_back_at", "listed")
    return {field_: getattr(one, field_) for field_ in (*names, *more)} | {
        "reference": name(one.reference),
        "amount": plain(one.amount_minor, one.currency),
        "asked": plain(one.asked_minor, one.currency),
        "refunds": [
            {
                "id": back.id,
                "reference": name(back.reference),
                "amount": plain(back.amount_minor, one.currency),
                "at": back.at,
                "settled_at": _lines_at(back, one),
            }
            for back in one.refunds
        ],
    }
