"""The pages of the gateways: what a customer pays on, and the desk on which everything can be made to happen.

By API: POST /money/payments/<provider>/<id> {action}, /money/settings/<provider>, /money/settle;
GET /money/payments.json.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, g, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox import authorizenet, midtrans, xendit
from sandbox.authorizenet_views import CARDS
from sandbox.chaos import CALL_MODES, CALLBACK_MODES, UnknownSwitch
from sandbox.desk import desk
from sandbox.till import PROVIDERS, TITLES, NotNow, Payment, Till, actions_for, refunded, settled_at

bp = Blueprint("money", __name__)
ACTIONS = {
    "choose": "Transfer later",
    "pay": "Pay",
    "decline": "Decline",
    "hold": "Hold for review",
    "approve": "Approve",
    "deny": "Refuse",
    "expire": "Let it expire",
    "void": "Void",
    "settle": "Settle",
    "charge_back": "Charge back",
}
MODES = {
    "ok": "Everything works",
    "down": "Down",
    "timeout": "No answer",
    "slow": "Slow",
    "500": "Server errors",
    "429": "Too busy",
    "late": "Webhooks late",
    "duplicate": "Webhooks twice",
    "reordered": "Webhooks out of order",
    "forged": "Webhooks forged",
    "lost": "Webhooks lost",
    "wrong_amount": "Wrong amount",
    "wrong_currency": "Wrong currency",
}
WAYS = {
    "authorizenet": (("card", "Pay by card"),),
    "midtrans": (
        ("credit_card", "Card"),
        ("bank_transfer", "Bank transfer"),
        ("gopay", "GoPay"),
        ("qris", "QRIS"),
    ),
    "xendit": (("qris", "Pay"),),
}
HOLDS = frozenset({"authorizenet", "midtrans"})
CARDS_ONLY = frozenset({"hold", "decline"})
TRANSFER = "bank_transfer"
# A shop may show the window inside its own page, and a form's answer leads back to the shop.
FORM_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self' http: https:; frame-ancestors http: https:"
)


def till(provider: str) -> Till:
    """The payments of a provider."""
    return Till(desk(), provider)


def _payment(provider: str, payment_id: str) -> Payment | None:
    return till(provider).get(payment_id) if provider in PROVIDERS else None


def _new_transaction(provider: str) -> str:
    if provider == "authorizenet":
        return authorizenet.new_id()
    return xendit.new_payment() if provider == "xendit" else str(uuid.uuid4())


def do(payment: Payment, action: str, by: str = "") -> Payment:
    """An action on a payment, as the provider numbers it. NotNow."""
    provider = payment["provider"]
    ways = [way for way, _words in WAYS[provider]]
    transaction = payment["transaction"]
    if action in {"choose", "pay", "hold", "decline"} and (provider == "authorizenet" or not transaction):
        transaction = _new_transaction(provider)
    if action in {"hold", "choose"}:
        by = ways[0] if action == "hold" else TRANSFER
    elif payment["status"] == "pending":
        by = payment["by"]
    return till(provider).act(
        payment["id"], action, by=by if by in ways else ways[0], transaction=transaction
    )


# ---- what a customer pays on


@bp.post("/authorizenet/payment/payment")
def open_form() -> AnyResponse | tuple[Response, int]:
    """The hosted form, opened with its token by a form of the shop."""
    payment = _payment("authorizenet", request.form.get("token", ""))
    if payment is None:
        return jsonify(error="missing or invalid token"), 400
    return _form(payment)


@bp.get("/midtrans/snap/v4/redirection/<token>")
def open_window(token: str) -> AnyResponse | tuple[Response, int]:
    """Snap's window: a page of its own, or in a frame of the shop."""
    payment = _payment("midtrans", token)
    return _form(payment) if payment else (jsonify(error="transaction not found"), 404)


