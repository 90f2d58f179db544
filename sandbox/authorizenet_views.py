"""A payment as Authorize.Net tells of it: one transaction in full, lines of lists, batches by day."""

from __future__ import annotations

import time
from typing import Any

from sandbox.till import Payment, refund_settled_at, settled_at

Row = dict[str, Any]
CARDS = {
    "1111": ("Visa", "2029-08", "Visa ending in 1111"),
    "4444": ("MasterCard", "2028-03", "Mastercard ending in 4444"),
    "0002": ("Visa", "2027-11", "Visa ending in 0002: declined next time"),
    "0019": ("Visa", "2027-12", "Visa ending in 0019: held next time"),
}
"""The cards that a customer can pay with here: last figures → brand, expiry, words."""
CODES = {"paid": 1, "voided": 1, "charged_back": 1, "held": 4, "denied": 2}
REASONS = {1: "Approval", 2: "This transaction has been declined.", 4: "Under review."}
WORDS = {
    "held": "FDSPendingReview",
    "denied": "failedReview",
    "voided": "voided",
    "charged_back": "chargeback",
}


def brand_of(card: str) -> str:
    """The brand of the card with these last figures."""
    return CARDS.get(card[-4:], CARDS["1111"])[0]


def _time(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def _word(payment: Payment) -> str:
    if payment["status"] == "paid":
        return "capturedPendingSettlement" if settled_at(payment) is None else "settledSuccessfully"
    return WORDS.get(payment["status"], "generalError")


def details(payment: Payment, transaction_id: str) -> Row:
    """One transaction: the payment's own, a declined try or a refund."""
    refund = next((one for one in payment["refunds"] if one["id"] == transaction_id), None)
    tried = next((one for one in payment["tries"] if one["transaction"] == transaction_id), None)
    code = 1 if refund else 2 if tried else CODES.get(payment["status"], 3)
    word = "declined" if tried else _refund_word(payment, refund) if refund else _word(payment)
    amount = refund["amount"] if refund else payment["amount"]
    found: Row = {
        "transId": transaction_id,
        **({"refTransId": payment["transaction"]} if refund else {}),
        "submitTimeUTC": _time((refund or tried or payment)["at"]),
        "submitTimeLocal": _time((refund or tried or payment)["at"]).removesuffix("Z"),
        "transactionType": "refundTransaction" if refund else "authCaptureTransaction",
        "transactionStatus": word,
        "responseCode": code,
        "responseReasonCode": code,
        "responseReasonDescription": REASONS.get(code, "Error"),
        "authCode": "5ANDBX" if code == 1 else "",
        "AVSResponse": "Y",
        "order": {
            "invoiceNumber": (refund or payment)["reference"],
            "description": payment["description"],
        },
        "authAmount": float(amount),
        "settleAmount": 0.0 if tried else float(amount),
        "taxExempt": False,
        "payment": {
            "creditCard": {
                "cardNumber": f"XXXX{payment['card'][-4:]}",
                "expirationDate": "XXXX",
                "cardType": brand_of(payment["card"]),
            }
        },
        "product": "Card Not Present",
        "marketType": "eCommerce",
    }
    if payment["currency"] != "USD":
        found["currencyCode"] = payment["currency"]
    return found


def _refund_word(payment: Payment, refund: Row) -> str:
    return (
        "refundPendingSettlement"
        if refund_settled_at(payment, refund) is None
        else "refundSettledSuccessfully"
    )


def listed(payment: Payment, *, settled: bool) -> list[Row]:
    """The payment's lines: those that have settled, or those that have not."""
    rows = []
    if not settled:
        rows += [_line(payment, one["transaction"]) for one in payment["tries"]]
    if payment["transaction"] and (settled_at(payment) is not None) == settled:
        rows.append(_line(payment, payment["transaction"]))
    rows += [
        _line(payment, one["id"])
        for one in payment["refunds"]
        if (refund_settled_at(payment, one) is not None) == settled
    ]
    return rows


def _line(payment: Payment, transaction_id: str) -> Row:
    full = details(payment, transaction_id)
    return {
        "transId": transaction_id,
        "submitTimeUTC": full["submitTimeUTC"],
        "submitTimeLocal": full["submitTimeLocal"],
        "transactionStatus": full["transactionStatus"],
        "invoiceNumber": full["order"]["invoiceNumber"],
        "accountType": brand_of(payment["card"]),
        "accountNumber": full["payment"]["creditCard"]["cardNumber"],
        "settleAmount": full["settleAmount"],
        "marketType": "eCommerce",
        "product": "Card Not Present",
    }


def _closed(payment: Payment, row: Row) -> float:
    """When the line of a list settled."""
    refund = next((one for one in payment["refunds"] if one["id"] == row["transId"]), None)
    at = refund_settled_at(payment, refund) if refund else settled_at(payment)
    assert at is not None  # only what has settled is asked for
    return at


def _by_day(payments: list[Payment]) -> dict[str, list[tuple[float, Row]]]:
    days: dict[str, list[tuple[float, Row]]] = {}
    for payment in payments:
        for row in listed(payment, settled=True):
            at = _closed(payment, row)
            days.setdefault(time.strftime("%Y%m%d", time.gmtime(at)), []).append((at, row))
    return days


def batches(payments: list[Payment], since: str, until: str) -> list[Row]:
    """A batch for each day that settled something between two times, as the API writes them."""
    found = []
    for day, rows in sorted(_by_day(payments).items(), reverse=True):
        closed = _time(max(at for at, _row in rows))
        if since <= closed <= until:
            found.append(
                {
                    "batchId": day,
                    "settlementTimeUTC": closed,
                    "settlementTimeLocal": closed.removesuffix("Z"),
                    "settlementState": "settledSuccessfully",
                    "paymentMethod": "creditCard",
                    "marketType": "eCommerce",
                    "product": "Card Not Present",
                }
            )
    return found


def rows_of_batch(payments: list[Payment], batch_id: str) -> list[Row]:
    """The lines of one batch."""
    return [row for _at, row in _by_day(payments).get(batch_id, [])]
