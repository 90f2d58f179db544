"""Authorize.Net: the hosted payment form by redirect, so that no card number ever touches a page of ours.

https://developer.authorize.net/api/reference. Dollars with two decimals. A transaction is known there by a number of
its own; ours travels along as the invoice's, in at most twenty characters (gateways/names.py).
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.core import clock
from app.core.settings import setting
from app.payments.catalogue import METHODS
from app.payments.gateways import anet, wire
from app.payments.gateways.names import lengthen, shorten
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
USD = "USD"
LONGEST_WINDOW = "28800"
"""Seconds in which the same refund is taken for a repetition; the most that is allowed."""
DUPLICATE = "11"
LIST_LIMIT = 1000
LOOK_BACK = timedelta(days=3)
LONGEST_LIST = timedelta(days=31)

STATUSES: dict[str, NewsStatus] = {
    "authorizedPendingCapture": S.held,
    "capturedPendingSettlement": S.paid,
    "settledSuccessfully": S.paid,
    "underReview": S.held,
    "FDSPendingReview": S.held,
    "FDSAuthorizedPendingReview": S.held,
    "approvedReview": S.held,
    "declined": S.failed,
    "failedReview": S.failed,
    "communicationError": S.failed,
    "generalError": S.failed,
    "settlementError": S.failed,
    "expired": S.expired,
    "voided": S.cancelled,
    "returnedItem": S.charged_back,
    "chargeback": S.charged_back,
}
UNSETTLED = frozenset(
    {
        "capturedPendingSettlement",
        "authorizedPendingCapture",
        "underReview",
        "approvedReview",
        "FDSPendingReview",
        "FDSAuthorizedPendingReview",
    }
)
REFUNDS = frozenset({"refundPendingSettlement", "refundSettledSuccessfully"})


class AuthorizeNet:
    """The customer pays on Authorize.Net's own page; declined cards leave the attempt open there for another one."""

    name = "authorizenet"
    currencies = METHODS["authorizenet"].currencies
    settings: Sequence[str] = METHODS["authorizenet"].settings
    secrets: Sequence[str] = METHODS["authorizenet"].secrets

    def start(self, account: Credentials, charge: Charge) -> Started:
        number = shorten(charge.reference)
        said = anet.ask(
            account,
            "getHostedPaymentPageRequest",
            {
                "refId": number,
                "transactionRequest": {
                    "transactionType": "authCaptureTransaction",
                    "amount": wire.plain(charge.amount_minor, USD),
                    "order": {"invoiceNumber": number, "description": charge.order_code},
                    **({"customer": {"email": charge.email}} if charge.email else {}),
                },
                "hostedPaymentSettings": {"setting": _form_settings(charge)},
            },
        )
        if not isinstance(said.get("token"), str):
            raise OutcomeUnknown("an answer without a token")
        url = f"{setting('AUTHORIZENET_FORM_URL')}/payment/payment"
        return Started(Show.redirect, url=url, form={"token": said["token"]})

    def ask(self, account: Credentials, reference: str, external_id: str) -> News | None:
        """By its number, when that one is of this reference and not declined; else the best of the reference."""
        first = _details(account, external_id) if external_id else None
        if first is not None and first.status not in {S.failed, S.cancelled}:
            return first
        found = _of_reference(account, shorten(reference)) if reference else None
        return found or first

    def is_genuine(self, account: Credentials, headers: Mapping[str, str], body: bytes) -> bool:
        key = account.secrets.get("signature_key", "")
        if not key:
            return False
        try:
            secret = (
                bytes.fromhex(key) if account.settings.get("signature_encoding") == "hex" else key.encode()
            )
        except ValueError:
            return False
        scheme, _equals, given = wire.header(headers, "X-ANET-Signature").partition("=")
        expected = hmac.new(secret, body, hashlib.sha512).hexdigest()
        return scheme.strip().lower() == "sha512" and wire.same(given.strip().lower(), expected)

    def read(self, headers: Mapping[str, str], body: bytes) -> Heard:
        said = wire.read_object(body)
        payload = wire.part(said, "payload")
        if not isinstance(said.get("notificationId"), str) or not isinstance(said.get("eventType"), str):
            raise ValueError("no notification of Authorize.Net")
        is_transaction = payload.get("entityName") == "transaction"
        return Heard(
            event_id=said["notificationId"],
            reference=lengthen(payload.get("invoiceNumber"), payload.get("merchantReferenceId")),
            external_id=str(payload.get("id") or "") if is_transaction else "",
            about=said["eventType"].removeprefix("net.authorize."),
        )

    def refund(self, account: Credentials, refunding: Refunding) -> RefundAnswer:
        """Undo it while it has not settled (the whole of it only), else send money back. Never twice: what was sent
        under this reference before is looked for first, because the provider itself forgets after eight hours."""
        payment = _transaction(account, refunding.payment_external_id)
        if payment is None:
            raise Refused("Authorize.Net knows of no such payment")
        status = str(payment.get("transactionStatus"))
        if status == "voided":
            return RefundAnswer(refunding.payment_external_id, voided=True)
        if status in UNSETTLED:
            if refunding.amount_minor != refunding.paid_minor:
                return RefundAnswer("", done=False)
            _void(account, refunding)
            return RefundAnswer(refunding.payment_external_id, voided=True)
        number = shorten(refunding.reference)
        if (known := _sent_refund(account, number)) is not None:
            return known
        try:
            return RefundAnswer(str(_send_back(account, refunding, number, payment).get("transId") or ""))
        except anet.Said as error:
            known = _sent_refund(account, number) if error.code == DUPLICATE else None
            if known is None:
                raise
            return known

    def settlements(self, account: Credentials, since: datetime, until: datetime) -> list[Settled]:
        found: list[Settled] = []
        while since < until:
            end = min(until, since + LONGEST_LIST)
            for batch in _batches(account, since, end):
                settled_at = wire.at(batch.get("settlementTimeUTC"))
                if settled_at is not None and since <= settled_at < end:
                    rows = _listed(
                        account, "getTransactionListRequest", {"batchId": str(batch.get("batchId"))}
                    )
                    found += [line for row in rows if (line := _settled(row, settled_at)) is not None]
            since = end
        return found


