"""What the world changed since the customer last looked: prices, delivery, discounts, the wallet, the total. Pure.

A look is what a page of the checkout has shown. The customer's own changes (goods, address, time) start a new one;
what changed by itself stays a change until it is accepted.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from app import shipping
from app.core.i18n import _
from app.orders.cart_view import CartView

CHOICES = ("kind", "branch", "zip", "mode", "slot", "wallet_on", "wallet")
"""What the customer decides and the price may follow."""


@dataclass(frozen=True)
class Look:
    """Amounts in minor units. `asked` stands for everything the customer decided."""

    asked: str
    prices: dict[str, int] = field(default_factory=dict)
    delivery_minor: int = 0
    discount_minor: int = 0
    wallet_minor: int = 0
    due_minor: int = 0

    @classmethod
    def load(cls, kept: Mapping[str, Any] | None) -> Self | None:
        """A look as it was kept; None when there is none, or one of another version."""
        if not kept or set(kept) != set(cls.__dataclass_fields__):
            return None
        return cls(**kept)

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Change:
    """One thing that is not as it was, in minor units: `what` is price (of `sku`), delivery, discount,
    wallet or total."""

    what: str
    name: str
    old_minor: int
    new_minor: int
    sku: str = ""


def look_at(typed: Mapping[str, str], cart: CartView) -> Look:
    """What is shown now."""
    # Only who it is: the rest of the reference stands for the moment the price was asked for.
    courier = shipping.key_of(typed.get("courier", ""))
    asked = [[*(typed.get(name, "") for name in CHOICES), courier], sorted(cart.items)]
    if (quote := cart.quote) is None:
        return Look(_digest(asked))
    return Look(
        asked=_digest(asked),
        prices={line.sku: line.unit_minor for line in cart.lines},
        delivery_minor=quote.delivery_minor,
        discount_minor=quote.discount_minor,
        wallet_minor=quote.wallet_minor,
        due_minor=quote.due_minor,
    )


def what_changed(before: Look | None, now: Look, cart: CartView) -> tuple[Change, ...]:
    """Prices of goods that were shown before; with nothing decided anew, also what else is asked for."""
    if before is None:
        return ()
    names = {line.sku: line.name for line in cart.lines}
    found = [
        Change("price", names[sku], before.prices[sku], price, sku)
        for sku, price in now.prices.items()
        if before.prices.get(sku, price) != price
    ]
    if before.asked == now.asked:
        rows = (
            ("delivery", _("Delivery"), before.delivery_minor, now.delivery_minor),
            ("discount", _("Discounts"), -before.discount_minor, -now.discount_minor),
            ("wallet", _("Paid from wallet"), -before.wallet_minor, -now.wallet_minor),
            ("total", _("To pay"), before.due_minor, now.due_minor),
        )
        found += [Change(what, name, old, new) for what, name, old, new in rows if old != new]
    return tuple(found)


def merge_looks(before: Look | None, now: Look) -> Look:
    """What to remember after this page: what was shown before stays the measure until its change is accepted."""
    if before is None:
        return now
    prices = {sku: before.prices.get(sku, price) for sku, price in now.prices.items()}
    if before.asked == now.asked:
        return replace(before, prices=prices)
    return replace(now, prices=prices)


def digest_of(changes: tuple[Change, ...]) -> str:
    """Stands for exactly these changes, whatever the language; empty for none."""
    plain = [[c.what, c.sku, c.old_minor, c.new_minor] for c in changes]
    return _digest(plain) if changes else ""


def _digest(value: object) -> str:
    return hashlib.blake2b(json.dumps(value).encode(), digest_size=12).hexdigest()
