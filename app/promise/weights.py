"""What an order weighs in a slot. Pure, and the same for offering a place and for taking it."""

from typing import NamedTuple

from app.core.money import BP, Minor, exponent
from app.promise.types import Booking, Counts, SlotPolicy


class Load(NamedTuple):
    """An order in each of the things a slot may count."""

    orders: int
    items: int
    value: int

    def of(self, counts: Counts) -> int:
        """Its weight where that is counted."""
        return {Counts.orders: self.orders, Counts.items: self.items, Counts.value: self.value}[counts]


ONE_ORDER = Load(1, 1, 1)


def load_of(items: int, goods_minor: Minor, currency: str) -> Load:
    """Never lighter than one; goods in whole units of the currency, a started one counts."""
    return Load(1, max(1, items), max(1, -(-goods_minor // 10 ** exponent(currency))))


def express_limit(policy: SlotPolicy, capacity: int) -> int:
    """Up to how many booked places of a slot express orders may still be taken into it (share rounded up)."""
    return -(-capacity * policy.express_share_bp // BP)


def has_room(booking: Booking, load: Load, limit: int) -> bool:
    """Whether the order fits below `limit` places. One that is larger than the whole slot needs it all, empty."""
    weight = min(load.of(booking.counts), limit)
    return booking.booked < limit and booking.booked + weight <= limit
