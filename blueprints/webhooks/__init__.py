"""Where providers call back. No cookie counts here: each call proves itself, or is only believed after asking."""

import hmac
from urllib.parse import urlsplit

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from twilio.request_validator import RequestValidator

from app import fulfilment, notifications, stores
from app.core.settings import setting
from app.payments import inbox
from app.payments.calls import take_call
from app.web.security import csrf

bp = Blueprint("webhooks", __name__, url_prefix="/webhooks")
csrf.exempt(bp)


@bp.post("/twilio")
def twilio() -> ResponseReturnValue:
    """A message's status. Repeated and reordered calls change nothing; unknown messages are answered alike."""
    if not _is_signed_by_twilio():
        abort(403)
    form = request.form
    notifications.record_status(
        "twilio",
        form.get("MessageSid", ""),
        form.get("MessageStatus", ""),
        form.get("ErrorCode", ""),
        delivery_id=request.args.get("delivery", type=int),
    )
    return "", 204


@bp.post("/pushover")
def pushover() -> ResponseReturnValue:
    """A siren was acknowledged, says somebody: Pushover signs nothing, so a job asks it."""
    notifications.report_receipt(request.form.get("receipt", ""))
    return "", 204


@bp.post("/biteship")
def biteship() -> ResponseReturnValue:
    """Something happened to a parcel, says somebody with our secret: a job asks Biteship what.

    200 to an empty or test call, or Biteship's dashboard refuses the address; 200 to unknown orders, or it goes on
    calling.
    """
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not body.get("order_id"):
        return "", 200
    if not _is_told_by_biteship():
        abort(403)
    fulfilment.hear("biteship", body)
    return "", 200


@bp.post("/telegram")
def telegram() -> ResponseReturnValue:
    """A button under a message was pressed: kept for a job, which knows whether it means anything.

    Other updates, and presses on what is not ours, are answered alike, or Telegram goes on calling.
    """
    given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "").encode(errors="replace")
    if not hmac.compare_digest(notifications.press_secret().encode(), given):
        abort(403)
    update = request.get_json(silent=True)
    if isinstance(update, dict):
        notifications.hear_press(update)
    return "", 200


@bp.post("/midtrans")
def midtrans() -> ResponseReturnValue:
    """Something happened to a payment."""
    return _payment_call("midtrans")


@bp.post("/xendit")
def xendit() -> ResponseReturnValue:
    """Something happened to a payment."""
    return _payment_call("xendit")


@bp.post("/authorizenet")
def authorizenet() -> ResponseReturnValue:
    """Something happened to a payment."""
    return _payment_call("authorizenet")


def _payment_call(provider: str) -> ResponseReturnValue:
    """Kept, then answered; a job asks the provider what is true. 401 to whoever cannot prove to be the provider."""
    request.max_content_length = inbox.MOST_BYTES
    genuine = take_call(provider, dict(request.headers), request.get_data())
    return "", 200 if genuine else 401


def _is_told_by_biteship() -> bool:
    """Biteship signs nothing: it sends along a header that the operator has set in its dashboard."""
    secret = str(setting("BITESHIP_WEBHOOK_SECRET")).encode()
    given = request.headers.get(str(setting("BITESHIP_WEBHOOK_HEADER")), "").encode(errors="replace")
    return bool(secret) and hmac.compare_digest(secret, given)


def _is_signed_by_twilio() -> bool:
    """The signature is over the address as we gave it to Twilio, whatever proxies made of it on the way."""
    token = str(setting("TWILIO_AUTH_TOKEN"))
    here = urlsplit(request.url)
    url = stores.public_url(here.path + (f"?{here.query}" if here.query else ""))
    signature = request.headers.get("X-Twilio-Signature", "")
    return bool(token) and RequestValidator(token).validate(url, request.form.to_dict(), signature)
