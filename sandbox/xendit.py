"""Xendit: QRIS codes, their payments, refunds, the list of transactions, webhooks with a constant token.

Environment: SANDBOX_XENDIT_KEY and SANDBOX_XENDIT_TOKEN, as a store has them in its settings.
"""

from __future__ import annotations

import base64
import json
import os
import time
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox import chaos
from sandbox.desk import desk
from sandbox.qris import qris
from sandbox.till import CALLERS, Call, NotNow, Payment, Till, refund_settled_at, settled_at

bp = Blueprint("xendit", __name__, url_prefix="/xendit")
KEYS = "xendit.keys"
LEAST, MOST = 1, 10_000_000
DEFAULT_SECONDS = 48 * 3600
FEE, VAT = Decimal("0.0063"), Decimal("0.11")
STATUSES = {"done": "SUCCEEDED", "pending": "PENDING", "failed": "FAILED"}


def secret_key() -> str:
    """The account's secret key."""
    return os.environ.get("SANDBOX_XENDIT_KEY", "xnd_development_sandbox")


def callback_token() -> str:
    """The constant token that every webhook carries."""
    return os.environ.get("SANDBOX_XENDIT_TOKEN", "sandbox-xendit-callback-token")


def till() -> Till:
    """The payments of this desk."""
    return Till(desk(), "xendit")


def _refuse(status: int, code: str, words: str) -> Response:
    answer = jsonify(error_code=code, message=words)
    answer.status_code = status
    return answer


def _fault(status: int, retry_after: int) -> Response:
    code = "RATE_LIMIT_EXCEEDED" if status == 429 else "SERVER_ERROR"
    return _refuse(status, code, "Try again later.")


@bp.before_request
def _admit() -> Response | None:
    if fault := chaos.disturb("xendit", _fault):
        return fault
    given = request.headers.get("Authorization", "").removeprefix("Basic ")
    if given != base64.b64encode(f"{secret_key()}:".encode()).decode():
        return _refuse(401, "INVALID_API_KEY", "API key format is invalid")
    if request.path.startswith("/xendit/qr_codes") and request.headers.get("api-version") != "2022-07-31":
        return _refuse(400, "API_VALIDATION_ERROR", "This desk speaks api-version 2022-07-31 only")
    return None


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _number(text: str) -> int | float:
    amount = Decimal(text)
    return int(amount) if amount == int(amount) else float(amount)


# ---- codes


def code_view(payment: Payment) -> dict[str, Any]:
    """The code as the API shows it: used up or too old, it is INACTIVE."""
    alive = payment["status"] == "open" and payment["until"] > time.time()
    return {
        "id": payment["id"],
        "reference_id": payment["reference"],
        "business_id": "5f27a14a9bf05c73dd040bc8",
        "type": "DYNAMIC",
        "currency": "IDR",
        "amount": _number(payment["asked"]),
        "channel_code": "ID_DANA",
        "status": "ACTIVE" if alive else "INACTIVE",
        "qr_string": payment["qr"],
        "expires_at": _time(payment["until"]),
        "created": _time(payment["at"]),
        "updated": _time(payment["history"][-1]["at"]),
        "basket": None,
        "metadata": None,
    }


def payment_view(payment: Payment) -> dict[str, Any]:
    """The payment of a code that somebody has paid."""
    return {
        "id": payment["transaction"],
        "business_id": "5f27a14a9bf05c73dd040bc8",
        "currency": payment["currency"],
        "amount": _number(payment["amount"]),
        "status": "SUCCEEDED",
        "created": _time(payment["paid_at"] or payment["at"]),
        "qr_id": payment["id"],
        "qr_string": payment["qr"],
        "reference_id": payment["reference"],
        "type": "DYNAMIC",
        "channel_code": "ID_DANA",
        "expires_at": _time(payment["until"]),
        "payment_detail": {
            "receipt_id": "000111222333",
            "source": "DANA",
            "name": None,
            "account_details": None,
        },
    }


def _problem(body: Any) -> str:
    if not isinstance(body, dict):
        return "The body must be JSON"
    amount = body.get("amount")
    if not isinstance(body.get("reference_id"), str) or not 1 <= len(body["reference_id"]) <= 255:
        return "reference_id must be 1 to 255 characters"
    if body.get("type") != "DYNAMIC":
        return "type must be DYNAMIC"
    if body.get("currency") != "IDR":
        return "currency must be IDR"
    if isinstance(amount, bool) or not isinstance(amount, int) or not LEAST <= amount <= MOST:
        return f"amount must be a whole number from {LEAST} to {MOST}"
    return ""


