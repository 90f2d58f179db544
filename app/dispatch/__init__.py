"""Dispatch: drivers and their shifts, the stops in their bags, where they are, and what customers see of it."""

from app.dispatch.drivers import (
    DriverLine,
    check_driver,
    day_of,
    driver_of,
    drivers_overview,
    end_shift,
    load_of,
    start_shift,
    touch_driver,
)
from app.dispatch.errors import DeliveriesOpen, DriverFull, NotADriver
from app.dispatch.geo import Estimate, distance_m, drive_minutes, eta_minutes, next_estimate, route
from app.dispatch.listeners import DriverMoved, Fix, Following, ShiftChanged, register_listener
from app.dispatch.models import Driver, Position, Shift
from app.dispatch.positions import Recorded, positions_received, record_positions
from app.dispatch.stops import Stop, act_at_stop, bag_version, due_at_stop, reckon, route_of, stops_of
from app.dispatch.tracking import TrackingView, is_delayed, mask_address, tracking_view

__all__ = [
    "DeliveriesOpen",
    "Driver",
    "DriverFull",
    "DriverLine",
    "DriverMoved",
    "Estimate",
    "Fix",
    "Following",
    "NotADriver",
    "Position",
    "Recorded",
    "Shift",
    "ShiftChanged",
    "Stop",
    "TrackingView",
    "act_at_stop",
    "bag_version",
    "check_driver",
    "day_of",
    "distance_m",
    "drive_minutes",
    "driver_of",
    "drivers_overview",
    "due_at_stop",
    "end_shift",
    "eta_minutes",
    "is_delayed",
    "load_of",
    "mask_address",
    "next_estimate",
    "positions_received",
    "reckon",
    "record_positions",
    "register_listener",
    "route",
    "route_of",
    "start_shift",
    "stops_of",
    "touch_driver",
    "tracking_view",
]
