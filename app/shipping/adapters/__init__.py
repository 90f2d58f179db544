"""The aggregators, chosen by settings. Addresses and secrets are the operator's: the sandbox is another address."""

from app.shipping.adapters.biteship import Biteship
from app.shipping.ports import CourierPort

__all__ = ["courier_port"]

_PORTS: dict[str, CourierPort] = {"biteship": Biteship()}


def courier_port(name: str = "biteship") -> CourierPort:
    """The aggregator of that name; KeyError for one that nobody wrote."""
    return _PORTS[name]
