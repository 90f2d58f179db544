"""Authorize.Net: one endpoint that minds the order of members, the hosted form, batches, signed webhooks.

Environment: SANDBOX_ANET_LOGIN, SANDBOX_ANET_KEY, SANDBOX_ANET_SIGNATURE, as a store has them in its settings.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import time
import uuid
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, Response, request

from sandbox import authorizenet_schema as schema
from sandbox import chaos
from sandbox.authorizenet_views import batches, brand_of, details, listed, rows_of_batch
from sandbox.desk import desk
from sandbox.till import CALLERS, Call, NotNow, Payment, Till, new_id, refunded, settled_at

bp = Blueprint("authorizenet", __name__, url_prefix="/authorizenet")
TOKEN_SECONDS = 15 * 60
Members = dict[str, Any]
Answer = dict[str, Any]

EVENTS = {
    "pay": "payment.authcapture.created",
    "hold": "payment.fraud.held",
    "approve": "payment.fraud.approved",
    "deny": "payment.fraud.declined",
    "void": "payment.void.created",
    "refund": "payment.refund.created",
}
"""What the store is told of; a declined card is nobody's news."""


def login() -> tuple[str, str]:
    """The account's API login id and transaction key."""
    return os.environ.get("SANDBOX_ANET_LOGIN", "5anDb0xLog1n"), os.environ.get(
        "SANDBOX_ANET_KEY", "5anDb0xTr4nsKey1"
    )


def signature_key() -> str:
    """128 hexadecimal figures, used as the text that they are."""
    made = hashlib.sha512(b"sandbox authorize.net").hexdigest().upper()
    return os.environ.get("SANDBOX_ANET_SIGNATURE", made)


def till() -> Till:
    """The payments of this desk."""
    return Till(desk(), "authorizenet")


class Refusal(Exception):
    """An answer with resultCode Error."""

    def __init__(self, code: str, text: str, **more: Any) -> None:
        super().__init__(text)
        self.code, self.text, self.more = code, text, more


# ---- the endpoint


def _answer(said: Answer, status: int = 200) -> Response:
    # Every answer begins with a byte order mark.
    return Response("\ufeff" + json.dumps(said), status=status, mimetype="application/json")


def _messages(result: str, code: str, text: str) -> Answer:
    return {"messages": {"resultCode": result, "message": [{"code": code, "text": text}]}}


def _fault(status: int, retry_after: int) -> Response:
    return _answer(
        _messages("Error", "E00053", "The server is currently too busy, please try again later."), status
    )


@bp.post("/xml/v1/request.api")
def take_request() -> Response:
    if fault := chaos.disturb("authorizenet", _fault):
        return fault
    try:
        asked = json.loads(request.get_data().decode("utf-8-sig"), parse_float=Decimal)
        ((name, members),) = asked.items()
        said = _handle(name, members)
    except Refusal as error:
        return _answer(error.more | _messages("Error", error.code, error.text))
    except (ValueError, AttributeError, TypeError):
        return _answer(_messages("Error", "E00003", "The request is not valid JSON of this API."))
    ref = {"refId": members["refId"]} if members.get("refId") else {}
    ok = _messages("Ok", "I00001", "Successful.")
    return _answer(said | ref | (said if "messages" in said else ok))


def _handle(name: str, members: Members) -> Answer:
    if name not in HANDLERS:
        raise Refusal("E00003", f"Unable to find the request {name}.")
    problem = schema.problem_with(name, members)
    if problem:
        raise Refusal("E00003", problem)
    given = members.get("merchantAuthentication") or {}
    if (given.get("name"), given.get("transactionKey")) != login():
        raise Refusal("E00007", "User authentication failed due to invalid authentication values.")
    if len(str(members.get("refId") or "")) > 20:
        raise Refusal("E00003", "The 'refId' element is invalid: the actual length is greater than 20.")
    return HANDLERS[name](members)


def amount_of(text: object) -> Decimal:
    try:
        amount = Decimal(str(text))
    except InvalidOperation as error:
        raise Refusal("E00003", "The 'amount' element is invalid.") from error
    if not Decimal(0) < amount < Decimal(100_000) or amount != amount.quantize(Decimal("0.01")):
        raise Refusal("E00003", "The 'amount' element is invalid.")
    return amount


