"""E-mail by SendGrid v3, https://docs.sendgrid.com/api-reference/mail-send: one letter, as text and as HTML."""

import html
from collections.abc import Collection
from typing import Any

import httpx

from app.core.settings import setting
from app.notifications.channels.transport import call, raise_for
from app.notifications.ports import Message, Refused, Sent

LONGEST_SUBJECT = 200


class SendGrid:
    """At least once: SendGrid keeps no list that could be asked, and a second copy of a letter does no harm.

    `title` is the subject, `url` with `url_title` becomes a button. `extra` may hold `sender` (a name instead of
    the house's) and `headers` (such as List-Unsubscribe).
    """

    def send(self, message: Message) -> Sent:
        answer = call(
            "POST",
            f"{setting('SENDGRID_URL')}/v3/mail/send",
            json=_letter(message),
            headers={"Authorization": f"Bearer {_key()}"},
        )
        raise_for(answer.status_code, _reason(answer), answer.headers.get("Retry-After"))
        return Sent("sendgrid", answer.headers.get("X-Message-Id", "")[:80])

    def find(self, message: Message, *, known: Collection[str]) -> Sent | None:
        return None

    def status(self, provider_id: str) -> tuple[str, str]:
        return "", ""


def _key() -> str:
    key = str(setting("SENDGRID_API_KEY"))
    if not key:
        raise Refused("SendGrid is not configured")
    return key


def _letter(message: Message) -> dict[str, Any]:
    sender = str(message.extra.get("sender") or setting("SENDGRID_FROM_NAME"))
    letter: dict[str, Any] = {
        "personalizations": [{"to": [{"email": message.to}]}],
        "from": {"email": str(setting("SENDGRID_FROM")), "name": sender},
        # A line break in a subject would begin another header.
        "subject": " ".join(message.title.split())[:LONGEST_SUBJECT] or sender,
        "content": [
            {"type": "text/plain", "value": _as_text(message)},
            {"type": "text/html", "value": _as_html(message, sender)},
        ],
        # Links of sign-up and confirmation must arrive as they are.
        "tracking_settings": {"click_tracking": {"enable": False, "enable_text": False}},
    }
    if headers := message.extra.get("headers"):
        letter["headers"] = headers
    return letter


def _as_text(message: Message) -> str:
    link = f"\n\n{message.url_title}: {message.url}".replace("\n\n: ", "\n\n") if message.url else ""
    return f"{message.body}{link}"


_PAGE = (
    '<!doctype html><html><body style="margin:0;background:#F6F2E8;padding:24px 12px;'
    'font:16px/24px -apple-system,Segoe UI,Roboto,Arial,sans-serif;color:#12382A">'
    '<div style="max-width:520px;margin:0 auto;background:#fff;border-radius:14px;padding:28px">'
    '<p style="margin:0 0 20px;font:600 22px/28px Georgia,serif">{sender}</p>{body}{button}</div></body></html>'
)
_BUTTON = (
    '<p style="margin:24px 0 0"><a href="{url}" style="display:inline-block;background:#1F4D3A;color:#fff;'
    'text-decoration:none;font-weight:600;padding:14px 24px;border-radius:10px">{title}</a></p>'
)


def _as_html(message: Message, sender: str) -> str:
    parts = [html.escape(part.strip()) for part in message.body.split("\n\n") if part.strip()]
    body = "".join(f'<p style="margin:0 0 12px">{part.replace(chr(10), "<br>")}</p>' for part in parts)
    title = html.escape(message.url_title or message.url)
    button = _BUTTON.format(url=html.escape(message.url), title=title) if message.url else ""
    return _PAGE.format(sender=html.escape(sender), body=body, button=button)


def _reason(answer: httpx.Response) -> str:
    try:
        errors = answer.json().get("errors", [])
        return "; ".join(str(error["message"]) for error in errors)
    except (ValueError, AttributeError, KeyError, TypeError):
        return ""
