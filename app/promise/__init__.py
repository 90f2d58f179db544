"""The delivery promise: what a customer can get, where and when, and why not.

`options` answers; `check_choice` judges one choice by that answer inside the order transaction; `terms` is what it
costs at any hour.
"""

from app.promise.booking import SlotTaken, book_slot, release_slot
from app.promise.couriers import check_courier
from app.promise.geocode import locate
from app.promise.queries import forget_world, load_world, standing_world
from app.promise.reasons import Reason, ReasonCode
from app.promise.recut import learn_mover
from app.promise.rules import booking_of, check_choice, express_offer, find_slot, options, slot_at, terms
from app.promise.spots import known_spot, learn_spot
from app.promise.types import (
    Area,
    Ask,
    Band,
    Booking,
    Closure,
    Counts,
    Courier,
    CourierOffer,
    Fee,
    HandOver,
    Mode,
    Options,
    Perks,
    Place,
    Slot,
    SlotPolicy,
    Spot,
    Terms,
    Window,
    World,
)
from app.promise.weights import Load, express_limit, load_of
from app.promise.where import normalize_zip
from app.promise.why import Why, explain, fee_lines

__all__ = [
    "Area",
    "Ask",
    "Band",
    "Booking",
    "Closure",
    "Counts",
    "Courier",
    "CourierOffer",
    "Fee",
    "HandOver",
    "Load",
    "Mode",
    "Options",
    "Perks",
    "Place",
    "Reason",
    "ReasonCode",
    "Slot",
    "SlotPolicy",
    "SlotTaken",
    "Spot",
    "Terms",
    "Why",
    "Window",
    "World",
    "book_slot",
    "booking_of",
    "check_choice",
    "check_courier",
    "explain",
    "express_limit",
    "express_offer",
    "fee_lines",
    "find_slot",
    "forget_world",
    "known_spot",
    "learn_mover",
    "learn_spot",
    "load_of",
    "load_world",
    "locate",
    "normalize_zip",
    "options",
    "release_slot",
    "slot_at",
    "standing_world",
    "terms",
]
