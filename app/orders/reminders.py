"""One reminder of a cart that lies idle: only for those who asked for it, once per cart, never at night."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select, update

from app import stores
from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db, for_update, transaction
from app.core.errors import NotFound
from app.core.events import emit
from app.orders import links
from app.orders.cart import Owner, bring_items, items_of
from app.orders.events import CartAbandoned
from app.orders.models import Cart, CartLine, Order
from app.orders.service import is_quiet

TOO_OLD = timedelta(days=7)
"""A cart nobody has touched for a week is no cart any more."""
AT_ONCE = 200


@transaction()
def remind_of_carts() -> int:
    """Say CartAbandoned for each cart that has become due, and how many. At night it waits for the morning."""
    store, now = stores.current_store(), clock.now()
    if not store.cart_reminder_hours or is_quiet(now.astimezone(store.zone)):
        return 0
    due = (
        select(Cart)
        .where(Cart.remind, Cart.reminded_at.is_(None), Cart.customer_id.is_not(None))
        .where(Cart.changed_at <= now - timedelta(hours=store.cart_reminder_hours))
        .where(Cart.changed_at > now - TOO_OLD)
        .where(exists().where(CartLine.cart_id == Cart.id))
        .where(~exists().where(Order.customer_id == Cart.customer_id, Order.placed_at >= Cart.changed_at))
        .order_by(Cart.changed_at)
        .limit(AT_ONCE)
    )
    carts = list(db.session.scalars(for_update(due).with_for_update(skip_locked=True)))
    for cart in carts:
        _mark(cart, now)
        emit(CartAbandoned(cart_id=cart.id, customer_id=cart.customer_id or 0), actor=SYSTEM)
    return len(carts)


def _mark(cart: Cart, now: datetime) -> None:
    """`changed_at` is the customer's and stays."""
    values = {"reminded_at": now, "changed_at": Cart.changed_at}
    db.session.execute(update(Cart).where(Cart.id == cart.id).values(**values))


def still_waits(cart: Cart) -> bool:
    """Whether a reminder still makes sense: goods inside, asked for, and nothing ordered since."""
    if not cart.remind or not items_of(cart):
        return False
    ordered = exists().where(Order.customer_id == cart.customer_id, Order.placed_at >= cart.changed_at)
    return not db.session.scalar(select(ordered))


def get_kept_cart(cart_id: int, signature: str) -> Cart:
    """The cart of a reminder's link; NotFound when the signature is not ours."""
    return _signed("cart", cart_id, signature)


@transaction()
def take_up_cart(cart_id: int, signature: str, owner: Owner) -> tuple[str, ...]:
    """Put the goods of the link into this owner's cart, at least as many as there were; a message for each change."""
    return bring_items(owner, items_of(get_kept_cart(cart_id, signature)))


def get_reminded_cart(cart_id: int, signature: str) -> Cart:
    """The cart of a link that stops reminders; NotFound when the signature is not ours."""
    return _signed("stop", cart_id, signature)


@transaction()
def stop_reminders(cart_id: int, signature: str) -> None:
    """Whoever holds the link wants no reminders. Again changes nothing."""
    cart = get_reminded_cart(cart_id, signature)
    db.session.execute(
        update(Cart).where(Cart.id == cart.id).values(remind=False, changed_at=Cart.changed_at)
    )


def _signed(purpose: str, cart_id: int, signature: str) -> Cart:
    if not links.is_valid(purpose, str(cart_id), signature):
        raise NotFound
    if (cart := db.session.get(Cart, cart_id)) is None:
        raise NotFound
    return cart
