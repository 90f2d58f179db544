"""Purchase limits: how much of a product or a category one person may buy in an order, a day, thirty days.

`find_overruns` is the one judge: the cart clips by it; placing, replacing and the driver's door refuse by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from babel.dates import format_skeleton
from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger, String, func, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from app import stores
from app.catalog.models import Category, Product, Variant
from app.core import clock
from app.core.db import Base, UtcDateTime, db, for_update
from app.core.i18n import _, _n, active_locale, pick
from app.core.tenancy import TenantScoped, tenant_fk
from app.identity.models import Customer
from app.orders.errors import OverPurchaseLimit
from app.orders.limit_rules import MONTH, Bought, Caps, most_now, next_refill
from app.orders.models import Order, OrderLine
from app.orders.states import Status

Lines = Sequence[tuple[Variant, int]]
GIVEN_BACK = (Status.CANCELLED, Status.RETURNED)
"""Orders whose goods the person does not have, so they count for nothing."""


class PurchaseLimit(TenantScoped, Base):
    """So much of one product, or of everything in a category and below it, may one person buy."""

    __tablename__ = "purchase_limit"
    __tenant__ = (
        tenant_fk("product_id", "product"),
        tenant_fk("category_id", "category"),
        CheckConstraint("num_nonnulls(product_id, category_id) = 1", name="target"),
        CheckConstraint("num_nonnulls(per_order, per_day, per_month) > 0", name="numbers"),
        CheckConstraint("per_order > 0 AND per_day > 0 AND per_month > 0", name="above_zero"),
        Index("uq_purchase_limit_product", "store_id", "product_id", unique=True),
        Index("uq_purchase_limit_category", "store_id", "category_id", unique=True),
    )

    product_id: Mapped[int | None] = mapped_column(BigInteger)
    category_id: Mapped[int | None] = mapped_column(BigInteger)
    per_order: Mapped[int | None] = mapped_column(SmallInteger)
    per_day: Mapped[int | None] = mapped_column(SmallInteger)
    per_month: Mapped[int | None] = mapped_column(SmallInteger)  # of any 30 days
    note: Mapped[str] = mapped_column(String(200), default="")
    active: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now(), onupdate=func.now())
    product: Mapped[Product | None] = relationship(foreign_keys=[product_id])
    category: Mapped[Category | None] = relationship(foreign_keys=[category_id])

    def __str__(self) -> str:
        return str(self.product or self.category)

    @property
    def caps(self) -> Caps:
        return Caps(self.per_order, self.per_day, self.per_month)


@dataclass(frozen=True)
class Overrun:
    """A line that is more than its buyer may have: `allowed` units of it, and `why` in plain words."""

    variant_id: int
    sku: str
    wanted: int
    allowed: int
    why: str


@dataclass(frozen=True)
class _Purchase:
    """Units of an earlier order."""

    day: date
    product_id: int
    category_id: int
    units: int


def find_overruns(lines: Lines, customer_id: int | None, *, order: Order | None = None) -> list[Overrun]:
    """The lines that pass a limit, in their order; earlier lines use an allowance up first.

    `customer_id` None is a stranger: only what this one cart holds counts. With `order` (at the door) the lines are
    that order's, judged by its own day and by what was ordered before it. One query when there is no limit.
    """
    found = _limits()
    if not found:
        return []
    parents = _parents()
    limits = [limit for limit in found if any(_covers(limit, v.product, parents) for v, _qty in lines)]
    if not limits:
        return []
    day = (order.placed_at if order else clock.now()).astimezone(stores.current_store().zone).date()
    past = _purchases(customer_id, day, order) if customer_id is not None else []
    bought = {limit.id: _bought(limit, past, parents) for limit in limits}
    budgets = {limit.id: most_now(limit.caps, bought[limit.id], day) for limit in limits}
    overruns = []
    for variant, quantity in lines:
        mine = [limit for limit in limits if _covers(limit, variant.product, parents)]
        tightest = min(mine, key=lambda limit: _or_most(budgets[limit.id]), default=None)
        if tightest is None:
            continue
        allowed = min(quantity, _or_most(budgets[tightest.id]))
        for limit in mine:
            if (budget := budgets[limit.id]) is not None:
                budgets[limit.id] = budget - allowed
        if allowed < quantity:
            why = _say(tightest, bought[tightest.id], day)
            overruns.append(Overrun(variant.id, variant.sku, quantity, allowed, why))
    return overruns


def require_within(
    lines: Lines,
    customer_id: int,
    *,
    order: Order | None = None,
    about: int | None = None,
    field: str = "items",
) -> None:
    """Raise OverPurchaseLimit, on `field`, when a line passes a limit; with `about`, when that variant's line does.

    The customer's row is locked first, so that two orders of one person are judged one after the other.
    """
    if not _limits():
        return
    db.session.execute(for_update(select(Customer.id).where(Customer.id == customer_id)))
    overruns = find_overruns(lines, customer_id, order=order)
    if overruns := [one for one in overruns if about in (None, one.variant_id)]:
        items = [{"sku": one.sku, "requested": one.wanted, "allowed": one.allowed} for one in overruns]
        why = " ".join(dict.fromkeys(one.why for one in overruns))
        raise OverPurchaseLimit(why=why, items=items, field=field)


def require_order_within(order: Order) -> None:
    """At the door: the order still keeps to the limits as they stand now."""
    lines = [(line.variant, line.quantity) for line in order.lines]
    require_within(lines, order.customer_id, order=order)


def _limits() -> list[PurchaseLimit]:
    query = select(PurchaseLimit).where(PurchaseLimit.active.is_(True)).order_by(PurchaseLimit.id)
    targets = (joinedload(PurchaseLimit.product), joinedload(PurchaseLimit.category))
    return list(db.session.scalars(query.options(*targets)))


def _parents() -> dict[int, int | None]:
    return dict(db.session.execute(select(Category.id, Category.parent_id)).all())


def _covers(limit: PurchaseLimit, product: Product, parents: Mapping[int, int | None]) -> bool:
    return _covers_ids(limit, product.id, product.category_id, parents)


def _covers_ids(
    limit: PurchaseLimit, product_id: int, category_id: int, parents: Mapping[int, int | None]
) -> bool:
    if limit.product_id is not None:
        return limit.product_id == product_id
    at: int | None = category_id
    for _step in range(len(parents) + 1):
        if at is None or at == limit.category_id:
            break
        at = parents.get(at)
    return at == limit.category_id


def _purchases(customer_id: int, day: date, order: Order | None) -> list[_Purchase]:
    """What the person ordered in the thirty days up to `day` and still has or will get."""
    zone = stores.current_store().zone
    since = datetime.combine(day - MONTH, time(), tzinfo=zone)
    query = (
        select(Order.placed_at, Variant.product_id, Product.category_id, func.sum(OrderLine.quantity))
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Variant, Variant.id == OrderLine.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .where(Order.customer_id == customer_id, Order.placed_at >= since, Order.status.not_in(GIVEN_BACK))
        .group_by(Order.id, Order.placed_at, Variant.product_id, Product.category_id)
    )
    if order is not None:
        query = query.where(Order.placed_at <= order.placed_at, Order.id < order.id)
    return [
        _Purchase(at.astimezone(zone).date(), product_id, category_id, int(units))
        for at, product_id, category_id, units in db.session.execute(query)
    ]


def _bought(limit: PurchaseLimit, past: list[_Purchase], parents: Mapping[int, int | None]) -> Bought:
    return [(p.day, p.units) for p in past if _covers_ids(limit, p.product_id, p.category_id, parents)]


def _or_most(budget: int | None) -> int:
    return 1_000_000 if budget is None else budget


def _say(limit: PurchaseLimit, bought: Bought, day: date) -> str:
    """Why, and when there will be more: "You can buy 2 more on December 3"."""
    target = limit.product or limit.category
    name = pick(target.name) if target else ""
    now, refill = most_now(limit.caps, bought, day) or 0, next_refill(limit.caps, bought, day)
    if refill is None:
        return _("You can order at most %(limit)s of %(name)s.", limit=now, name=name)
    on = format_skeleton("MMMMd", refill.day, locale=active_locale())
    if now:
        return _n(
            "You can buy %(num)d more of %(name)s today; from %(date)s it will be %(then)s.",
            "You can buy %(num)d more of %(name)s today; from %(date)s it will be %(then)s.",
            now,
            name=name,
            date=on,
            then=refill.units,
        )
    return _n(
        "You have bought as much %(name)s as one person may. You can buy %(num)d more on %(date)s.",
        "You have bought as much %(name)s as one person may. You can buy %(num)d more on %(date)s.",
        refill.units,
        name=name,
        date=on,
    )
