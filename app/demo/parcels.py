"""The parcels of orders that went by a courier."""

from app import promise
from app.orders.models import Order
from app.orders.states import Status
from app.shipping import Shipment, ShipmentStatus

COURIERS = (
    promise.Courier("gojek-instant", "GoSend Instant", 22_500, (60, 120)),
    promise.Courier("jne-reg", "JNE Reguler", 11_500, (1440, 2880)),
    promise.Courier("sicepat-reg", "SiCepat Reguler", 10_500, (1440, 2880)),
)
"""Whom the orders of a store without drivers of its own went by, at about their prices."""


def parcel_of(order: Order, courier: promise.Courier) -> Shipment:
    """The parcel of an order, as far as the order is."""
    S = ShipmentStatus
    at_courier = {Status.DELIVERED: S.delivered, Status.RETURNED: S.returned, Status.CANCELLED: S.cancelled}
    status = at_courier.get(order.status, S.chosen)
    company, _dash, service = courier.key.partition("-")
    return Shipment(
        order_id=order.id,
        reference=order.code,
        provider="biteship",
        company=company,
        service=service,
        name=courier.name,
        currency=order.currency,
        quoted_minor=courier.fee_minor or 0,
        price_minor=courier.fee_minor if status in {S.delivered, S.returned} else None,
        weight_g=400 * order.item_count,
        status=status,
        waybill=f"{company[:4].upper()}{order.id:012d}" if status in {S.delivered, S.returned} else "",
        status_at=order.status_at,
    )