@bp.get("/money/pay/<provider>/<payment_id>")
def show_form(provider: str, payment_id: str) -> AnyResponse | tuple[Response, int]:
    payment = _payment(provider, payment_id)
    return _form(payment) if payment else (jsonify(error="no such payment"), 404)


@bp.post("/money/pay/<provider>/<payment_id>")
def use_form(provider: str, payment_id: str) -> AnyResponse | tuple[Response, int]:
    """What the customer does: pays, is declined or held, or closes the form."""
    payment = _payment(provider, payment_id)
    if payment is None:
        return jsonify(error="no such payment"), 404
    wish = request.form.get("do", "")
    if wish == "close":
        return _leave(payment, "close")
    if wish not in {"choose", "pay", "decline", "hold"} or not _offers(provider, wish):
        return jsonify(error="do must be choose, pay, decline, hold or close"), 400
    if provider == "authorizenet" and request.form.get("card") in CARDS:
        till(provider).put_card(payment_id, request.form["card"])
    try:
        payment = do(payment, wish, request.form.get("by", ""))
    except NotNow:
        return _form(payment, "This payment cannot be made any more.")
    if wish == "decline":
        return _form(payment, "The card was declined. Try another one.")
    return _leave(payment, "success" if wish == "pay" else "pending")


def _form(payment: Payment, problem: str = "") -> Response:
    shop = urlsplit((payment.get("back") or {}).get("url") or "").netloc
    return _page(
        "pay.html",
        payment=payment,
        title=TITLES[payment["provider"]],
        shop=shop,
        amount=say(payment["asked"], "IDR" if payment["provider"] != "authorizenet" else "USD"),
        ways=WAYS[payment["provider"]],
        cards={number: words for number, (_brand, _expires, words) in CARDS.items()},
        holds=payment["provider"] in HOLDS,
        open="pay" in actions_for(payment),
        problem=problem,
        popup=request.values.get("popup") == "1",
    )


def _leave(payment: Payment, outcome: str) -> AnyResponse:
    """Back to the shop; in a frame of the shop, by telling its page."""
    back = payment.get("back") or {}
    if request.form.get("popup") == "1":
        return _page("left.html", outcome=outcome, order_id=payment["reference"])
    address = str((back.get("cancel") if outcome == "close" else "") or back.get("url") or "")
    if not address:
        return redirect("/money/", 303)
    if payment["provider"] == "midtrans":
        told = midtrans.view(payment) if payment["transaction"] else {}
        told = {
            name: told[name] for name in ("order_id", "status_code", "transaction_status") if name in told
        }
        address += ("&" if "?" in address else "?") + urlencode(told) if told else ""
    return redirect(address, 303)


def _page(template: str, **values: Any) -> Response:
    page = make_response(render_template(template, nonce=g.nonce, **values))
    page.headers["Content-Security-Policy"] = FORM_POLICY.format(nonce=g.nonce)
    return page


def say(amount: str, currency: str) -> str:
    """An amount as people read it."""
    if currency == "IDR":
        return f"Rp {Decimal(amount):,.0f}".replace(",", ".")
    sign = {"USD": "$", "EUR": "€"}.get(currency, f"{currency} ")
    return f"{sign}{Decimal(amount):,.2f}"


# ---- the desk


@bp.get("/money/")
def show_desk() -> str:
    wanted = request.args.get("provider", "")
    shown = [wanted] if wanted in PROVIDERS else list(PROVIDERS)
    payments = sorted((p for name in shown for p in till(name).newest()), key=lambda p: -p["at"])[:60]
    faults = desk().chaos.report()
    calls = [call for call in reversed(desk().callbacks.log) if call["provider"] in PROVIDERS][:12]
    return render_template(
        "till.html",
        nonce=g.nonce,
        titles=TITLES,
        wanted=wanted if wanted in PROVIDERS else "",
        rows=[_row(payment) for payment in payments],
        faults={name: _mode(faults[name]) for name in PROVIDERS},
        modes=MODES,
        settings={name: till(name).settings() for name in PROVIDERS},
        calls=calls,
    )