def _form_settings(charge: Charge) -> list[dict[str, str]]:
    options: dict[str, dict[str, Any]] = {
        "hostedPaymentReturnOptions": {
            "showReceipt": False,
            "url": charge.return_url,
            "urlText": "Continue",
            "cancelUrl": charge.cancel_url,
            "cancelUrlText": "Cancel",
        },
        "hostedPaymentButtonOptions": {"text": "Pay"},
        "hostedPaymentPaymentOptions": {"cardCodeRequired": True, "showBankAccount": False},
        "hostedPaymentSecurityOptions": {"captcha": False},
        "hostedPaymentShippingAddressOptions": {"show": False, "required": False},
        "hostedPaymentBillingAddressOptions": {"show": True, "required": False},
        "hostedPaymentOrderOptions": {"show": True},
    }
    return [{"settingName": name, "settingValue": json.dumps(value)} for name, value in options.items()]


def _transaction(account: Credentials, transaction_id: str) -> dict[str, Any] | None:
    try:
        said = anet.ask(account, "getTransactionDetailsRequest", {"transId": transaction_id})
    except anet.Said as error:
        if error.code == anet.NOT_FOUND:
            return None
        raise
    return {"transrefId": said.get("transrefId")} | wire.part(said, "transaction")


def _details(account: Credentials, transaction_id: str) -> News | None:
    found = _transaction(account, transaction_id)
    return _news(found) if found is not None else None


def _news(found: Mapping[str, Any]) -> News:
    word, code = str(found.get("transactionStatus")), str(found.get("responseCode"))
    status = STATUSES.get(word)
    if status is None:
        raise OutcomeUnknown(f"a transaction with the status {word}")
    if status is S.paid and code != anet.APPROVED:
        status = S.held if code == "4" else S.failed
    currency = str(found.get("currencyCode") or USD)
    amount = wire.told_minor(found.get("settleAmount") or found.get("authAmount") or 0, currency)
    return News(
        status=status,
        reference=lengthen(wire.part(found, "order").get("invoiceNumber"), found.get("transrefId")),
        external_id=str(found.get("transId")),
        amount_minor=amount,
        currency=currency,
        reason="" if status is S.paid else str(found.get("responseReasonDescription") or word)[:200],
        at=wire.at(found.get("submitTimeUTC")),
    )


