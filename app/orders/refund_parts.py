"""What a refund takes back of a sale: frozen amounts of the order, split to the cent. Plain values, no database.

Nothing is worked out again at today's prices or rates: a unit carries its part of what the line carried.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.money import Minor, allocate


@dataclass(frozen=True)
class Parts:
    """Amounts of a sale: goods without tax and before discount, discount, delivery, tax."""

    goods: Minor = 0
    discount: Minor = 0
    delivery: Minor = 0
    tax: Minor = 0

    @property
    def amount(self) -> Minor:
        """What the customer paid for them."""
        return self.goods - self.discount + self.delivery + self.tax

    def __add__(self, other: "Parts") -> "Parts":
        return Parts(
            self.goods + other.goods,
            self.discount + other.discount,
            self.delivery + other.delivery,
            self.tax + other.tax,
        )


@dataclass(frozen=True)
class SoldLine:
    """A line as it was sold. `net_minor` is its goods after discount, with the tax where that is included."""

    quantity: int
    net_minor: Minor
    discount_minor: Minor
    tax_minor: Minor
    tax_included: bool


def parts_of_units(line: SoldLine, before: int, units: int) -> Parts:
    """What `units` of a line carry after `before` of them went back: over all its units the parts sum to the line."""
    net = _slice(line.net_minor, line.quantity, before, units)
    discount = _slice(line.discount_minor, line.quantity, before, units)
    tax = _slice(line.tax_minor, line.quantity, before, units)
    goods = net + discount - (tax if line.tax_included else 0)
    return Parts(goods=goods, discount=discount, tax=tax)


def _slice(total: Minor, quantity: int, before: int, units: int) -> Minor:
    return sum(allocate(total, [1] * quantity)[before : before + units])


def parts_of_amount(amount: Minor, left: Parts) -> Parts:
    """An amount that is for nothing in particular lies on goods, delivery and tax as they are left."""
    net, delivery, tax = allocate(amount, [left.goods - left.discount, left.delivery, left.tax])
    return Parts(goods=net, delivery=delivery, tax=tax)


def fit(wanted: Parts, left: Parts) -> Parts:
    """The same amount within what is left: what has no room in its own part goes where there is some.

    ValueError for more than is left.
    """
    if wanted.amount > left.amount:
        raise ValueError("more than is left")
    discount = min(wanted.discount, left.discount)
    delivery, tax = min(wanted.delivery, left.delivery), min(wanted.tax, left.tax)
    net = wanted.amount - delivery - tax
    over = max(0, net - (left.goods - left.discount))
    more_delivery = min(over, left.delivery - delivery)
    return Parts(net - over + discount, discount, delivery + more_delivery, tax + over - more_delivery)


def spread(amount: Minor, room: Sequence[Minor]) -> list[Minor]:
    """The amount over places in their order, each as full as it goes; ValueError when they have no room for it."""
    shares = []
    for most in room:
        share = min(amount, most)
        shares.append(share)
        amount -= share
    if amount:
        raise ValueError("no room for the amount")
    return shares
