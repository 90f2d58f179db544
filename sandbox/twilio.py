"""Twilio Programmable Messaging, SMS and WhatsApp: under /twilio/2010-04-01.

Callbacks are signed with TWILIO_AUTH_TOKEN (default `sandbox-twilio-token`). A WhatsApp number that ends
in 0000 has no WhatsApp; `PUT /twilio/numbers` sets any number's behaviour. A text STOP or START written
from the inbox opts a number out or in and is posted to TWILIO_INBOUND_URL when that is set.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox import chaos
from sandbox.callbacks import Step
from sandbox.desk import Desk, desk
from sandbox.store import Message, matches_recipient, utc_now

bp = Blueprint("twilio", __name__, url_prefix="/twilio")
API = "/2010-04-01/Accounts/<account>"
NUMBER = re.compile(r"\+[1-9]\d{7,14}")
SENDER = re.compile(r"\+[1-9]\d{7,14}|\d{3,8}|[A-Za-z0-9 ]{1,11}")
STEP_SECONDS = float(os.environ.get("SANDBOX_CALLBACK_STEP", "0.3"))
ERRORS = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    21211: "Invalid 'To' Phone Number",
    21212: "Invalid From Number (caller ID)",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21609: "The StatusCallback URL is not a valid URL",
    21610: "Attempt to send to unsubscribed recipient",
    21614: "'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21910: "Invalid From and To pair. From and To should be of the same channel",
}
# Twilio's own test numbers, and what each of them means.
MAGIC = {"+15005550001": 21211, "+15005550004": 21610, "+15005550009": 21614}
UNREACHABLE, NO_WHATSAPP = 30003, 63016


class Refused(Exception):
    def __init__(self, code: int, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status


def _error(code: int, status: int) -> Response:
    answer = jsonify(
        code=code, message=ERRORS[code], more_info=f"https://www.twilio.com/docs/errors/{code}", status=status
    )
    answer.status_code = status
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    return answer


def _refuse(status: int, retry_after: int = 0) -> Response:
    return _error(20429 if status == 429 else 20500, status)


@bp.errorhandler(Refused)
def _say(refused: Refused) -> Response:
    return _error(refused.code, refused.status)


@bp.before_request
def _admit() -> Response | None:
    """Faults first, as a dead host checks no password; then HTTP Basic: account SID, or an API key of it."""
    if not request.path.startswith("/twilio/2010-04-01/"):
        return None
    is_whatsapp = request.form.get("To", "").startswith("whatsapp:")
    if fault := chaos.disturb("whatsapp" if is_whatsapp else "twilio", _refuse):
        return fault
    account = (request.view_args or {}).get("account", "")
    auth = request.authorization
    user, password = (auth.username or "", auth.password or "") if auth else ("", "")
    if not password or not re.fullmatch(r"(AC|SK)\w{1,64}", user) or (user[:2] == "AC" and user != account):
        return _error(20003, 401)
    return None


def auth_token() -> str:
    return os.environ.get("TWILIO_AUTH_TOKEN", "sandbox-twilio-token")


def sign(url: str, form: dict[str, str], token: str) -> str:
    """X-Twilio-Signature: base64 HMAC-SHA1 over the exact URL and the sorted names and values."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


# ---- numbers that behave
def number_settings(number: str) -> dict[str, Any]:
    """`whatsapp`: reachable there; `sms`: "ok", "stop" or "unreachable"."""
    usual = {"whatsapp": not number.endswith("0000"), "sms": "ok"}
    return usual | desk().store.value("twilio.numbers", number, {})


@bp.get("/numbers")
def list_numbers() -> Response:
    return jsonify(desk().store.values("twilio.numbers"))


@bp.put("/numbers")
def set_number() -> Response | tuple[Response, int]:
    asked = request.get_json(silent=True) or {}
    number = str(asked.get("number", ""))
    sms = asked.get("sms", "ok")
    if not NUMBER.fullmatch(number) or sms not in ("ok", "stop", "unreachable"):
        return jsonify(error="number is E.164; sms is ok, stop or unreachable; whatsapp true or false"), 400
    settings = number_settings(number) | {key: asked[key] for key in ("whatsapp", "sms") if key in asked}
    desk().store.set_value("twilio.numbers", number, settings)
    return jsonify(settings)


# ---- sending
def _check(form: dict[str, str]) -> tuple[str, str, str]:
    """(channel, bare number, body), or Refused with Twilio's code."""
    channel, number = _check_pair(form)
    body = form.get("Body", "") or _template(form)
    if not body and "MediaUrl" not in form:
        raise Refused(21602)
    if len(body) > 1600:
        raise Refused(21617)
    if form.get("StatusCallback") and not re.match(r"https?://[^/\s]+", form["StatusCallback"]):
        raise Refused(21609)
    stopped = 21610 if number_settings(number)["sms"] == "stop" else 0
    if channel == "sms" and (code := MAGIC.get(number, stopped)):
        raise Refused(code)
    return channel, number, body