def _of_reference(account: Credentials, number: str) -> News | None:
    """The best transaction of a reference: paid before held before the newest of the rest. None without any."""
    mine = [row for row in _recent(account) if row.get("invoiceNumber") == number and not _is_refund(row)]
    rank = {S.paid: 0, S.charged_back: 0, S.held: 1}
    best = sorted(
        mine, key=lambda row: rank.get(STATUSES.get(str(row.get("transactionStatus")), S.failed), 2)
    )
    return _details(account, str(best[0].get("transId"))) if best else None


def _is_refund(row: Mapping[str, Any]) -> bool:
    return str(row.get("transactionStatus")) in REFUNDS


def _recent(account: Credentials) -> Iterator[dict[str, Any]]:
    """What has not settled, newest first, then what settled in the last days."""
    yield from _listed(account, "getUnsettledTransactionListRequest", {})
    now = clock.now()
    for batch in _batches(account, now - LOOK_BACK, now):
        yield from _listed(account, "getTransactionListRequest", {"batchId": str(batch.get("batchId"))})


def _batches(account: Credentials, since: datetime, until: datetime) -> list[dict[str, Any]]:
    asked = {
        "includeStatistics": False,
        "firstSettlementDate": f"{since:%Y-%m-%dT%H:%M:%SZ}",
        "lastSettlementDate": f"{until:%Y-%m-%dT%H:%M:%SZ}",
    }
    return wire.rows(anet.ask(account, "getSettledBatchListRequest", asked), "batchList")


def _listed(account: Credentials, request: str, of: dict[str, str]) -> Iterator[dict[str, Any]]:
    offset = 1
    while True:
        asked = {
            **of,
            "sorting": {"orderBy": "submitTimeUTC", "orderDescending": True},
            "paging": {"limit": LIST_LIMIT, "offset": offset},
        }
        listed = wire.rows(anet.ask(account, request, asked), "transactions")
        yield from listed
        if len(listed) < LIST_LIMIT:
            return
        offset += 1


def _sent_refund(account: Credentials, number: str) -> RefundAnswer | None:
    row = next((r for r in _recent(account) if _is_refund(r) and r.get("invoiceNumber") == number), None)
    return RefundAnswer(str(row.get("transId"))) if row is not None else None


def _void(account: Credentials, refunding: Refunding) -> None:
    void = {"transactionType": "voidTransaction", "refTransId": refunding.payment_external_id}
    anet.transact(account, shorten(refunding.reference), void)


def _send_back(
    account: Credentials, refunding: Refunding, number: str, payment: Mapping[str, Any]
) -> dict[str, Any]:
    transaction = {
        "transactionType": "refundTransaction",
        "amount": wire.plain(refunding.amount_minor, USD),
        "payment": {"creditCard": {"cardNumber": anet.last_four(payment), "expirationDate": "XXXX"}},
        "refTransId": refunding.payment_external_id,
        "order": {"invoiceNumber": number},
        "transactionSettings": {
            "setting": [{"settingName": "duplicateWindow", "settingValue": LONGEST_WINDOW}]
        },
    }
    return anet.transact(account, number, transaction)


def _settled(row: Mapping[str, Any], settled_at: datetime) -> Settled | None:
    """A line of a batch; None for what moved no money."""
    word = str(row.get("transactionStatus"))
    kinds = {
        "settledSuccessfully": "payment",
        "refundSettledSuccessfully": "refund",
        "chargeback": "chargeback",
    }
    kind = kinds.get(word)
    if kind is None:
        return None
    amount = abs(wire.told_minor(row.get("settleAmount"), USD))
    return Settled(
        external_id=str(row.get("transId")),
        reference=lengthen(row.get("invoiceNumber")),
        amount_minor=amount if kind == "payment" else -amount,
        fee_minor=0,  # billed by the month, not by the transaction
        currency=USD,
        at=settled_at,
        kind=kind,
    )