def _mode(fault: Mapping[str, Any]) -> str:
    return str(fault["mode"] if fault["mode"] != "ok" else fault["callbacks"])


def _row(payment: Payment) -> dict[str, Any]:
    back, settled = refunded(payment), settled_at(payment) is not None
    return {
        "payment": payment,
        "title": TITLES[payment["provider"]],
        "amount": say(payment["amount"], payment["currency"]),
        "status": "settled"
        if settled and payment["status"] == "paid"
        else payment["status"].replace("_", " "),
        "refunded": say(str(back), payment["currency"]) if back else "",
        "waits": any(one["status"] == "pending" for one in payment["refunds"]),
        "actions": [
            (action, ACTIONS[action])
            for action in actions_for(payment)
            if _offers(payment["provider"], action)
        ],
    }


def _offers(provider: str, action: str) -> bool:
    if action == "choose":
        return provider == "midtrans"
    return provider in HOLDS or action not in CARDS_ONLY


@bp.post("/money/payments/<provider>/<payment_id>")
def move(provider: str, payment_id: str) -> AnyResponse | tuple[Response, int]:
    """{action, by}: one of a payment's actions, or end_refunds / fail_refunds for refunds that wait."""
    payment = _payment(provider, payment_id)
    if payment is None:
        return jsonify(error="no such payment"), 404
    asked = _asked()
    action = str(asked.get("action") or "")
    try:
        if action in {"end_refunds", "fail_refunds"}:
            payment = till(provider).end_refunds(payment_id, well=action == "end_refunds")
        else:
            payment = do(payment, action, str(asked.get("by") or ""))
    except NotNow as error:
        return jsonify(error=str(error)), 409
    return jsonify(payment) if request.is_json else redirect("/money/", 303)


@bp.post("/money/settle")
def settle() -> AnyResponse:
    """{provider}: close its day; without one, everybody's. How many lines."""
    name = str(_asked().get("provider") or "")
    lines = sum(till(one).settle_all() for one in PROVIDERS if name in {"", one})
    return jsonify(settled=lines) if request.is_json else redirect("/money/", 303)


@bp.post("/money/settings/<provider>")
def change_settings(provider: str) -> AnyResponse | tuple[Response, int]:
    """{webhooks: [addresses], settle_seconds, refunds_wait, token_seconds}."""
    if provider not in PROVIDERS:
        return jsonify(error="no such provider"), 404
    asked = _asked()
    if isinstance(asked.get("webhooks"), str):
        asked = {"webhooks": asked["webhooks"].split()}
    till(provider).configure(asked)
    return jsonify(till(provider).settings()) if request.is_json else redirect("/money/", 303)


@bp.post("/money/chaos")
def switch() -> AnyResponse | tuple[Response, int]:
    """{provider, mode, times}: as /chaos, after setting the provider's switches back; leads to the desk."""
    asked = _asked()
    provider, mode = str(asked.get("provider") or ""), str(asked.get("mode") or "")
    try:
        if mode not in CALL_MODES + CALLBACK_MODES or provider not in PROVIDERS:
            raise UnknownSwitch("no such switch")
        desk().chaos.switch(provider, "ok")
        desk().chaos.switch(provider, mode, asked.get("seconds") or None, asked.get("times") or None)
    except UnknownSwitch as error:
        return jsonify(error=str(error)), 400
    return redirect("/money/", 303)


@bp.get("/money/payments.json")
def list_payments() -> Response:
    """All payments, newest first; filters: provider, reference."""
    asked = request.args
    names = [asked["provider"]] if asked.get("provider") in PROVIDERS else PROVIDERS
    found = [p for name in names for p in till(name).newest()]
    if wanted := asked.get("reference"):
        found = [p for p in found if wanted in (p["reference"], p.get("order_id"))]
    return jsonify(found)


def _asked() -> dict[str, Any]:
    given = request.get_json(silent=True)
    return given if isinstance(given, dict) else request.form.to_dict()
