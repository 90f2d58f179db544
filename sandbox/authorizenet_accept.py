"""Accept.js with Authorize.Net's own form: the script of shops, the frame that it opens, tokens that pay once.

Environment: SANDBOX_ANET_CLIENT_KEY, the public key that a store has in its settings.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import time
from typing import Any

from flask import (
    Blueprint,
    Response,
    g,
    jsonify,
    make_response,
    render_template,
    request,
    send_from_directory,
)

from sandbox import chaos
from sandbox.authorizenet import CHARGES, HANDLERS, Answer, Members, Refusal, login, till
from sandbox.authorizenet_cards import take
from sandbox.authorizenet_views import CARDS
from sandbox.desk import desk

bp = Blueprint("authorizenet_accept", __name__, url_prefix="/authorizenet/v3")
TOKENS = "authorizenet.tokens"
DESCRIPTOR = "COMMON.ACCEPT.INAPP.PAYMENT"
WORDS = {
    "1111": "Visa ending in 1111",
    "4444": "Mastercard ending in 4444",
    "0002": "Visa ending in 0002: declined",
    "0019": "Visa ending in 0019: held for review",
}
"""The cards of the form: last figures → words."""
FRAME_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors http: https:"
)


def client_key() -> str:
    """The account's public client key."""
    return os.environ.get("SANDBOX_ANET_CLIENT_KEY", "5anDb0xPub1icC1ientKeyF0rAF0rmOverTheSh0psOwnPage")


# ---- what a shop's page loads


@bp.get("/AcceptUI.js")
def give_script() -> Response:
    return chaos.disturb("authorizenet", _fault) or send_from_directory("static", "accept-ui.js")


@bp.get("/acceptMain/acceptMain.html")
def show_frame() -> Response:
    """The form; what it is to say comes from the shop's page, by message."""
    cards = [(card, WORDS[card]) for card in CARDS]
    page = make_response(render_template("accept.html", nonce=g.nonce, cards=cards))
    page.headers["Content-Security-Policy"] = FRAME_POLICY.format(nonce=g.nonce)
    return page


@bp.post("/tokens")
def make_token() -> Response:
    """{apiLoginID, clientKey, card}: what the frame gives to the shop's page. A refusal is an answer too."""
    if fault := chaos.disturb("authorizenet", _fault):
        return fault
    given = request.get_json(silent=True)
    asked: dict[str, Any] = given if isinstance(given, dict) else {}
    if not asked.get("clientKey"):
        return _refused("E_WC_18", "Client Key is required.")
    if (asked.get("apiLoginID"), asked["clientKey"]) != (login()[0], client_key()):
        return _refused("E_WC_21", "User authentication failed due to invalid authentication values.")
    card = str(asked.get("card") or "")
    if card not in CARDS:
        return _refused("E_WC_05", "Please provide valid credit card number.")
    written = {"code": "50_2_06000", "token": secrets.token_urlsafe(24), "v": "1.1"}
    token = base64.b64encode(json.dumps(written).encode()).decode()
    desk().store.set_value(TOKENS, token, {"card": card, "at": time.time(), "used": False})
    _brand, expires, _words = CARDS[card]
    return jsonify(
        opaqueData={"dataDescriptor": DESCRIPTOR, "dataValue": token},
        messages={"resultCode": "Ok", "message": [{"code": "I_WC_01", "text": "Successful."}]},
        encryptedCardData={
            "cardNumber": f"XXXXXXXXXXXX{card}",
            "expDate": f"{expires[5:]}/{expires[2:4]}",
            "bin": "411111",
        },
        customerInformation={"firstName": "", "lastName": ""},
    )


def _refused(code: str, text: str) -> Response:
    return jsonify(messages={"resultCode": "Error", "message": [{"code": code, "text": text}]})


def _fault(status: int, retry_after: int) -> Response:
    return Response(status=status)


# ---- what the store asks


def charge_token(members: Members) -> Answer:
    """A payment by a token; declined or not, it is used up."""
    payment = members["transactionRequest"]["payment"]
    given = payment.get("opaqueData") if isinstance(payment, dict) else None
    if not isinstance(given, dict):
        raise Refusal("E00003", "Only payments by opaqueData are for this desk.")
    if given["dataDescriptor"] != DESCRIPTOR:
        raise Refusal("E00113", "Invalid OTS Token Data.")
    return take(members, _use(str(given["dataValue"])))


def _use(token: str) -> str:
    """The card that the token stands for, once."""
    store = desk().store
    with store.lock:
        known = store.value(TOKENS, token)
        if known is None or known["used"]:
            raise Refusal("E00114", "Invalid OTS Token.")
        if time.time() - known["at"] > float(till().settings()["token_seconds"]):
            raise Refusal("E00115", "Expired OTS Token.")
        store.set_value(TOKENS, token, known | {"used": True})
    return str(known["card"])


def describe_merchant(members: Members) -> Answer:
    return {
        "isTestMode": True,
        "processors": [{"name": "First Data Nashville", "id": 2, "cardTypes": ["V", "M"]}],
        "merchantName": "Sandbox",
        "gatewayId": "565697",
        "marketTypes": ["eCommerce"],
        "productCodes": ["CNP"],
        "paymentMethods": ["Visa", "MasterCard"],
        "currencies": ["USD"],
        "publicClientKey": client_key(),
    }


def answer_too() -> None:
    """Let the endpoint answer these requests as well."""
    HANDLERS["getMerchantDetailsRequest"] = describe_merchant
    CHARGES["payment"] = charge_token
