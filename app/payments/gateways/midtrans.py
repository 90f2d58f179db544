"""Midtrans Snap, https://docs.midtrans.com: one window for cards, banks and e-wallets. Whole rupiah only."""

import csv
import hashlib
import io
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx

from app.core import clock
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
IDR = "IDR"
LEAST_MINUTES, MOST_MINUTES = 5, 7 * 24 * 60
"""What Snap allows a window to stay open."""

STATUSES: dict[str, NewsStatus] = {
    "pending": S.pending,
    "authorize": S.held,
    "settlement": S.paid,
    "deny": S.failed,
    "failure": S.failed,
    "expire": S.expired,
    "cancel": S.cancelled,
    "refund": S.refunded,
    "partial_refund": S.refunded,
    "chargeback": S.charged_back,
    "partial_chargeback": S.charged_back,
}
CAPTURED = {"accept": S.paid, "challenge": S.held, "deny": S.failed}
"""A captured card is ours only once the fraud check has accepted it."""

REPORT_KINDS = {"payment": "payment", "refund": "refund", "chargeback": "chargeback"}


class Midtrans:
    """An order id of Midtrans is the attempt's reference: a live one is never taken twice."""

    name = "midtrans"
    currencies = METHODS["midtrans"].currencies
    settings: Sequence[str] = METHODS["midtrans"].settings
    secrets: Sequence[str] = METHODS["midtrans"].secrets

    def start(self, account: Credentials, charge: Charge) -> Started:
        minutes = math.ceil((charge.expires_at - clock.now()).total_seconds() / 60)
        body = {
            "transaction_details": {"order_id": charge.reference, "gross_amount": charge.amount_minor},
            "customer_details": _customer(charge),
            "page_expiry": {"duration": min(max(minutes, LEAST_MINUTES), MOST_MINUTES), "unit": "minutes"},
            "callbacks": {"finish": charge.return_url},
        }
        said = _ask(account, "POST", f"{setting('MIDTRANS_SNAP_URL')}/snap/v1/transactions", body)
        token, url = said.get("token"), said.get("redirect_url")
        if not isinstance(token, str) or not isinstance(url, str):
            raise OutcomeUnknown("an answer without a token")
        return Started(Show.popup, url=url, token=token)

    def ask(self, account: Credentials, reference: str, external_id: str) -> News | None:
        said = _status(account, reference or external_id)
        return _news(said) if said else None

    def is_genuine(self, account: Credentials, headers: Mapping[str, str], body: bytes) -> bool:
        key = account.secrets.get("server_key", "")
        try:
            said = wire.read_object(body)
        except ValueError:
            return False
        signed = [said.get(name) for name in ("order_id", "status_code", "gross_amount")]
        if not key or not all(isinstance(part, str) for part in signed):
            return False
        expected = hashlib.sha512(
            ("".join(map(str, signed)) + key).encode(errors="surrogatepass")
        ).hexdigest()
        return wire.same(str(said.get("signature_key", "")).lower(), expected)

    def read(self, headers: Mapping[str, str], body: bytes) -> Heard:
        said = wire.read_object(body)
        if not said.get("order_id") or not said.get("transaction_status"):
            raise ValueError("no notification of Midtrans")
        # Midtrans gives a notification no id of its own: what it says is its name.
        names = (
            "order_id",
            "transaction_id",
            "transaction_status",
            "fraud_status",
            "status_code",
            "refund_amount",
        )
        return Heard(
            event_id=":".join(str(said.get(name) or "") for name in names),
            reference=str(said["order_id"]),
            external_id=str(said.get("transaction_id") or ""),
            about=str(said["transaction_status"]),
        )

    def refund(self, account: Credentials, refunding: Refunding) -> RefundAnswer:
        said = _status(account, refunding.payment_reference)
        if not said:
            raise Refused("Midtrans knows of no such payment")
        known = next(
            (r for r in wire.rows(said, "refunds") if r.get("refund_key") == refunding.reference), None
        )
        if known is not None:
            return RefundAnswer(refunding.reference)
        status = str(said.get("transaction_status"))
        if status == "cancel":
            return RefundAnswer(str(said.get("transaction_id")), voided=True)
        if status == "capture":
            return _undo(account, refunding)
        body = {
            "refund_key": refunding.reference,
            "amount": refunding.amount_minor,
            "reason": refunding.reason[:200] or "-",
        }
        _act(account, refunding.payment_reference, "refund", body)
        return RefundAnswer(refunding.reference)

    def settlements(self, account: Credentials, since: datetime, until: datetime) -> list[Settled]:
        """The settlement report of these days. Midtrans has no call for it: the operator says where the report is
        fetched (MIDTRANS_REPORT_URL); without that, Refused, and the dashboard's file is read by `read_report`."""
        address = str(setting("MIDTRANS_REPORT_URL"))
        if not address:
            raise Refused("Midtrans gives its settlement report as a file: no address is set for it")
        days = {"from": _day(since), "to": _day(until)}
        answer = call("GET", address, params=days, auth=_auth(account))
        raise_for(answer.status_code, answer.reason_phrase, answer.headers.get("Retry-After"))
        try:
            return [row for row in read_report(answer.text) if since <= row.at < until]
        except ValueError as error:
            raise Refused(f"the report does not read: {error}"[:200]) from error


