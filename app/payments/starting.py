"""Who makes a payment possible before the customer can pay: a provider, or the desk of a coin."""

from typing import Protocol

from app.payments.catalogue import METHODS, Flow
from app.payments.coins.quoting import CoinDesk
from app.payments.gateways import GATEWAYS
from app.payments.ports import Charge, Credentials, Started

_COINS = CoinDesk()


class Starter(Protocol):
    """The part of a gateway that begins a payment."""

    def start(self, account: Credentials, charge: Charge) -> Started:
        """Make the payment possible. Refused, TryLater or OutcomeUnknown."""


def starter_of(method: str) -> Starter | None:
    """Who is asked before the customer can pay by this method; None when nobody is."""
    if METHODS[method].flow is Flow.chain:
        return _COINS
    return GATEWAYS.get(method)
