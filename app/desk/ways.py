"""How a customer sends the money: what a phone opens, and what a camera reads. Addresses of the apps are here alone."""

import base64
import json
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from app.core.amounts import show_plain
from app.payments.models import PaymentAttempt


@dataclass(frozen=True)
class Ways:
    """`app` opens the app with everything filled in, `web` the same in a browser, `qr` is what a camera reads.

    Empty where the method has no such address: Zelle lives in the apps of banks.
    """

    app: str = ""
    web: str = ""
    qr: str = ""


def ways_to_send(attempt: PaymentAttempt) -> Ways:
    """The ways for an attempt, with its frozen handle, amount and note."""
    shown = attempt.shown
    handle, memo = str(shown.get("handle", "")).strip(), str(shown.get("memo", ""))
    amount = show_plain(attempt.amount_minor, attempt.currency)
    if not handle:
        return Ways()
    if attempt.method == "venmo":
        return _venmo(handle.lstrip("@"), amount, memo)
    if attempt.method == "cashapp":
        url = f"https://cash.app/${quote(handle.lstrip('$'))}/{amount}"
        return Ways(web=url, qr=url)
    return Ways(qr=_zelle(handle, str(shown.get("name", ""))))


def _venmo(handle: str, amount: str, memo: str) -> Ways:
    asked = {"txn": "pay", "amount": amount, "note": memo}
    app = "venmo://paycharge?" + urlencode({**asked, "recipients": handle}, quote_via=quote)
    web = f"https://venmo.com/{quote(handle)}?" + urlencode(asked, quote_via=quote)
    return Ways(app=app, web=web, qr=web)


def _zelle(token: str, name: str) -> str:
    """What banks' apps read from each other's screens: whom to send to; amount and note are typed."""
    told = json.dumps({"token": token, "action": "payment", "name": name.upper()}, separators=(",", ":"))
    data = base64.b64encode(told.encode()).decode()
    return f"https://enroll.zellepay.com/qr-codes?data={quote(data, safe='')}"
