"""Authorize.Net's form for a card over our own page (Accept.js, its hosted form): the number is typed into their frame.

https://developer.authorize.net/api/reference/features/acceptjs.html. The page gets a token for it that pays once and
lives fifteen minutes; the public client key by which the form knows the account opens nothing else.
"""

import re
from collections.abc import Mapping

from app.core.settings import setting
from app.payments.gateways import anet
from app.payments.ports import CardForm, Credentials, EnteredCard, Refused

DESCRIPTOR = "COMMON.ACCEPT.INAPP.PAYMENT"
"""What the form calls a card; other wallets have other words, and the store takes none of them."""
_TOKEN = re.compile(r"[A-Za-z0-9+/=_.-]{8,2048}\Z")
SCRIPT = "/v3/AcceptUI.js"


class AcceptForm:
    """The form that Authorize.Net's own script opens in a frame of theirs."""

    def form(self, settings: Mapping[str, str]) -> CardForm:
        return CardForm(
            "authorizenet",
            f"{setting('AUTHORIZENET_JS_URL')}{SCRIPT}",
            settings.get("api_login_id", ""),
            settings.get("public_client_key", ""),
        )

    def learn_key(self, account: Credentials) -> str:
        key = anet.ask(account, "getMerchantDetailsRequest", {}).get("publicClientKey")
        if not isinstance(key, str) or not key.strip():
            raise Refused("the account has no public client key yet")
        return key.strip()

    def read_token(self, descriptor: str, token: str) -> EnteredCard:
        if descriptor != DESCRIPTOR or not _TOKEN.match(token):
            raise ValueError("no token of a card")
        return EnteredCard(descriptor, token)
