"""Midtrans: Snap tokens and their window, the status API, the settlement report, signed notifications.

Environment: SANDBOX_MIDTRANS_KEY, the server key as a store has it in its settings. Times are those of Jakarta.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import time
import uuid
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, Response, jsonify, request, send_from_directory

from sandbox import chaos
from sandbox.desk import desk
from sandbox.till import CALLERS, Call, NotNow, Payment, Till, refund_settled_at, refunded, settled_at

bp = Blueprint("midtrans", __name__, url_prefix="/midtrans")
ORDER_ID = re.compile(r"[A-Za-z0-9\-_~.]{1,50}")
JAKARTA = 7 * 3600
CARD = "credit_card"
FEES = {CARD: Decimal("0.029"), "qris": Decimal("0.007")}
FLAT_FEE = Decimal(4000)
TOLD = frozenset(
    {
        "choose",
        "pay",
        "hold",
        "decline",
        "expire",
        "approve",
        "deny",
        "void",
        "settle",
        "refund",
        "charge_back",
    }
)


def server_key() -> str:
    """The account's server key."""
    return os.environ.get("SANDBOX_MIDTRANS_KEY", "SB-Mid-server-sandbox")


def till() -> Till:
    """The payments of this desk."""
    return Till(desk(), "midtrans")


def base() -> str:
    """This desk's own address, as the caller wrote it."""
    return f"{request.host_url}midtrans"


def _refuse(status: int, words: str) -> Response:
    """As Snap refuses, and as the API does: each reads its own member."""
    answer = jsonify(status_code=str(status), status_message=words, error_messages=[words])
    answer.status_code = status
    return answer


def _fault(status: int, retry_after: int) -> Response:
    return _refuse(
        status, "Too many requests" if status == 429 else "Sorry, we encountered internal server error."
    )


@bp.before_request
def _admit() -> Response | None:
    """The APIs want the server key; Snap's script and its window want none."""
    if not re.match(r"/midtrans/(snap/v1/transactions|v2/|reports/)", request.path):
        return None
    if fault := chaos.disturb("midtrans", _fault):
        return fault
    given = request.headers.get("Authorization", "").removeprefix("Basic ")
    if given != base64.b64encode(f"{server_key()}:".encode()).decode():
        return _refuse(
            401, "Access denied due to unauthorized transaction, please check client or server key"
        )
    return None


# ---- Snap


@bp.post("/snap/v1/transactions")
def create_token() -> Response:
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("transaction_details"), dict):
        return _refuse(400, "transaction_details is required")
    if problem := _problem(body):
        return _refuse(400, problem)
    asked = body["transaction_details"]
    with desk().store.lock:  # two twins of a request: one of them gets the token
        known = till().find(reference=asked["order_id"])
        if known and known["status"] != "expired":
            return _refuse(400, "transaction_details.order_id has already been taken")
        token = str(uuid.uuid4())
        override = request.headers.get("X-Override-Notification", "")
        till().open(
            token,
            asked["order_id"],
            Decimal(asked["gross_amount"]),
            "IDR",
            order_id=asked["order_id"],
            back={"url": (body.get("callbacks") or {}).get("finish") or "", "cancel": ""},
            who=str((body.get("customer_details") or {}).get("first_name") or ""),
            notify=[url.strip() for url in override.split(",") if url.strip()],
            until=time.time() + _seconds(body.get("page_expiry")),
        )
    answer = jsonify(token=token, redirect_url=f"{base()}/snap/v4/redirection/{token}")
    answer.status_code = 201
    return answer


UNITS = {"minute": 60, "minutes": 60, "hour": 3600, "hours": 3600, "day": 86400, "days": 86400}


def _seconds(expiry: Any) -> float:
    """How long the window stays open: a day unless told otherwise."""
    if not isinstance(expiry, dict):
        return 86400.0
    return float(expiry["duration"]) * UNITS[expiry["unit"]]


