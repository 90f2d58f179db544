"""How far a shipment is: the provider's words, which only ever move forward, and our own before it has one."""

from enum import StrEnum
from typing import Literal

from app.core.i18n import _l


class ShipmentStatus(StrEnum):
    """`chosen` at checkout, `due` when handed over, `booking` while asked for, `refused` when it cannot be booked;
    the others are the provider's."""

    chosen = "chosen"
    due = "due"
    booking = "booking"
    refused = "refused"
    confirmed = "confirmed"
    scheduled = "scheduled"
    allocated = "allocated"
    picking_up = "picking_up"
    picked = "picked"
    dropping_off = "dropping_off"
    on_hold = "on_hold"
    return_in_transit = "return_in_transit"
    delivered = "delivered"
    returned = "returned"
    rejected = "rejected"
    disposed = "disposed"
    cancelled = "cancelled"
    courier_not_found = "courier_not_found"


S = ShipmentStatus
RANKS: dict[ShipmentStatus, int] = {
    S.chosen: 0,
    S.due: 1,
    S.booking: 2,
    S.confirmed: 10,
    S.scheduled: 11,
    S.allocated: 20,
    S.picking_up: 30,
    S.picked: 40,
    # A parcel on hold goes on again: the two take turns.
    S.dropping_off: 50,
    S.on_hold: 50,
    S.return_in_transit: 60,
    S.delivered: 100,
    S.returned: 100,
    S.rejected: 100,
    S.disposed: 100,
    S.cancelled: 100,
    S.courier_not_found: 100,
    S.refused: 100,
}
FINAL = frozenset(status for status, rank in RANKS.items() if rank == 100)
WITH_PROVIDER = frozenset(status for status, rank in RANKS.items() if 10 <= rank < 100)
"""Booked and not over: the provider is asked about these."""
CANCELLABLE = frozenset({S.confirmed, S.scheduled, S.allocated, S.picking_up})
"""The goods are still in the house."""
IN_HOUSE = frozenset({S.refused, S.cancelled, S.courier_not_found, S.rejected, S.returned})
"""Over, and the goods are in the house: another courier may be called."""
LOST = {
    S.rejected: _l("The courier rejected the parcel."),
    S.disposed: _l("The courier lost or destroyed the parcel."),
    S.cancelled: _l("The courier cancelled the pickup."),
    S.courier_not_found: _l("No courier was free to come."),
    S.return_in_transit: _l("The courier could not deliver and brings it back."),
    S.returned: _l("The courier could not deliver and brought it back."),
}
"""Where an order on its way has failed, and what to say."""
_SAID = {status.value: words for status, words in LOST.items()} | {
    S.refused.value: _l("The courier could not be booked: %(why)s"),
    "kept": _l("The courier could not be called off: %(why)s"),
}
_CODE = "courier:"
WORDS = {
    S.chosen: _l("Courier chosen"),
    S.due: _l("Courier is being called"),
    S.booking: _l("Courier is being called"),
    S.refused: _l("Courier could not be booked"),
    S.confirmed: _l("Courier booked"),
    S.scheduled: _l("Pickup scheduled"),
    S.allocated: _l("Courier assigned"),
    S.picking_up: _l("Courier on the way to the branch"),
    S.picked: _l("Picked up by the courier"),
    S.dropping_off: _l("Courier on the way to the customer"),
    S.on_hold: _l("On hold at the courier"),
    S.return_in_transit: _l("On the way back"),
    S.delivered: _l("Delivered by the courier"),
    S.returned: _l("Brought back by the courier"),
    S.rejected: _l("Rejected by the courier"),
    S.disposed: _l("Lost by the courier"),
    S.cancelled: _l("Pickup called off"),
    S.courier_not_found: _l("No courier found"),
}


def comes_after(new: ShipmentStatus, old: ShipmentStatus) -> bool:
    """Whether a report may move a shipment from `old` to `new`: never back, never out of an end."""
    if new is old or old in FINAL:
        return False
    return RANKS[new] >= RANKS[old]


def reason_of(status: ShipmentStatus | Literal["kept"], why: str = "") -> str:
    """Why a courier did not bring it, as it is kept: a code and the provider's own words, for readers of any
    language. At most 200 characters."""
    return f"{_CODE}{status} {why}".strip()[:200]


def say_reason(kept: str) -> str:
    """A kept reason in the reader's language; what a person wrote stays as it was written."""
    code, _space, why = kept.removeprefix(_CODE).partition(" ")
    if not kept.startswith(_CODE) or code not in _SAID:
        return kept
    words = str(_SAID[code])
    return words % {"why": why or "–"} if "%(why)s" in words else words