def _check_pair(form: dict[str, str]) -> tuple[str, str]:
    to, sender = form.get("To", ""), form.get("From", "")
    if not to:
        raise Refused(21604)
    if not sender and not form.get("MessagingServiceSid"):
        raise Refused(21603)
    channel = "whatsapp" if to.startswith("whatsapp:") else "sms"
    if sender and sender.startswith("whatsapp:") != (channel == "whatsapp"):
        raise Refused(21910)
    if sender and not SENDER.fullmatch(sender.removeprefix("whatsapp:")):
        raise Refused(21212)
    number = re.sub(r"[ ().-]", "", to.removeprefix("whatsapp:"))
    if not NUMBER.fullmatch(number):
        raise Refused(21211)
    return channel, number


def _template(form: dict[str, str]) -> str:
    if not form.get("ContentSid"):
        return ""
    return f"[template {form['ContentSid']}] {form.get('ContentVariables', '')}".strip()


@bp.post(f"{API}/Messages.json")
def create_message(account: str) -> tuple[Response, int]:
    form = request.form.to_dict()
    channel, number, body = _check(form)
    now = utc_now().isoformat(timespec="seconds")
    status = "queued" if form.get("From") else "accepted"
    sid = ("MM" if "MediaUrl" in form else "SM") + secrets.token_hex(16)
    message = desk().store.add(
        channel=channel,
        provider="twilio",
        to=number,
        title="",
        body=body,
        state=status,
        buttons=[{"text": "Media", "url": url} for url in request.form.getlist("MediaUrl")],
        sender=form.get("From", "").removeprefix("whatsapp:") or form["MessagingServiceSid"],
        note=_fallen_back(channel, number),
        ref=sid,
        meta={
            "account": account,
            "to": form["To"] if channel == "whatsapp" else number,
            "from": form.get("From"),
            "service": form.get("MessagingServiceSid") or None,
            "callback": form.get("StatusCallback", ""),
            "created": now,
            "updated": now,
            "error": None,
        },
    )
    resource = _resource(message)  # as it is now: the first callback may run before the answer leaves
    _deliver(message, _fate(channel, number))
    return jsonify(resource), 201


def _fate(channel: str, number: str) -> int | None:
    """The error a message will end with, None when it arrives."""
    settings = number_settings(number)
    if channel == "whatsapp":
        return NO_WHATSAPP if chaos.is_undeliverable() or not settings["whatsapp"] else None
    return UNREACHABLE if chaos.is_undeliverable() or settings["sms"] == "unreachable" else None


def _fallen_back(channel: str, number: str) -> str:
    """For a person reading the inbox: this SMS follows a WhatsApp message that did not arrive."""
    if channel != "sms":
        return ""
    for earlier in desk().store.newest():
        if (utc_now() - datetime.fromisoformat(earlier.at)).total_seconds() > 180:
            return ""
        if earlier.to == number and earlier.channel == "whatsapp":
            return "fell back from WhatsApp" if earlier.state in ("undelivered", "failed") else ""
    return ""


def _deliver(message: Message, error: int | None) -> None:
    """Walk the message through its states, each told to StatusCallback; the switch may disturb the order."""
    here = desk()
    told = ["queued", "sent", "undelivered"] if error else ["queued", "sent", "delivered"]
    if message.channel == "whatsapp" and not error:
        told.append("read")
    mode = here.chaos.take_callback("whatsapp" if message.channel == "whatsapp" else "twilio")
    posts = list(reversed(told)) if mode == "reordered" else told
    steps: list[Step] = []
    for state, post in zip(told, posts, strict=True):
        steps.append((STEP_SECONDS, partial(_move, here, message, state, error)))
        if message.meta["callback"] and mode != "lost":
            delivery = _callback(here, message, post, error, forged=mode == "forged")
            steps += [(0.0, delivery)] * (2 if mode == "duplicate" else 1)
    here.callbacks.run(steps)


def _move(here: Desk, message: Message, state: str, error: int | None) -> None:
    if message.state == "canceled":
        return
    meta = message.meta | {"updated": utc_now().isoformat(timespec="seconds")}
    if state == "undelivered":
        meta["error"] = error
        here.store.update(message.id, note=f"error {error}")
    here.store.update(message.id, state=state, meta=meta)