def read_report(text: str) -> list[Settled]:
    """A settlement report (CSV with a heading line) as lines. ValueError naming the line that does not read."""
    found = []
    for number, row in enumerate(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))), start=2):
        try:
            kind = REPORT_KINDS[row["type"].strip().lower()]
            settled_at = wire.at(row["settlement_time"].strip(), wire.JAKARTA)
            if settled_at is None:
                raise ValueError(row["settlement_time"])
            amount = abs(wire.minor(row["amount"], IDR))
            found.append(
                Settled(
                    external_id=row["transaction_id"].strip(),
                    reference=row["order_id"].strip(),
                    amount_minor=amount if kind == "payment" else -amount,
                    fee_minor=wire.minor(row["fee"], IDR),
                    currency=IDR,
                    at=settled_at,
                    kind=kind,
                )
            )
        except (KeyError, AttributeError, ValueError) as error:
            raise ValueError(f"line {number}: {error}") from error
    return found


def _day(at: datetime) -> str:
    return at.astimezone(wire.JAKARTA).date().isoformat()


def _customer(charge: Charge) -> dict[str, str]:
    given = {"first_name": charge.name[:255], "email": charge.email, "phone": charge.phone}
    return {name: value for name, value in given.items() if value}


def _auth(account: Credentials) -> httpx.BasicAuth:
    key = account.secrets.get("server_key", "")
    if not key:
        raise Refused("Midtrans is not configured")
    return httpx.BasicAuth(key, "")


def _ask(account: Credentials, method: str, url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = call(method, url, json=body, auth=_auth(account), headers={"Accept": "application/json"})
    said = wire.answer_of(answer) if answer.content else {}
    words = "; ".join(str(word) for word in said.get("error_messages") or []) or str(
        said.get("status_message", "")
    )
    raise_for(answer.status_code, words or answer.reason_phrase, answer.headers.get("Retry-After"))
    return said


def _call_api(
    account: Credentials, method: str, order_id: str, action: str, body: Any = None
) -> dict[str, Any]:
    """The API's answer; {} when it knows of no such order. It says so with the status of HTTP or in the body alone."""
    url = f"{setting('MIDTRANS_API_URL')}/v2/{quote(order_id, safe='')}/{action}"
    answer = call(method, url, json=body, auth=_auth(account), headers={"Accept": "application/json"})
    said = wire.answer_of(answer) if answer.content else {}
    code = str(said.get("status_code") or answer.status_code)
    if code == "404":
        return {}
    status = int(code) if code.isascii() and code.isdigit() else answer.status_code
    if status != 407:  # an order that has expired is told of with this one
        raise_for(max(status, answer.status_code), str(said.get("status_message", "")), _wait(answer))
    return said


def _wait(answer: httpx.Response) -> str | None:
    return answer.headers.get("Retry-After")


def _status(account: Credentials, order_id: str) -> dict[str, Any]:
    return _call_api(account, "GET", order_id, "status")


def _act(account: Credentials, order_id: str, action: str, body: Any = None) -> dict[str, Any]:
    said = _call_api(account, "POST", order_id, action, body)
    if not said:
        raise Refused("Midtrans knows of no such payment")
    return said


def _undo(account: Credentials, refunding: Refunding) -> RefundAnswer:
    """A card that was captured and has not settled is cancelled as a whole; a part of it waits for the settlement."""
    if refunding.amount_minor != refunding.paid_minor:
        return RefundAnswer("", done=False)
    said = _act(account, refunding.payment_reference, "cancel")
    return RefundAnswer(str(said.get("transaction_id", "")), voided=True)


def _news(said: Mapping[str, Any]) -> News:
    word = str(said.get("transaction_status"))
    status = CAPTURED.get(str(said.get("fraud_status") or "")) if word == "capture" else STATUSES.get(word)
    currency = str(said.get("currency") or IDR)
    if status is None:
        raise OutcomeUnknown(f"a payment with the status {word}")
    return News(
        status=status,
        reference=str(said.get("order_id")),
        external_id=str(said.get("transaction_id") or ""),
        amount_minor=wire.told_minor(said.get("gross_amount"), currency),
        currency=currency,
        refunded_minor=wire.told_minor(said.get("refund_amount") or "0", currency),
        reason="" if status is S.paid else str(said.get("status_message") or "")[:200],
        at=wire.at(said.get("settlement_time") or said.get("transaction_time"), wire.JAKARTA),
    )
