"""Why something is not offered: a code for programs, facts, and a sentence for customers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from babel.dates import format_skeleton

from app.core.i18n import _l, active_locale, pick
from app.core.money import format_money


class ReasonCode(StrEnum):
    """Every absence the promise knows."""

    zip_malformed = "zip_malformed"
    zip_outside = "zip_outside"
    zip_beyond = "zip_beyond"
    address_outside = "address_outside"
    zone_inactive = "zone_inactive"
    below_minimum = "below_minimum"
    nothing_left = "nothing_left"
    closed_now = "closed_now"
    closed_for_days = "closed_for_days"
    express_off = "express_off"
    express_full = "express_full"
    express_traffic = "express_traffic"
    express_shut = "express_shut"
    slots_off = "slots_off"
    slot_unknown = "slot_unknown"
    slot_past = "slot_past"
    slot_lead_time = "slot_lead_time"
    slot_traffic = "slot_traffic"
    slot_closed = "slot_closed"
    slot_shut = "slot_shut"
    slot_full = "slot_full"
    slot_no_room = "slot_no_room"
    driver_off = "driver_off"
    pickup_off = "pickup_off"
    pickup_untimed = "pickup_untimed"
    branch_unknown = "branch_unknown"
    courier_off = "courier_off"
    courier_silent = "courier_silent"
    courier_no_route = "courier_no_route"
    courier_no_cash = "courier_no_cash"
    courier_no_id = "courier_no_id"
    courier_unknown = "courier_unknown"
    courier_untimed = "courier_untimed"


_C = ReasonCode
_MESSAGES = {
    _C.zip_malformed: _l("Enter the five digits of your ZIP code."),
    _C.zip_outside: _l("We don't deliver to %(zip)s yet. Try another address."),
    _C.zip_beyond: _l("%(zip)s lies beyond our usual area: delivery there is a benefit of our regulars."),
    _C.address_outside: _l("We deliver to a part of %(zip)s only, and this address lies outside of it."),
    _C.zone_inactive: _l("Deliveries to %(zone)s are paused. Try another address, or come back later."),
    _C.below_minimum: _l("Add %(missing)s more. The minimum order for %(zone)s is %(minimum)s."),
    _C.nothing_left: _l("No delivery times are left in the next days. Please come back tomorrow."),
    _C.closed_now: _l("We are closed now and open again %(opens)s."),
    _C.closed_for_days: _l("We are closed in the coming days. Please come back later."),
    _C.express_off: _l("Express is not offered in %(zone)s. Pick a time slot."),
    _C.express_full: _l("All riders are busy right now. Pick a time slot, or try again in a few minutes."),
    _C.express_traffic: _l("Traffic makes express unreliable right now. Pick a time slot."),
    _C.express_shut: _l("Deliveries are paused right now. Pick a later time."),
    _C.slots_off: _l("Time slots are not offered in %(zone)s. Choose express."),
    _C.slot_unknown: _l("We don't deliver at this time. Pick one of the times shown."),
    _C.slot_past: _l("This time has passed. Pick a later one."),
    _C.slot_lead_time: _l("This time is too close, we need %(minutes)s min to prepare. Pick a later one."),
    _C.slot_traffic: _l("No deliveries at this time because of traffic. Pick another one."),
    _C.slot_closed: _l("No deliveries at this time. Pick another one."),
    _C.slot_shut: _l("Deliveries are paused at this time. Pick another one."),
    _C.slot_no_room: _l(
        "There is too little room left at this time for an order this large. Pick another one."
    ),
    _C.slot_full: _l("This time is fully booked. Pick another one."),
    _C.driver_off: _l("Delivery is not available from %(branch)s. Choose pickup or another address."),
    _C.pickup_off: _l("Pickup is not available at %(branch)s. Choose another branch or delivery."),
    _C.pickup_untimed: _l("Pickup has no time slots. We tell you when your order is ready."),
    _C.branch_unknown: _l("We don't know this branch. Pick one of those shown."),
    _C.courier_off: _l("This branch does not send by courier. Choose another way."),
    _C.courier_silent: _l(
        "The couriers do not answer right now. Choose another way, or try again in a minute."
    ),
    _C.courier_no_route: _l("%(courier)s does not carry this parcel to your address."),
    _C.courier_no_cash: _l("%(courier)s takes no cash at the door."),
    _C.courier_no_id: _l("Couriers cannot check an ID, and these goods need it. Choose another way."),
    _C.courier_unknown: _l("Choose one of the couriers shown."),
    _C.courier_untimed: _l("Couriers have no time slots. Each one tells when it comes."),
}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount inside a reason: minor units and their currency."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One absence. `data` holds the facts of the message; a `note` in it, if the store wrote one, is the message.

    Values are plain: text, numbers, Money, aware datetimes in the store's zone, or texts per locale (`note`).
    """

    code: ReasonCode
    data: Mapping[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The sentence, in the reader's language at the moment it is asked for."""
        note = self.data.get("note")
        if isinstance(note, Mapping) and (written := pick(note)):
            return written
        return str(_MESSAGES[self.code]) % {key: _shown(value) for key, value in self.data.items()}

    def __str__(self) -> str:
        return self.message


def _shown(value: object) -> object:
    locale = active_locale()
    if isinstance(value, Money):
        return format_money(value.minor, value.currency, locale)
    if isinstance(value, datetime):
        return show_start(value)
    return value


def show_start(local: datetime) -> str:
    """A weekday and a time as its zone has them, 12 hours in English, 24 elsewhere: Sat 9:00 AM, сб 09:00."""
    locale = active_locale()
    return str(format_skeleton("Ehm" if locale == "en" else "EHm", local, tzinfo=local.tzinfo, locale=locale))
