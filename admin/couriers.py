"""The courier's part of an order's page: every try with its state and price, and another courier when one fell out."""

from dataclasses import dataclass

from app import fulfilment, shipping
from app.core.i18n import _
from app.orders import Action, Order
from app.orders.states import Kind
from app.shipping import CANCELLABLE, Quoted, Shipment, ShipmentStatus

NOT_GONE = CANCELLABLE | {ShipmentStatus.due, ShipmentStatus.booking}


@dataclass(frozen=True)
class Others:
    """Couriers that were asked just now; `trouble`: nobody answered."""

    quotes: list[Quoted]
    trouble: bool


@dataclass(frozen=True)
class CourierPart:
    """What the page shows. `others` is None until somebody asks for them."""

    tries: list[Shipment]
    may_change: bool
    others: Others | None = None


def courier_part(order: Order, others: Others | None = None) -> CourierPart | None:
    """The tries of an order that goes by courier; None for another."""
    if order.kind is not Kind.courier:
        return None
    tries = shipping.attempts_of(order.id)
    return CourierPart(tries, fulfilment.may_change(order, tries[0] if tries else None), others)


def ask_others(order: Order) -> Others:
    """Ask for prices now. Not inside a transaction."""
    last = shipping.shipment_of(order.id)
    if last is None or not fulfilment.may_change(order, last):
        raise fulfilment.ParcelNotHere
    answer = fulfilment.ask_for_others(order, last)
    return Others(fulfilment.takers(order, answer), bool(answer.trouble))


def label_of(order: Order, action: Action, label: object) -> object:
    """Failing an order whose courier has not come yet is calling the courier off."""
    if action is Action.fail and order.kind is Kind.courier:
        last = shipping.shipment_of(order.id)
        if last is not None and last.status in NOT_GONE:
            return _("Call off the courier")
    return label
