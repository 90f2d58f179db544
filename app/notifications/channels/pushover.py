"""Pushover, https://pushover.net/api: messages, emergency receipts, cancelling."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import httpx

from app.core.settings import setting
from app.notifications.channels.transport import call, raise_for
from app.notifications.ports import Message, Receipt, Refused, Sent

RETRY_SECONDS, EXPIRE_SECONDS = 30, 3600
"""An emergency message rings every 30 s for an hour (allowed: at least 30 s, at most 10,800 s)."""
EMERGENCY = 2


class Pushover:
    """At least once: Pushover keeps no list that could be asked, and a second siren for an order is harmless."""

    def send(self, message: Message) -> Sent:
        form: dict[str, Any] = {
            "token": _token(),
            "user": message.to,
            "title": message.title[:250],
            "message": message.body[:1024],
            "priority": message.priority,
        }
        if message.url:
            form |= {"url": message.url[:512], "url_title": message.url_title[:100]}
        if message.priority == EMERGENCY:
            form |= {"retry": RETRY_SECONDS, "expire": EXPIRE_SECONDS}
            if message.callback:
                form["callback"] = message.callback
        answer = _checked(call("POST", f"{setting('PUSHOVER_URL')}/1/messages.json", data=form))
        return Sent("pushover", str(answer.get("request", "")), str(answer.get("receipt") or ""))

    def find(self, message: Message, *, known: Collection[str]) -> Sent | None:
        return None

    def status(self, provider_id: str) -> tuple[str, str]:
        return "", ""

    def receipt(self, receipt: str) -> Receipt:
        answer = _checked(call("GET", _receipt_url(receipt, ".json"), params={"token": _token()}))
        at = int(answer.get("acknowledged_at") or 0)
        return Receipt(
            acknowledged=bool(answer.get("acknowledged")),
            acknowledged_by=str(answer.get("acknowledged_by") or ""),
            acknowledged_at=datetime.fromtimestamp(at, UTC) if at else None,
            expired=bool(answer.get("expired")),
        )

    def cancel(self, receipt: str) -> None:
        _checked(call("POST", _receipt_url(receipt, "/cancel.json"), data={"token": _token()}))


def _token() -> str:
    token = str(setting("PUSHOVER_TOKEN"))
    if not token:
        raise Refused("Pushover is not configured")
    return token


def _receipt_url(receipt: str, tail: str) -> str:
    return f"{setting('PUSHOVER_URL')}/1/receipts/{receipt}{tail}"


def _checked(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = {}
    if not isinstance(body, dict):
        body = {}
    reason = "; ".join(str(error) for error in body.get("errors") or ())
    raise_for(answer.status_code, reason, answer.headers.get("Retry-After"))
    if body.get("status") != 1:
        raise Refused(reason or "no status in the answer")
    return body
