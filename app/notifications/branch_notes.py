"""What the group of a branch reads: all that is needed to pack an order and to send it on its way.

The group holds the branch's own people, so unlike a text to somebody's phone it names the goods and the door.
"""

from datetime import datetime

from babel.dates import format_time

from app import shipping, stores
from app.core.i18n import pick
from app.notifications.audiences import locale_of
from app.notifications.contexts import Press, Recipient
from app.orders.models import Order
from app.orders.states import Kind
from app.stores.models import Branch

PREPARED, COURIER = "prepared", "courier"
MOST_LINES = 40
"""Telegram takes 4096 characters; a longer order is read on the board."""

PRESSES = (
    Press(PREPARED, {"en": "Prepared", "ru": "Собран", "es": "Preparado"}),
    Press(COURIER, {"en": "Contact courier", "ru": "Связаться с курьером", "es": "Contactar al mensajero"}),
)
_CARRIED = {
    Kind.pickup: {
        "en": "The customer collects it at %(time)s",
        "ru": "Самовывоз, к %(time)s",
        "es": "Lo recoge el cliente a las %(time)s",
    },
    Kind.driver: {
        "en": "Our driver, by %(time)s",
        "ru": "Наш водитель, до %(time)s",
        "es": "Nuestro repartidor, antes de las %(time)s",
    },
    Kind.courier: {
        "en": "%(name)s, by %(time)s",
        "ru": "%(name)s, до %(time)s",
        "es": "%(name)s, antes de las %(time)s",
    },
}


def group_of(branch: Branch) -> list[Recipient]:
    """The branch's group, in the store's language; nobody when it has none."""
    return [Recipient({"telegram": branch.telegram_chat}, locale_of([]))] if branch.telegram_chat else []


def presses(order: Order) -> tuple[Press, ...]:
    """What the group may press; an order that its customer collects has no courier."""
    return PRESSES[:1] if order.kind is Kind.pickup else PRESSES


def words(order: Order, locale: str) -> dict[str, str]:
    """The words of the group beside those of every order message."""
    address = order.address
    place = [str(address.get(part) or "") for part in ("line1", "line2", "city", "zip")]
    return {
        "customer": order.contact_name or order.contact_phone,
        "address": ", ".join(part for part in place if part) or order.branch.name,
        "lines": _lines(order, locale),
        "courier": _carried(order, locale),
        "note": order.customer_note,
    }


def _lines(order: Order, locale: str) -> str:
    told = []
    for line in order.lines[:MOST_LINES]:
        name = ", ".join(part for part in (pick(line.name, locale), pick(line.label, locale)) if part)
        told.append(f"{line.quantity} × {name}")
    if len(order.lines) > MOST_LINES:
        told.append("…")
    return "\n".join(told)


def _carried(order: Order, locale: str) -> str:
    shipment = shipping.shipment_of(order.id)
    kind = Kind.courier if order.kind is Kind.parcel else order.kind
    return pick(_CARRIED[kind], locale) % {
        "name": shipment.name if shipment else "–",
        "time": clock_time(order.promised_until, locale),
    }


def clock_time(at: datetime | None, locale: str) -> str:
    """A time of day on the store's clock; a dash when there is none."""
    zone = stores.current_store().zone
    return format_time(at.astimezone(zone), "short", locale=locale) if at else "–"
