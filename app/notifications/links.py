"""Addresses that messages and providers are given: whole URLs at the store's own host."""

from collections.abc import Mapping
from typing import Any

from app import stores
from app.core.tenancy import current_store_id


def board_url(code: str) -> str:
    """The order on the dispatchers' board."""
    return stores.public_url(f"/dispatch/?order={code}")


def driver_url(code: str) -> str:
    """The order on the driver's page."""
    return stores.public_url(f"/driver?stop={code}")


def status_callback_url(delivery_id: int) -> str:
    """Where Twilio reports on this message."""
    return stores.public_url(f"/webhooks/twilio?delivery={delivery_id}")


def receipt_callback_url() -> str:
    """Where Pushover reports that a siren was acknowledged."""
    return stores.public_url("/webhooks/pushover")


def presses_of(delivery_id: int, extra: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """A message's buttons as (words, data). The data names store and message, since one bot serves many stores."""
    kept = extra.get("presses") or ()
    return tuple((text, f"{verb}:{current_store_id()}:{delivery_id}") for verb, text in kept)


def press_url(store: stores.StoreInfo) -> str:
    """Where Telegram tells of pressed buttons, at this store's host; they may belong to any."""
    return stores.public_url("/webhooks/telegram", store)
