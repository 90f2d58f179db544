"""Twilio Programmable Messaging: SMS and WhatsApp, by Twilio's own library over our HTTP client."""

import logging
from collections.abc import Collection
from datetime import timedelta
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from twilio.base.exceptions import TwilioRestException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from app.core import clock
from app.core.settings import setting
from app.notifications.channels.transport import call, raise_for
from app.notifications.ports import Message, OutcomeUnknown, Refused, SendError, Sent, TryLater

log = logging.getLogger(__name__)

CLOCKS_APART = timedelta(minutes=2)
"""How far Twilio's clock (whole seconds) may be from ours when an earlier try is looked for."""
LOOK_BACK = 20


def warm_up() -> None:
    """Read the library's many files before the first message, and before a pool of workers forks."""
    import_module("twilio.rest.api.v2010.account.message")


class Routed(HttpClient):
    """Sends the library's requests to TWILIO_URL with our time-outs and our sorting of failures."""

    def __init__(self) -> None:
        super().__init__(log, is_async=False)

    def request(  # noqa: PLR0917 - the library calls it by position
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        given = urlsplit(url)
        ours = urlsplit(str(setting("TWILIO_URL")))
        target = urlunsplit((ours.scheme, ours.netloc, ours.path + given.path, given.query, ""))
        answer = call(method, target, params=params, data=data, headers=headers, auth=auth)
        # What may pass by itself is sorted here: the library's exception does not carry Retry-After.
        if answer.status_code == 429 or answer.status_code >= 500:
            raise_for(answer.status_code, "", answer.headers.get("Retry-After"))
        return Response(answer.status_code, answer.text, headers=dict(answer.headers))


class Twilio:
    """`kind` is sms or whatsapp. After an unknown outcome Twilio is asked: it lists what was sent to a number."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def send(self, message: Message) -> Sent:
        options: dict[str, Any] = {"status_callback": message.callback} if message.callback else {}
        try:
            made = _client().messages.create(
                to=self._address(message.to), from_=self._sender(), body=message.body, **options
            )
        except TwilioRestException as error:
            raise _sorted(error) from error
        return Sent("twilio", str(made.sid))

    def find(self, message: Message, *, known: Collection[str]) -> Sent | None:
        try:
            listed = _client().messages.list(to=self._address(message.to), limit=LOOK_BACK)
        except (TwilioRestException, SendError) as error:
            raise OutcomeUnknown(f"cannot ask: {error}"[:200]) from error
        earliest = (message.created_at or clock.now()) - CLOCKS_APART
        for sent in listed:
            same = sent.body == message.body and sent.sid not in known
            if same and (sent.date_created is None or sent.date_created >= earliest):
                return Sent("twilio", str(sent.sid))
        return None

    def status(self, provider_id: str) -> tuple[str, str]:
        try:
            found = _client().messages(provider_id).fetch()
        except TwilioRestException as error:
            raise _sorted(error) from error
        return str(found.status or ""), str(found.error_code or "")

    def _address(self, number: str) -> str:
        return f"whatsapp:{number}" if self.kind == "whatsapp" else number

    def _sender(self) -> str:
        name = "TWILIO_WHATSAPP_FROM" if self.kind == "whatsapp" else "TWILIO_SMS_FROM"
        if not (sender := str(setting(name))):
            raise Refused(f"{name} is not set")
        return self._address(sender)


def _client() -> Client:
    sid, token = setting("TWILIO_ACCOUNT_SID"), setting("TWILIO_AUTH_TOKEN")
    if not (sid and token):
        raise Refused("Twilio is not configured")
    return Client(sid, token, http_client=Routed())


def _sorted(error: TwilioRestException) -> SendError:
    if error.status in {408, 425, 429} or error.status >= 500:
        return TryLater(f"{error.code or error.status}")
    return Refused(f"{error.code} {error.msg}"[:200])
