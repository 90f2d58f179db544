"""A few price overrides of the demo: one that holds for everybody now, one that is coming, one for a tier."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from app.catalog import overrides
from app.catalog.models import PriceOverride, Product, Variant
from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db
from app.core.money import apply_bp, exponent

SHOWN = 6
OFFSET = 9
"""Not the goods that sell best: those are what tours and tests look at."""
_DAY = timedelta(days=1)


def fill_prices(currency: str) -> None:
    """Write the overrides unless there are some; in the caller's transaction."""
    if db.session.scalar(select(func.count()).select_from(PriceOverride)):
        return
    query = (
        select(Variant)
        .join(Product, Product.id == Variant.product_id)
        .where(
            Variant.active, Product.active, Product.rx_required.is_(False), Variant.compare_at_minor.is_(None)
        )
        .order_by(Product.sold_count.desc(), Variant.id)
    )
    variants = db.session.scalars(query.offset(OFFSET).limit(SHOWN)).all()
    for variant, (off_bp, terms) in zip(variants, _terms(), strict=False):
        values = {
            "customer_id": None,
            "doctor_id": None,
            "tier": "",
            "starts_at": None,
            "ends_at": None,
        } | terms
        values |= {"sku": variant.sku, "price_minor": lowered(variant.price_minor, off_bp, currency)}
        db.session.add(overrides.save_override(PriceOverride(), values, actor=SYSTEM))
    db.session.flush()


def lowered(price_minor: int, off_bp: int, currency: str) -> int:
    """The price so much lower, in steps of a price tag: five cents, or 500 of a currency without any."""
    step = 5 if exponent(currency) else 500
    return max(step, (price_minor - apply_bp(price_minor, off_bp)) // step * step)


def _terms() -> list[tuple[int, dict[str, Any]]]:
    """(basis points off, for whom and when)."""
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    fortnight = {"starts_at": now - _DAY, "ends_at": now + 13 * _DAY, "reason": "Cold season offer"}
    coming = {"starts_at": now + 6 * _DAY, "ends_at": now + 20 * _DAY, "reason": "Winter offer"}
    gold = {"tier": "gold", "reason": "Price for gold members"}
    return [(1500, fortnight), (1000, fortnight), (1500, coming), (1000, gold), (1000, gold), (500, gold)]
