"""Xendit QRIS, https://developers.xendit.co: a QR code for one payment, drawn by us. Whole rupiah only.

Its webhooks carry a constant token and no signature: what they say is asked again before a rupiah is believed.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from app.core.money import Minor
from app.core.outside import call, raise_for
from app.core.settings import setting
from app.payments.catalogue import METHODS
from app.payments.gateways import wire
from app.payments.ports import (
    Charge,
    Credentials,
    Heard,
    News,
    NewsStatus,
    OutcomeUnknown,
    RefundAnswer,
    Refunding,
    Refused,
    Settled,
    Show,
    Started,
)

S = NewsStatus
API_VERSION = "2022-07-31"
REFUND_OF = "payment_request_id"
"""The member of a refund that names the payment."""
PAGE = 50
MOST_PAGES = 40
PAYMENTS: dict[str, NewsStatus] = {
    "SUCCEEDED": S.paid,
    "COMPLETED": S.paid,
    "PENDING": S.pending,
    "FAILED": S.failed,
    "REFUNDED": S.refunded,
}
CODES: dict[str, NewsStatus] = {"ACTIVE": S.pending, "INACTIVE": S.expired}
"""A code that nobody has paid."""
KINDS = {"PAYMENT": "payment", "REFUND": "refund", "CHARGEBACK": "chargeback"}


class Xendit:
    """The attempt's name at Xendit is the code's (`qr_…`), the money's is the payment's (`qrpy_…`)."""

    name = "xendit"
    currencies = METHODS["xendit"].currencies
    settings: Sequence[str] = METHODS["xendit"].settings
    secrets: Sequence[str] = METHODS["xendit"].secrets

    def start(self, account: Credentials, charge: Charge) -> Started:
        body = {
            "reference_id": charge.reference,
            "type": "DYNAMIC",
            "currency": charge.currency,
            "amount": charge.amount_minor,
            "expires_at": charge.expires_at.astimezone(UTC)
            .isoformat(timespec="seconds")
            .replace("+00:00", "Z"),
        }
        # The same key again gives the code that was made, should its answer get lost.
        said = _ask(account, "POST", "/qr_codes", json=body, headers={"idempotency-key": charge.reference})
        if not isinstance(said.get("id"), str) or not isinstance(said.get("qr_string"), str):
            raise OutcomeUnknown("an answer without a code")
        return Started(
            Show.qr, external_id=said["id"], qr=said["qr_string"], expires_at=wire.at(said.get("expires_at"))
        )

    def ask(self, account: Credentials, reference: str, external_id: str) -> News | None:
        code_id = external_id if external_id.startswith("qr_") else ""
        if not code_id:
            return _find(account, reference)
        code = _get(account, f"/qr_codes/{quote(code_id, safe='')}")
        if code is None:
            return None
        payments = wire.rows(_get(account, f"/qr_codes/{quote(code_id, safe='')}/payments") or {}, "data")
        return _news(_best(payments), code) if payments else _unpaid(code)

    def is_genuine(self, account: Credentials, headers: Mapping[str, str], body: bytes) -> bool:
        return wire.same(wire.header(headers, "x-callback-token"), account.secrets.get("callback_token", ""))

    def read(self, headers: Mapping[str, str], body: bytes) -> Heard:
        said = wire.read_object(body)
        data = wire.part(said, "data")
        event = said.get("event")
        if not isinstance(event, str) or not data.get("id"):
            raise ValueError("no webhook of Xendit")
        told = f"{event}:{data['id']}:{data.get('status') or ''}"
        return Heard(
            event_id=wire.header(headers, "webhook-id") or told,
            reference=str(data.get("reference_id") or ""),
            external_id=str(data.get("qr_id") or ""),
            about=f"{event} {data.get('status') or ''}".strip(),
        )

    def refund(self, account: Credentials, refunding: Refunding) -> RefundAnswer:
        known = _refunds_of(account, refunding.payment_external_id)
        said = next((row for row in known if row.get("reference_id") == refunding.reference), None)
        if said is None:
            body = {
                "reference_id": refunding.reference,
                REFUND_OF: refunding.payment_external_id,
                "currency": refunding.currency,
                "amount": refunding.amount_minor,
                "reason": "REQUESTED_BY_CUSTOMER",
            }
            headers = {"idempotency-key": refunding.reference}
            said = _ask(account, "POST", "/refunds", json=body, headers=headers)
        status = said.get("status")
        if status in {"FAILED", "CANCELLED"}:
            raise Refused(str(said.get("failure_code") or status))
        return RefundAnswer(str(said.get("id") or ""), done=status == "SUCCEEDED")

    def settlements(self, account: Credentials, since: datetime, until: datetime) -> list[Settled]:
        asked: dict[str, Any] = {
            "types": ["PAYMENT", "REFUND", "CHARGEBACK"],
            "statuses": ["SUCCESS"],
            "updated[gte]": since.astimezone(UTC).isoformat(),
            "updated[lt]": until.astimezone(UTC).isoformat(),
            "limit": PAGE,
        }
        found: list[Settled] = []
        for _page in range(MOST_PAGES):
            said = _ask(account, "GET", "/transactions", params=asked)
            listed = wire.rows(said, "data")
            found += [line for row in listed if (line := _settled(row)) is not None]
            if not said.get("has_more") or not listed:
                return found
            asked["after_id"] = str(listed[-1].get("id"))
        raise OutcomeUnknown("a list without an end")


def _ask(account: Credentials, method: str, path: str, **options: Any) -> dict[str, Any]:
    key = account.secrets.get("secret_key", "")
    if not key:
        raise Refused("Xendit is not configured")
    headers = {"api-version": API_VERSION} | options.pop("headers", {})
    url = f"{setting('XENDIT_URL')}{path}"
    answer = call(method, url, headers=headers, auth=httpx.BasicAuth(key, ""), **options)
    if answer.status_code == 404:
        raise _Unknown("404")
    said = wire.answer_of(answer)
    words = " ".join(str(said[name]) for name in ("error_code", "message") if said.get(name))
    raise_for(answer.status_code, words, answer.headers.get("Retry-After"))
    return said


class _Unknown(Refused):
    """Xendit knows of no such thing."""


def _get(account: Credentials, path: str) -> dict[str, Any] | None:
    try:
        return _ask(account, "GET", path)
    except _Unknown:
        return None


def _find(account: Credentials, reference: str) -> News | None:
    """By our reference alone, for a code whose answer got lost: only money that came is known by it."""
    asked = {"reference_id": reference, "types": ["PAYMENT"], "limit": PAGE}
    paid = wire.rows(_ask(account, "GET", "/transactions", params=asked), "data")
    row = next((row for row in paid if row.get("status") == "SUCCESS"), None)
    if row is None:
        return None
    return News(
        status=S.paid,
        reference=reference,
        external_id=str(row.get("product_id")),
        amount_minor=_amount(row),
        currency=str(row.get("currency")),
        at=wire.at(row.get("created")),
    )


def _best(payments: list[dict[str, Any]]) -> dict[str, Any]:
    return next((row for row in payments if PAYMENTS.get(str(row.get("status"))) is S.paid), payments[0])


def _news(payment: Mapping[str, Any], code: Mapping[str, Any]) -> News:
    status = PAYMENTS.get(str(payment.get("status")))
    if status is None:
        raise OutcomeUnknown(f"a payment with the status {payment.get('status')}")
    return News(
        status=status,
        reference=str(code.get("reference_id")),
        external_id=str(payment.get("id")),
        amount_minor=_amount(payment),
        currency=str(payment.get("currency")),
        reason=str(payment.get("failure_code") or "")[:200],
        at=wire.at(payment.get("created")),
    )


def _unpaid(code: Mapping[str, Any]) -> News:
    status = CODES.get(str(code.get("status")))
    if status is None:
        raise OutcomeUnknown(f"a code with the status {code.get('status')}")
    return News(
        status=status,
        reference=str(code.get("reference_id")),
        external_id=str(code.get("id")),
        amount_minor=_amount(code),
        currency=str(code.get("currency")),
    )


def _amount(said: Mapping[str, Any]) -> Minor:
    return wire.told_minor(said.get("amount"), str(said.get("currency")))


def _refunds_of(account: Credentials, payment_id: str) -> list[dict[str, Any]]:
    return wire.rows(_get(account, f"/refunds?{REFUND_OF}={quote(payment_id, safe='')}") or {}, "data")


def _settled(row: Mapping[str, Any]) -> Settled | None:
    """A line of the list; None for money that Xendit still holds."""
    kind, settled_at = KINDS.get(str(row.get("type"))), wire.at(row.get("updated"))
    if kind is None or settled_at is None or str(row.get("settlement_status") or "SETTLED") != "SETTLED":
        return None
    amount, fees = _amount(row), wire.part(row, "fee")
    currency = str(row.get("currency"))
    parts = (fees.get(name) or 0 for name in ("xendit_fee", "value_added_tax"))
    fee = sum(wire.told_minor(part, currency) for part in parts)
    return Settled(
        external_id=str(row.get("product_id")),
        reference=str(row.get("reference_id") or ""),
        amount_minor=amount if kind == "payment" else -abs(amount),
        fee_minor=fee,
        currency=currency,
        at=settled_at,
        kind=kind,
    )