def _problem(body: dict[str, Any]) -> str:
    asked = body["transaction_details"]
    amount, order_id = asked.get("gross_amount"), asked.get("order_id")
    if not isinstance(order_id, str) or not ORDER_ID.fullmatch(order_id):
        return "transaction_details.order_id must be 1 to 50 letters, figures, dash, underscore, tilde or dot"
    if isinstance(amount, bool) or not isinstance(amount, int) or amount < 1:
        return "transaction_details.gross_amount must be a whole number of at least 1"
    items = body.get("item_details")
    if items and sum(int(i["price"]) * int(i.get("quantity", 1)) for i in items) != amount:
        return "transaction_details.gross_amount is not equal to the sum of item_details"
    try:
        seconds = _seconds(body.get("page_expiry"))
    except (KeyError, TypeError, ValueError):
        return "page_expiry is invalid"
    return "" if 300 <= seconds <= 7 * 86400 else "page_expiry must be between 5 minutes and 7 days"


@bp.get("/snap/snap.js")
def snap_script() -> Response:
    return send_from_directory(bp.root_path + "/static", "snap.js", mimetype="text/javascript")


# ---- the status API


def _time(at: float | None) -> str | None:
    """A time as Midtrans writes it: Jakarta's, without saying so."""
    return None if at is None else time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at + JAKARTA))


def status_of(payment: Payment) -> tuple[str, str, str]:
    """transaction_status, fraud_status and status_code."""
    back, gone = refunded(payment), Decimal(payment["amount"])
    done = [one for one in payment["refunds"] if one["status"] == "done"]
    card = payment["by"] == CARD
    words: dict[str, tuple[str, str, str]] = {
        "pending": ("pending", "accept", "201"),
        "held": ("capture", "challenge", "201"),
        "declined": ("deny", "deny", "202"),
        "denied": ("deny", "deny", "202"),
        "expired": ("expire", "accept", "407"),
        "voided": ("cancel", "accept", "200"),
        "charged_back": ("chargeback", "accept", "200"),
    }
    if payment["status"] != "paid":
        return words[payment["status"]]
    if done:
        return ("refund" if back >= gone else "partial_refund"), "accept", "200"
    return ("capture" if card and settled_at(payment) is None else "settlement"), "accept", "200"


def view(payment: Payment) -> dict[str, Any]:
    """The payment as the API and the notifications tell of it."""
    status, fraud, code = status_of(payment)
    done = [one for one in payment["refunds"] if one["status"] == "done"]
    found: dict[str, Any] = {
        "transaction_time": _time(payment["at"]),
        "transaction_status": status,
        "transaction_id": payment["transaction"],
        "status_message": "Success, transaction is found" if code == "200" else f"Transaction is {status}",
        "status_code": code,
        "payment_type": payment["by"] or CARD,
        "order_id": payment["order_id"],
        "merchant_id": "G000000001",
        "gross_amount": f"{Decimal(payment['amount']):.2f}",
        "fraud_status": fraud,
        "currency": payment["currency"],
    }
    if payment["paid_at"] is not None and status != "capture":
        found["settlement_time"] = _time(settled_at(payment) or payment["paid_at"])
    if done:
        found["refund_amount"] = f"{sum(Decimal(one['amount']) for one in done):.2f}"
        found["refunds"] = [
            {
                "refund_chargeback_id": number,
                "refund_key": one["reference"],
                "refund_amount": f"{Decimal(one['amount']):.2f}",
                "created_at": _time(one["done_at"]),
            }
            for number, one in enumerate(done, start=1)
        ]
    signed = found["order_id"] + found["status_code"] + found["gross_amount"] + server_key()
    return found | {"signature_key": hashlib.sha512(signed.encode()).hexdigest()}


def _order(order_id: str) -> Payment | None:
    """An order that the customer has chosen a way to pay for; until then the API knows of none."""
    payment = till().find(order_id=order_id) or till().find(transaction=order_id)
    return payment if payment and payment["transaction"] else None


def _unknown() -> Response:
    # The status of HTTP is 200: only the body says that there is nothing.
    return jsonify(status_code="404", status_message="Transaction doesn't exist.", id=str(uuid.uuid4()))