@bp.post("/qr_codes")
def create_code() -> Response:
    body: Any = request.get_json(silent=True)
    if problem := _problem(body):
        return _refuse(400, "API_VALIDATION_ERROR", problem)
    key = request.headers.get("idempotency-key", "")
    with desk().store.lock:  # two twins of a request: one of them makes the code
        if key and (known := till().get(desk().store.value(KEYS, key, ""))):
            return jsonify(code_view(known))
        if till().find(reference=body["reference_id"]):
            return _refuse(409, "DUPLICATE_ERROR", "reference_id has been used before")
        try:
            given = body.get("expires_at")
            until = datetime.fromisoformat(given).timestamp() if given else time.time() + DEFAULT_SECONDS
        except (TypeError, ValueError):
            return _refuse(400, "API_VALIDATION_ERROR", "expires_at must be ISO 8601")
        code_id = f"qr_{uuid.uuid4()}"
        qr = qris("APOTEK NUSANTARA", "JAKARTA", body["amount"], body["reference_id"])
        amount = Decimal(body["amount"])
        made = till().open(code_id, body["reference_id"], amount, "IDR", qr=qr, until=until, back={})
        if key:
            desk().store.set_value(KEYS, key, code_id)
    answer = jsonify(code_view(made))
    answer.status_code = 201
    return answer


@bp.get("/qr_codes/<code_id>")
def show_code(code_id: str) -> Response:
    payment = till().get(code_id)
    return jsonify(code_view(payment)) if payment else _refuse(404, "DATA_NOT_FOUND", "QR code not found")


@bp.get("/qr_codes/<code_id>/payments")
def list_payments(code_id: str) -> Response:
    payment = till().get(code_id)
    if payment is None:
        return _refuse(404, "DATA_NOT_FOUND", "QR code not found")
    return jsonify(data=[payment_view(payment)] if payment["transaction"] else [], has_more=False)


@bp.post("/qr_codes/<code_id>/payments/simulate")
def simulate(code_id: str) -> Response:
    """What Xendit's own test mode has: the code is paid."""
    payment = till().get(code_id)
    if payment is None:
        return _refuse(404, "DATA_NOT_FOUND", "QR code not found")
    try:
        paid = till().act(code_id, "pay", by="qris", transaction=new_payment())
    except NotNow as error:
        return _refuse(400, "INACTIVE_QR_CODE", str(error))
    return jsonify(payment_view(paid))


def new_payment() -> str:
    """The name of a payment."""
    return f"qrpy_{uuid.uuid4()}"


# ---- refunds


def _refund_view(payment: Payment, refund: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": refund["id"],
        "payment_request_id": payment["transaction"],
        "reference_id": refund["reference"],
        "currency": payment["currency"],
        "amount": _number(refund["amount"]),
        "status": STATUSES[refund["status"]],
        "failure_code": "INSUFFICIENT_BALANCE" if refund["status"] == "failed" else None,
        "reason": "REQUESTED_BY_CUSTOMER",
        "created": _time(refund["at"]),
        "updated": _time(refund["done_at"] or refund["at"]),
    }


@bp.post("/refunds")
def create_refund() -> Response:
    body = request.get_json(silent=True) or {}
    payment = till().find(transaction=str(body.get("payment_request_id") or "-"))
    if payment is None:
        return _refuse(404, "DATA_NOT_FOUND", "Payment not found")
    reference = str(body.get("reference_id") or uuid.uuid4())
    amount = body.get("amount")
    if isinstance(amount, bool) or not isinstance(amount, int) or amount < 1 or not body.get("reason"):
        return _refuse(400, "API_VALIDATION_ERROR", "amount and reason are required")
    with desk().store.lock:
        payment = till().get(payment["id"]) or payment
        known = next((one for one in payment["refunds"] if one["reference"] == reference), None)
        if known is not None:
            if request.headers.get("idempotency-key") == reference:
                return jsonify(_refund_view(payment, known))
            return _refuse(409, "DUPLICATE_ERROR", "reference_id has been used before")
        try:
            payment = till().refund(payment["id"], f"rfd-{uuid.uuid4()}", reference, Decimal(amount))
        except NotNow as error:
            return _refuse(400, "REFUND_AMOUNT_EXCEEDED", str(error))
    return jsonify(_refund_view(payment, payment["refunds"][-1]))


