"""Another courier for an order: the one that was chosen refused, was not found, or brought the goods back.

The customer's price stays what was agreed; what the other courier asks more is the store's. Couriers are asked
outside any transaction (`ask_for_others`), the choice is made by the same kept answer.
"""

from app import orders, shipping
from app.core.actor import Actor
from app.core.db import transaction
from app.core.errors import DomainError, ErrorKind
from app.core.i18n import _l
from app.fulfilment.steps import booking_of
from app.orders import Action, Kind, Order, Status
from app.orders.errors import QuoteChanged
from app.orders.states import PaymentStatus
from app.shipping import IN_HOUSE, Answer, Carriage, Door, Parcel, Quoted, Shipment, ShipmentStatus

S = ShipmentStatus


class ParcelNotHere(DomainError):
    """The courier that has the parcel, or is called for it, comes first."""

    kind = ErrorKind.conflict
    message = _l("Another courier can be called once the first one is off and the parcel is in the house.")


class CourierGone(DomainError):
    """The courier that was picked does not carry this order (any more)."""

    kind = ErrorKind.conflict
    message = _l("This courier does not take the order any more. Please ask for the prices again.")
    field = "courier"


def may_change(order: Order, last: Shipment | None) -> bool:
    """Whether another courier may be picked: packed and nobody called, or failed with the goods in the house."""
    if order.kind is not Kind.courier or last is None:
        return False
    if order.status is Status.READY:
        return last.status is S.chosen or shipping.is_over(last)
    return order.status is Status.FAILED and last.status in IN_HOUSE


def ask_for_others(order: Order, last: Shipment) -> Answer:
    """What couriers ask for this parcel now; a provider that does not answer is an answer too.

    Must not run inside a transaction (RuntimeError).
    """
    return shipping.ask_couriers(_parcel(order, last))


def takers(order: Order, answer: Answer) -> list[Quoted]:
    """Those who may carry it: cash is taken only by some, and nobody outside checks an ID."""
    if order.min_age:
        return []
    cash = order.payment_status is PaymentStatus.DUE
    return [quoted for quoted in answer.quotes if quoted.rate.takes_cash or not cash]


@transaction()
def send_by_another(code: str, reference: str, *, actor: Actor) -> Shipment:
    """Pick the courier of a reference that was shown. After a failure the goods are packed again and it is called
    at once; a packed order only changes its courier, which is called when it is handed over.

    Raises ParcelNotHere, QuoteChanged when it asks another price by now, CourierGone, and what acting raises.
    """
    order = orders.get_order(code, actor=actor, lock=True)
    last = shipping.shipment_of(order.id, lock=True)
    if last is None or not may_change(order, last):
        raise ParcelNotHere
    answer = shipping.find_answer(_parcel(order, last))
    key = shipping.key_of(reference)
    quoted = next((one for one in takers(order, answer) if one.key == key), None) if answer else None
    if quoted is None:
        raise CourierGone
    if shipping.price_at_choice(reference) != quoted.rate.price_minor:
        raise QuoteChanged
    failed = order.status is Status.FAILED
    if failed:
        orders.act(code, Action.retry, actor=actor)
    shipment = shipping.change_courier(last, quoted.rate)
    if failed:
        orders.act(code, Action.hand_over, actor=actor)
    return shipment


def _parcel(order: Order, last: Shipment) -> Parcel:
    """The order's parcel as prices are asked for it: doors without names."""
    whole = booking_of(last, order).carriage
    origin, destination = (Door(door.zip, door.lat, door.lng) for door in (whole.origin, whole.destination))
    return Parcel(order.branch_id, Carriage(origin, destination, whole.weight_g, whole.value_minor))