@bp.get("/v2/<order_id>/status")
def show_status(order_id: str) -> Response:
    payment = _order(order_id)
    return jsonify(view(payment)) if payment else _unknown()


@bp.post("/v2/<order_id>/<action>")
def act(order_id: str, action: str) -> Response:
    payment = _order(order_id)
    if payment is None:
        return _unknown()
    if action == "refund":
        return _refund(payment)
    word = {"cancel": "void", "expire": "expire", "approve": "approve", "deny": "deny"}.get(action)
    if word is None:
        return _refuse(404, "The resource is not found")
    if word == "void" and payment["status"] == "pending":
        word = "expire"
    try:
        if payment["status"] != "voided":
            payment = till().act(payment["id"], word)
    except NotNow:
        return _refuse(412, "Transaction status cannot be updated.")
    return jsonify(view(payment))


def _refund(payment: Payment) -> Response:
    body = request.get_json(silent=True) or {}
    try:
        amount = Decimal(str(body.get("amount", payment["amount"])))
    except InvalidOperation:
        return _refuse(400, "amount is invalid")
    key = str(body.get("refund_key") or uuid.uuid4())
    with desk().store.lock:
        payment = till().get(payment["id"]) or payment
        if any(one["reference"] == key for one in payment["refunds"]):
            return _refuse(406, "Refund key has been used")
        if payment["status"] != "paid" or status_of(payment)[0] == "capture":
            return _refuse(412, "Transaction status cannot be updated.")
        if amount <= 0 or amount > Decimal(payment["amount"]) - refunded(payment):
            return _refuse(414, "Refund amount is more than what is left of the transaction")
        payment = till().refund(payment["id"], str(uuid.uuid4()), key, amount)
    return jsonify(view(payment) | {"status_message": "Success, refund request is approved"})


# ---- the settlement report

COLUMNS = ("order_id", "transaction_id", "type", "payment_type", "amount", "fee", "settlement_time")


@bp.get("/reports/settlement.csv")
def show_report() -> Response:
    """What settled between two days of Jakarta, both included."""
    since, until = request.args.get("from", ""), request.args.get("to", "9999")
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(
        row
        for payment in till().newest()
        for row in _lines(payment)
        if since <= row["settlement_time"][:10] <= until
    )
    return Response(out.getvalue(), mimetype="text/csv")


def _lines(payment: Payment) -> list[dict[str, Any]]:
    kept = {
        "order_id": payment.get("order_id"),
        "transaction_id": payment["transaction"],
        "payment_type": payment["by"],
    }
    amount, rows = Decimal(payment["amount"]), []
    if payment["status"] in {"paid", "charged_back"} and (at := settled_at(payment)) is not None:
        fee = round(amount * FEES[payment["by"]]) if payment["by"] in FEES else FLAT_FEE
        rows.append(kept | {"type": "payment", "amount": amount, "fee": fee, "settlement_time": _time(at)})
        if payment["status"] == "charged_back":
            last = _time(payment["history"][-1]["at"])
            rows.append(kept | {"type": "chargeback", "amount": amount, "fee": 0, "settlement_time": last})
    for one in payment["refunds"]:
        if (at := refund_settled_at(payment, one)) is not None:
            more = {
                "type": "refund",
                "amount": Decimal(one["amount"]),
                "fee": 0,
                "settlement_time": _time(at),
            }
            rows.append(kept | {"order_id": one["reference"], "transaction_id": one["id"]} | more)
    return rows


# ---- notifications


def call_back(payment: Payment, what: str, forged: bool) -> Call | None:
    """A notification, signed inside its own body. An open window that runs out is told to nobody."""
    if what not in TOLD or not payment["transaction"]:
        return None
    if what == "settle" and payment["by"] != CARD:
        return None  # what is no card settled when it was paid
    said = view(payment)
    if forged:
        said["signature_key"] = hashlib.sha512(said["signature_key"].encode()).hexdigest()
    return Call(json.dumps(said).encode(), {})


CALLERS["midtrans"] = call_back
