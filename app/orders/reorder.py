"""The same again: a cart from an order, of what can be had today."""

from app import stores
from app.core.actor import Actor
from app.core.db import transaction
from app.core.errors import NotFound
from app.core.i18n import _, active_locale, pick
from app.core.money import format_money
from app.orders.basket import Basket, price_basket
from app.orders.cart import Owner, bring_items
from app.orders.cart_view import fit_items
from app.orders.models import Order
from app.orders.service import get_order


@transaction()
def reorder(code: str, owner: Owner, *, actor: Actor) -> tuple[str, ...]:
    """Put the order's goods into the owner's cart, as far as they can be had; again doubles nothing.

    Says what is gone, what there is less of, and what costs something else now. NotFound unless the actor bought it.
    """
    order = get_order(code, actor=actor)
    if order.customer_id != actor.customer_id:
        raise NotFound
    items = [(line.sku, line.quantity) for line in order.lines]
    return bring_items(owner, items, _price_changes(order))


def _price_changes(order: Order) -> tuple[str, ...]:
    """A sentence for each of its goods that has another price today."""
    fit = fit_items([(line.sku, line.quantity) for line in order.lines], customer_id=order.customer_id)
    if not fit.lines or order.currency != stores.current_store().currency:
        return ()
    today = {line.sku: line.unit_minor for line in price_basket(Basket(fit.lines), None).lines}
    locale = active_locale()
    return tuple(
        _(
            "%(name)s costs %(new)s now; it was %(old)s.",
            name=pick(line.name),
            new=format_money(today[line.sku], order.currency, locale),
            old=format_money(line.unit_minor, order.currency, locale),
        )
        for line in order.lines
        if line.sku in today and today[line.sku] != line.unit_minor
    )
