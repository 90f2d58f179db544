"""What money asks for: providers' calls to be answered at once, a quote of a full cart to be computed in no time."""

import hashlib
import hmac
import json
import time
import uuid
from typing import Any

SENDERS, CALLS = 20, 12_000
ANSWER_MS = 200
LINES, QUOTES = 30, 3_000
QUOTE_MS = 5
QUOTES_OF_BARE = 25
"""Percent of the bare page: five times the faster of two other shops (152 a second) where that page makes 3,000."""
GUESTS = 500
ACCOUNT = {"api_login_id": "bench", "signature_encoding": "text"}
SECRETS = {"transaction_key": "bench-transaction-key", "signature_key": "B" * 128}


def webhook_calls() -> list[list[Any]]:
    """Calls that Authorize.Net would sign, each of another event, about payments that nobody knows."""
    return [_call(number) for number in range(CALLS)]


def _call(number: int) -> list[Any]:
    body = json.dumps(
        {
            "notificationId": str(uuid.uuid4()),
            "eventType": "net.authorize.payment.authcapture.created",
            "payload": {
                "entityName": "transaction",
                "id": str(60_000_000 + number),
                "invoiceNumber": "BENCH1",
            },
        }
    )
    signature = hmac.new(SECRETS["signature_key"].encode(), body.encode(), hashlib.sha512).hexdigest().upper()
    headers = {"Content-Type": "application/json", "X-ANET-Signature": f"sha512={signature}"}
    return ["POST", "/webhooks/authorizenet", headers, body]


def quote_calls(scene: dict[str, Any]) -> list[list[Any]]:
    """Quotes of three items, brought by a driver, for guests behind a proxy: one address may ask 120 times a minute."""
    skus = scene["skus"]
    bodies = [
        {"items": [{"sku": skus[(n * 7 + k * 31) % len(skus)], "qty": 1} for k in range(3)], "zip": "33130"}
        for n in range(GUESTS)
    ]
    return [
        [
            "POST",
            "/api/v1/quote",
            {"Content-Type": "application/json", "X-Forwarded-For": f"10.8.{n // 250}.{n % 250 + 1}"},
            json.dumps(body | {"kind": "driver"}),
        ]
        for n, body in enumerate(bodies)
    ]


def time_quotes() -> dict[str, float]:
    """Milliseconds of the pure function for a cart of LINES lines, two tax classes and a part from the wallet."""
    from app.pricing import Context, DeliveryTerms, LineInput, quote

    lines = [
        LineInput(f"SKU-{n}", n, 1 + n % 5, 399 + 17 * n, "exempt" if n % 4 == 0 else "standard")
        for n in range(LINES)
    ]
    delivery = DeliveryTerms(fee_minor=599, free_from_minor=None)
    context = Context("USD", {"standard": 700, "exempt": 0}, delivery=delivery, wallet_minor=1_500)
    times = sorted(_time(lambda: quote(lines, context)) for _quote in range(QUOTES))
    return {"p50": times[QUOTES // 2], "p99": times[int(QUOTES * 0.99)]}


def _time(work: Any) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)
