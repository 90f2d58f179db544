"""What is told about carts: one reminder, to whoever asked for it."""

from app import stores
from app.core.db import db
from app.core.events import EventRecord
from app.identity.models import Customer
from app.notifications.audiences import CUSTOMER, person_recipient
from app.notifications.contexts import Context, Link, context_for
from app.orders import links
from app.orders.models import Cart
from app.orders.reminders import still_waits

BACK = {"en": "Back to the cart", "ru": "К корзине", "es": "Volver al carrito"}


@context_for("CartAbandoned")
def _waiting(record: EventRecord) -> Context | None:
    """Nobody is told who has ordered, emptied the cart or changed their mind since."""
    cart = db.session.get(Cart, record.payload["cart_id"])
    customer = db.session.get(Customer, record.payload["customer_id"])
    if cart is None or customer is None or customer.blocked or not still_waits(cart):
        return None
    person = customer.user
    words = {
        "store": stores.current_store().name,
        "name": person.first_name,
        "stop": links.no_reminders_url(cart.id),
    }
    return Context(
        key="cart.waiting",
        words=lambda _locale: words,
        audiences={CUSTOMER: [person_recipient(person)]},
        links={CUSTOMER: Link(links.kept_cart_url(cart.id), BACK)},
    )
