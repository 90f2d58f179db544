"""Change at the door or the counter: in coins, or so much of it into the customer's wallet. Plain values."""

from enum import StrEnum

from app.core.money import Minor

COIN_BELOW = {"USD": 100, "IDR": 1000}
"""From this on there are notes; what is less is coins that a driver may not have."""


class ChangeWay(StrEnum):
    """What becomes of the change."""

    given = "given"  # all of it into the hand
    coins = "coins"  # the notes into the hand, the rest into the wallet
    wallet = "wallet"  # all of it into the wallet


def coins_of(change_minor: Minor, currency: str) -> Minor:
    """The part of the change for which there is no note."""
    return change_minor % COIN_BELOW.get(currency, 1)


def to_wallet(received_minor: Minor | None, due_minor: Minor, way: str, currency: str) -> Minor:
    """How much of the change goes into the wallet; 0 for a way nobody knows, and when there is no change."""
    change = max(0, (received_minor or 0) - due_minor)
    if way == ChangeWay.wallet:
        return change
    return coins_of(change, currency) if way == ChangeWay.coins else 0
