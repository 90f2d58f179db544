"""What stands on the shelves' margins in the demo: goods between branches, purchase limits, people who wait."""

from sqlalchemy import func, select

from app.catalog.models import Product, Variant
from app.core.actor import Actor
from app.core.db import db
from app.demo.people import list_staff
from app.inventory import Stock, transfers, watches
from app.orders.limits import PurchaseLimit
from app.stores.models import Branch

WAITING = ("ana.waits@example.com", "boris.waits@example.com")


def fill_margins(slug: str) -> None:
    """For the current store, by the real services. Does nothing that was done before."""
    if db.session.scalar(select(PurchaseLimit.id).limit(1)) is None:
        _limit_something()
        _wait_for_something()
        _send_something(_manager(slug))


def _manager(slug: str) -> Actor:
    person = next(one for one in list_staff(slug) if one.role == "manager")
    name = f"{person.first_name} {person.last_name}"
    return Actor(roles=frozenset({"manager"}), name=name, source="cli")


def _limit_something() -> None:
    """The strongest-selling remedy by the month, the next by the order."""
    query = select(Product).where(~Product.rx_required).order_by(Product.sold_count.desc(), Product.id)
    first, second = db.session.scalars(query.limit(2)).all()
    note = "Supplier's rule: no resale"
    db.session.add(PurchaseLimit(product_id=first.id, per_day=4, per_month=8, note=note))
    db.session.add(PurchaseLimit(product_id=second.id, per_order=3))
    db.session.flush()


def _wait_for_something() -> None:
    """Somebody waits for what is sold out everywhere, where there is such."""
    query = (
        select(Variant.sku)
        .join(Stock, Stock.variant_id == Variant.id)
        .join(Product, Product.id == Variant.product_id)
        .where(~Product.rx_required, Variant.active)
        .group_by(Variant.id, Variant.sku)
        .having(func.max(Stock.available) <= 0)
        .order_by(Variant.id)
    )
    for sku in db.session.scalars(query.limit(1)):
        for contact in WAITING:
            watches.watch_variant(sku, contact)


def _send_something(actor: Actor) -> None:
    """Between the first two branches: one received with a box short, one on its way, one drafted."""
    branches = list(db.session.scalars(select(Branch).order_by(Branch.id).limit(2)))
    if len(branches) < 2:
        return
    query = (
        select(Stock)
        .where(Stock.branch_id == branches[0].id, Stock.available >= 12)
        .order_by(Stock.available.desc(), Stock.id)
    )
    shelves = list(db.session.scalars(query.limit(6)))
    for place, upto in enumerate(("received", "sent", "draft")):
        goods = shelves[place * 2 : place * 2 + 2]
        transfer = transfers.draft_transfer(branches[0].id, branches[1].id, actor=actor)
        for shelf in goods:
            transfers.put_line(transfer.id, shelf.variant.sku, 4 + place, actor=actor)
        if upto != "draft" and goods:
            transfers.send_transfer(transfer.id, actor=actor)
        if upto == "received" and goods:
            counted = {shelf.variant_id: 4 for shelf in goods} | {goods[0].variant_id: 3}
            transfers.receive_transfer(transfer.id, counted, actor=actor)
