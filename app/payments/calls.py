"""The door of the webhook inbox: whether a call proves itself, and what it speaks of. Nothing is believed here."""

import hashlib
from collections.abc import Mapping
from dataclasses import astuple

from app.core import cache
from app.core.errors import NotFound
from app.core.tenancy import current_store_id
from app.payments import inbox, methods
from app.payments.gateways import GATEWAYS, gateway
from app.payments.ports import Heard

FORGED_KEPT = 60
"""Forged calls that a store keeps in a minute; more are refused alike, and not written down."""
FORGED_BYTES = 2048
UNREADABLE = "unreadable"


def take_call(provider: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Keep a provider's call; whether it proved that it comes from there. NotFound: the store has no account with it.

    One insert, no call to anybody: the provider waits for the answer.
    """
    if provider not in GATEWAYS:
        raise NotFound
    port, account = gateway(provider), methods.credentials(provider)
    if not port.is_genuine(account, headers, body):
        _keep_forged(provider, headers, body)
        return False
    try:
        heard = port.read(headers, body)
    except ValueError:
        heard = None
    if heard is None or not all(map(_can_be_kept, astuple(heard))):
        heard = Heard(event_id=_digest(body), about=UNREADABLE)
    inbox.keep(provider, heard, headers, body, genuine=True)
    return True


def _can_be_kept(text: str) -> bool:
    """Whether the database takes it: names with NUL or half a character in them are nobody's. The body is kept as it
    came, and the provider need not call again."""
    return "\0" not in text and text.encode(errors="ignore").decode() == text


def _keep_forged(provider: str, headers: Mapping[str, str], body: bytes) -> None:
    """One row for each content, as far as a stranger may fill our disk."""
    if _has_room():
        inbox.keep(provider, Heard(event_id=_digest(body)), headers, body[:FORGED_BYTES], genuine=False)


def _has_room() -> bool:
    try:
        return cache.count(f"forged:{current_store_id()}", 60) <= FORGED_KEPT
    except cache.CacheAway:
        return True  # counting is a courtesy to the disk


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