def _callback(here: Desk, message: Message, state: str, error: int | None, *, forged: bool) -> Any:
    meta = message.meta
    form = {
        "MessageSid": message.ref,
        "SmsSid": message.ref,
        "AccountSid": meta["account"],
        "ApiVersion": "2010-04-01",
        "MessageStatus": state,
        "SmsStatus": state,
        "To": meta["to"],
        "From": meta["from"] or message.sender,
    }
    if meta["service"]:
        form["MessagingServiceSid"] = meta["service"]
    if message.channel == "whatsapp":
        form |= {"ChannelPrefix": "whatsapp", "ChannelToAddress": meta["to"]}
    if state == "undelivered" and error:
        form["ErrorCode"] = str(error)
    headers = callback_headers(meta["callback"], form, forged=forged)

    def call() -> None:
        if message.state != "canceled":
            here.callbacks.post("twilio", meta["callback"], data=form, headers=headers)

    return call


def callback_headers(url: str, form: dict[str, str], *, forged: bool = False) -> dict[str, str]:
    token = "not the token" if forged else auth_token()
    return {
        "X-Twilio-Signature": sign(url, form, token),
        "I-Twilio-Idempotency-Token": secrets.token_hex(16),
        "User-Agent": "TwilioProxy/1.1",
    }


# ---- reading
def _date(text: str | None) -> str | None:
    return format_datetime(datetime.fromisoformat(text)) if text else None


def _resource(message: Message) -> dict[str, Any]:
    meta = message.meta
    path = f"/2010-04-01/Accounts/{meta['account']}/Messages/{message.ref}"
    sent = message.state not in ("accepted", "queued", "canceled")
    return {
        "account_sid": meta["account"],
        "api_version": "2010-04-01",
        "body": message.body,
        "date_created": _date(meta["created"]),
        "date_sent": _date(meta["updated"]) if sent else None,
        "date_updated": _date(meta["updated"]),
        "direction": "outbound-api",
        "error_code": meta["error"],
        "error_message": "Message not delivered" if meta["error"] else None,
        "from": meta["from"],
        "messaging_service_sid": meta["service"],
        "num_media": str(len(message.buttons)),
        "num_segments": str(_segments(message.body)),
        "price": None,
        "price_unit": "USD",
        "sid": message.ref,
        "status": message.state,
        "subresource_uris": {"media": f"{path}/Media.json"},
        "to": meta["to"],
        "uri": f"{path}.json",
    }


def _segments(body: str) -> int:
    """SMS parts: 160 characters in one and 153 in several; 70 and 67 once a letter needs Unicode."""
    single, part = (160, 153) if body.isascii() else (70, 67)
    return 1 if len(body) <= single else -(-len(body) // part)


def _find(account: str, sid: str) -> Message:
    message = desk().store.by_ref("twilio", sid)
    if message is None or message.meta["account"] != account:
        raise Refused(20404, 404)
    return message


@bp.get(f"{API}/Messages.json")
def list_messages(account: str) -> Response:
    asked = request.args
    size = min(1000, max(1, asked.get("PageSize", 50, type=int)))
    page = max(0, asked.get("Page", 0, type=int))
    to, sender = asked.get("To", ""), asked.get("From", "")
    found = [
        message
        for message in desk().store.newest()
        if message.provider == "twilio"
        and message.meta["account"] == account
        and (not to or matches_recipient(message.meta["to"], to))
        and (not sender or message.meta["from"] == sender)
    ]
    shown = found[page * size : (page + 1) * size]
    base = f"/2010-04-01/Accounts/{account}/Messages.json?PageSize={size}&Page="
    return jsonify(
        messages=[_resource(message) for message in shown],
        page=page,
        page_size=size,
        start=page * size,
        end=page * size + max(0, len(shown) - 1),
        uri=f"{base}{page}",
        first_page_uri=f"{base}0",
        next_page_uri=f"{base}{page + 1}" if len(found) > (page + 1) * size else None,
        previous_page_uri=f"{base}{page - 1}" if page else None,
    )


@bp.get(f"{API}/Messages/<sid>.json")
def show_message(account: str, sid: str) -> Response:
    return jsonify(_resource(_find(account, sid)))


@bp.post(f"{API}/Messages/<sid>.json")
def cancel_message(account: str, sid: str) -> Response:
    message = _find(account, sid)
    if request.form.get("Status") == "canceled" and message.state in ("accepted", "queued", "scheduled"):
        desk().store.update(message.id, state="canceled")
    return jsonify(_resource(message))


@bp.delete(f"{API}/Messages/<sid>.json")
def delete_message(account: str, sid: str) -> tuple[str, int]:
    desk().store.update(_find(account, sid).id, hidden=True)
    return "", 204
