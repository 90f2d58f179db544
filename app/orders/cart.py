"""The cart on the server: of a browser by the token in its cookie, from sign-in on of the customer.

Prices are never kept. Every change goes through `fit_items`, so a cart holds only what could be ordered then.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, exists, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from app.catalog.models import Variant
from app.core import clock, crypto
from app.core.db import db, for_update, transaction
from app.orders.basket import Items
from app.orders.cart_view import fit_items, merge_items
from app.orders.models import Cart, CartLine

BROWSERS_KEPT = 5


@dataclass(frozen=True)
class Owner:
    """Whose cart: the customer's when one is signed in, else the browser's that holds the token."""

    token: str = ""
    customer_id: int | None = None

    @property
    def is_somebody(self) -> bool:
        return bool(self.token) or self.customer_id is not None


def _hash(token: str) -> str:
    return crypto.keyed_hash("cart", token)


def _mine(owner: Owner) -> Select[Any]:
    if owner.customer_id is not None:
        return select(Cart).where(Cart.customer_id == owner.customer_id)
    return select(Cart).where(Cart.token_hash == _hash(owner.token), Cart.customer_id.is_(None))


def find_cart(owner: Owner) -> Cart | None:
    """The owner's cart, None when there is none yet. A token of another store finds nothing."""
    if not owner.is_somebody:
        return None
    cart: Cart | None = db.session.scalar(_mine(owner))
    return cart


def lock_cart(owner: Owner) -> Cart:
    """The owner's cart, made when there is none, locked until the transaction ends."""
    cart: Cart | None = db.session.scalar(for_update(_mine(owner)))
    if cart is not None:
        return cart
    values = (
        {"customer_id": owner.customer_id}
        if owner.customer_id is not None
        else {"token_hash": _hash(owner.token)}
    )
    db.session.execute(insert(Cart).values(**values).on_conflict_do_nothing())
    cart = db.session.scalars(for_update(_mine(owner))).one()
    return cart


def items_of(cart: Cart | None) -> list[tuple[str, int]]:
    """(SKU, quantity) in the order they were put in; also of what is not sold any more."""
    if cart is None:
        return []
    query = (
        select(Variant.sku, CartLine.quantity)
        .join(Variant, Variant.id == CartLine.variant_id)
        .where(CartLine.cart_id == cart.id)
        .order_by(CartLine.id)
    )
    return [(sku, quantity) for sku, quantity in db.session.execute(query)]


def count_units(owner: Owner) -> int:
    """How many things are in the cart: for the badge."""
    return sum(quantity for _sku, quantity in items_of(find_cart(owner)))


@transaction()
def set_lines(owner: Owner, items: Items, branch_id: int | None = None) -> tuple[str, ...]:
    """Make these the cart, clipped to what can be ordered; a message for each change."""
    return _write(lock_cart(owner), items, branch_id)


@transaction()
def add_item(owner: Owner, sku: str, quantity: int = 1) -> tuple[str, ...]:
    """Put more of one SKU in; a message when it was clipped."""
    cart = lock_cart(owner)
    return _write(cart, [*items_of(cart), (sku, quantity)])


@transaction()
def set_item(owner: Owner, sku: str, quantity: int) -> tuple[str, ...]:
    """Set one line's quantity, 0 takes it out; a message when it was clipped."""
    cart = lock_cart(owner)
    kept = [(s, quantity if s == sku else q) for s, q in items_of(cart)]
    if quantity > 0 and all(s != sku for s, _q in kept):
        kept.append((sku, quantity))
    return _write(cart, kept)


@transaction()
def bring_items(owner: Owner, items: Items, notes: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Put at least so many of each into the cart, as far as they can be had; again doubles nothing.

    A message for each change. Lines and messages (`notes` first) are kept for the cart's page, where a browser that
    keeps its own cart takes them over once.
    """
    cart = lock_cart(owner)
    kept, wanted = merge_items(items_of(cart)), merge_items(items)
    combined = kept | {sku: max(kept.get(sku, 0), quantity) for sku, quantity in wanted.items()}
    messages = (*notes, *_write(cart, list(combined.items())))
    brought = [[sku, quantity] for sku, quantity in items_of(cart) if sku in wanted]
    cart.checkout = cart.checkout | {
        "brought": {"mark": clock.now().isoformat(), "lines": brought, "messages": list(messages)}
    }
    return messages


@transaction()
def clear_cart(owner: Owner) -> None:
    """Take everything out; what was typed at checkout stays."""
    empty_cart(lock_cart(owner))


def empty_cart(cart: Cart) -> None:
    """Take the lines out of a locked cart."""
    db.session.execute(delete(CartLine).where(CartLine.cart_id == cart.id))
    cart.changed_at = clock.now()


@transaction()
def join_carts(token: str, customer_id: int) -> tuple[str, ...]:
    """At sign-in: the browser's cart goes into the customer's; a message for each clipped line.

    Quantities are added up. A browser that was joined before holds a copy of the same goods, so then the larger
    quantity counts and nothing doubles. What was typed at checkout in this browser wins over what was kept.
    """
    has_lines = exists().where(CartLine.cart_id == Cart.id)
    brings = or_(Cart.checkout != literal({}, JSONB), has_lines)
    mine: Cart | None = db.session.scalar(for_update(_mine(Owner(token=token)).where(brings)))
    if mine is None:
        return ()
    cart = lock_cart(Owner(customer_id=customer_id))
    brought, kept = merge_items(items_of(mine)), merge_items(items_of(cart))
    known = mine.token_hash in cart.checkout.get("browsers", [])
    combined = {
        sku: max(kept.get(sku, 0), brought.get(sku, 0)) if known else kept.get(sku, 0) + brought.get(sku, 0)
        for sku in kept | brought
    }
    messages = _write(cart, list(combined.items()))
    cart.remind = cart.remind or mine.remind
    cart.checkout = _joined_checkout(cart.checkout, mine.checkout, mine.token_hash or "")
    empty_cart(mine)
    mine.checkout = {}
    return messages


def _joined_checkout(kept: dict[str, Any], brought: dict[str, Any], browser: str) -> dict[str, Any]:
    typed = kept.get("typed", {}) | {k: v for k, v in brought.get("typed", {}).items() if v}
    browsers = [known for known in kept.get("browsers", []) if known != browser]
    return {
        "typed": typed,
        "key": brought.get("key") or kept.get("key") or crypto.random_token(),
        "browsers": [*browsers, browser][-BROWSERS_KEPT:],
        "joined": clock.now().isoformat(),
        "look": brought.get("look") or kept.get("look"),
        "reached": sorted({*kept.get("reached", []), *brought.get("reached", [])}),
    }


def _write(cart: Cart, items: Items, branch_id: int | None = None) -> tuple[str, ...]:
    fit = fit_items(items, branch_id, cart.customer_id)
    db.session.execute(delete(CartLine).where(CartLine.cart_id == cart.id))
    rows = [
        {"cart_id": cart.id, "variant_id": variant.id, "quantity": quantity}
        for variant, quantity in fit.lines
    ]
    if rows:
        db.session.execute(insert(CartLine), rows)
    cart.changed_at = clock.now()
    return fit.messages
