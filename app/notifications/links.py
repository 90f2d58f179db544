"""Addresses that messages and providers are given: whole URLs at the store's own host."""

from app import stores


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
