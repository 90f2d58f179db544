"""Couriers that belong to others: their prices before an order, their parcels after it.

`ask_couriers` asks outside any transaction, `find_answer` reads inside of one; a shipment is opened with its order
and only ever moves forward. What an order does about it stands in app/fulfilment.
"""

from app.shipping.adapters import courier_port
from app.shipping.events import ShipmentDue, ShipmentMoved
from app.shipping.models import Shipment
from app.shipping.ports import Booking, Carriage, Door, Report
from app.shipping.quotes import (
    Answer,
    Parcel,
    Quoted,
    ask_couriers,
    couriers_of_store,
    currency_is_carried,
    find_answer,
    key_of,
    price_at_choice,
    sweep_inquiries,
)
from app.shipping.shipments import (
    Choice,
    apply_report,
    attempts_of,
    change_courier,
    find_by_provider,
    is_over,
    lock_shipment,
    next_attempt,
    open_shipment,
    set_status,
    shipment_of,
    told_history,
)
from app.shipping.status import (
    CANCELLABLE,
    IN_HOUSE,
    LOST,
    WITH_PROVIDER,
    WORDS,
    ShipmentStatus,
    reason_of,
    say_reason,
)

__all__ = [
    "CANCELLABLE",
    "IN_HOUSE",
    "LOST",
    "WITH_PROVIDER",
    "WORDS",
    "Answer",
    "Booking",
    "Carriage",
    "Choice",
    "Door",
    "Parcel",
    "Quoted",
    "Report",
    "Shipment",
    "ShipmentDue",
    "ShipmentMoved",
    "ShipmentStatus",
    "apply_report",
    "ask_couriers",
    "attempts_of",
    "change_courier",
    "courier_port",
    "couriers_of_store",
    "currency_is_carried",
    "find_answer",
    "find_by_provider",
    "is_over",
    "key_of",
    "lock_shipment",
    "next_attempt",
    "open_shipment",
    "price_at_choice",
    "reason_of",
    "say_reason",
    "set_status",
    "shipment_of",
    "sweep_inquiries",
    "told_history",
]