def _hosted_page(members: Members) -> Answer:
    asked = members["transactionRequest"]
    if "payment" in asked:
        raise Refusal("E00013", "payment is invalid for the hosted form.")
    order = asked.get("order") or {}
    if len(str(order.get("invoiceNumber") or "")) > 20:
        raise Refusal(
            "E00003", "The 'invoiceNumber' element is invalid: the actual length is greater than 20."
        )
    given = {
        s["settingName"]: json.loads(s["settingValue"]) for s in members["hostedPaymentSettings"]["setting"]
    }
    back = given.get("hostedPaymentReturnOptions") or {}
    token = secrets.token_urlsafe(48)
    till().open(
        token,
        str(order.get("invoiceNumber") or ""),
        amount_of(asked.get("amount")),
        str(asked.get("currencyCode") or "USD"),
        ref_id=str(members.get("refId") or ""),
        description=str(order.get("description") or ""),
        email=str((asked.get("customer") or {}).get("email") or ""),
        back={"url": back.get("url") or "", "cancel": back.get("cancelUrl") or ""},
        card="1111",
        until=time.time() + TOKEN_SECONDS,
    )
    return {"token": token}


def transaction(transaction_id: str) -> Payment:
    """The payment that this number is of: its own, a declined try's or a refund's."""
    found = transaction_id and next(
        (
            payment
            for payment in till().newest()
            if transaction_id == payment["transaction"]
            or any(one["transaction"] == transaction_id for one in payment["tries"])
            or any(one["id"] == transaction_id for one in payment["refunds"])
        ),
        None,
    )
    if not found:
        raise Refusal("E00040", "The record cannot be found.")
    return found


def _details(members: Members) -> Answer:
    payment = transaction(str(members.get("transId") or ""))
    ref = {"transrefId": payment["ref_id"]} if payment.get("ref_id") else {}
    return {"transaction": details(payment, str(members["transId"]))} | ref


def _unsettled(members: Members) -> Answer:
    rows = [row for payment in till().newest() for row in listed(payment, settled=False)]
    return _page(rows, members)


def _batch_rows(members: Members) -> Answer:
    return _page(rows_of_batch(till().newest(), str(members.get("batchId"))), members)


def _page(rows: list[Answer], members: Members) -> Answer:
    paging = members.get("paging") or {}
    limit, page = int(paging.get("limit", 1000)), int(paging.get("offset", 1))
    if not 1 <= limit <= 1000 or page < 1:
        raise Refusal("E00003", "The 'paging' element is invalid.")
    down = bool((members.get("sorting") or {}).get("orderDescending"))
    rows = sorted(rows, key=lambda row: str(row["submitTimeUTC"]), reverse=down)[
        limit * (page - 1) : limit * page
    ]
    if not rows:
        return _messages("Ok", "I00004", "No records found.")
    return {"transactions": rows, "totalNumInResultSet": len(rows)}


def _batch_list(members: Members) -> Answer:
    since, until = str(members.get("firstSettlementDate")), str(members.get("lastSettlementDate"))
    found = batches(till().newest(), since, until)
    return {"batchList": found} if found else _messages("Ok", "I00004", "No records found.")


# ---- transactions


def _create_transaction(members: Members) -> Answer:
    asked = members["transactionRequest"]
    kind = asked.get("transactionType")
    if kind == "voidTransaction":
        return _void(asked)
    if kind == "refundTransaction":
        return _refund(asked)
    paid_by = next((name for name in CHARGES if name in asked), None)
    if kind == "authCaptureTransaction" and paid_by is not None:
        return CHARGES[paid_by](members)
    raise Refusal("E00003", f"The 'transactionType' {kind} is not for this desk.")


CHARGES: dict[str, Callable[[Members], Answer]] = {}
"""What a payment without the hosted form is made by → what does it."""


def no(code: str, text: str, transaction_id: str = "0") -> Refusal:
    said = {
        "responseCode": "3",
        "transId": transaction_id,
        "errors": [{"errorCode": code, "errorText": text}],
    }
    return Refusal("E00027", "The transaction was unsuccessful.", transactionResponse=said)