@bp.get("/refunds")
def list_refunds() -> Response:
    payment = till().find(transaction=request.args.get("payment_request_id", "-"))
    rows = [_refund_view(payment, one) for one in payment["refunds"]] if payment else []
    return jsonify(data=rows, has_more=False)


# ---- transactions


def _transactions() -> list[dict[str, Any]]:
    """What moved, newest first; a payment that has not settled is PENDING there."""
    rows = []
    for payment in till().newest():
        if payment["paid_at"] is None:
            continue
        amount = Decimal(payment["amount"])
        fee = round(amount * FEE)
        row = {"channel_category": "QR_CODE", "channel_code": "QRIS", "currency": payment["currency"]}
        row |= {"status": "SUCCESS", "business_id": "5f27a14a9bf05c73dd040bc8"}
        taken = settled_at(payment)
        rows.append(
            row
            | {
                "id": f"txn_{payment['transaction'].removeprefix('qrpy_')}",
                "product_id": payment["transaction"],
                "type": "PAYMENT",
                "reference_id": payment["reference"],
                "amount": _number(payment["amount"]),
                "net_amount": _number(str(amount - fee - round(fee * VAT))),
                "cashflow": "MONEY_IN",
                "settlement_status": "PENDING" if taken is None else "SETTLED",
                "created": _time(payment["paid_at"]),
                "updated": _time(taken or payment["paid_at"]),
                "fee": {"xendit_fee": fee, "value_added_tax": round(fee * VAT), "status": "COMPLETED"},
            }
        )
        rows += [row | _moved_back(payment, one) for one in payment["refunds"] if one["status"] == "done"]
    return sorted(rows, key=lambda row: (row["updated"], row["id"]), reverse=True)


def _moved_back(payment: Payment, refund: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"txn_{refund['id']}",
        "product_id": refund["id"],
        "type": "REFUND",
        "reference_id": refund["reference"],
        "amount": _number(refund["amount"]),
        "net_amount": _number(refund["amount"]),
        "cashflow": "MONEY_OUT",
        "settlement_status": "SETTLED" if refund_settled_at(payment, refund) is not None else "PENDING",
        "created": _time(refund["at"]),
        "updated": _time(refund_settled_at(payment, refund) or refund["done_at"]),
        "fee": {"xendit_fee": 0, "value_added_tax": 0, "status": "COMPLETED"},
    }


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@bp.get("/transactions")
def list_transactions() -> Response:
    asked = request.args
    types, limit = asked.getlist("types"), min(50, asked.get("limit", 10, type=int))
    try:
        since, until = (_moment(asked.get(f"updated[{end}]")) for end in ("gte", "lt"))
    except ValueError:
        return _refuse(400, "API_VALIDATION_ERROR", "updated must be ISO 8601")
    rows = [
        row
        for row in _transactions()
        if (not types or row["type"] in types)
        and (not asked.get("reference_id") or row["reference_id"] == asked["reference_id"])
        and (since is None or datetime.fromisoformat(row["updated"]) >= since)
        and (until is None or datetime.fromisoformat(row["updated"]) < until)
    ]
    if after := asked.get("after_id"):
        places = [place for place, row in enumerate(rows) if row["id"] == after]
        rows = rows[places[0] + 1 :] if places else []
    return jsonify(data=rows[:limit], has_more=len(rows) > limit, links=[])


# ---- webhooks


def call_back(payment: Payment, what: str, forged: bool) -> Call | None:
    """The event qr.payment. The token signs nothing."""
    if what != "pay":
        return None
    body = {
        "event": "qr.payment",
        "api_version": "v2",
        "business_id": "5f27a14a9bf05c73dd040bc8",
        "created": _time(time.time()),
        "data": payment_view(payment),
    }
    token = "somebody else's token" if forged else callback_token()
    return Call(json.dumps(body).encode(), {"x-callback-token": token, "webhook-id": uuid.uuid4().hex})


CALLERS["xendit"] = call_back