def done(payment: Payment, transaction_id: str, ref: str) -> Answer:
    return {
        "transactionResponse": {
            "responseCode": "1",
            "authCode": "",
            "avsResultCode": "P",
            "cvvResultCode": "",
            "cavvResultCode": "",
            "transId": transaction_id,
            "refTransID": ref,
            "transHash": "",
            "testRequest": "0",
            "accountNumber": f"XXXX{payment['card'][-4:]}",
            "accountType": brand_of(payment["card"]),
            "messages": [{"code": "1", "description": "This transaction has been approved."}],
        }
    }


def _void(asked: Members) -> Answer:
    number = str(asked.get("refTransId") or "")
    try:
        payment = transaction(number)
        if payment["status"] != "voided":
            till().act(payment["id"], "void")
    except Refusal as error:
        raise no("16", "The transaction cannot be found.") from error
    except NotNow as error:
        raise no("310", "This transaction has already been settled.") from error
    return done(payment, number, number)


def _refund(asked: Members) -> Answer:
    number = str(asked.get("refTransId") or "")
    try:
        payment = transaction(number)
    except Refusal as error:
        raise no("16", "The transaction cannot be found.") from error
    amount, invoice = (
        amount_of(asked.get("amount")),
        str((asked.get("order") or {}).get("invoiceNumber") or ""),
    )
    card = ((asked.get("payment") or {}).get("creditCard") or {}).get("cardNumber")
    if str(card)[-4:] != payment["card"][-4:]:
        raise no("6", "The credit card number is invalid.")
    seconds = window(asked)
    for one in payment["refunds"]:
        if (
            one["reference"] == invoice
            and Decimal(one["amount"]) == amount
            and time.time() - one["at"] < seconds
        ):
            raise no("11", "A duplicate transaction has been submitted.")
    left = Decimal(payment["amount"]) - refunded(payment)
    if payment["status"] != "paid" or settled_at(payment) is None or amount > left:
        raise no("54", "The referenced transaction does not meet the criteria for issuing a credit.")
    refund_id = new_id()
    till().refund(payment["id"], refund_id, invoice, amount)
    return done(payment, refund_id, number)


def window(asked: Members) -> int:
    given = (asked.get("transactionSettings") or {}).get("setting") or []
    return next((int(s["settingValue"]) for s in given if s["settingName"] == "duplicateWindow"), 120)


# ---- what it answers (sandbox/authorizenet_cards.py adds the kept cards, authorizenet_accept.py the entered ones)


HANDLERS: dict[str, Callable[[Members], Answer]] = {
    "getHostedPaymentPageRequest": _hosted_page,
    "getTransactionDetailsRequest": _details,
    "getUnsettledTransactionListRequest": _unsettled,
    "getTransactionListRequest": _batch_rows,
    "getSettledBatchListRequest": _batch_list,
    "createTransactionRequest": _create_transaction,
    "authenticateTestRequest": lambda members: {},
}


# ---- webhooks


def call_back(payment: Payment, what: str, forged: bool) -> Call | None:
    """A notification over the raw body, signed with the text of the key."""
    if what not in EVENTS:
        return None
    refund = payment["refunds"][-1] if what == "refund" else None
    body = json.dumps(
        {
            "notificationId": str(uuid.uuid4()),
            "eventType": f"net.authorize.{EVENTS[what]}",
            "eventDate": time.strftime("%Y-%m-%dT%H:%M:%S.0000000Z", time.gmtime()),
            "webhookId": str(uuid.uuid5(uuid.NAMESPACE_URL, "sandbox")),
            "payload": {
                "responseCode": 4 if what == "hold" else 1,
                "authCode": "5ANDBX",
                "avsResponse": "Y",
                "authAmount": float(refund["amount"] if refund else payment["amount"]),
                "merchantReferenceId": refund["reference"] if refund else payment["ref_id"],
                "invoiceNumber": refund["reference"] if refund else payment["reference"],
                "entityName": "transaction",
                "id": refund["id"] if refund else payment["transaction"],
            },
        }
    ).encode()
    key = "somebody else's key" if forged else signature_key()
    signature = hmac.new(key.encode(), body, hashlib.sha512).hexdigest().upper()
    return Call(body, {"X-ANET-Signature": f"sha512={signature}"})


CALLERS["authorizenet"] = call_back
